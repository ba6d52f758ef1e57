#include "learn/Optimiser_p.h"

#include <algorithm>
#include <cmath>

// Adam: Kingma and Ba 2015; decoupled decay: Loshchilov and Hutter 2019; Nesterov momentum: Sutskever et al. 2013. The
// sums are those of torch.optim, with epsilon 1e-8 and betas 0.9 and 0.999.

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

Optimiser::Optimiser(std::vector<torch::Tensor> parameters, const TrainOptions &options, std::vector<torch::Tensor> statistics)
    : m_parameters(std::move(parameters)), m_statistics(std::move(statistics)), m_options(options)
{
    torch::NoGradGuard guard;
    m_weights = flattened(m_parameters).clone();
    m_first = torch::zeros_like(m_weights);
    if (options.optimiser != "sgd")
        m_second = torch::zeros_like(m_weights);
    if (options.averaging > 0) {
        m_average = m_weights.clone();
        if (!m_statistics.empty())
            m_statisticsAverage = flattened(m_statistics).clone();
    }
}

double Optimiser::step(double learningRate)
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
    const double decay = m_options.weightDecay;
    if (m_options.optimiser == "adamw")
        m_weights.mul_(1 - learningRate * decay);
    else if (decay > 0)
        g.add_(m_weights, decay);
    if (m_options.optimiser == "sgd") {
        // The first gradient starts the momentum whole, as in torch.optim.SGD.
        m_first.mul_(m_steps == 1 ? 0 : m_options.momentum).add_(g);
        m_weights.add_(g.add_(m_first, m_options.momentum), -learningRate);
    } else {
        m_first.mul_(0.9).add_(g, 0.1);
        m_second.mul_(0.999).addcmul_(g, g, 0.001);
        const auto n = static_cast<double>(m_steps);
        const double unbias1 = 1 - std::pow(0.9, n), unbias2 = 1 - std::pow(0.999, n);
        m_weights.addcdiv_(m_first, m_second.sqrt().div_(std::sqrt(unbias2)).add_(1e-8), -learningRate / unbias1);
    }
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

void Optimiser::showAveraged()
{
    put(averaged(), m_parameters);
    if (m_statisticsAverage.defined() && !m_taken.defined()) {
        m_taken = flattened(m_statistics).clone();
        put(m_statisticsAverage, m_statistics);
    }
}

void Optimiser::showWeights()
{
    put(m_weights, m_parameters);
    if (m_taken.defined()) {
        put(m_taken, m_statistics);
        m_taken.reset();
    }
}

std::vector<std::pair<std::string, torch::Tensor>> Optimiser::state() const
{
    std::vector<std::pair<std::string, torch::Tensor>> s{{"steps", torch::tensor(m_steps)}, {"weights", m_weights},
                                                         {"first", m_first}};
    if (m_second.defined())
        s.emplace_back("second", m_second);
    if (m_average.defined())
        s.emplace_back("average", m_average);
    if (m_statisticsAverage.defined())
        s.emplace_back("statistics-average", m_statisticsAverage);
    return s;
}

void Optimiser::setState(const std::function<torch::Tensor(const std::string &)> &read)
{
    torch::NoGradGuard guard;
    m_steps = read("steps").item<std::int64_t>();
    for (auto [name, tensor] : std::vector<std::pair<std::string, torch::Tensor>>{
             {"weights", m_weights}, {"first", m_first}, {"second", m_second}, {"average", m_average},
             {"statistics-average", m_statisticsAverage}}) {
        if (!tensor.defined())
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
