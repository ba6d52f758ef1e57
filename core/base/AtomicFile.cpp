#include "base/Project.h"

#include "base/files/BesideFile.h"

namespace reticle {

void writeFileAtomically(const std::filesystem::path &path, std::string_view bytes)
{
    files::BesideFile file(path, files::BesideFile::Kind::Own);
    if (!file.writeAt(0, bytes.data(), bytes.size()))
        file.fail(file.error());
    file.finish();
}

} // namespace reticle
