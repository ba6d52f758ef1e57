#pragma once

#include "files/ImageSource.h"

namespace reticle {

/// What pictures are opened as. Predictions and labels are numbers, read as they are stored whatever colors they are shown
/// in; of a folder that holds images and labels alike, predictions are the images.
enum class PictureKind { Images, Predictions, Labels };

/// As openImage or openLabels, but pictures of a folder may differ in size: info() is of the first, pageInfo() of each.
std::shared_ptr<ImageSource> openPictures(const std::filesystem::path &path, PictureKind kind = PictureKind::Images);
/// What is known of one page: its own size where it is a picture of a folder, otherwise source.info().
const ImageInfo &pageInfo(const ImageSource &source, std::int64_t page);

/// The page so many slices above (offset below 0) or below one, of the same time point and plane; beyond the first and the
/// last slice these stand for what is not there.
std::int64_t neighborPage(const ImageInfo &info, std::int64_t page, std::int64_t offset);

} // namespace reticle
