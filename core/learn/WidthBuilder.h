#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace reticle {

/// Nets of one shape that differ in their widths only.
struct WidthFamily
{
    std::string name;            ///< for messages: "U-Net"
    std::vector<double> nominal; ///< proportions of the widths
    /// P(widths), exact for whole numbers and smooth for real ones.
    std::function<double(const std::vector<double> &widths)> count;
    /// Sets of indices whose widths must stay equal; empty where all are free.
    std::vector<std::vector<int>> tied;
};

/// Widths whose number of weights is within 1 % of `target`: (1) the real w with P(w nominal) = target by bisection,
/// (2) rounded half up, at least 1, (3) while further than 1 % away, the change of one width by one (within
/// [w nominal / 2 - 1, 2 w nominal + 1]) that comes nearest. Throws Error with the nearest count when none improves.
std::vector<std::int64_t> solveWidths(const WidthFamily &family, std::int64_t target);

/// `given` where not empty (their number must fit), else solveWidths. Throws Error.
std::vector<std::int64_t> chooseWidths(const WidthFamily &family, std::int64_t target, const std::vector<std::int64_t> &given);

/// P(widths) as a whole number.
std::int64_t countWeights(const WidthFamily &family, const std::vector<std::int64_t> &widths);

/// Weights and biases of a square convolution.
inline double convolutionWeights(double kernel, double in, double out, bool bias = true)
{
    return kernel * kernel * in * out + (bias ? out : 0.0);
}

/// 12345 -> "12,345".
std::string withThousands(std::int64_t n);

} // namespace reticle
