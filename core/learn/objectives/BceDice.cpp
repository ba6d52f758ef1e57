#include "learn/objectives/Losses_p.h"
#include "protocol/Capabilities.h"

namespace reticle {

namespace {

struct BceDiceOptions : WeightOptions, DiceOptions
{
    double bce = 1, dice = 1;
    double positiveWeight = 1;

    static const Schema<BceDiceOptions> &schema()
    {
        static const auto s = [] {
            using O = BceDiceOptions;
            Schema<O> s("bce-dice", "Binary cross-entropy and soft Dice", "a BCE + b Dice of the foreground.");
            s.field(&O::bce, {.name = "bce", .help = "Factor a of binary cross-entropy", .min = 0})
                .field(&O::dice, {.name = "dice", .help = "Factor b of soft Dice", .min = 0})
                .field(&O::positiveWeight,
                       {.name = "positive-weight", .help = "Weight of foreground pixels in the cross-entropy", .min = 0});
            addWeightFields(s);
            addDiceFields(s);
            return s;
        }();
        return s;
    }
};

class BceDice : public WeightedObjective
{
public:
    BceDice(const BceDiceOptions &options, const std::vector<std::int64_t> &counts)
        : WeightedObjective(options, counts), m_options(options)
    {
    }

    std::int64_t outputs(std::int64_t) const override { return 1; }
    torch::Tensor loss(const torch::Tensor &logits, const torch::Tensor &target, const torch::Tensor &weights) const override
    {
        const auto z = maskLogits(logits);
        const auto y = foreground(target);
        const auto bce = m_weighting.mean(binaryCrossEntropy(z, y, m_options.positiveWeight), target, weights);
        const auto dice = softDice(torch::sigmoid(z) * seen(target), y, m_options.smooth, m_options.over == "image");
        return m_options.bce * bce + m_options.dice * dice;
    }

private:
    BceDiceOptions m_options;
};

const ProvidesCapability bceDiceClasses("objective", "bce-dice", "classes");
const Registration<ObjectiveFactory>
    bceDiceRegistration(BceDiceOptions::schema().info(), [](const Json &json, const std::vector<std::int64_t> &counts) {
        return std::make_shared<BceDice>(BceDiceOptions::schema().read(json, "objective"), counts);
    });

} // namespace

} // namespace reticle
