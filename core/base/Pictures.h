#pragma once

#include "base/ImageSource.h"

namespace reticle {

/// As openImage, but pictures of a folder may differ in size: info() is of the first, pageInfo() of each.
std::shared_ptr<ImageSource> openPictures(const std::filesystem::path &path);
/// What is known of one page: its own size where it is a picture of a folder, otherwise source.info().
const ImageInfo &pageInfo(const ImageSource &source, std::int64_t page);

} // namespace reticle
