#include "learn/training/PrecisionCheck_p.h"

#include "learn/TorchCompat_p.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <fmt/format.h>

#include <cmath>
#include <fstream>

namespace reticle {

namespace {

torch::Tensor gradientOf(Module &module)
{
    std::vector<torch::Tensor> all;
    for (auto &p : module.parameters()) {
        if (!p.requires_grad())
            continue;
        const auto g = p.grad();
        all.push_back((g.defined() ? g.detach().to(torch::kFloat) : torch::zeros(p.sizes(), p.options())).reshape(-1));
        p.mutable_grad().reset();
    }
    return all.empty() ? torch::zeros({1}) : torch::cat(all);
}

} // namespace

bool PrecisionComparison::near() const
{
    if (!std::isfinite(loss) || !std::isfinite(gradient))
        return true;
    if (!std::isfinite(lossHalf) || !std::isfinite(gradientHalf))
        return false;
    // A gradient of nothing but rounding says nothing.
    const bool small = gradient < 1e-6 && gradientHalf < 1e-3;
    return std::abs(lossHalf - loss) <= 0.1 * std::max(0.1, std::abs(loss)) && (small || difference <= 0.5 * gradient);
}

std::string PrecisionComparison::text() const
{
    return fmt::format("loss {:.3g} and gradient {:.3g} instead of {:.3g} and {:.3g}", lossHalf, gradientHalf, loss, gradient);
}

PrecisionComparison comparePrecision(Module &module, Objective &objective, const Tensors &batch, StepPlace place)
{
    const PassState before(module, place.device);
    const bool training = module.is_training();
    Tensors part;
    for (const auto &[name, t] : batch)
        part[name] = t.narrow(0, 0, std::max<std::int64_t>(1, t.size(0) / 2));
    const auto pass = [&](bool half, double &loss) {
        const SameObjective own(&objective);
        module.train();
        place.half = half;
        StepContext c(module, part, place);
        const auto l = objective.step(c).total;
        loss = l.item<double>();
        if (l.requires_grad())
            l.backward();
        const auto gradient = gradientOf(module);
        before.restoreBuffers();
        before.restoreRandom();
        return gradient;
    };
    PrecisionComparison c;
    gradientOf(module); // none of before
    const auto exact = pass(false, c.loss), half = pass(true, c.lossHalf);
    module.train(training);
    c.gradient = exact.norm().item<double>();
    c.gradientHalf = half.norm().item<double>();
    c.difference = (half - exact).norm().item<double>();
    return c;
}

std::string machineText(const torch::Device &device)
{
    std::string processor;
    if (device.is_cpu()) {
        std::ifstream file("/proc/cpuinfo");
        for (std::string line; processor.empty() && std::getline(file, line);)
            if (line.starts_with("model name"))
                processor = line.substr(std::min(line.size(), line.find(':') + 1));
    }
    return fmt::format("{}{}, LibTorch {}, {} threads", device.str(), processor, TORCH_VERSION, at::get_num_threads());
}

PassState::PassState(const Module &module, const torch::Device &device) : m_module(module), m_device(device)
{
    torch::NoGradGuard guard;
    for (const auto &b : module.buffers())
        m_buffers.push_back(b.clone());
    m_random = generatorState();
    if (device.is_cuda())
        m_deviceRandom = generatorState(device);
}

void PassState::restoreBuffers() const
{
    torch::NoGradGuard guard;
    auto buffers = m_module.buffers();
    for (std::size_t i = 0; i < buffers.size(); ++i)
        buffers[i].copy_(m_buffers[i]);
}

void PassState::restoreRandom() const
{
    setGeneratorState(m_random);
    if (m_deviceRandom.defined())
        setGeneratorState(m_deviceRandom, m_device);
}

} // namespace reticle
