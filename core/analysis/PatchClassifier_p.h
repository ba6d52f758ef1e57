#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>

namespace reticle {

/// A small network that tells the class of a patch's middle pixel (as Ciresan et al. 2012 do): 3 x 3 convolutions of 16,
/// 32, 64, 128, 128 … maps, each followed by 2 x 2 maximum pooling, until the side is at most 4, then a dense layer of 100
/// and one of the outputs. Weights are random: it is there to be counted and timed.
class PatchClassifier : public torch::nn::Module
{
public:
    PatchClassifier(std::int64_t channels, std::int64_t outputs, std::int64_t side);
    ~PatchClassifier() override;

    /// (N, C, side, side) float32 -> (N, K, 1, 1) float32. Its layers tell a LayerTrace of themselves.
    torch::Tensor forward(const torch::Tensor &x);

private:
    struct Layers;
    std::unique_ptr<Layers> m_layers;
};

} // namespace reticle
