#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace reticle {

/// Bytes that a process may still take on this machine without swapping: what the system has available, or less where its
/// control group (a container, a cluster job) or one around that allows less. What a group keeps of files that nobody uses
/// counts as free. Limits of the process itself (ulimit -v, ulimit -d) count too. Nothing where the system does not tell.
/// `root`: folder that "proc" and "sys" are read from.
/// `files`: everything that a group keeps of files counts as free, also what is in use now and then: the system gives it
/// back before it ends a process, but reads become slow.
std::optional<std::int64_t> freeMemoryOf(const std::filesystem::path &root = "/", bool files = false);

/// The same of this machine; very large where the system does not tell.
std::int64_t freeMemory(bool files = false);

/// While one lives, freeMemory() is `bytes` whatever the machine has: for tests of what happens where memory is short.
class AssumedFreeMemory
{
public:
    explicit AssumedFreeMemory(std::int64_t bytes);
    ~AssumedFreeMemory();
    AssumedFreeMemory(const AssumedFreeMemory &) = delete;
    AssumedFreeMemory &operator=(const AssumedFreeMemory &) = delete;

private:
    std::int64_t m_before;
};

/// "512 MiB", "2.1 GiB".
std::string memoryText(std::int64_t bytes);

} // namespace reticle
