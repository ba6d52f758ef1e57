#pragma once

#include "foundation/Array.h"
#include "foundation/Schema.h"

#include <cstdint>
#include <vector>

namespace reticle {

/// The recipe's "augment" section. Each is applied with its probability; see Augment.cpp for the sources.
struct AugmentOptions
{
    bool enabled = true;
    double flip = 0.5, quarterTurns = 0.5;
    double rotate = 0.2, rotateDegrees = 180;
    double scale = 0.2, scaleMin = 0.7, scaleMax = 1.4;
    double elastic = 0.2, elasticSigma = 10;
    double noise = 0.1, noiseVariance = 0.1;
    double blur = 0.2, blurMin = 0.5, blurMax = 1;
    double brightness = 0.15, brightnessMin = 0.75, brightnessMax = 1.25;
    double contrast = 0.15, contrastMin = 0.75, contrastMax = 1.25;
    double lowResolution = 0.25, lowResolutionMin = 0.5;
    double defocus = 0, defocusRadius = 40, defocusSigma = 6;
    double gamma = 0.3, gammaMin = 0.7, gammaMax = 1.5, gammaInverted = 0.1;

    static Schema<AugmentOptions> schema();
};

/// A crop of side `side` around (y, x) of `image` (C, H, W) float32 and `target` (H, W) uint8, augmented. Geometry is
/// composed into one resampling (image bilinear, target nearest, mirror border). The same seed gives the same crop,
/// whatever thread or order.
struct AugmentedCrop
{
    Array image;  ///< (C, side, side) float32
    Array target; ///< (side, side) uint8
};

/// What crops are cut from: channels of one size, which may lie in several arrays, and their labels.
struct CropInput
{
    std::vector<const float *> channels;  ///< (H, W) each
    const std::uint8_t *labels = nullptr; ///< (H, W)
    std::int64_t height = 0, width = 0;
};
/// The same into `image` (C, side, side) and `target` (side, side) of the caller.
void augmentedCrop(const CropInput &input, std::int64_t y, std::int64_t x, std::int64_t side, const AugmentOptions &options,
                   std::uint64_t seed, float *image, std::uint8_t *target);
AugmentedCrop augmentedCrop(const Array &image, const Array &target, std::int64_t y, std::int64_t x, std::int64_t side,
                            const AugmentOptions &options, std::uint64_t seed);

} // namespace reticle
