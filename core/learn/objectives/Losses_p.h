#pragma once

// What objectives share: the ignore label, class weights and their normalisation.

#include "learn/Objective_p.h"

namespace reticle {

constexpr std::int64_t kIgnoreLabel = 255;

/// Weights per class and per pixel.
struct ClassWeighting
{
    std::vector<double> classes; ///< empty: 1 for each
    bool normalised = true;      ///< divide the weighted sum by the sum of weights, else by the number of pixels

    /// `kind`: none, balanced (w_c = N / (K n_c); 0 for a class that does not occur) or list. Throws Error.
    static ClassWeighting make(const std::string &kind, const std::vector<double> &list, bool normalised,
                               const std::vector<std::int64_t> &classCounts);

    /// (N, H, W) float32: weight of the pixel's class plus `map`, 0 where ignored. `map` may be undefined.
    torch::Tensor perPixel(const torch::Tensor &target, const torch::Tensor &map) const;
    /// Weighted mean of `losses` (N, H, W); 0 where all pixels are ignored or weigh nothing.
    torch::Tensor mean(const torch::Tensor &losses, const torch::Tensor &target, const torch::Tensor &map) const;
};

/// (N, H, W) of mask logits (N, 1, H, W). Throws Error for another K.
torch::Tensor maskLogits(const torch::Tensor &logits);
/// float32, 1 where a pixel is not ignored.
torch::Tensor seen(const torch::Tensor &target);
/// float32, 1 where a pixel is foreground (any class but 0 and the ignore label).
torch::Tensor foreground(const torch::Tensor &target);

/// -(v y log p + (1 - y) log(1 - p)) per pixel, p = sigmoid(z); exact for large |z|.
torch::Tensor binaryCrossEntropy(const torch::Tensor &z, const torch::Tensor &y, double positiveWeight);

/// Soft Dice loss 1 - (2 sum p y + s) / (sum p + sum y + s) of p, y (N, ...), both 0 where ignored: over the batch, or the
/// mean over images. 0 where both sums are 0.
torch::Tensor softDice(const torch::Tensor &p, const torch::Tensor &y, double smooth, bool perImage);

} // namespace reticle
