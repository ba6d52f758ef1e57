#include "learn/MemoryUse_p.h"

#include "learn/Objective_p.h"

namespace reticle {

namespace {

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

std::int64_t MemoryUse::withSlack(std::int64_t bytes) const
{
    // PageHeap keeps an eighth in gaps at most; half of that is told. Workspaces were measured by tests/bench/MemoryBench.cpp.
    return threads > 0 ? bytes + bytes / 16 + (4 + 2 * threads) * 1048576 : bytes;
}

std::int64_t MemoryUse::batchThatFits(std::int64_t bytes) const
{
    const auto each = (input + labels + training + batch - 1) / batch;
    if (each <= 0)
        return 0;
    auto n = std::max<std::int64_t>(0, (bytes - fixed()) / each); // without slack, so from above
    while (n > 0 && withSlack(fixed() + n * each) > bytes) {
        const auto over = withSlack(fixed() + n * each) - bytes;
        n -= std::max<std::int64_t>(1, over / (2 * each));
    }
    return n;
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
    add("labels", labels);
    add("activations, prediction", prediction);
    add("activations kept for the backward pass", kept);
    add("activations, training, at most", training);
    add("total with workspaces and holes, prediction", totalPrediction());
    add("total with workspaces and holes, training", totalTraining());
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
    use.threads = device.is_cpu() ? at::get_num_threads() : 0;
    const auto x = torch::zeros({batch, channels, height, width}, torch::TensorOptions(device));
    use.input = bytesOf({x});

    Restore restore(module);
    {
        module.eval();
        torch::NoGradGuard guard;
        MemoryWatch watch;
        module.forward(x);
        use.prediction = watch.peak();
    }
    module.train();
    {
        const auto classes = torch::zeros({batch, height, width}, torch::TensorOptions(device).dtype(torch::kLong));
        use.labels = bytesOf({classes});
        MemoryWatch watch;
        auto y = module.forward(x);
        use.kept = watch.now();
        // The loss of each pixel that most objectives begin with.
        const auto objective = makeObjective({{"name", y.size(1) == 1 ? "bce" : "cross-entropy"}}, {});
        objective->loss(y, classes, {}).backward();
        use.training = watch.peak();
        y.reset();
        restore.drop();
    }
    // The optimiser's step holds the gradients, one flat copy of them and one root of the second moments.
    use.training = std::max(use.training, 3 * use.gradients);
    return use;
}

} // namespace reticle
