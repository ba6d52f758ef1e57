// The number that stands for "no number": a score that is not defined, a measurement that is missing.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

namespace reticle {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Those of values that are numbers.
inline std::vector<double> present(std::vector<double> values)
{
    std::erase_if(values, [](double v) { return std::isnan(v); });
    return values;
}

/// Of those that are numbers; nan of none.
inline double meanOfPresent(const std::vector<double> &values)
{
    double sum = 0;
    std::size_t n = 0;
    for (const double v : values)
        if (!std::isnan(v)) {
            sum += v;
            ++n;
        }
    return n > 0 ? sum / static_cast<double>(n) : nan;
}

} // namespace reticle
