#pragma once

#include "base/Registry.h"

#include <torch/torch.h>

namespace reticle {

/// A loss: for segmentation with its class weights and ignore label inside, or of an image against itself. Formulas: in
/// each file.
class Objective
{
public:
    virtual ~Objective() = default;
    /// Whether the target is the image itself. The outputs are then values like the input's, not logits.
    virtual bool reconstructs() const { return false; }
    /// How many outputs a module needs for `classes` classes: 1 for BCE and Dice on masks, `classes` for cross-entropy.
    /// Of an objective that reconstructs: for so many channels of a slice.
    virtual std::int64_t outputs(std::int64_t classes) const = 0;
    /// logits (N, K, H, W) float32; target (N, H, W) int64 class index, 255 = ignored; weights (N, H, W) float32 per
    /// pixel (border map) or undefined. Returns a scalar with gradient; 0 where every pixel is ignored.
    /// Of an objective that reconstructs: outputs and target (N, C, H, W) float32, no weights.
    virtual torch::Tensor loss(const torch::Tensor &logits, const torch::Tensor &target,
                               const torch::Tensor &weights) const = 0;
    /// What scaled values span, for objectives with constants in proportion; called before the first loss. 1 until
    /// then.
    virtual void setRange(double) {}
    /// Whether the trainer shall compute the U-Net border map for each crop, and with what w0 and sigma.
    virtual bool wantsBorderMap() const { return false; }
    virtual double borderWeight() const { return 10; }
    virtual double borderSigma() const { return 5; }
};

/// `classCounts`: pixels of each class in the training data, for balanced class weights w_c = N / (K n_c).
using ObjectiveFactory =
    std::function<std::shared_ptr<Objective>(const Json &options, const std::vector<std::int64_t> &classCounts)>;

std::shared_ptr<Objective> makeObjective(const Json &objectiveSection, const std::vector<std::int64_t> &classCounts);

/// (N, K, H, W) class probabilities: sigmoid for K = 1 (the foreground), softmax over K otherwise.
torch::Tensor probabilities(const torch::Tensor &logits);

} // namespace reticle
