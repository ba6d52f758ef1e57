#include "learn/WidthBuilder.h"
#include "learn/modules/Blocks_p.h"

namespace reticle {

namespace {

struct FourLayerOptions
{
    std::int64_t layers = 4;
    std::int64_t weights = 0;
    std::vector<std::int64_t> widths;
    double slope = 0.2;
    double dropout = 0.5;

    static const Schema<FourLayerOptions> &schema()
    {
        using O = FourLayerOptions;
        static const auto s =
            Schema<O>("four-layer", "Four-layer net of 5 x 5 convolutions, made for mitochondria",
                      "Two halvings, one bilinear enlargement by four, dropout between layers; with six layers one more on "
                      "either side of the enlargement. Widths 8 16 16, with six layers 8 16 32 32 16, unless given.")
                .field(&O::layers, {.name = "layers", .help = "Number of convolutions: 4 or 6", .min = 4, .max = 6})
                .field(&O::weights, {.name = "weights",
                                     .help = "Number of weights to reach within 1 % with widths in the same proportions; 0 for "
                                             "the usual widths",
                                     .min = 0,
                                     .max = 1e9})
                .field(&O::widths, {.name = "widths",
                                    .help = "Widths of all layers but the last, in place of the usual ones",
                                    .min = 1,
                                    .max = 4096,
                                    .advanced = true})
                .field(&O::slope, {.name = "slope",
                                   .help = "Slope of the leaky ReLU for negative values",
                                   .min = 0,
                                   .max = 1,
                                   .advanced = true})
                .field(&O::dropout, {.name = "dropout", .help = "Part of the values silenced in training", .min = 0, .max = 0.9});
        return s;
    }
};

class FourLayer : public ImageModule
{
public:
    FourLayer(const FourLayerOptions &options, ModuleShape shape) : m_dropout(options.dropout)
    {
        if (options.layers == 5)
            throw Error({"model.layers", "4 or 6", "5", {}});
        const bool six = options.layers == 6;
        const std::vector<std::int64_t> usual =
            six ? std::vector<std::int64_t>{8, 16, 32, 32, 16} : std::vector<std::int64_t>{8, 16, 16};
        WidthFamily family;
        family.name = six ? "six-layer" : "four-layer";
        family.nominal = {usual.begin(), usual.end()};
        family.count = [shape](const std::vector<double> &w) {
            double in = static_cast<double>(shape.channels), total = 0;
            for (const double out : w) {
                total += convolutionWeights(5, in, out);
                in = out;
            }
            return total + convolutionWeights(5, in, static_cast<double>(shape.outputs));
        };
        m_widths = chooseWidths(family, options.weights, options.widths.empty() && options.weights == 0 ? usual : options.widths);

        ConvUnit::Options unit;
        unit.kernel = 5;
        unit.slope = options.slope;
        unit.out = shape.channels;
        for (std::size_t i = 0; i < m_widths.size(); ++i) {
            unit.in = unit.out;
            unit.out = m_widths[i];
            m_units.push_back(register_module("c" + std::to_string(i), std::make_shared<ConvUnit>(unit)));
        }
        m_out = register_module("out", ConvUnit::output(unit.out, shape.outputs, 5));
    }

    std::int64_t multiple() const override { return 4; }
    std::vector<std::int64_t> widths() const override { return m_widths; }

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        const auto drop = [this](const torch::Tensor &y) { return dropOut(y, m_dropout, is_training()); };
        auto y = drop(pool(m_units[0]->forward(x)));
        y = drop(pool(m_units[1]->forward(y)));
        y = m_units[2]->forward(y);
        if (m_units.size() == 5)
            y = m_units[3]->forward(drop(y));
        y = drop(upsample(y, 4));
        if (m_units.size() == 5)
            y = drop(m_units[4]->forward(y));
        return m_out->forward(y);
    }

private:
    double m_dropout;
    std::vector<std::int64_t> m_widths;
    std::vector<std::shared_ptr<ConvUnit>> m_units;
    std::shared_ptr<ConvUnit> m_out;
};

const Registration<ModuleFactory> fourLayerRegistration(FourLayerOptions::schema().info(), [](const Json &json,
                                                                                              ModuleShape shape) {
    return std::make_shared<FourLayer>(FourLayerOptions::schema().read(json, "model"), shape);
});

} // namespace

} // namespace reticle
