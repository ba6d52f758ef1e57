#include "learn/modules/Mlp_p.h"

#include "learn/memory/LayerTrace_p.h"
#include "learn/modules/MlpLayers_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace reticle {

namespace {

template <class Entry> std::vector<std::string> namesOf(const std::vector<Entry> &entries)
{
    std::vector<std::string> names;
    for (const auto &entry : entries)
        names.emplace_back(entry.name);
    return names;
}

template <class Entry> const Entry &named(const std::vector<Entry> &entries, const std::string &name)
{
    return *std::find_if(entries.begin(), entries.end(), [&](const Entry &entry) { return name == entry.name; });
}

struct MlpOptions
{
    std::int64_t width = 64;
    std::int64_t depth = 6;
    std::string backend = "layers";
    std::string initialization = "glorot-uniform";
    double initializationSd = 0;
    std::string bias = "vector";
    double biasStart = 0;
    std::string activation = "relu";
    double slope = 0.01;
    std::string norm = "none";
    double dropout = 0;
    std::string dropoutMode = "training";

    static const Schema<MlpOptions> &schema()
    {
        using O = MlpOptions;
        static const auto s =
            Schema<O>("mlp", "Multilayer perceptron: fully connected layers on the columns of a table",
                      "Each hidden layer is a linear map, a normalization where one is chosen, an activation and dropout; a "
                      "last linear map gives one value for each class.")
                .field(&O::width, {.name = "width", .help = "Units of each hidden layer.", .min = 1, .max = 16384})
                .field(&O::depth, {.name = "depth",
                                   .help = "Number of hidden layers; 0 leaves the last linear map alone, which is logistic "
                                           "regression.",
                                   .min = 0,
                                   .max = 100})
                .field(&O::activation, {.name = "activation",
                                        .help = "Function that follows each hidden layer.",
                                        .choices = namesOf(mlpActivations())})
                .field(&O::slope, {.name = "slope",
                                   .help = "Slope of the leaky ReLU for negative values.",
                                   .min = 0,
                                   .max = 1,
                                   .advanced = true})
                .field(&O::initialization, {.name = "initialization",
                                            .help = "How the first weights are drawn: truncated-normal draws values beyond two "
                                                    "standard deviations again; glorot (Glorot and Bengio 2010) and he (He et "
                                                    "al. 2015) follow the width of the layer.",
                                            .choices = namesOf(mlpInitializations())})
                .field(&O::initializationSd, {.name = "initialization-sd",
                                              .help = "Standard deviation of truncated-normal and of normal; 0 for the usual "
                                                      "ones, 0.05 and 0.125.",
                                              .min = 0,
                                              .max = 100,
                                              .advanced = true})
                .field(&O::bias, {.name = "bias",
                                  .help = "Biases of each layer: vector has one for each unit, scalar has a single one that "
                                          "all units share.",
                                  .choices = {"vector", "scalar", "none"}})
                .field(&O::biasStart, {.name = "bias-start",
                                       .help = "Value of the biases before training.",
                                       .min = -1000,
                                       .max = 1000,
                                       .advanced = true})
                .field(&O::norm, {.name = "norm",
                                  .title = "Normalization",
                                  .help = "Normalization before each activation: batch by the rows of a batch, layer by the "
                                          "units of a row.",
                                  .choices = {"none", "batch", "layer"}})
                .field(&O::dropout, {.name = "dropout",
                                     .help = "Part of the hidden values set to 0; it must be below 1.",
                                     .min = 0,
                                     .max = 0.999999})
                .field(&O::dropoutMode, {.name = "dropout-mode",
                                         .help = "When dropout acts: training is the usual choice, always also acts when the "
                                                 "network is evaluated.",
                                         .choices = {"training", "always", "never"}})
                .field(&O::backend, {.name = "backend",
                                     .help = "How the layers are computed: matmul writes out products and sums, layers uses "
                                             "LibTorch's layers. The results are the same up to rounding.",
                                     .choices = {"matmul", "layers"},
                                     .advanced = true});
        return s;
    }
};

enum class DropoutMode { Training, Always, Never };

/// Computes in the type of MixedPrecision where its weights are float32; normalization stays in float32.
class Mlp : public Module, public HasHiddenLayers
{
public:
    Mlp(const MlpOptions &options, const ModuleShape &shape)
        : m_width(options.width), m_backend(MlpBackend::create(options.backend)),
          m_activation(named(mlpActivations(), options.activation)), m_slope(options.slope), m_dropout(options.dropout),
          m_dropoutMode(options.dropoutMode == "always"  ? DropoutMode::Always
                        : options.dropoutMode == "never" ? DropoutMode::Never
                                                         : DropoutMode::Training)
    {
        MlpLayer::Options layer;
        layer.bias = options.bias == "scalar" ? MlpLayer::Bias::Scalar
                     : options.bias == "none" ? MlpLayer::Bias::None
                                              : MlpLayer::Bias::Vector;
        layer.biasStart = options.biasStart;
        layer.norm = options.norm == "batch"   ? MlpLayer::Norm::Batch
                     : options.norm == "layer" ? MlpLayer::Norm::Layer
                                               : MlpLayer::Norm::None;
        layer.initialization = &named(mlpInitializations(), options.initialization);
        layer.sd = options.initializationSd;
        layer.in = shape.channels;
        layer.out = options.width;
        for (std::int64_t i = 0; i < options.depth; ++i) {
            m_hidden.push_back(register_module(hiddenName(i), std::make_shared<MlpLayer>(layer)));
            layer.in = options.width;
        }
        layer.out = shape.outputs;
        layer.norm = MlpLayer::Norm::None;
        m_out = register_module("out", std::make_shared<MlpLayer>(layer));
    }

