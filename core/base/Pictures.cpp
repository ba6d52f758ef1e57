#include "base/Pictures.h"

#include "base/files/Reader.h"

namespace reticle {

std::shared_ptr<ImageSource> openPictures(const std::filesystem::path &path)
{
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec))
        return files::openFolder(path, true, files::FolderPart::Images);
    return openImage(path);
}

const ImageInfo &pageInfo(const ImageSource &source, std::int64_t page)
{
    const auto *folder = dynamic_cast<const files::FolderSource *>(&source);
    return folder ? folder->pageInfo(page) : source.info();
}

} // namespace reticle
