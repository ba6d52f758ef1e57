#pragma once

#include <string>
#include <vector>

namespace reticle {

/// Positions and labels of an axis, in axis coordinates: the value itself, or its decimal logarithm on a log axis.
struct Ticks
{
    std::vector<double> major;
    std::vector<std::string> labels; ///< one a major tick, UTF-8; may be empty strings
    std::vector<double> minor;
};

/// Multiples of 1, 2, 2.5 or 5 x 10^k inside [low, high] (low < high), about `wanted` of them (at least 2 where possible).
/// A range narrower than 1e-12 of its values gets one tick.
/// With `whole` none lie between whole numbers: what is counted (slices, steps) has nothing there.
Ticks linearTicks(double low, double high, int wanted, bool whole = false);
/// Decades inside 10^low..10^high, thinned to about `wanted`; minor ticks at 2..9. Over less than two decades also 2 and 5,
/// over less than half a decade round values as on a linear axis.
Ticks logTicks(double low, double high, int wanted);

/// A number for people: minus sign U+2212, thin spaces between thousands from 10 000 on, `decimals` digits after the point.
std::string formatNumber(double value, int decimals);
/// The shortest form with at most `digits` significant digits: "0.125", "12 000", "3.2×10⁻⁵", "n/a" for NaN, "∞".
std::string formatShort(double value, int digits = 4);
/// "10⁻⁵".
std::string powerOfTen(int exponent);

} // namespace reticle
