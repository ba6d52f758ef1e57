#include "learn/PrecisionCheck_p.h"

#include "learn/TorchCompat_p.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <fmt/format.h>

#include <cmath>
#include <fstream>

namespace reticle {

namespace {

torch::Tensor gradientOf(ImageModule &module)
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

PrecisionComparison comparePrecision(ImageModule &module, const Objective &objective, const StepData &data)
{
    const auto device = data.images.device();
    const PassState before(module, device);
    const bool training = module.is_training();
    const auto n = std::max<std::int64_t>(1, data.images.size(0) / 2);
    const auto part = [n](const torch::Tensor &t) { return t.defined() ? t.narrow(0, 0, n) : t; };
    const auto images = part(data.images), targets = part(data.targets), weights = part(data.weights);
    const auto pass = [&](bool half, double &loss) {
        module.train();
        torch::Tensor logits;
        {
            MixedPrecision precision(half, device);
            logits = module.forward(images);
        }
        const auto l = objective.loss(logits, targets, weights);
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

PassState::PassState(const ImageModule &module, const torch::Device &device) : m_module(module), m_device(device)
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
