#pragma once

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

/// Starts the count of "VmHWM" anew. False where the system does not let it.
inline bool forgetLargestResident()
{
    std::ofstream file("/proc/self/clear_refs");
    file << 5 << std::flush;
    return file.good();
}

} // namespace reticle::test
