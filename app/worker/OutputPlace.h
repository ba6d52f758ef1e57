#pragma once

#include <filesystem>

namespace reticle {

enum class Place { File, Folder };

/// Throws Error (Kind::Input) when nothing can be written at `path`, which need not exist yet, before any work is done for
/// it, or when a folder is there in place of a file or the other way round. Makes nothing.
void requireWritable(const std::filesystem::path &path, Place kind);

/// Throws Error (Kind::Input) when writing the file `output` would replace `input` or put another picture into it, where
/// that is a folder of slices.
void requireOtherThan(const std::filesystem::path &output, const std::filesystem::path &input);

} // namespace reticle
