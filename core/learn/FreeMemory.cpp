#include "learn/FreeMemory.h"

#include <torch/cuda.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#ifdef __unix__
#include <dlfcn.h>
#endif

namespace reticle {

namespace {

std::string textOf(const std::string &path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The number behind `key` at the beginning of a line.
std::optional<std::int64_t> numberOf(const std::string &text, const std::string &key)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.rfind(key, 0) == 0) {
            std::istringstream rest(line.substr(key.size()));
            if (std::int64_t n = 0; rest >> n)
                return n;
        }
    return {};
}

/// Folder of this process's control group (version 2).
std::string groupFolder()
{
    std::istringstream lines(textOf("/proc/self/cgroup"));
    for (std::string line; std::getline(lines, line);)
        if (line.rfind("0::", 0) == 0) {
            const auto folder = "/sys/fs/cgroup" + line.substr(3);
            if (std::ifstream(folder + "/memory.max"))
                return folder;
        }
    return "/sys/fs/cgroup";
}

} // namespace

std::optional<std::int64_t> freeMemoryOf(const std::string &meminfo, const std::string &most, const std::string &current,
                                         const std::string &statistics)
{
    auto free = numberOf(meminfo, "MemAvailable:");
    if (free)
        *free *= 1024;
    // Without a limit it says "max".
    if (const auto limit = numberOf(most, ""), used = numberOf(current, ""); limit && used) {
        const auto left = std::max<std::int64_t>(0, *limit - *used + numberOf(statistics, "inactive_file ").value_or(0));
        free = std::min(free.value_or(left), left);
    }
    return free;
}

std::optional<std::int64_t> freeMemory()
{
    const auto folder = groupFolder();
    return freeMemoryOf(textOf("/proc/meminfo"), textOf(folder + "/memory.max"), textOf(folder + "/memory.current"),
                        textOf(folder + "/memory.stat"));
}

std::optional<std::int64_t> freeGpuMemory(int index)
{
#ifdef __unix__
    if (!torch::cuda::is_available() || index < 0 || index >= static_cast<int>(torch::cuda::device_count()))
        return {};
    // LibTorch's headers tell it only where CUDA's own are installed; the library itself is loaded.
    const auto choose = reinterpret_cast<int (*)(int)>(dlsym(RTLD_DEFAULT, "cudaSetDevice"));
    const auto chosen = reinterpret_cast<int (*)(int *)>(dlsym(RTLD_DEFAULT, "cudaGetDevice"));
    const auto ask = reinterpret_cast<int (*)(std::size_t *, std::size_t *)>(dlsym(RTLD_DEFAULT, "cudaMemGetInfo"));
    int before = 0;
    std::size_t free = 0, total = 0;
    if (!choose || !chosen || !ask || chosen(&before) != 0 || choose(index) != 0)
        return {};
    const bool told = ask(&free, &total) == 0;
    choose(before);
    if (told)
        return static_cast<std::int64_t>(free);
#else
    (void)index;
#endif
    return {};
}

} // namespace reticle
