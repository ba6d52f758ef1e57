#include "learn/WidthBuilder.h"
#include "learn/modules/Blocks_p.h"
#include "protocol/Capabilities.h"

namespace reticle {

namespace {

struct UnetOptions
{
    std::int64_t weights = 100000;
    std::vector<std::int64_t> widths;
    std::string form = "slim";
    std::int64_t depth = 3;
    std::int64_t convolutions = 1;
    std::string normalization = "none";
    std::string skips = "concatenate";
    std::vector<std::int64_t> withoutSkips;
    std::string pooling = "average";
    std::string upsampling = "bilinear";
    double slope = 0.1;
    double dropout = 0;

    static const Schema<UnetOptions> &schema()
    {
        using O = UnetOptions;
        static const auto s =
            Schema<O>("unet", "U-Net: encoder and decoder joined by skip connections",
                      "Ronneberger, Fischer and Brox 2015. Widths are solved for the number of weights asked for.")
                .field(&O::weights, {.name = "weights", .help = "Number of weights to reach within 1 %", .min = 50, .max = 1e9})
                .field(&O::widths, {.name = "widths",
                                    .help = "Widths from the first encoder level over the bottleneck to the last decoder "
                                            "level, in place of the solved ones",
                                    .min = 1,
                                    .max = 4096,
                                    .advanced = true})
                .field(&O::form, {.name = "form",
                                  .help = "Proportions of the widths: slim 1 2 4 4 2 1 1, classic 1 2 4 8 4 2 1 (at depth 3)",
                                  .choices = {"slim", "classic"}})
                .field(&O::depth, {.name = "depth", .help = "Number of halvings of the resolution", .min = 1, .max = 6})
                .field(&O::convolutions, {.name = "convolutions", .help = "3 x 3 convolutions per level", .min = 1, .max = 3})
                .field(&O::normalization, {.name = "normalization",
                                           .help = "What follows each convolution; with batch the widest nets learn fastest",
                                           .choices = {"none", "batch", "instance", "group"},
                                           .formerly = {"normalisation"}})
                .field(&O::skips, {.name = "skips", .help = "How a skip meets the decoder", .choices = {"concatenate", "add"}})
                .field(&O::withoutSkips, withoutSkipsField(5))
                .field(
                    &O::pooling,
                    {.name = "pooling", .help = "How the resolution is halved", .choices = {"average", "max"}, .advanced = true})
                .field(&O::upsampling, {.name = "upsampling",
                                        .help = "How the resolution is doubled",
                                        .choices = {"bilinear", "transposed"},
                                        .advanced = true})
                .field(&O::slope, {.name = "slope",
                                   .help = "Slope of the leaky ReLU for negative values",
                                   .min = 0,
                                   .max = 1,
                                   .advanced = true})
                .field(&O::dropout, {.name = "dropout",
                                     .help = "Part of the bottleneck's channels silenced in training",
                                     .min = 0,
                                     .max = 0.9,
                                     .advanced = true});
        return s;
    }
};

/// Widths: encoder 0 .. D-1, bottleneck (index D), decoder D-1 .. 0.
class Unet : public ImageModule
{
public:
    Unet(const UnetOptions &options, ModuleShape shape) : m_options(options), m_depth(options.depth)
    {
        m_kept = keptSkips(options.withoutSkips, m_depth);
        const auto family = makeFamily(options, shape);
        m_widths = chooseWidths(family, options.weights, options.widths);
        if (options.skips == "add")
            for (std::int64_t i = 0; i < m_depth; ++i)
                if (m_kept[i] && up(i, m_widths) != m_widths[i])
                    throw Error({"model.skips", "equal widths on both sides of an added skip",
                                 std::to_string(up(i, m_widths)) + " and " + std::to_string(m_widths[i]) + " at level " +
                                     std::to_string(i),
                                 "take form slim, transposed upsampling, or concatenate"});

        auto unit = unitOptions(options);
        const auto level = [&](const std::string &name, std::int64_t in, std::int64_t out) {
            std::vector<std::shared_ptr<ConvUnit>> units;
            for (std::int64_t k = 0; k < options.convolutions; ++k) {
                unit.in = k == 0 ? in : out;
                unit.out = out;
                const auto suffix = options.convolutions == 1 ? std::string() : std::string(1, static_cast<char>('a' + k));
                units.push_back(register_module(name + suffix, std::make_shared<ConvUnit>(unit)));
            }
            return units;
        };
        std::int64_t in = shape.channels;
        for (std::int64_t i = 0; i < m_depth; ++i) {
            m_encoder.push_back(level("e" + std::to_string(i), in, m_widths[i]));
            in = m_widths[i];
        }
        m_bottom = level("bottom", in, m_widths[m_depth]);
        m_decoder.resize(m_depth);
        m_up.resize(m_depth);
        for (std::int64_t i = m_depth - 1; i >= 0; --i) {
            const auto upWidth = up(i, m_widths);
            if (options.upsampling == "transposed")
                m_up[i] = register_module("up" + std::to_string(i), std::make_shared<UpConv>(below(i, m_widths), upWidth));
            m_decoder[i] = level("d" + std::to_string(i), options.skips == "add" || !m_kept[i] ? upWidth : upWidth + m_widths[i],
                                 m_widths[2 * m_depth - i]);
        }
        m_out = register_module("out", ConvUnit::output(m_widths.back(), shape.outputs));
    }

