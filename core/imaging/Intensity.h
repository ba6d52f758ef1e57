#pragma once

#include "foundation/Random.h"

#include <cstdint>

namespace reticle {

/// Changes of gray values of a plane of float32, row by row, in place: what crops are augmented with, some tens of
/// microseconds for 256 x 256. Arithmetic is the same on every x86-64 processor. Threads: safe for different planes.

struct Moments
{
    float mean = 0, deviation = 0, low = 0, high = 0; ///< of the population; n > 0
};
Moments momentsOf(const float *v, std::int64_t n);

/// v = (v - from) * factor + to, held to [low, high].
void stretch(float *v, std::int64_t n, float from, float factor, float to, float low, float high);

/// Adds normally distributed noise of standard deviation `deviation` (Box and Muller 1958).
void addNoise(float *v, std::int64_t n, float deviation, Random &random);

/// Gaussian blur of sigma px, cut at 3 sigma, mirrored about the centers of the edge pixels.
void blur(float *v, std::int64_t height, std::int64_t width, double sigma);

/// Every 1/zoom-th pixel of a square, then back by linear interpolation; 0 < zoom <= 1.
void lowerResolution(float *v, std::int64_t side, double zoom);

/// x^gamma on the values stretched to 0..1 (or 1 - (1 - x)^gamma), mean and deviation kept. Unchanged where all are equal.
void bendGamma(float *v, std::int64_t n, double gamma, bool inverted);

} // namespace reticle
