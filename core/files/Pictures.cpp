#include "files/Pictures.h"

#include "files/Reader.h"

#include <algorithm>

namespace reticle {

std::shared_ptr<ImageSource> openPictures(const std::filesystem::path &path, PictureKind kind)
{
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec))
        return files::openFolder(path, true, kind == PictureKind::Labels ? files::FolderPart::Labels : files::FolderPart::Images,
                                 kind != PictureKind::Images);
    return kind == PictureKind::Images ? openImage(path) : openLabels(path);
}

const ImageInfo &pageInfo(const ImageSource &source, std::int64_t page)
{
    const auto *folder = dynamic_cast<const files::FolderSource *>(&source);
    return folder ? folder->pageInfo(page) : source.info();
}

std::int64_t neighborPage(const ImageInfo &info, std::int64_t page, std::int64_t offset)
{
    const auto planes = info.planes, slices = info.pages / (info.times * planes);
    const auto plane = page % planes, slice = page / planes % slices, time = page / (planes * slices);
    return (time * slices + std::clamp<std::int64_t>(slice + offset, 0, slices - 1)) * planes + plane;
}

} // namespace reticle