    Tensors run(const Tensors &in) override { return {{"output", forward(in, {})}}; }

    std::vector<std::int64_t> widths() const override { return std::vector<std::int64_t>(m_hidden.size(), m_width); }

    std::vector<LayerActivity> activity(const Tensors &in) override
    {
        const struct Evaluating
        {
            explicit Evaluating(Mlp &m) : module(m), training(m.is_training()) { module.eval(); }
            ~Evaluating() { module.train(training); }
            Mlp &module;
            const bool training;
        } mode(*this);
        const torch::NoGradGuard guard;
        std::vector<LayerActivity> all;
        forward(in, [&all](const torch::Tensor &before, const torch::Tensor &after) {
            if (before.size(0) == 0)
                throw Error({"features", "at least one row", "none", "choose a part of the data that has rows"});
            LayerActivity a;
            a.name = hiddenName(static_cast<std::int64_t>(all.size()));
            a.deviation = before.to(torch::kDouble).std(false).item<double>();
            a.deadFraction = (after == 0).all(0).to(torch::kDouble).mean().item<double>();
            a.activations = after.to(torch::kCPU, torch::kFloat);
            all.push_back(std::move(a));
        });
        return all;
    }

private:
    using Visit = std::function<void(const torch::Tensor &before, const torch::Tensor &after)>;

    static std::string hiddenName(std::int64_t i) { return "hidden" + std::to_string(i); }

    /// (N, F) in the type that the layers compute in.
    torch::Tensor features(const Tensors &in) const
    {
        const auto found = in.find("features");
        if (found == in.end())
            throw Error({"model", "a batch with features", "one without", "choose a model for these data"});
        const auto &x = found->second;
        const auto columns = m_hidden.empty() ? m_out->weight.size(1) : m_hidden.front()->weight.size(1);
        if (x.dim() != 2 || x.size(1) != columns)
            throw Error({"features", fmt::format("rows of {} values", columns),
                         x.dim() != 2 ? fmt::format("an array of {} axes", x.dim()) : fmt::format("rows of {}", x.size(1)),
                         "choose a table with the columns that the model was made for"});
        const auto whole = m_out->weight.scalar_type();
        const auto y = x.to(whole == torch::kFloat ? MixedPrecision::type() : whole);
        LayerTrace::noteCopy("input", x, y);
        return y;
    }

