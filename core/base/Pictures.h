#pragma once

#include "base/ImageSource.h"

namespace reticle {

/// As openImage, but pictures of a folder may differ in size: info() is of the first, pageInfo() of each.
std::shared_ptr<ImageSource> openPictures(const std::filesystem::path &path);
/// What is known of one page: its own size where it is a picture of a folder, otherwise source.info().
const ImageInfo &pageInfo(const ImageSource &source, std::int64_t page);

/// The page so many slices above (offset below 0) or below one, of the same time point and plane; beyond the first and the
/// last slice these stand for what is not there.
std::int64_t neighbourPage(const ImageInfo &info, std::int64_t page, std::int64_t offset);

} // namespace reticle
