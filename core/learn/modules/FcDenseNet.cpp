#include "learn/modules/Blocks_p.h"
#include "learn/modules/Kernels_p.h"
#include "protocol/Capabilities.h"

#include <fmt/ranges.h>

namespace reticle {

namespace {

struct FcDenseNetOptions
{
    std::string variant = "103";
    std::int64_t growth = 0;
    std::vector<std::int64_t> blocks;
    std::int64_t firstWidth = 48;
    double dropout = 0.2;
    std::string normalization = "batch";
    bool bias = true;
    bool wholeLast = true;
    std::string alignment = "first";
    std::vector<std::int64_t> withoutSkips;
    bool strictSize = false;

    static const Schema<FcDenseNetOptions> &schema()
    {
        using O = FcDenseNetOptions;
        static const auto s =
            Schema<O>(
                "fc-densenet", "FC-DenseNet: dense blocks joined by skip connections",
                "J\u00e9gou, Drozdzal, Vazquez, Romero and Bengio 2017 (\"Tiramisu\"). Every layer of a block sees all maps "
                "made before it.")
                .field(&O::variant,
                       {.name = "variant",
                        .help = "Number of convolutions: 56 has 1.4, 67 has 3.5, 103 has 9.3 million weights; own takes "
                                "blocks and growth",
                        .choices = {"56", "67", "103", "own"}})
                .field(&O::growth, {.name = "growth",
                                    .help = "Maps that each layer adds, for variant own; 0: 16, or the variant's",
                                    .min = 0,
                                    .max = 512})
                .field(&O::blocks,
                       {.name = "blocks",
                        .help = "Layers of each block from the first over the bottleneck to the last, an odd number of "
                                "blocks, for variant own",
                        .min = 1,
                        .max = 100})
                .field(&O::firstWidth,
                       {.name = "first-width", .help = "Maps of the first convolution", .min = 1, .max = 4096, .advanced = true})
                .field(&O::dropout,
                       {.name = "dropout", .help = "Part of each layer's new values silenced in training", .min = 0, .max = 0.99})
                .field(&O::normalization, {.name = "normalization",
                                           .help = "What stands before each convolution; group does not depend on the batch, for "
                                                   "batches of one",
                                           .choices = {"batch", "group", "instance"},
                                           .formerly = {"normalisation"}})
                .field(&O::bias, {.name = "bias", .help = "Biases in the layers of the blocks", .advanced = true})
                .field(&O::wholeLast, {.name = "whole-last",
                                       .help = "The last convolution sees the last block's input too, not only its new maps",
                                       .advanced = true})
                .field(&O::alignment,
                       {.name = "alignment",
                        .help = "Row and column that the transposed convolution drops: first as in PyTorch, last as in "
                                "Lasagne",
                        .choices = {"first", "last"},
                        .advanced = true})
                .field(&O::withoutSkips, withoutSkipsField(6))
                .field(&O::strictSize,
                       {.name = "strict-size",
                        .help = "Refuse images whose sides are no multiples of the network's, in place of mirroring "
                                "their border on",
                        .advanced = true});
        return s;
    }
};

/// Normalization, ReLU, convolution, dropout.
class DenseUnit : public torch::nn::Module
{
public:
    DenseUnit(std::int64_t in, std::int64_t out, std::int64_t kernel, bool hasBias, const FcDenseNetOptions &o)
        : m_kernel(kernel), m_dropout(o.dropout), m_normalization(normalizationFromName(o.normalization))
    {
        gain = register_parameter("gain", torch::ones({in}));
        shift = register_parameter("shift", torch::zeros({in}));
        if (m_normalization == Normalization::Batch) {
            runningMean = register_buffer("running_mean", torch::zeros({in}));
            runningVar = register_buffer("running_var", torch::ones({in}));
        }
        weight = register_parameter("weight", emptyWeights({out, in, kernel, kernel}));
        torch::nn::init::kaiming_uniform_(weight, 0, torch::kFanIn, torch::kReLU);
        if (hasBias)
            bias = register_parameter("bias", torch::zeros({out}));
    }

