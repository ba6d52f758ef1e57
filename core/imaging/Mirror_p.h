#pragma once

#include <cstdint>
#include <vector>

namespace reticle {

/// Mirror about the edge pixel's center (its value is not repeated): 2 1 | 0 1 2 3 | 2 1.
inline std::int64_t mirrored(std::int64_t i, std::int64_t n)
{
    if (i >= 0 && i < n)
        return i;
    if (n == 1)
        return 0;
    const std::int64_t period = 2 * (n - 1);
    i %= period;
    if (i < 0)
        i += period;
    return i < n ? i : period - i;
}

/// mirrored(start) to mirrored(start + count - 1)
inline std::vector<std::int64_t> mirroredRun(std::int64_t start, std::int64_t count, std::int64_t n)
{
    std::vector<std::int64_t> v(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
        v[static_cast<std::size_t>(i)] = mirrored(start + i, n);
    return v;
}

} // namespace reticle
