#include "learn/memory/StepMemory_p.h"

#include "foundation/FreeMemory.h"
#include "learn/RandomTurn_p.h"

#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace reticle {

namespace {

/// Puts back what a pass in training changes.
class Restore
{
public:
    Restore(Module &module, const StepSettings &settings)
        : m_module(module), m_training(module.is_training()), m_objective(settings.objective.get())
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
    }
    Restore(const Restore &) = delete;
    Restore &operator=(const Restore &) = delete;

    void drop()
    {
        for (auto &p : m_module.parameters())
            p.mutable_grad().reset();
    }

private:
    Module &m_module;
    bool m_training;
    SameRandom m_random;
    SameObjective m_objective;
    std::vector<torch::Tensor> m_buffers, m_gradients;
};

/// Bytes alive, the most of them since the last stretch ended, and in which stretch each living block was made.
struct Meter : AllocationObserver
{
    void changed(std::int64_t) override {}
    void blockChanged(void *block, std::int64_t bytes) override
    {
        now += bytes;
        maximum = std::max(maximum, now);
        if (bytes > 0)
            blocks[block] = {bytes, stretch};
        else
            blocks.erase(block);
    }
    std::int64_t endStretch()
    {
        const auto m = maximum;
        maximum = now;
        ++stretch;
        return m;
    }
    std::int64_t now = 0, maximum = 0;
    std::size_t stretch = 0;
    std::map<void *, std::pair<std::int64_t, std::size_t>> blocks;
};

std::int64_t bytesOf(const std::vector<torch::Tensor> &tensors, bool trainable = false)
{
    std::int64_t n = 0;
    for (const auto &t : tensors)
        if (!trainable || t.requires_grad())
            n += t.numel() * static_cast<std::int64_t>(t.element_size());
    return n;
}

/// What comes out, summed up: of a network without an objective.
class SumOfOutputs : public Objective
{
public:
    std::string task() const override { return {}; }
    Loss measure(const Tensors &outputs, const Tensors &) const override
    {
        auto total = torch::zeros({});
        for (const auto &[name, t] : outputs)
            total = total + t.sum();
        return {total};
    }
};

std::shared_ptr<Objective> objectiveOf(const StepSettings &settings)
{
    return settings.objective ? settings.objective : std::make_shared<SumOfOutputs>();
}

const torch::Tensor &inputOf(const Tensors &batch, const StepSettings &settings)
{
    const auto input = batch.find(settings.input);
    return input == batch.end() ? batch.begin()->second : input->second;
}

StepPlace placeOf(const Tensors &batch, const StepSettings &settings)
{
    StepPlace place;
    place.half = settings.half;
    place.device = inputOf(batch, settings).device();
    return place;
}

/// Counts what layers make in all passes of a step.
class CountedStep : public StepContext
{
public:
    using StepContext::StepContext;
    Tensors run(Module &other, const Tensors &in) override
    {
        LayerTrace trace;
        auto out = StepContext::run(other, in);
        for (const auto &layer : trace.layers)
            made += static_cast<long double>(layer.made);
        return out;
    }
    long double made = 0;
};

/// Bytes of the tensors that network and objective are handed: `input` and what lies elsewhere. A target that is a part of
/// the input takes nothing.
std::pair<std::int64_t, std::int64_t> bytesHandedOver(const Tensors &batch, const StepSettings &settings)
{
    const bool named = batch.contains(settings.input);
    std::set<const void *> seen;
    const auto add = [&](const torch::Tensor &t) { return seen.insert(t.storage().data()).second ? bytesOf({t}) : 0; };
    std::int64_t input = named ? add(batch.at(settings.input)) : 0, labels = 0;
    for (const auto &[name, t] : batch)
        (named ? labels : input) += add(t);
    return {input, labels};
}

/// What a forward pass without gradients takes.
std::vector<std::int64_t> predictingMemory(Module &module, const Tensors &batch, const StepSettings &settings)
{
    module.eval();
    torch::NoGradGuard guard;
    MixedPrecision precision(settings.half, inputOf(batch, settings).device());
    std::vector<std::int64_t> maximum;
    const auto meter = std::make_shared<Meter>();
    LayerTrace trace;
    trace.noted = [&](std::size_t, const torch::Tensor &) { maximum.push_back(meter->endStretch()); };
    c10::DebugInfoGuard watch(c10::DebugInfoKind::PROFILER_STATE, meter);
    const auto out = module.run(batch);
    maximum.push_back(meter->endStretch());
    return maximum;
}

/// A step whose first pass through the network is told layer by layer, and behind it the backward pass.
class MeteredStep : public StepContext
{
public:
    using Part = StepMoment::Part;

    MeteredStep(Module &module, const Tensors &batch, const StepPlace &place, std::shared_ptr<Meter> meter, StepMemory &told)
        : StepContext(module, batch, place), m_meter(std::move(meter)), s(told)
    {
    }

