#include "learn/WidthBuilder.h"
#include "learn/modules/Blocks_p.h"

namespace reticle {

namespace {

struct AtrousOptions
{
    std::int64_t weights = 100000;
    std::vector<std::int64_t> widths;
    double slope = 0.1, blockSlope = 0.2;

    static const Schema<AtrousOptions> &schema()
    {
        using O = AtrousOptions;
        static const auto s =
            Schema<O>("atrous", "Atrous net: parallel dilated convolutions at half resolution",
                      "Two 3 x 3 convolutions with one halving, then three blocks of parallel convolutions with dilation "
                      "1 2, 1 2 4 and 1 4 6, side by side. Widths are solved for the number of weights asked for.")
                .field(&O::weights, {.name = "weights", .help = "Number of weights to reach within 1 %", .min = 50, .max = 1e9})
                .field(&O::widths, {.name = "widths",
                                    .help = "The six widths in place of the solved ones: stem 0, stem 1, each branch of block "
                                            "1, 2 and 3, last convolution",
                                    .min = 1,
                                    .max = 4096,
                                    .advanced = true})
                .field(&O::slope, {.name = "slope",
                                   .help = "Slope of the leaky ReLU for negative values",
                                   .min = 0,
                                   .max = 1,
                                   .advanced = true})
                .field(&O::blockSlope,
                       {.name = "block-slope", .help = "The same inside the blocks", .min = 0, .max = 1, .advanced = true});
        return s;
    }
};

const std::vector<std::vector<std::int64_t>> &rates()
{
    static const std::vector<std::vector<std::int64_t>> r = {{1, 2}, {1, 2, 4}, {1, 4, 6}};
    return r;
}

class Atrous : public ImageModule
{
public:
    Atrous(const AtrousOptions &options, ModuleShape shape)
    {
        WidthFamily family;
        family.name = "atrous";
        family.nominal = {1, 1, 1, 1, 1, 1};
        family.count = [shape](const std::vector<double> &w) {
            double total = convolutionWeights(3, static_cast<double>(shape.channels), w[0]) + convolutionWeights(3, w[0], w[1]);
            double in = w[1];
            for (std::size_t b = 0; b < 3; ++b) {
                const auto branches = static_cast<double>(rates()[b].size());
                total += branches * convolutionWeights(3, in, w[2 + b]);
                in = branches * w[2 + b];
            }
            return total + convolutionWeights(3, in, w[5]) + convolutionWeights(1, w[5], static_cast<double>(shape.outputs));
        };
        m_widths = chooseWidths(family, options.weights, options.widths);

        ConvUnit::Options unit;
        unit.slope = options.slope;
        const auto add = [&](const std::string &name, std::int64_t in, std::int64_t out) {
            unit.in = in;
            unit.out = out;
            return register_module(name, std::make_shared<ConvUnit>(unit));
        };
        m_stem = {add("s0", shape.channels, m_widths[0]), add("s1", m_widths[0], m_widths[1])};
        auto in = m_widths[1];
        unit.slope = options.blockSlope;
        for (std::size_t b = 0; b < 3; ++b) {
            for (const auto rate : rates()[b]) {
                unit.dilation = rate;
                m_blocks[b].push_back(add("b" + std::to_string(b) + "r" + std::to_string(rate), in, m_widths[2 + b]));
            }
            in = static_cast<std::int64_t>(rates()[b].size()) * m_widths[2 + b];
        }
        unit.slope = options.slope;
        unit.dilation = 1;
        m_last = add("d0", in, m_widths[5]);
        m_out = register_module("out", ConvUnit::output(m_widths[5], shape.outputs));
    }

    std::int64_t multiple() const override { return 2; }
    std::vector<std::int64_t> widths() const override { return m_widths; }

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        auto y = m_stem[1]->forward(pool(m_stem[0]->forward(x)));
        for (const auto &block : m_blocks) {
            std::vector<torch::Tensor> branches;
            for (const auto &unit : block)
                branches.push_back(unit->forward(y));
            y = join(branches);
        }
        return m_out->forward(m_last->forward(upsample(y)));
    }

private:
    std::vector<std::int64_t> m_widths;
    std::array<std::shared_ptr<ConvUnit>, 2> m_stem;
    std::array<std::vector<std::shared_ptr<ConvUnit>>, 3> m_blocks;
    std::shared_ptr<ConvUnit> m_last, m_out;
};

const Registration<ModuleFactory> atrousRegistration(AtrousOptions::schema().info(), [](const Json &json, ModuleShape shape) {
    return std::make_shared<Atrous>(AtrousOptions::schema().read(json, "model"), shape);
});

} // namespace

} // namespace reticle
