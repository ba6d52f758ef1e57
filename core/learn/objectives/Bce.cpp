#include "learn/objectives/Losses_p.h"

namespace reticle {

namespace {

struct BceOptions
{
    double positiveWeight = 1;
    std::string classWeights = "none";
    std::vector<double> weightList;
    bool normalised = true;
    bool borderMap = false;
    double borderWeight = 10, borderSigma = 5;

    static const Schema<BceOptions> &schema()
    {
        using O = BceOptions;
        static const auto s =
            Schema<O>("bce", "Binary cross-entropy", "Mean over pixels of -(v y log p + (1 - y) log(1 - p)).")
                .field(&O::positiveWeight, {.name = "positive-weight", .help = "Weight v of foreground pixels", .min = 0})
                .field(&O::classWeights,
                       {.name = "class-weights",
                        .help = "Weights of background and foreground: none, balanced (N / (K n_c)) or from weight-list",
                        .choices = {"none", "balanced", "list"}})
                .field(&O::weightList, {.name = "weight-list", .help = "Weights of background and foreground", .min = 0,
                                        .advanced = true})
                .field(&O::normalised, {.name = "normalised",
                                        .help = "Divide by the sum of weights instead of the number of pixels",
                                        .advanced = true})
                .field(&O::borderMap, {.name = "border-map",
                                       .help = "Add w0 exp(-(d1 + d2)\u00b2 / (2 s\u00b2)) to the weight of background between "
                                               "objects (Ronneberger 2015)"})
                .field(&O::borderWeight, {.name = "border-weight", .help = "w0 of the border map", .min = 0, .advanced = true})
                .field(&O::borderSigma, {.name = "border-sigma", .help = "s of the border map", .unit = "px", .min = 0.1,
                                         .advanced = true});
        return s;
    }
};

class Bce : public Objective
{
public:
    Bce(BceOptions options, const std::vector<std::int64_t> &classCounts)
        : m_options(std::move(options)),
          m_weighting(ClassWeighting::make(m_options.classWeights, m_options.weightList, m_options.normalised, classCounts))
    {
    }

    std::int64_t outputs(std::int64_t) const override { return 1; }
    torch::Tensor loss(const torch::Tensor &logits, const torch::Tensor &target, const torch::Tensor &weights) const override
    {
        const auto losses = binaryCrossEntropy(maskLogits(logits), foreground(target), m_options.positiveWeight);
        return m_weighting.mean(losses, target, weights);
    }
    bool wantsBorderMap() const override { return m_options.borderMap; }
    double borderWeight() const override { return m_options.borderWeight; }
    double borderSigma() const override { return m_options.borderSigma; }

private:
    BceOptions m_options;
    ClassWeighting m_weighting;
};

const Registration<ObjectiveFactory>
    registration(BceOptions::schema().info(), [](const Json &json, const std::vector<std::int64_t> &counts) {
        return std::make_shared<Bce>(BceOptions::schema().read(json, "objective"), counts);
    });

} // namespace

} // namespace reticle