    Tensors run(Module &other, const Tensors &in) override
    {
        if (m_told || &other != &module)
            return StepContext::run(other, in);
        m_told = true;
        Tensors out;
        {
            LayerTrace trace;
            trace.noted = [this](std::size_t i, const torch::Tensor &output) {
                end(Part::Forward, static_cast<int>(i));
                if (output.requires_grad())
                    output.register_hook([this, i](const torch::Tensor &) {
                        endBehind();
                        m_behind = static_cast<int>(i);
                        m_backward = true;
                    });
            };
            out = StepContext::run(other, in);
            s.layers = std::move(trace.layers);
        }
        if (s.layers.empty()) // layers that tell nothing of themselves are one stretch forward and one back
            endForward(out);
        s.use.kept = m_meter->now;
        s.kept.assign(s.layers.size() + 1, 0);
        for (const auto &[block, made] : m_meter->blocks)
            s.kept[std::min(made.second, s.layers.size())] += made.first;
        m_output = out;
        return out;
    }
    /// The end of the loss, or of the layer whose gradient was being made.
    void endBehind() { end(m_backward ? Part::Backward : Part::Loss, m_behind); }

private:
    void endForward(const Tensors &out)
    {
        end(Part::Forward, -1);
        for (const auto &[name, t] : out)
            if (t.requires_grad())
                t.register_hook([this](const torch::Tensor &) {
                    endBehind();
                    m_backward = true;
                });
    }
    void end(Part part, int layer)
    {
        const auto maximum = m_meter->endStretch();
        s.moments.push_back({part, layer, maximum, m_meter->now});
    }

    std::shared_ptr<Meter> m_meter;
    StepMemory &s;
    Tensors m_output;  ///< counts to the end of the step: an objective may hold it as long
    int m_behind = -1; ///< the layer whose gradient is being made
    bool m_backward = false, m_told = false;
};

/// The objective's step and its backward pass.
void trainingMemory(Module &module, const Tensors &batch, const StepSettings &settings, StepMemory &s)
{
    const auto objective = objectiveOf(settings);
    s.kept.assign(1, 0);
    module.train();
    const auto meter = std::make_shared<Meter>();
    MeteredStep c(module, batch, placeOf(batch, settings), meter, s);
    c10::DebugInfoGuard watch(c10::DebugInfoKind::PROFILER_STATE, meter);
    const auto loss = objective->step(c).total;
    if (loss.requires_grad()) // else the module has no weights to learn
        loss.backward();
    c.endBehind();
}

/// The optimizer's step holds the gradients while it lays each of them flat and joins these: three times their bytes. A rule
/// comes to as many once more, with the gradients, the joined ones and the one vector that it may take beside.
std::int64_t optimizerPeak(std::int64_t gradients)
{
    return 3 * gradients;
}

} // namespace

long double bytesMade(Module &module, const Tensors &batch, const StepSettings &settings)
{
    const Restore restore(module, settings);
    module.train();
    const auto objective = objectiveOf(settings);
    const auto count = [&](bool gradients) {
        torch::AutoGradMode mode(gradients);
        CountedStep c(module, batch, placeOf(batch, settings));
        objective->step(c);
        return std::max<long double>(1, c.made);
    };
    try {
        return count(false);
    } catch (const c10::Error &) { // a step that takes gradients by itself
        return count(true);
    }
}

StepMemory measureStep(Module &module, const Tensors &batch, const StepSettings &settings)
{
    const auto &x = inputOf(batch, settings);
    StepMemory s;
    auto &use = s.use;
    use.batch = x.dim() > 0 ? x.size(0) : 1;
    use.weights = bytesOf(module.parameters());
    use.statistics = bytesOf(module.buffers());
    use.gradients = bytesOf(module.parameters(), true);
    use.objective = settings.objective ? stateBytes(*settings.objective) : 0;
    // A flat copy of the weights, the rule's state, such as Adam's two moments; the running mean of weights and statistics.
    const auto rule = makeOptimizerRule(settings.optimizer);
    use.optimizerName = optimizerTitle(settings.optimizer);
    use.optimizer = (1 + static_cast<std::int64_t>(rule->stateNames().size())) * use.gradients;
    if (settings.averaging) {
        use.optimizerName += ", averaged weights";
        use.optimizer += use.gradients + use.statistics;
    }

    use.threads = x.device().is_cpu() ? at::get_num_threads() : 0;
    std::tie(use.input, use.labels) = bytesHandedOver(batch, settings);

    Restore restore(module, settings);
    s.predicting = predictingMemory(module, batch, settings);
    use.prediction = *std::max_element(s.predicting.begin(), s.predicting.end());
    trainingMemory(module, batch, settings, s);
    restore.drop();
    s.moments.push_back({StepMoment::Part::Optimizer, -1, optimizerPeak(use.gradients), 0});
    std::int64_t outputs = 0;
    for (const auto &layer : s.layers)
        if (!layer.copies)
            outputs += layer.bytes;
    for (const auto &m : s.moments)
        use.training = std::max(use.training, m.maximum);
    use.simple = use.weights + 2 * outputs + use.input;
    return s;
}

std::int64_t wholeBytes(long double bytes)
{
    if (!(bytes < 0x1p62L))
        throw Error({"size", "an input whose numbers can be told with 63 bits", "a larger one",
                     "choose a smaller batch or smaller images"});
    return static_cast<std::int64_t>(std::llround(bytes));
}

std::int64_t scaledBytes(std::int64_t value, long double numerator, long double denominator)
{
    return wholeBytes(static_cast<long double>(value) * numerator / denominator);
}

std::int64_t probeBytes()
{
    return std::clamp<std::int64_t>(freeMemory() / 16, std::int64_t(2) << 20, mostProbeBytes);
}

} // namespace reticle
