#include "learn/objectives/Classification_p.h"

#include "ablation/TrainingDiagnostics.h"
#include "learn/objectives/Losses_p.h"

#include <fmt/format.h>

#include <cmath>

namespace reticle {

namespace {

struct ClassificationOptions
{
    std::string lossInput = "logits";
    double labelSmoothing = 0;
    std::string classWeights = "none";
    std::vector<double> weightList;
    bool normalized = true;

    static const Schema<ClassificationOptions> &schema()
    {
        static const auto s = [] {
            using O = ClassificationOptions;
            Schema<O> s("classification", "Cross-entropy of whole examples",
                        "The mean over rows of -log softmax(z)_y: one class for each row of a table, or for each other example.");
            s.field(&O::lossInput,
                    {.name = "loss-input",
                     .help = "What the loss gets: logits, or by mistake softmax, which is then applied twice: the loss cannot "
                             "fall below -log(e / (e + K - 1)) for K classes, and gradients vanish where a wrong class is sure",
                     .choices = {"logits", "softmax"}})
                .field(&O::labelSmoothing, {.name = "label-smoothing",
                                            .help = "Part of each label that is shared out to all classes (Szegedy et al. 2016)",
                                            .min = 0,
                                            .max = 0.99})
                .field(&O::classWeights, {.name = "class-weights",
                                          .help = "Weight of each class: none, balanced (N / (K n_c), rare classes weigh more) "
                                                  "or from weight-list",
                                          .choices = {"none", "balanced", "list"}})
                .field(&O::weightList,
                       {.name = "weight-list", .help = "Weights of the classes, in their order", .min = 0, .advanced = true})
                .field(&O::normalized, {.name = "normalized",
                                        .help = "Divide by the sum of weights instead of the number of rows",
                                        .advanced = true});
            return s;
        }();
        return s;
    }
};

/// Rows of logits (N, K) against their classes "target" (N) int64.
class Classification : public Objective, public HasLossFloor
{
public:
    Classification(ClassificationOptions options, const std::vector<std::int64_t> &counts) : m_o(std::move(options))
    {
        WeightOptions weights;
        weights.classWeights = m_o.classWeights;
        weights.weightList = m_o.weightList;
        m_weights = ClassWeighting::make(weights, counts).classes;
    }

    std::string task() const override { return "classification"; }

    Loss measure(const Tensors &outputs, const Tensors &batch) const override
    {
        const auto &logits = outputs.at("output");
        const auto &target = batch.at("target");
        const auto z = m_o.lossInput == "softmax" ? torch::softmax(logits, 1) : logits;
        torch::Tensor weights;
        if (!m_weights.empty()) {
            if (static_cast<std::int64_t>(m_weights.size()) != logits.size(1))
                throw Error({"objective.weight-list",
                             fmt::format("a weight for each of the {} classes", logits.size(1)),
                             std::to_string(m_weights.size()),
                             {}});
            weights = torch::tensor(m_weights, torch::kDouble).to(logits.options());
        }
        const auto losses = at::cross_entropy_loss(z, target, weights, at::Reduction::None, -100, m_o.labelSmoothing);
        const auto rows = static_cast<double>(target.size(0));
        if (!weights.defined() || !m_o.normalized)
            return {losses.mean(), {}, rows};
        const auto total = weights.index_select(0, target).sum();
        Loss l;
        // The least positive number: rows of classes that weigh nothing would give 0 / 0.
        l.total = losses.sum() / total.clamp_min(1e-30);
        // So that chunks of a part give the mean of the part, whatever their sizes.
        if (!torch::GradMode::is_enabled())
            l.weight = total.item<double>();
        return l;
    }

    double lossFloor(std::int64_t classes) const override
    {
        // Weights that do not cancel out of the mean move the floor with the rows.
        if (!m_weights.empty() && (!m_o.normalized || m_o.labelSmoothing > 0))
            return 0;
        return crossEntropyFloor(classes, m_o.labelSmoothing, m_o.lossInput == "softmax");
    }
    std::string floorWarning(std::int64_t classes) const override
    {
        if (m_o.lossInput != "softmax")
            return {};
        const auto floor = lossFloor(classes);
        return "Softmax is applied twice, because the loss gets probabilities in place of logits." +
               (floor > 0 ? fmt::format(" It cannot fall below {:.4f} with {} classes.", floor, classes) : std::string()) +
               " Set objective.loss-input to logits.";
    }

private:
    const ClassificationOptions m_o;
    std::vector<double> m_weights; ///< of each class; empty: 1
};

const Registration<ObjectiveFactory> classificationRegistration(
    ClassificationOptions::schema().info(),
    ObjectiveFactory(
        [](const Json &json, const std::vector<std::int64_t> &counts) {
            return std::make_shared<Classification>(ClassificationOptions::schema().read(json, "objective"), counts);
        },
        "classification"));

} // namespace

double crossEntropyFloor(std::int64_t classes, double smoothing, bool softmaxTwice)
{
    if (smoothing == 0)
        return softmaxTwice ? doubleSoftmaxLossFloor(classes) : 0;
    const auto k = static_cast<double>(classes);
    const double other = smoothing / k, own = 1 - smoothing + other;
    // The best lead of the true class over the others, which share what is left.
    const double lead = softmaxTwice ? std::min(1.0, std::log(own / other)) : std::log(own / other);
    return std::log(std::exp(lead) + k - 1) - own * lead;
}

} // namespace reticle
