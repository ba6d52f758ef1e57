#include "learn/Optimizer_p.h"

#include "learn/TrainOptions.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

torch::Tensor flattened(const std::vector<torch::Tensor> &tensors)
{
    std::vector<torch::Tensor> flat;
    for (const auto &t : tensors)
        flat.push_back(t.detach().to(torch::kFloat).reshape(-1));
    return flat.empty() ? torch::zeros({0}) : torch::cat(flat);
}

void put(const torch::Tensor &flat, std::vector<torch::Tensor> &tensors)
{
    torch::NoGradGuard guard;
    std::int64_t at = 0;
    for (auto &t : tensors) {
        t.copy_(flat.narrow(0, at, t.numel()).view(t.sizes()));
        at += t.numel();
    }
}

} // namespace

std::shared_ptr<OptimizerRule> makeOptimizerRule(const EntryOptions &chosen)
{
    const auto &entry = Registry<OptimizerFactory>::instance().get(chosen.name, "train.optimizer");
    return entry.factory(entry.schema.validate(chosen.fields, "train.optimizer"));
}

std::string optimizerTitle(const EntryOptions &chosen)
{
    return Registry<OptimizerFactory>::instance().get(chosen.name, "train.optimizer").schema.title;
}

OptimizerOptions optimizerOptions(const TrainOptions &train)
{
    return {train.optimizer, train.weightDecay, train.gradientClip, train.averaging};
}

Optimizer::Optimizer(std::vector<torch::Tensor> parameters, const OptimizerOptions &options,
                     std::vector<torch::Tensor> statistics)
    : Optimizer(std::vector<WeightGroup>{WeightGroup{std::move(parameters)}}, options, std::move(statistics))
{
}

Optimizer::Optimizer(std::vector<WeightGroup> groups, const OptimizerOptions &options, std::vector<torch::Tensor> statistics)
    : m_statistics(std::move(statistics)), m_options(options), m_rule(makeOptimizerRule(options.rule)),
      m_stateNames(m_rule->stateNames())
{
    torch::NoGradGuard guard;
    std::int64_t at = 0;
    for (auto &group : groups) {
        Stretch stretch{at, 0, group.rate, group.weightDecay.value_or(options.weightDecay)};
        for (auto &p : group.parameters) {
            stretch.count += p.numel();
            m_parameters.push_back(std::move(p));
        }
        at += stretch.count;
        m_stretches.push_back(stretch);
    }
    m_weights = flattened(m_parameters).clone();
    for (std::size_t i = 0; i < m_stateNames.size(); ++i)
        m_state.push_back(torch::zeros_like(m_weights));
    if (options.averaging > 0) {
        m_average = m_weights.clone();
        if (!m_statistics.empty())
            m_statisticsAverage = flattened(m_statistics).clone();
    }
}

double Optimizer::step(double learningRate)
{
    torch::NoGradGuard guard;
    std::vector<torch::Tensor> gradients;
    for (auto &p : m_parameters) {
        gradients.push_back(p.grad().defined() ? p.grad() : torch::zeros_like(p));
        p.mutable_grad().reset();
    }
    auto g = flattened(gradients);
    const double length = g.norm().item<double>();
    if (!std::isfinite(length))
        return length;
    if (m_options.gradientClip > 0 && length > m_options.gradientClip)
        g.mul_(m_options.gradientClip / length);
    ++m_steps;
    update(g, learningRate);
    if (m_average.defined()) {
        // Young means forget faster, so that the random start is soon left behind.
        const auto n = static_cast<double>(m_steps);
        const double part = 1 - std::min(m_options.averaging, (1 + n) / (10 + n));
        m_average.lerp_(m_weights, part);
        if (m_statisticsAverage.defined())
            m_statisticsAverage.lerp_(flattened(m_statistics), part);
    }
    showWeights();
    return length;
}

void Optimizer::update(const torch::Tensor &gradient, double learningRate)
{
    for (const auto &s : m_stretches) {
        const auto part = [&s](const torch::Tensor &whole) { return whole.narrow(0, s.from, s.count); };
        std::vector<torch::Tensor> state;
        for (const auto &whole : m_state)
            state.push_back(part(whole));
        m_rule->update(part(m_weights), part(gradient), state, {m_steps, s.rate * learningRate, s.decay});
    }
}

void Optimizer::showAveraged()
{
    put(averaged(), m_parameters);
    if (m_statisticsAverage.defined() && !m_taken.defined()) {
        m_taken = flattened(m_statistics).clone();
        put(m_statisticsAverage, m_statistics);
    }
}

void Optimizer::showWeights()
{
    put(m_weights, m_parameters);
    if (m_taken.defined()) {
        put(m_taken, m_statistics);
        m_taken.reset();
    }
}

std::vector<std::pair<std::string, torch::Tensor>> Optimizer::state() const
{
    std::vector<std::pair<std::string, torch::Tensor>> s{{"steps", torch::tensor(m_steps)}, {"weights", m_weights}};
    for (std::size_t i = 0; i < m_state.size(); ++i)
        s.emplace_back(m_stateNames[i], m_state[i]);
    if (m_average.defined())
        s.emplace_back("average", m_average);
    if (m_statisticsAverage.defined())
        s.emplace_back("statistics-average", m_statisticsAverage);
    return s;
}

void Optimizer::setState(const std::function<torch::Tensor(const std::string &)> &read)
{
    torch::NoGradGuard guard;
    m_steps = read("steps").item<std::int64_t>();
    for (auto [name, tensor] : state()) {
        if (name == "steps")
            continue;
        const auto kept = read(name);
        if (kept.sizes() != tensor.sizes())
            throw Error({"checkpoint", std::to_string(tensor.numel()) + " weights", std::to_string(kept.numel()),
                         "it belongs to another recipe: start a new run"});
        tensor.copy_(kept);
    }
    showWeights();
}

} // namespace reticle
