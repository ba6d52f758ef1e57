#include "learn/Objective_p.h"

#include "learn/objectives/Losses_p.h"

namespace reticle {

std::shared_ptr<Objective> makeObjective(const Json &objectiveSection, const std::vector<std::int64_t> &classCounts)
{
    if (!objectiveSection.is_object() || !objectiveSection.contains("name") || !objectiveSection["name"].is_string())
        throw Error({"objective", "a name such as \"bce\"", "none", {}});
    const auto &entry = Registry<ObjectiveFactory>::instance().get(objectiveSection["name"].get<std::string>(), "objective.name");
    return entry.factory.make(entry.schema.validate(objectiveSection, "objective"), classCounts);
}

std::shared_ptr<MapObjective> makeMapObjective(const Json &objectiveSection, const std::vector<std::int64_t> &classCounts)
{
    const auto objective = makeObjective(objectiveSection, classCounts);
    return {objective, &mapObjective(*objective)};
}

MapObjective &mapObjective(Objective &objective)
{
    if (auto *maps = dynamic_cast<MapObjective *>(&objective))
        return *maps;
    throw Error({"objective.name", "an objective of images and their labels", "one for " + objective.task(),
                 "choose an objective for these data"});
}

Loss MapObjective::measure(const Tensors &outputs, const Tensors &batch) const
{
    const auto &target = batch.at("target");
    const auto weights = batch.find("weights");
    Loss l{loss(outputs.at("output"), target, weights == batch.end() ? torch::Tensor() : weights->second)};
    // A count is a wait for the device, which a training step can do without.
    if (!torch::GradMode::is_enabled())
        l.weight = counted(target);
    return l;
}

double MapObjective::counted(const torch::Tensor &target) const
{
    return (target != kIgnoreLabel).sum().item<double>();
}

std::int64_t outputsFor(const MapObjective &objective, std::int64_t channels, std::int64_t planes, std::int64_t classes)
{
    return objective.outputs(objective.reconstructs() ? channels / planes : classes);
}

std::int64_t classesTold(const MapObjective &objective, std::int64_t outputs)
{
    return objective.reconstructs() ? 0 : std::max<std::int64_t>(2, outputs);
}

SameObjective::SameObjective(Objective *objective) : m_objective(objective)
{
    if (!m_objective)
        return;
    torch::NoGradGuard guard;
    m_objective->visitState([&](const std::string &, torch::Tensor &t) {
        m_before.emplace_back(t.detach().clone(), t.is_leaf() ? t.grad() : torch::Tensor());
        if (t.is_leaf())
            t.mutable_grad().reset();
    });
}

SameObjective::~SameObjective()
{
    if (!m_objective)
        return;
    torch::NoGradGuard guard;
    std::size_t i = 0;
    m_objective->visitState([&](const std::string &, torch::Tensor &t) {
        t.copy_(m_before[i].first);
        if (t.is_leaf())
            t.mutable_grad() = m_before[i].second;
        ++i;
    });
}

std::int64_t stateBytes(Objective &objective)
{
    std::int64_t n = 0;
    objective.visitState([&](const std::string &, torch::Tensor &t) { n += static_cast<std::int64_t>(t.nbytes()); });
    return n;
}

torch::Tensor probabilities(const torch::Tensor &logits)
{
    return logits.size(1) == 1 ? torch::sigmoid(logits) : torch::softmax(logits, 1);
}

ClassWeighting ClassWeighting::make(const WeightOptions &options, const std::vector<std::int64_t> &classCounts)
{
    const auto &kind = options.classWeights;
    const auto &list = options.weightList;
    ClassWeighting w;
    w.normalized = options.normalized;
    if (kind == "balanced") {
        if (classCounts.empty())
            throw Error(
                {"objective.class-weights", "training data whose classes have been counted", "none", "choose none or list"});
        double total = 0;
        for (const auto n : classCounts)
            total += static_cast<double>(n);
        for (const auto n : classCounts)
            w.classes.push_back(n == 0 ? 0 : total / (static_cast<double>(classCounts.size()) * static_cast<double>(n)));
    } else if (kind == "list") {
        if (list.empty() || (!classCounts.empty() && list.size() != classCounts.size()))
            throw Error({"objective.weight-list",
                         classCounts.empty() ? std::string("a weight for each class")
                                             : "a weight for each of the " + std::to_string(classCounts.size()) + " classes",
                         std::to_string(list.size()),
                         {}});
        w.classes = list;
    }
    return w;
}

torch::Tensor ClassWeighting::perPixel(const torch::Tensor &target, const torch::Tensor &map) const
{
    const auto kept = seen(target);
    auto w = kept;
    if (!classes.empty()) {
        const auto table = torch::tensor(classes, torch::kFloat).to(target.device());
        const auto last = static_cast<std::int64_t>(classes.size()) - 1;
        w = table.index_select(0, target.clamp(0, last).flatten()).view(target.sizes()) * kept;
    }
    return map.defined() ? w + map * kept : w;
}

torch::Tensor ClassWeighting::mean(const torch::Tensor &losses, const torch::Tensor &target, const torch::Tensor &map) const
{
    const auto w = perPixel(target, map);
    const auto total = normalized ? w.sum() : seen(target).sum();
    // The least positive number: 0 / 0 would be NaN when every pixel is ignored.
    return (losses * w).sum() / total.clamp_min(1e-30);
}

torch::Tensor maskLogits(const torch::Tensor &logits)
{
    if (logits.size(1) != 1)
        throw Error({"objective", "a model with one output for a mask", std::to_string(logits.size(1)) + " outputs",
                     "choose cross-entropy for several classes"});
    return logits.select(1, 0);
}

torch::Tensor seen(const torch::Tensor &target)
{
    return (target != kIgnoreLabel).to(torch::kFloat);
}

torch::Tensor foreground(const torch::Tensor &target)
{
    return torch::logical_and(target != kIgnoreLabel, target != 0).to(torch::kFloat);
}

torch::Tensor binaryCrossEntropy(const torch::Tensor &z, const torch::Tensor &y, double positiveWeight)
{
    const auto v = positiveWeight == 1 ? torch::Tensor() : torch::full({1}, positiveWeight, z.options());
    // The target in the type of z: in LibTorch 1.13 the sum is kept in the type of the target.
    return torch::binary_cross_entropy_with_logits(z, y.to(z.scalar_type()), {}, v, at::Reduction::None);
}

torch::Tensor softDice(const torch::Tensor &p, const torch::Tensor &y, double smooth, bool perImage)
{
    const auto sum = [perImage](const torch::Tensor &t) { return perImage ? t.flatten(1).sum(1) : t.sum().view({1}); };
    const auto overlap = 2 * sum(p * y) + smooth;
    const auto size = sum(p) + sum(y) + smooth;
    const auto empty = size <= 1e-12;
    const auto dice = 1 - overlap / torch::where(empty, torch::ones_like(size), size);
    return torch::where(empty, torch::zeros_like(dice), dice).mean();
}

} // namespace reticle
