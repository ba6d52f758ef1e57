#pragma once

#include <filesystem>
#include <span>
#include <string_view>

namespace reticle {

/// Writes `bytes` beside `path`, flushes to disk, renames over it: a reader sees the old or the new, never a part.
/// Throws Error (Kind::Failed).
void writeFileAtomically(const std::filesystem::path &path, std::string_view bytes);
/// The same of bytes that lie in several places, one after another.
void writePiecesAtomically(const std::filesystem::path &path, std::span<const std::string_view> pieces);

} // namespace reticle
