#pragma once

// What layers tell of themselves while a pass goes through them.

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

namespace reticle {

/// One line of the layer table.
struct TracedLayer
{
    const torch::nn::Module *module = nullptr; ///< none for layers without weights
    std::string type;
    std::vector<std::int64_t> input, output; ///< (N, C, H, W)
    std::vector<std::int64_t> joined;        ///< channels of each part where several tensors come in, else empty
    std::vector<torch::Tensor> weights;      ///< that it uses, trainable or not
    std::int64_t macs = 0;                   ///< multiplications with additions, biases not among them
    std::int64_t bytes = 0;                  ///< of the output
    std::int64_t made = 0; ///< bytes of all tensors that the forward pass makes here: the output, and what leads to it
    bool copies = false;   ///< no layer of the network but a copy that its arithmetic needs (border, layout, type)
};

/// Collects the layers of forward passes on this thread while it lives.
class LayerTrace
{
public:
    /// What a layer tells once its output is there. `spare`: bytes that it makes beside the output, for each value of it.
    struct Layer
    {
        const torch::nn::Module *module = nullptr;
        const char *type = "";
        torch::Tensor input, output;
        std::int64_t macsPerValue = 0; ///< of the output, or all of them as
        std::int64_t macs = 0;
        std::int64_t spare = 0;
        std::vector<torch::Tensor> weights = {}; ///< undefined ones are left out
        std::vector<torch::Tensor> joined = {};
        bool copies = false;
    };

    LayerTrace();
    ~LayerTrace();
    LayerTrace(const LayerTrace &) = delete;
    LayerTrace &operator=(const LayerTrace &) = delete;

    std::vector<TracedLayer> layers;
    /// Called, where set, with the number of the layer that was just added and its output.
    std::function<void(std::size_t, const torch::Tensor &)> noted;

    static bool active(); ///< whether one lives on this thread
    static void note(const Layer &layer);
    /// A tensor made of another for the sake of type or layout; nothing where `output` is `input`.
    static void noteCopy(const char *type, const torch::Tensor &input, const torch::Tensor &output);

private:
    LayerTrace *m_before;
};

} // namespace reticle
