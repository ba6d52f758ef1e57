#include "foundation/AtomicFile.h"

#include "files/SiblingFile.h"

namespace reticle {

void writeFileAtomically(const std::filesystem::path &path, std::string_view bytes)
{
    writePiecesAtomically(path, std::span(&bytes, 1));
}

void writePiecesAtomically(const std::filesystem::path &path, std::span<const std::string_view> pieces)
{
    files::SiblingFile file(path, files::SiblingFile::Kind::Own);
    std::uint64_t at = 0;
    for (const auto bytes : pieces) {
        if (!file.writeAt(at, bytes.data(), bytes.size()))
            file.fail(file.error());
        at += bytes.size();
    }
    file.finish();
}

} // namespace reticle