    /// Draws for all layers of a pass. A batch says what they follow from; without it they are the same in each pass.
    static Random dropoutDraws(const Tensors &in)
    {
        constexpr std::uint64_t stream = 0xd809;
        const auto seed = in.find("dropout-seed");
        if (seed == in.end())
            return Random::of(0, stream);
        if (seed->second.numel() != 1 || !torch::isIntegralType(seed->second.scalar_type(), false))
            throw Error({"dropout-seed", "one whole number", "something else", {}});
        return Random::of(static_cast<std::uint64_t>(seed->second.item<std::int64_t>()), stream);
    }

    torch::Tensor linear(const torch::Tensor &x, const MlpLayer &layer) const
    {
        const auto y = m_backend->linear(x, layer);
        LayerTrace::note({.module = &layer,
                          .type = "linear",
                          .input = x,
                          .output = y,
                          .macsPerValue = layer.weight.size(1),
                          .weights = {layer.weight, layer.bias}});
        return y;
    }

    torch::Tensor normalize(const torch::Tensor &x, MlpLayer &layer) const
    {
        if (layer.norm() == MlpLayer::Norm::None)
            return x;
        const bool batch = layer.norm() == MlpLayer::Norm::Batch;
        const auto whole = x.scalar_type() == torch::kBFloat16 ? x.to(torch::kFloat) : x;
        LayerTrace::noteCopy("copy in float32", x, whole);
        // A single row, as the last batch of an epoch may be, has no variance: it goes by the running one.
        const auto y = m_backend->normalize(whole, layer, is_training() && whole.size(0) > 1);
        // Written out it makes the differences, their squares, the quotient and the product before the sum.
        LayerTrace::note({.module = &layer,
                          .type = batch ? "batch normalization" : "layer normalization",
                          .input = whole,
                          .output = y,
                          .spare = 5 * static_cast<std::int64_t>(y.element_size()),
                          .weights = {layer.gain, layer.shift}});
        const auto z = y.to(x.scalar_type());
        LayerTrace::noteCopy("copy in bfloat16", y, z);
        return z;
    }

    torch::Tensor forward(const Tensors &in, const Visit &visit) const
    {
        auto x = features(in);
        const bool drops =
            m_dropout > 0 && (m_dropoutMode == DropoutMode::Always || (m_dropoutMode == DropoutMode::Training && is_training()));
        auto draws = drops ? dropoutDraws(in) : Random();
        for (const auto &layer : m_hidden) {
            const auto before = normalize(linear(x, *layer), *layer);
            const auto after = m_activation.of(before, m_slope);
            if (!after.is_same(before))
                LayerTrace::note({.type = m_activation.title, .input = before, .output = after});
            if (visit)
                visit(before, after);
            x = drops ? mlpDropout(after, m_dropout, draws) : after;
        }
        const auto y = linear(x, *m_out);
        const auto z = y.scalar_type() == torch::kBFloat16 ? y.to(torch::kFloat) : y;
        LayerTrace::noteCopy("output in float32", y, z);
        return z;
    }

    std::int64_t m_width;
    std::unique_ptr<MlpBackend> m_backend;
    const MlpActivation &m_activation;
    double m_slope, m_dropout;
    DropoutMode m_dropoutMode;
    std::vector<std::shared_ptr<MlpLayer>> m_hidden;
    std::shared_ptr<MlpLayer> m_out;
};

const Registration<ModuleFactory> mlpRegistration(
    MlpOptions::schema().info(),
    ModuleFactory([](const Json &json,
                     const ModuleShape &shape) { return std::make_shared<Mlp>(MlpOptions::schema().read(json, "model"), shape); },
                  "features"));

} // namespace

std::vector<LayerActivity> activityOf(Module &module, const Tensors &in)
{
    if (auto *hidden = dynamic_cast<HasHiddenLayers *>(&module))
        return hidden->activity(in);
    throw Error({"model", "a network with hidden layers of units, such as mlp", "one without", "choose another model"});
}

} // namespace reticle
