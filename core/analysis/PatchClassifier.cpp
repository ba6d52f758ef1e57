#include "analysis/PatchClassifier_p.h"

#include "learn/modules/Blocks_p.h"

namespace reticle {

namespace {

constexpr std::int64_t kDense = 100, kFirst = 16, kMost = 128, kSmallest = 4;

} // namespace

struct PatchClassifier::Layers
{
    std::vector<std::shared_ptr<ConvUnit>> convolutions;
    torch::nn::Linear hidden{nullptr}, last{nullptr};
};

PatchClassifier::PatchClassifier(std::int64_t channels, std::int64_t outputs, std::int64_t side)
    : m_layers(std::make_unique<Layers>())
{
    ConvUnit::Options unit;
    unit.out = channels;
    std::int64_t width = kFirst;
    do {
        unit.in = unit.out;
        unit.out = width;
        width = std::min(2 * width, kMost);
        const auto name = "c" + std::to_string(m_layers->convolutions.size());
        m_layers->convolutions.push_back(register_module(name, std::make_shared<ConvUnit>(unit)));
        side = std::max<std::int64_t>(1, side / 2);
    } while (side > kSmallest);
    m_layers->hidden = register_module("hidden", torch::nn::Linear(unit.out * side * side, kDense));
    m_layers->last = register_module("last", torch::nn::Linear(kDense, outputs));
}

PatchClassifier::~PatchClassifier() = default;

torch::Tensor PatchClassifier::forward(const torch::Tensor &x)
{
    const auto dense = [](torch::nn::Linear &layer, const torch::Tensor &in) {
        auto out = layer(in);
        LayerTrace::note({.module = layer.get(),
                          .type = "dense",
                          .input = in,
                          .output = out,
                          .macsPerValue = in.size(1),
                          .weights = {layer->weight, layer->bias}});
        return out;
    };
    auto y = x.to(MixedPrecision::type()).contiguous(torch::MemoryFormat::ChannelsLast);
    for (const auto &unit : m_layers->convolutions) {
        y = unit->forward(y);
        if (y.size(2) > 1)
            y = pool(y, Pooling::Max);
    }
    y = dense(m_layers->hidden, y.to(torch::kFloat).flatten(1));
    y = dense(m_layers->last, torch::leaky_relu_(y, 0.1));
    return y.view({y.size(0), y.size(1), 1, 1});
}

} // namespace reticle
