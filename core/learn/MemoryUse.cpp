#include "learn/MemoryUse_p.h"

#include "learn/TorchCompat_p.h"

#include <algorithm>

namespace reticle {

namespace {

/// Bytes handed out less bytes given back on this thread while a Watch lives.
class Meter : public AllocationObserver
{
public:
    void changed(std::int64_t bytes) override
    {
        now += bytes;
        peak = std::max(peak, now);
    }
    std::int64_t now = 0, peak = 0;
};

class Watch
{
public:
    Watch() : meter(std::make_shared<Meter>()), m_guard(c10::DebugInfoKind::PROFILER_STATE, meter) {}
    std::shared_ptr<Meter> meter;

private:
    c10::DebugInfoGuard m_guard;
};

/// Puts back what a pass in training changes.
class Restore
{
public:
    explicit Restore(ImageModule &module) : m_module(module), m_training(module.is_training()), m_random(generatorState())
    {
        torch::NoGradGuard guard;
        for (const auto &b : module.buffers())
            m_buffers.push_back(b.clone());
        for (const auto &p : module.parameters())
            m_gradients.push_back(p.grad());
        drop();
    }
    ~Restore()
    {
        torch::NoGradGuard guard;
        auto buffers = m_module.buffers();
        for (std::size_t i = 0; i < buffers.size(); ++i)
            buffers[i].copy_(m_buffers[i]);
        auto parameters = m_module.parameters();
        for (std::size_t i = 0; i < parameters.size(); ++i)
            parameters[i].mutable_grad() = m_gradients[i];
        m_module.train(m_training);
        setGeneratorState(m_random);
    }
    Restore(const Restore &) = delete;
    Restore &operator=(const Restore &) = delete;

    void drop()
    {
        for (auto &p : m_module.parameters())
            p.mutable_grad().reset();
    }

private:
    ImageModule &m_module;
    bool m_training;
    torch::Tensor m_random;
    std::vector<torch::Tensor> m_buffers, m_gradients;
};

std::int64_t bytesOf(const std::vector<torch::Tensor> &tensors, bool trainable = false)
{
    std::int64_t n = 0;
    for (const auto &t : tensors)
        if (!trainable || t.requires_grad())
            n += t.numel() * static_cast<std::int64_t>(t.element_size());
    return n;
}

} // namespace

std::int64_t MemoryUse::batchThatFits(std::int64_t bytes) const
{
    const auto room = bytes - fixed(), each = (input + training + batch - 1) / batch;
    return room <= 0 || each <= 0 ? 0 : room / each;
}

Table MemoryUse::table() const
{
    std::vector<std::string> what;
    std::vector<double> mib;
    const auto add = [&](const std::string &name, std::int64_t bytes) {
        what.push_back(name);
        mib.push_back(static_cast<double>(bytes) / 1048576);
    };
    add("weights", weights);
    add("running statistics", statistics);
    add("gradients", gradients);
    add("optimiser (Adam)", optimiser);
    add("input", input);
    add("activations, prediction", prediction);
    add("activations kept for the backward pass", kept);
    add("activations, training, at most", training);
    add("total, prediction", totalPrediction());
    add("total, training", totalTraining());
    add("simple estimate", simple);
    Table t;
    t.title = "Memory";
    t.columns = {{"what", "", what}, {"memory", "MiB", mib}};
    return t;
}

MemoryUse measureMemory(ImageModule &module, std::int64_t batch, std::int64_t channels, std::int64_t height, std::int64_t width)
{
    MemoryUse use;
    use.batch = batch;
    use.weights = bytesOf(module.parameters());
    use.statistics = bytesOf(module.buffers());
    use.gradients = bytesOf(module.parameters(), true);
    use.optimiser = 4 * use.gradients;

    const auto device = module.parameters().empty() ? torch::Device(torch::kCPU) : module.parameters().front().device();
    const auto x = torch::zeros({batch, channels, height, width}, torch::TensorOptions(device));
    use.input = bytesOf({x});

    Restore restore(module);
    {
        module.eval();
        torch::NoGradGuard guard;
        Watch watch;
        module.forward(x);
        use.prediction = watch.meter->peak;
    }
    module.train();
    {
        Watch watch;
        auto y = module.forward(x);
        use.kept = watch.meter->now;
        y.sum().backward();
        use.training = watch.meter->peak;
        y.reset();
        restore.drop();
    }
    return use;
}

} // namespace reticle
