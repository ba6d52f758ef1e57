#include "learn/modules/MlpLayers_p.h"

#include "learn/memory/LayerTrace_p.h"
#include "learn/modules/Mlp_p.h"

namespace reticle {

namespace {

constexpr double kEpsilon = 1e-5, kMomentum = 0.1; // LibTorch's own

torch::Tensor asTypeOf(const torch::Tensor &weight, const torch::Tensor &x)
{
    return weight.scalar_type() == x.scalar_type() ? weight : weight.to(x.scalar_type());
}

/// Products and sums written out.
class Matmul : public MlpBackend
{
public:
    torch::Tensor linear(const torch::Tensor &x, const MlpLayer &layer) const override
    {
        const auto w = asTypeOf(layer.weight, x).t();
        return layer.bias.defined() ? torch::addmm(asTypeOf(layer.bias, x), x, w) : torch::mm(x, w);
    }
    torch::Tensor normalize(const torch::Tensor &x, MlpLayer &layer, bool training) const override
    {
        torch::Tensor mean, var;
        if (layer.norm() == MlpLayer::Norm::Layer) {
            mean = x.mean(1, true);
            var = (x - mean).square().mean(1, true);
        } else if (training) {
            mean = x.mean(0);
            var = (x - mean).square().mean(0);
            const torch::NoGradGuard guard;
            const auto n = static_cast<double>(x.size(0));
            layer.runningMean.mul_(1 - kMomentum).add_(mean, kMomentum);
            layer.runningVar.mul_(1 - kMomentum).add_(var, kMomentum * n / (n - 1));
        } else {
            mean = layer.runningMean;
            var = layer.runningVar;
        }
        return (x - mean) / (var + kEpsilon).sqrt() * layer.gain + layer.shift;
    }
};

/// LibTorch's own layers.
class Layers : public MlpBackend
{
public:
    torch::Tensor linear(const torch::Tensor &x, const MlpLayer &layer) const override
    {
        const auto bias = layer.bias.defined() ? c10::make_optional(asTypeOf(layer.bias, x)) : c10::nullopt;
        return torch::linear(x, asTypeOf(layer.weight, x), bias);
    }
    torch::Tensor normalize(const torch::Tensor &x, MlpLayer &layer, bool training) const override
    {
        if (layer.norm() == MlpLayer::Norm::Layer)
            return torch::layer_norm(x, {x.size(1)}, layer.gain, layer.shift, kEpsilon, false);
        return torch::batch_norm(x, layer.gain, layer.shift, layer.runningMean, layer.runningVar, training, kMomentum, kEpsilon,
                                 false);
    }
};

} // namespace

void fillTruncatedNormal(torch::Tensor &weight, double sd)
{
    const torch::NoGradGuard guard;
    auto z = torch::randn(weight.sizes());
    for (;;) {
        const auto outside = z.abs() > 2;
        const auto n = outside.sum().item<std::int64_t>();
        if (n == 0)
            break;
        z.masked_scatter_(outside, torch::randn({n}));
    }
    weight.copy_(z.mul_(sd));
}

const std::vector<MlpInitialization> &mlpInitializations()
{
    namespace init = torch::nn::init;
    using Tensor = torch::Tensor;
    static const std::vector<MlpInitialization> all{
        {"truncated-normal", 0.05, fillTruncatedNormal},
        {"glorot-uniform", 0, [](Tensor &w, double) { init::xavier_uniform_(w); }},
        {"glorot-normal", 0, [](Tensor &w, double) { init::xavier_normal_(w); }},
        {"he-uniform", 0, [](Tensor &w, double) { init::kaiming_uniform_(w, 0, torch::kFanIn, torch::kReLU); }},
        {"he-normal", 0, [](Tensor &w, double) { init::kaiming_normal_(w, 0, torch::kFanIn, torch::kReLU); }},
        {"normal", 0.125, [](Tensor &w, double sd) { init::normal_(w, 0, sd); }},
        {"zeros", 0, [](Tensor &w, double) { init::zeros_(w); }},
    };
    return all;
}

const std::vector<MlpActivation> &mlpActivations()
{
    using Tensor = torch::Tensor;
    static const std::vector<MlpActivation> all{
        {"relu", "ReLU", [](const Tensor &x, double) { return torch::relu(x); }},
        {"leaky-relu", "leaky ReLU", [](const Tensor &x, double slope) { return torch::leaky_relu(x, slope); }},
        {"elu", "ELU", [](const Tensor &x, double) { return torch::elu(x); }},
        {"gelu", "GELU", [](const Tensor &x, double) { return torch::gelu(x); }},
        {"silu", "SiLU", [](const Tensor &x, double) { return torch::silu(x); }},
        {"softplus", "softplus", [](const Tensor &x, double) { return torch::softplus(x); }},
        {"tanh", "tanh", [](const Tensor &x, double) { return torch::tanh(x); }},
        {"sigmoid", "sigmoid", [](const Tensor &x, double) { return torch::sigmoid(x); }},
        {"none", "", [](const Tensor &x, double) { return x; }},
    };
    return all;
}

MlpLayer::MlpLayer(const Options &options) : m_norm(options.norm)
{
    auto w = emptyWeights({options.out, options.in});
    const auto &initialization = *options.initialization;
    initialization.fill(w, options.sd > 0 ? options.sd : initialization.sd);
    weight = register_parameter("weight", w);
    if (options.bias != Bias::None)
        bias = register_parameter("bias", torch::full({options.bias == Bias::Scalar ? 1 : options.out}, options.biasStart,
                                                      torch::TensorOptions(torch::kFloat)));
    if (m_norm == Norm::None)
        return;
    gain = register_parameter("gain", torch::ones({options.out}));
    shift = register_parameter("shift", torch::zeros({options.out}));
    if (m_norm == Norm::Batch) {
        runningMean = register_buffer("running_mean", torch::zeros({options.out}));
        runningVar = register_buffer("running_var", torch::ones({options.out}));
    }
}

std::unique_ptr<MlpBackend> MlpBackend::create(const std::string &name)
{
    if (name == "matmul")
        return std::make_unique<Matmul>();
    return std::make_unique<Layers>();
}

torch::Tensor mlpDropout(const torch::Tensor &x, double rate, Random &random)
{
    auto mask = torch::empty(x.sizes(), torch::kFloat);
    auto *value = mask.data_ptr<float>();
    for (std::int64_t i = 0; i < mask.numel(); ++i)
        value[i] = random.uniform() < rate ? 0.0f : 1.0f;
    const auto scaled = mask.to(x.options()) / (1 - rate);
    auto y = x * scaled;
    // The mask, and what it is scaled to.
    LayerTrace::note({.type = "dropout", .input = x, .output = y, .spare = 4 + 2 * static_cast<std::int64_t>(y.element_size())});
    return y;
}

} // namespace reticle
