#pragma once

#include <sys/sysinfo.h>

#include <cstddef>
#include <fstream>
#include <string>

namespace reticle::test {

/// MiB of a line of Linux's /proc/self/status: "VmRSS", "VmHWM" (the largest since the last start of the count).
/// Negative where there is none.
inline double residentMib(const std::string &key)
{
    std::ifstream file("/proc/self/status");
    for (std::string word; file >> word;)
        if (word == key + ":") {
            double kib = 0;
            file >> kib;
            return kib / 1024;
        }
    return -1;
}

/// Bytes of memory and swap space together, or 0 where the system does not tell.
inline std::size_t memoryAndSwap()
{
    struct sysinfo info
    {
    };
    return sysinfo(&info) == 0 ? (info.totalram + info.totalswap) * info.mem_unit : 0;
}

/// Whether the system refuses one block of more than memoryAndSwap(). Told to promise any amount (overcommit_memory 1) it
/// gives the addresses of every block.
inline bool refusesMoreThanThereIs()
{
    std::ifstream policy("/proc/sys/vm/overcommit_memory");
    int kind = 0;
    return !(policy >> kind) || kind != 1;
}

/// Starts the count of "VmHWM" anew. False where the system does not let it.
inline bool forgetLargestResident()
{
    std::ofstream file("/proc/self/clear_refs");
    file << 5 << std::flush;
    return file.good();
}

} // namespace reticle::test