    torch::Tensor forward(const torch::Tensor &x)
    {
        torch::Tensor y;
        if (m_normalization == Normalization::Batch)
            y = normalizeAndActivate(x, gain, shift, runningMean, runningVar, is_training(), 0);
        else
            y = torch::relu(normalizeByGroups(x, m_normalization, gain, shift, this));
        const bool batch = m_normalization == Normalization::Batch;
        LayerTrace::note({.module = this,
                          .type = batch ? "batch normalization, ReLU" : "ReLU",
                          .input = x,
                          .output = y,
                          .weights = batch ? std::vector{gain, shift} : std::vector<torch::Tensor>()});
        const auto w = weight.to(x.scalar_type()), b = bias.defined() ? bias.to(x.scalar_type()) : bias;
        const auto z = convolveAndActivate(y, w, b, 1);
        LayerTrace::note({.module = this,
                          .type = m_kernel == 1 ? "convolution 1 \u00d7 1" : "convolution",
                          .input = y,
                          .output = z,
                          .macsPerValue = m_kernel * m_kernel * x.size(1),
                          .weights = {weight, bias}});
        return dropOut(z, m_dropout, is_training());
    }

    torch::Tensor gain, shift, weight, bias, runningMean, runningVar;

private:
    std::int64_t m_kernel;
    double m_dropout;
    Normalization m_normalization;
};

/// Blocks and growth of the variant. Throws Error where others are asked for too.
void takeVariant(FcDenseNetOptions &o)
{
    const auto own = std::move(o.blocks);
    const auto growth = o.growth;
    if (o.variant == "56") {
        o.growth = 12;
        o.blocks.assign(11, 4);
    } else if (o.variant == "67") {
        o.growth = 16;
        o.blocks.assign(11, 5);
    } else if (o.variant == "103") {
        o.growth = 16;
        o.blocks = {4, 5, 7, 10, 12, 15, 12, 10, 7, 5, 4};
    } else {
        o.growth = growth > 0 ? growth : 16;
        o.blocks = own;
        if (own.size() < 3 || own.size() % 2 == 0 || own.size() > 15)
            throw Error({"model.blocks", fmt::format("{} block sizes", std::clamp<std::size_t>(own.size() + 1, 3, 15)),
                         std::to_string(own.size()),
                         "give one for each block on the way down, the bottleneck, and each on the way up"});
        return;
    }
    const auto wayOut = "choose variant own, or leave it out";
    if (!own.empty() && own != o.blocks)
        throw Error({"model.blocks", "none with variant " + o.variant + ", which has its own",
                     fmt::format("{}", fmt::join(own, " ")), wayOut});
    // 16 stands in recipes of before, whatever the variant.
    if (growth > 0 && growth != 16 && growth != o.growth)
        throw Error({"model.growth", fmt::format("{} with variant {}", o.growth, o.variant), std::to_string(growth), wayOut});
}

class FcDenseNet : public ImageModule
{
public:
    FcDenseNet(const FcDenseNetOptions &options, ModuleShape shape) : m_wholeLast(options.wholeLast)
    {
        auto o = options;
        takeVariant(o);
        strictSize = o.strictSize;
        m_pools = static_cast<std::int64_t>(o.blocks.size() / 2);
        m_kept = keptSkips(o.withoutSkips, m_pools);

        const auto block = [&](const std::string &name, std::int64_t &width, std::int64_t layers) {
            std::vector<std::shared_ptr<DenseUnit>> units;
            for (std::int64_t i = 0; i < layers; ++i, width += o.growth)
                units.push_back(register_module(name + "_layer" + std::to_string(i),
                                                std::make_shared<DenseUnit>(width, o.growth, 3, o.bias, o)));
            m_blocks.push_back(std::move(units));
            m_widths.push_back(width);
        };

        ConvUnit::Options first;
        first.in = shape.channels;
        first.out = o.firstWidth;
        first.activation = false;
        m_first = register_module("first", std::make_shared<ConvUnit>(first));
        std::int64_t width = o.firstWidth;
        m_widths.push_back(width);
        std::vector<std::int64_t> skips;
        for (std::int64_t i = 0; i < m_pools; ++i) {
            block("down" + std::to_string(i), width, o.blocks[static_cast<std::size_t>(i)]);
            skips.push_back(m_kept[i] ? width : 0);
            m_down.push_back(
                register_module("transition_down" + std::to_string(i), std::make_shared<DenseUnit>(width, width, 1, true, o)));
        }
        block("bottleneck", width, o.blocks[static_cast<std::size_t>(m_pools)]);
        for (std::int64_t i = 0; i < m_pools; ++i) {
            const auto made = o.growth * o.blocks[static_cast<std::size_t>(m_pools + i)];
            m_up.push_back(register_module("transition_up" + std::to_string(i),
                                           std::make_shared<UpTransition>(made, o.alignment == "first")));
            width = skips[static_cast<std::size_t>(m_pools - 1 - i)] + made;
            block("up" + std::to_string(i), width, o.blocks[static_cast<std::size_t>(m_pools + 1 + i)]);
        }
        m_out = register_module("out", ConvUnit::output(o.wholeLast ? width : o.growth * o.blocks.back(), shape.outputs));
        for (const auto &unit : {m_first, m_out})
            torch::nn::init::kaiming_uniform_(unit->weight, 0, torch::kFanIn, torch::kReLU);
    }

