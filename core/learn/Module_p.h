#pragma once

// Private to core/learn and core/analysis: the one place where modules show their tensors.

#include "base/Registry.h"

#include <torch/torch.h>

namespace reticle {

/// What the data ask of a module.
struct ModuleShape
{
    std::int64_t channels = 1; ///< C of the input
    std::int64_t outputs = 1;  ///< K: 1 for a mask (sigmoid) or one per class (softmax)
};

/// A network from images (N, C, H, W) float to logits (N, K, H, W) of the same height and width. Any H, W >= 1: forward
/// pads by mirror to the next multiple and crops back. Deterministic given weights and, in training, the torch generator.
class ImageModule : public torch::nn::Module
{
public:
    virtual torch::Tensor forward(const torch::Tensor &x) = 0;
    /// Sides that need no padding are multiples of this.
    virtual std::int64_t multiple() const = 0;
    /// Names of skip connections, outermost (full resolution) first; empty where there are none.
    virtual std::vector<std::string> skips() const { return {}; }
    /// Called, where set, on the tensor of skip `index` (N, C, H, W) and used in its place: for knock-out studies.
    std::function<torch::Tensor(int index, const torch::Tensor &)> skipHook;
    /// Widths the builder chose, for the layer table's title.
    virtual std::vector<std::int64_t> widths() const { return {}; }
};

/// From validated options (the model section of a recipe).
using ModuleFactory = std::function<std::shared_ptr<ImageModule>(const Json &options, ModuleShape shape)>;

/// Builds and initialises with torch's global generator (seed it before). Throws Error.
std::shared_ptr<ImageModule> makeModule(const Json &modelSection, ModuleShape shape);

/// Number of trainable values.
std::int64_t countWeights(const torch::nn::Module &module);

} // namespace reticle
