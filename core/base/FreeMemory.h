#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace reticle {

/// Bytes that a process may still take on this machine without swapping: what the system has available, or less where its
/// control group (a container, a cluster job) or one around that allows less. What a group keeps of files that nobody uses
/// counts as free. Nothing where the system does not tell. `root`: folder that "proc" and "sys" are read from.
std::optional<std::int64_t> freeMemoryOf(const std::filesystem::path &root = "/");

/// The same of this machine; very large where the system does not tell.
std::int64_t freeMemory();

} // namespace reticle