    std::int64_t multiple() const override { return std::int64_t(1) << m_depth; }
    std::vector<std::int64_t> widths() const override { return m_widths; }
    std::vector<std::string> skips() const override { return skipNames(m_kept); }

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        const auto kind = m_options.pooling == "max" ? Pooling::Max : Pooling::Average;
        std::vector<torch::Tensor> kept;
        int index = 0;
        auto y = x;
        for (std::int64_t i = 0; i < m_depth; ++i) {
            y = run(m_encoder[i], y);
            kept.push_back(m_kept[i] ? skip(index++, y) : torch::Tensor());
            y = pool(y, kind);
        }
        y = dropOut(run(m_bottom, y), m_options.dropout, is_training());
        for (std::int64_t i = m_depth - 1; i >= 0; --i) {
            const bool add = m_options.skips == "add";
            if (!m_up[i] && !add && m_kept[i])
                y = upsampleAndJoin(y, kept[i]);
            else {
                y = m_up[i] ? m_up[i]->forward(y) : upsample(y);
                if (m_kept[i])
                    y = add ? addSkip(y, kept[i]) : join({y, kept[i]});
            }
            y = run(m_decoder[i], y);
        }
        return m_out->forward(y);
    }

private:
    /// Width of what comes up to level i.
    template <class T> static T below(std::int64_t i, const std::vector<T> &w)
    {
        const auto depth = static_cast<std::int64_t>(w.size() / 2);
        return i == depth - 1 ? w[depth] : w[2 * depth - i - 1];
    }

    template <class T> T up(std::int64_t i, const std::vector<T> &w) const
    {
        return m_options.upsampling == "transposed" ? w[i] : below(i, w);
    }

    static ConvUnit::Options unitOptions(const UnetOptions &options)
    {
        ConvUnit::Options unit;
        unit.normalization = normalizationFromName(options.normalization);
        unit.slope = options.slope;
        return unit;
    }

    static WidthFamily makeFamily(const UnetOptions &options, ModuleShape shape)
    {
        const auto depth = options.depth;
        const bool slim = options.form == "slim", transposed = options.upsampling == "transposed", add = options.skips == "add";
        const auto kept = keptSkips(options.withoutSkips, depth);
        WidthFamily family;
        family.name = "U-Net";
        for (std::int64_t i = 0; i < depth; ++i)
            family.nominal.push_back(std::pow(2.0, static_cast<double>(i)));
        family.nominal.push_back(std::pow(2.0, static_cast<double>(slim ? depth - 1 : depth)));
        for (std::int64_t i = depth - 1; i >= 0; --i)
            family.nominal.push_back(std::pow(2.0, static_cast<double>(slim ? std::max<std::int64_t>(0, i - 1) : i)));
        if (add && !transposed)
            for (std::int64_t i = 0; i < depth; ++i)
                if (kept[i])
                    family.tied.push_back({static_cast<int>(i), static_cast<int>(2 * depth - 1 - i)});
        family.count = [=](const std::vector<double> &w) {
            const auto unit = unitOptions(options);
            const auto level = [&](double in, double out) {
                return ConvUnit::count(unit, in, out) +
                       static_cast<double>(options.convolutions - 1) * ConvUnit::count(unit, out, out);
            };
            double in = static_cast<double>(shape.channels), total = 0;
            for (std::int64_t i = 0; i <= depth; ++i) {
                total += level(in, w[i]);
                in = w[i];
            }
            for (std::int64_t i = depth - 1; i >= 0; --i) {
                const double upWidth = transposed ? w[i] : below(i, w);
                if (transposed)
                    total += convolutionWeights(2, below(i, w), upWidth);
                total += level(add || !kept[i] ? upWidth : upWidth + w[i], w[2 * depth - i]);
            }
            return total + convolutionWeights(1, w.back(), static_cast<double>(shape.outputs));
        };
        return family;
    }

    static torch::Tensor run(const std::vector<std::shared_ptr<ConvUnit>> &units, torch::Tensor x)
    {
        for (const auto &unit : units)
            x = unit->forward(x);
        return x;
    }

    UnetOptions m_options;
    std::int64_t m_depth;
    std::vector<bool> m_kept; ///< of each level, whether its skip is there
    std::vector<std::int64_t> m_widths;
    std::vector<std::vector<std::shared_ptr<ConvUnit>>> m_encoder, m_decoder;
    std::vector<std::shared_ptr<ConvUnit>> m_bottom;
    std::vector<std::shared_ptr<UpConv>> m_up;
    std::shared_ptr<ConvUnit> m_out;
};

const ProvidesCapability unetSkips("model", "unet", "skips");
const Registration<ModuleFactory> unetRegistration(UnetOptions::schema().info(), [](const Json &json, ModuleShape shape) {
    return std::make_shared<Unet>(UnetOptions::schema().read(json, "model"), shape);
});

} // namespace

} // namespace reticle
