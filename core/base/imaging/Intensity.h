#pragma once

#include "base/Random.h"

#include <cstdint>

namespace reticle::imaging {

/// Operations on the values of one plane of float32 numbers, in place, as augmentation needs them: many times a second.
/// All are functions of their arguments (and of `random`) alone and give the same bits on every x86 processor: they use
/// wider registers where there are some, but never contracted multiply-adds. Threads: safe to call at once.

/// Mean, standard deviation (of the whole plane, not of a sample), and range of n > 0 values.
struct Moments
{
    float mean, deviation, low, high;
};
Moments momentsOf(const float *v, std::int64_t n);

/// Adds independent normal noise of standard deviation `deviation` to n values (Box and Muller 1958).
void addNoise(float *v, std::int64_t n, float deviation, Random &random);

/// A part of a plane: rows top .. bottom - 1, columns left .. right - 1.
struct Box
{
    std::int64_t top = 0, left = 0, bottom = 0, right = 0;
};

/// Gaussian of `sigma` px cut at ceil(3 sigma), mirrored at the border of the plane (height, width): the part `box` of
/// the blurred plane into `to` (rows of bottom - top times right - left values). `to` may be `v` where the box is the
/// whole plane.
void blur(const float *v, std::int64_t height, std::int64_t width, double sigma, const Box &box, float *to);

/// Every 1/zoom-th pixel of a square of `side`, then back by linear interpolation.
void lowerResolution(float *v, std::int64_t side, double zoom);

/// x^gamma on n values stretched to 0..1 (or on 1 - x); mean and deviation stay.
void bendGamma(float *v, std::int64_t n, double gamma, bool inverted);

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

} // namespace reticle::imaging
