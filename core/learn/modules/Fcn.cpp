#include "learn/WidthBuilder.h"
#include "learn/modules/Blocks_p.h"

namespace reticle {

namespace {

struct FcnOptions
{
    std::int64_t weights = 100000;
    std::vector<std::int64_t> widths;
    double slope = 0.1;

    static const Schema<FcnOptions> &schema()
    {
        using O = FcnOptions;
        static const auto s =
            Schema<O>("fcn", "Fully convolutional net: encoder and decoder without skips",
                      "Four convolutions down, three up, all 3 x 3. Widths are solved for the number of weights asked for.")
                .field(&O::weights, {.name = "weights", .help = "Number of weights to reach within 1 %", .min = 50, .max = 1e9})
                .field(&O::widths, {.name = "widths",
                                    .help = "The seven widths, in place of the solved ones",
                                    .min = 1,
                                    .max = 4096,
                                    .advanced = true})
                .field(&O::slope, {.name = "slope",
                                   .help = "Slope of the leaky ReLU for negative values",
                                   .min = 0,
                                   .max = 1,
                                   .advanced = true});
        return s;
    }
};

class Fcn : public ImageModule
{
public:
    Fcn(const FcnOptions &options, ModuleShape shape)
    {
        WidthFamily family;
        family.name = "FCN";
        family.nominal = {1, 2, 4, 4, 2, 1, 1};
        family.count = [shape](const std::vector<double> &w) {
            double in = static_cast<double>(shape.channels), total = 0;
            for (const double out : w) {
                total += convolutionWeights(3, in, out);
                in = out;
            }
            return total + convolutionWeights(1, in, static_cast<double>(shape.outputs));
        };
        m_widths = chooseWidths(family, options.weights, options.widths);

        ConvUnit::Options unit;
        unit.slope = options.slope;
        unit.out = shape.channels;
        for (std::size_t i = 0; i < m_widths.size(); ++i) {
            static const char *names[] = {"e0", "e1", "e2", "bottom", "d2", "d1", "d0"};
            unit.in = unit.out;
            unit.out = m_widths[i];
            m_units.push_back(register_module(names[i], std::make_shared<ConvUnit>(unit)));
        }
        m_out = register_module("out", ConvUnit::output(unit.out, shape.outputs));
    }

    std::int64_t multiple() const override { return 8; }
    std::vector<std::int64_t> widths() const override { return m_widths; }

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        auto y = x;
        for (int i = 0; i < 3; ++i)
            y = pool(m_units[i]->forward(y));
        y = m_units[3]->forward(y);
        for (int i = 4; i < 7; ++i)
            y = m_units[i]->forward(upsample(y));
        return m_out->forward(y);
    }

private:
    std::vector<std::int64_t> m_widths;
    std::vector<std::shared_ptr<ConvUnit>> m_units;
    std::shared_ptr<ConvUnit> m_out;
};

const Registration<ModuleFactory> fcnRegistration(FcnOptions::schema().info(), [](const Json &json, ModuleShape shape) {
    return std::make_shared<Fcn>(FcnOptions::schema().read(json, "model"), shape);
});

} // namespace

} // namespace reticle
