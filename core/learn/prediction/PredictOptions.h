#pragma once

#include "foundation/Schema.h"

namespace reticle {

/// Tiled prediction, Isensee et al. 2021 (nnU-Net): steps, Gaussian weights, logits averaged in float32.
struct PredictOptions
{
    std::int64_t tile = 256;    ///< px
    double step = 0.5;          ///< part of a tile
    std::string flips = "none"; ///< mean of logits over the "4" flips or "8" flips and quarter turns, inside each tile
    bool averageProbabilities = false;
    std::string padding = "mirror"; ///< of images smaller than a tile: mirror or zero
    /// auto (float32 of a run whose train.precision says so, else the faster one), bfloat16, float32
    std::string precision = "auto";
    std::string device = "auto";
    /// probability (float32), labels (each class by its value in the training labels); of an autoencoder the image that
    /// it makes.
    std::string output = "probability";
    std::int64_t classIndex = 1; ///< class whose probability is written; 1 = the foreground
    double threshold = 0.5;      ///< labels of a mask: probability > threshold
    /// What the images' numbers mean where their type is not that of the training images: "auto", "as-is", "LOW..HIGH".
    std::string inputRange = "auto";

    static Schema<PredictOptions> schema();
};

} // namespace reticle
