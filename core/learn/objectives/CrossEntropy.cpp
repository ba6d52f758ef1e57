#include "learn/objectives/Losses_p.h"
#include "protocol/Capabilities.h"

namespace reticle {

namespace {

struct CrossEntropyOptions : WeightOptions, DiceOptions
{
    double crossEntropy = 1, dice = 0;
    bool background = false;

    static const Schema<CrossEntropyOptions> &schema()
    {
        static const auto s = [] {
            using O = CrossEntropyOptions;
            Schema<O> s("cross-entropy", "Cross-entropy of several classes",
                        "a times the mean of -log softmax(z)_y, plus b times the mean soft Dice loss of the classes.");
            s.field(&O::crossEntropy, {.name = "cross-entropy", .help = "Factor a of cross-entropy", .min = 0})
                .field(&O::dice, {.name = "dice", .help = "Factor b of the mean soft Dice loss", .min = 0})
                .field(&O::background, {.name = "dice-background", .help = "Count class 0 in the mean Dice", .advanced = true});
            addWeightFields(s);
            addDiceFields(s);
            return s;
        }();
        return s;
    }
};

class CrossEntropy : public WeightedObjective
{
public:
    CrossEntropy(const CrossEntropyOptions &options, const std::vector<std::int64_t> &counts)
        : WeightedObjective(options, counts), m_options(options)
    {
    }

    std::int64_t outputs(std::int64_t classes) const override { return std::max<std::int64_t>(2, classes); }
    torch::Tensor loss(const torch::Tensor &logits, const torch::Tensor &target, const torch::Tensor &weights) const override
    {
        const auto classes = logits.size(1);
        const auto index = torch::where(target == kIgnoreLabel, torch::zeros_like(target), target).unsqueeze(1);
        const auto losses = -torch::log_softmax(logits, 1).gather(1, index).squeeze(1);
        auto loss = m_options.crossEntropy * m_weighting.mean(losses, target, weights);
        if (m_options.dice > 0) {
            const auto kept = seen(target).unsqueeze(1);
            const auto p = torch::softmax(logits, 1) * kept;
            const auto y = torch::zeros_like(p).scatter_(1, index, 1) * kept;
            torch::Tensor sum;
            const std::int64_t first = m_options.background || classes == 1 ? 0 : 1;
            for (auto c = first; c < classes; ++c) {
                const auto one = softDice(p.select(1, c), y.select(1, c), m_options.smooth, m_options.over == "image");
                sum = sum.defined() ? sum + one : one;
            }
            loss = loss + m_options.dice / static_cast<double>(classes - first) * sum;
        }
        return loss;
    }

private:
    CrossEntropyOptions m_options;
};

const ProvidesCapability crossEntropyClasses("objective", "cross-entropy", "classes");
const Registration<ObjectiveFactory>
    crossEntropyRegistration(CrossEntropyOptions::schema().info(), [](const Json &json, const std::vector<std::int64_t> &counts) {
        return std::make_shared<CrossEntropy>(CrossEntropyOptions::schema().read(json, "objective"), counts);
    });

} // namespace

} // namespace reticle
