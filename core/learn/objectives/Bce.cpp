#include "learn/objectives/Losses_p.h"
#include "protocol/Capabilities.h"

namespace reticle {

namespace {

struct BceOptions : WeightOptions
{
    double positiveWeight = 1;

    static const Schema<BceOptions> &schema()
    {
        static const auto s = [] {
            Schema<BceOptions> s("bce", "Binary cross-entropy", "Mean over pixels of -(v y log p + (1 - y) log(1 - p)).");
            s.field(&BceOptions::positiveWeight, {.name = "positive-weight", .help = "Weight v of foreground pixels", .min = 0});
            addWeightFields(s);
            return s;
        }();
        return s;
    }
};

class Bce : public WeightedObjective
{
public:
    Bce(const BceOptions &options, const std::vector<std::int64_t> &counts)
        : WeightedObjective(options, counts), m_positiveWeight(options.positiveWeight)
    {
    }

    std::int64_t outputs(std::int64_t) const override { return 1; }
    torch::Tensor loss(const torch::Tensor &logits, const torch::Tensor &target, const torch::Tensor &weights) const override
    {
        const auto losses = binaryCrossEntropy(maskLogits(logits), foreground(target), m_positiveWeight);
        return m_weighting.mean(losses, target, weights);
    }

private:
    double m_positiveWeight;
};

const ProvidesCapability bceClasses("objective", "bce", "classes");
const Registration<ObjectiveFactory> bceRegistration(BceOptions::schema().info(), [](const Json &json,
                                                                                     const std::vector<std::int64_t> &counts) {
    return std::make_shared<Bce>(BceOptions::schema().read(json, "objective"), counts);
});

} // namespace

} // namespace reticle
