#pragma once

// Private to core/learn and core/analysis: tiled prediction with any function for a net.

#include "foundation/Array.h"
#include "learn/prediction/PredictOptions.h"

#include <torch/torch.h>

#include <functional>

namespace reticle {

/// start_i = round_half_even(i (n - t) / (k - 1)), k = ceil((n - t) / (t f)) + 1; {0} when n <= t.
std::vector<std::int64_t> tileStarts(std::int64_t n, std::int64_t tile, double step);
/// (t, t) float32, separable Gaussian sigma t/8 of an impulse at floor(t/2), maximum 1, zeros -> smallest positive.
Array tileWeights(std::int64_t tile);

/// (N, C, t, t) float32 -> logits (N, K, t, t) float32, both on the host's memory layout of the caller's choice.
using TiledNet = std::function<torch::Tensor(const torch::Tensor &tiles)>;

struct Region
{
    std::int64_t y = 0, x = 0, height = 0, width = 0;
};

/// A page of which parts can be read as (C, h, w) float32, scaled.
struct TiledPage
{
    std::int64_t channels = 1, height = 0, width = 0;
    std::function<Array(const Region &)> read;
};

/// Mean over tiles of logits (or probabilities, by the options) in `region` of the page: (K, height, width) float32.
/// Only tiles that touch the region are computed and only what they cover is read. `goOn` is asked before every batch of
/// tiles; false throws Error (Kind::Cancelled).
Array tiledMean(const TiledPage &page, const Region &region, std::int64_t outputs, const PredictOptions &options,
                const TiledNet &net, const std::function<bool(double)> &goOn = {});

/// (K', H, W) -> (K, H, W) probabilities; K' = 1 becomes background and foreground. `mean` as tiledMean returns it.
Array classProbabilities(const Array &mean, bool alreadyProbabilities);

} // namespace reticle