    std::int64_t multiple() const override { return std::int64_t(1) << m_pools; }
    std::vector<std::int64_t> widths() const override { return m_widths; }
    std::vector<std::string> skips() const override { return skipNames(m_kept); }

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        auto y = m_first->forward(x);
        std::vector<torch::Tensor> kept;
        int index = 0;
        for (std::int64_t i = 0; i < m_pools; ++i) {
            y = run(m_blocks[i], y, true);
            kept.push_back(m_kept[i] ? skip(index++, y) : torch::Tensor());
            y = pool(m_down[i]->forward(y), Pooling::Max);
        }
        y = run(m_blocks[m_pools], y, false);
        for (std::int64_t i = 0; i < m_pools; ++i) {
            const auto &beside = kept[m_pools - 1 - i];
            y = m_up[i]->forward(y);
            y = beside.defined() ? join({beside, y}) : y;
            y = run(m_blocks[m_pools + 1 + i], y, i == m_pools - 1 && m_wholeLast);
        }
        return m_out->forward(y);
    }

private:
    /// The block's new maps, behind its input where `whole`.
    static torch::Tensor run(const std::vector<std::shared_ptr<DenseUnit>> &units, torch::Tensor x, bool whole)
    {
        std::vector<torch::Tensor> made;
        for (const auto &unit : units) {
            made.push_back(unit->forward(x));
            if (whole || &unit != &units.back())
                x = join({x, made.back()});
        }
        return whole ? x : join(made);
    }

    bool m_wholeLast;
    std::int64_t m_pools = 5;
    std::vector<bool> m_kept; ///< of each skip, whether it is there
    std::vector<std::int64_t> m_widths;
    std::vector<std::vector<std::shared_ptr<DenseUnit>>> m_blocks;
    std::vector<std::shared_ptr<DenseUnit>> m_down;
    std::vector<std::shared_ptr<UpTransition>> m_up;
    std::shared_ptr<ConvUnit> m_first, m_out;
};

const ProvidesCapability fcDenseNetSkips("model", "fc-densenet", "skips");
const Registration<ModuleFactory> fcDenseNetRegistration(FcDenseNetOptions::schema().info(), [](const Json &json,
                                                                                                ModuleShape shape) {
    return std::make_shared<FcDenseNet>(FcDenseNetOptions::schema().read(json, "model"), shape);
});

} // namespace

} // namespace reticle
