#pragma once

#include <filesystem>
#include <span>
#include <string_view>

namespace reticle {

/// writeFileAtomically (base/Project.h) of bytes that lie in several places, one after another.
void writePiecesAtomically(const std::filesystem::path &path, std::span<const std::string_view> pieces);

} // namespace reticle
