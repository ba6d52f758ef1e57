#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace reticle {

/// Bytes that a process may still take on this machine without swapping: what the system has available, or less where a
/// control group (a container, a cluster job) allows less. Nothing where the system does not tell.
std::optional<std::int64_t> freeMemory();

/// The same from the texts of /proc/meminfo and, of version 2 of the control groups, memory.max, memory.current and
/// memory.stat, which may be empty. What a group keeps of files that nobody uses counts as free.
std::optional<std::int64_t> freeMemoryOf(const std::string &meminfo, const std::string &most, const std::string &current,
                                         const std::string &statistics);

/// Bytes free on GPU `index`; nothing without one.
std::optional<std::int64_t> freeGpuMemory(int index);

} // namespace reticle
