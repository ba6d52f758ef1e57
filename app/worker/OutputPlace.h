#pragma once

#include <filesystem>

namespace reticle {

/// Throws Error (Kind::Input) when nothing can be written at `path`, a file or folder that need not exist yet, before
/// any work is done for it. Makes nothing.
void requireWritable(const std::filesystem::path &path);

} // namespace reticle
