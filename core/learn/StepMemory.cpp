#include "learn/StepMemory_p.h"

#include "learn/PassTooLarge_p.h"
#include "learn/RandomTurn_p.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>

namespace reticle {

namespace {

/// Puts back what a pass in training changes.
class Restore
{
public:
    Restore(ImageModule &module, const StepSettings &settings)
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
    ImageModule &m_module;
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
        most = std::max(most, now);
        if (bytes > 0)
            blocks[block] = {bytes, stretch};
        else
            blocks.erase(block);
    }
    std::int64_t endStretch()
    {
        const auto m = most;
        most = now;
        ++stretch;
        return m;
    }
    std::int64_t now = 0, most = 0;
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

torch::Device deviceOf(const ImageModule &module)
{
    const auto parameters = module.parameters();
    return parameters.empty() ? torch::Device(torch::kCPU) : parameters.front().device();
}

torch::Tensor blank(const PassShape &shape, const torch::Device &device)
{
    return torch::zeros({shape.batch, shape.channels, shape.height, shape.width}, torch::TensorOptions(device));
}

/// The loss of each pixel, of one class or several as the network has outputs.
class PixelLoss : public Objective
{
public:
    std::string task() const override { return "segmentation"; }
    Loss measure(const Tensors &outputs, const Tensors &batch) const override
    {
        const Json section{{"name", outputs.at("output").size(1) == 1 ? "bce" : "cross-entropy"}};
        return makeObjective(section, {})->measure(outputs, batch);
    }
};

std::shared_ptr<Objective> objectiveOf(const StepSettings &settings)
{
    return settings.objective ? settings.objective : std::make_shared<PixelLoss>();
}

/// Whether its target is a part of the input, which takes nothing beside it.
bool reconstructs(const Objective &objective)
{
    const auto *maps = dynamic_cast<const MapObjective *>(&objective);
    return maps && maps->reconstructs();
}

/// Zeros like a batch of a training, for a network of so many outputs.
Tensors blankBatch(const Objective &objective, const torch::Tensor &x, std::int64_t outputs)
{
    const std::vector<std::int64_t> pixels{x.size(0), x.size(2), x.size(3)};
    const auto *maps = dynamic_cast<const MapObjective *>(&objective);
    Tensors batch{{"image", x}};
    if (reconstructs(objective))
        batch["target"] = torch::zeros({x.size(0), outputs, x.size(2), x.size(3)}, x.options());
    else
        batch["target"] = torch::zeros(pixels, x.options().dtype(torch::kLong));
    if (maps && maps->wantsBorderMap())
        batch["weights"] = torch::zeros(pixels, x.options());
    return batch;
}

/// What a batch takes beside its images.
std::int64_t labelBytes(const Objective &objective, const Tensors &batch)
{
    std::int64_t n = 0;
    for (const auto &[name, t] : batch)
        if (name != "image" && !(name == "target" && reconstructs(objective)))
            n += bytesOf({t});
    return n;
}

std::int64_t outputsOf(ImageModule &module, const torch::Tensor &x, const StepSettings &settings)
{
    torch::NoGradGuard guard;
    MixedPrecision precision(settings.half, x.device());
    return module.forward(x).size(1);
}

StepPlace placeOf(const torch::Tensor &x, const StepSettings &settings)
{
    StepPlace place;
    place.half = settings.half;
    place.device = x.device();
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

/// Bytes that the layers make in the forward passes of a training step, told by one that keeps none of them.
long double bytesMade(ImageModule &module, const PassShape &shape, const StepSettings &settings)
{
    const Restore restore(module, settings);
    module.train();
    const auto x = blank(shape, deviceOf(module));
    const auto objective = objectiveOf(settings);
    const auto batch = blankBatch(*objective, x, reconstructs(*objective) ? outputsOf(module, x, settings) : 1);
    const auto count = [&](bool gradients) {
        torch::AutoGradMode mode(gradients);
        CountedStep c(module, batch, placeOf(x, settings));
        objective->step(c);
        return std::max<long double>(1, c.made);
    };
    try {
        return count(false);
    } catch (const c10::Error &) { // a step that takes gradients by itself
        return count(true);
    }
}

/// What a forward pass without gradients takes, and in `outputs` the number of maps that come out of it.
std::vector<std::int64_t> predictingMemory(ImageModule &module, const torch::Tensor &x, const StepSettings &settings,
                                           std::int64_t &outputs)
{
    module.eval();
    torch::NoGradGuard guard;
    MixedPrecision precision(settings.half, x.device());
    std::vector<std::int64_t> most;
    const auto meter = std::make_shared<Meter>();
    LayerTrace trace;
    trace.noted = [&](std::size_t, const torch::Tensor &) { most.push_back(meter->endStretch()); };
    c10::DebugInfoGuard watch(c10::DebugInfoKind::PROFILER_STATE, meter);
    const auto y = module.forward(x);
    most.push_back(meter->endStretch());
    outputs = y.size(1);
    return most;
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
                    });
            };
            out = StepContext::run(other, in);
            s.layers = std::move(trace.layers);
        }
        s.use.kept = m_meter->now;
        s.kept.assign(s.layers.size() + 1, 0);
        for (const auto &[block, made] : m_meter->blocks)
            s.kept[std::min(made.second, s.layers.size())] += made.first;
        m_output = out;
        return out;
    }
    /// The end of the loss, or of the layer whose gradient was being made.
    void endBehind() { end(m_behind < 0 ? Part::Loss : Part::Backward, m_behind); }

private:
    void end(Part part, int layer)
    {
        const auto most = m_meter->endStretch();
        s.moments.push_back({part, layer, most, m_meter->now});
    }

    std::shared_ptr<Meter> m_meter;
    StepMemory &s;
    Tensors m_output;  ///< counts to the end of the step: an objective may hold it as long
    int m_behind = -1; ///< the layer whose gradient is being made
    bool m_told = false;
};

/// The objective's step and its backward pass.
void trainingMemory(ImageModule &module, const torch::Tensor &x, const StepSettings &settings, std::int64_t outputs,
                    StepMemory &s)
{
    const auto objective = objectiveOf(settings);
    const auto batch = blankBatch(*objective, x, outputs);
    s.use.labels = labelBytes(*objective, batch);
    s.kept.assign(1, 0);
    module.train();
    const auto meter = std::make_shared<Meter>();
    MeteredStep c(module, batch, placeOf(x, settings), meter, s);
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

std::int64_t asked(long double bytes)
{
    if (!(bytes < 0x1p62L))
        throw Error({"size", "an input whose numbers can be told with 63 bits", "a larger one", "choose fewer pixels or images"});
    return static_cast<std::int64_t>(std::llround(bytes));
}

/// value * numerator / denominator, where that is whole.
std::int64_t scaled(std::int64_t value, long double numerator, long double denominator)
{
    return asked(static_cast<long double>(value) * numerator / denominator);
}

long double product(const std::vector<std::int64_t> &shape)
{
    long double n = 1;
    for (const auto d : shape)
        n *= static_cast<long double>(d);
    return n;
}

class Growth
{
public:
    Growth(const PassShape &small, const PassShape &large, const PassShape &wanted, std::int64_t multiple)
        : m_small(small), m_large(large), m_wanted(wanted), m_multiple(multiple)
    {
    }

    /// Bytes of the pass that is wanted, from those of the two.
    std::int64_t bytes(std::int64_t small, std::int64_t large) const
    {
        const auto each = slope(small, large);
        return std::max<std::int64_t>(0, asked(static_cast<long double>(large) + each * (pixels(m_wanted) - pixels(m_large))));
    }
    /// How bytes grow with the number of wanted images.
    MemoryUse::Growth growth(std::int64_t small, std::int64_t large) const
    {
        const auto each = slope(small, large);
        const auto image = pixels(m_wanted) / static_cast<long double>(m_wanted.batch);
        return {static_cast<double>(each * image), static_cast<double>(static_cast<long double>(large) - each * pixels(m_large))};
    }
    std::vector<std::int64_t> shape(const std::vector<std::int64_t> &small, const std::vector<std::int64_t> &large) const
    {
        assert(small.size() == 4 && large.size() == 4);
        auto s = large;
        s[0] = large[0] / m_large.batch * m_wanted.batch;
        // Rows and columns are halved alike, so what rows grow by tells of both.
        const auto growth = large[2] - small[2], sides = m_large.height - m_small.height;
        s[2] = along(large[2], growth, sides, m_wanted.height - m_large.height);
        s[3] = along(large[3], growth, sides, m_wanted.width - m_large.width);
        return s;
    }

private:
    /// Of the padded images.
    long double pixels(const PassShape &s) const
    {
        const auto up = [this](std::int64_t n) {
            return static_cast<long double>((n + m_multiple - 1) / m_multiple * m_multiple);
        };
        return static_cast<long double>(s.batch) * up(s.height) * up(s.width);
    }
    long double slope(std::int64_t small, std::int64_t large) const
    {
        return static_cast<long double>(large - small) / (pixels(m_large) - pixels(m_small));
    }
    static std::int64_t along(std::int64_t large, std::int64_t growth, std::int64_t sides, std::int64_t further)
    {
        return sides == 0 ? large : large + further * growth / sides;
    }

    PassShape m_small, m_large, m_wanted;
    std::int64_t m_multiple;
};

/// Bytes that all layers make in the forward pass of a small probe; larger ones are tried as long as they stay below. The
/// second smallest, which is always needed, may make more.
constexpr std::int64_t kProbeBytes = 64 << 20;

/// Less where memory is short: about four times as much is alive in a pass.
std::int64_t probeBytes()
{
    return std::clamp<std::int64_t>(freeMemory() / 16, std::int64_t(2) << 20, kProbeBytes);
}

} // namespace

StepMemory measureStep(ImageModule &module, const PassShape &shape, const StepSettings &settings)
{
    StepMemory s;
    auto &use = s.use;
    use.batch = shape.batch;
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

    const auto device = deviceOf(module);
    use.threads = device.is_cpu() ? at::get_num_threads() : 0;
    const auto x = blank(shape, device);
    use.input = bytesOf({x});

    Restore restore(module, settings);
    std::int64_t maps = 1;
    s.predicting = predictingMemory(module, x, settings, maps);
    use.prediction = *std::max_element(s.predicting.begin(), s.predicting.end());
    trainingMemory(module, x, settings, maps, s);
    restore.drop();
    s.moments.push_back({StepMoment::Part::Optimizer, -1, optimizerPeak(use.gradients), 0});
    std::int64_t outputs = 0;
    for (const auto &layer : s.layers)
        if (!layer.copies)
            outputs += layer.bytes;
    for (const auto &m : s.moments)
        use.training = std::max(use.training, m.most);
    use.simple = use.weights + 2 * outputs + use.input;
    return s;
}

double roughStep(ImageModule &module, const PassShape &shape, const StepSettings &settings)
{
    const auto m = module.multiple();
    const auto up = [m](std::int64_t n) { return static_cast<double>((n + m - 1) / m * m); };
    const auto each = static_cast<double>(bytesMade(module, {1, shape.channels, m, m}, settings)) / (up(m) * up(m));
    const auto pixels = static_cast<double>(shape.batch) * up(shape.height) * up(shape.width);
    // What is made is kept once, and there are gradients and copies of some of it.
    const auto own = settings.objective ? stateBytes(*settings.objective) : 0;
    return 4 * each * pixels + 10 * static_cast<double>(bytesOf(module.parameters()) + own);
}

StepMemory estimateStep(ImageModule &module, const PassShape &wanted, const StepSettings &settings, std::int64_t room)
{
    const auto probed = probeBytes();
    const auto m = module.multiple();
    const auto padRows = (m - wanted.height % m) % m, padColumns = (m - wanted.width % m) % m;
    std::int64_t images = 1;
    const auto probe = [&](std::int64_t rows, std::int64_t columns) {
        return PassShape{images, wanted.channels, m * rows - padRows, m * columns - padColumns};
    };
    const auto pixels = [m](const PassShape &s) {
        return static_cast<long double>(s.batch) * static_cast<long double>((s.height + m - 1) / m * m) *
               static_cast<long double>((s.width + m - 1) / m * m);
    };
    const auto eachPixel = bytesMade(module, probe(1, 1), settings) / pixels(probe(1, 1));

    PassShape small, large;
    if (2 * eachPixel * pixels(wanted) <= probed) {
        // The one that is told, and beside it one of so many images that copies of weights, which LibTorch makes of some
        // batches only, do not pass for activations.
        small = wanted;
        large = wanted;
        large.batch *= std::clamp<std::int64_t>(static_cast<std::int64_t>(probed / (eachPixel * pixels(wanted))), 2, 64);
    } else {
        // Without AVX-512 oneDNN 2.6 convolves with wide dilations by unfolding one image after another: that workspace does
        // not grow with the batch, so the passes have as many images as the one that is told, where these stay small.
        if (!__builtin_cpu_supports("avx512f"))
            images = std::clamp<std::int64_t>(static_cast<std::int64_t>(probed / (eachPixel * pixels(probe(16, 16)))), 1,
                                              wanted.batch);
        std::int64_t k = 2;
        while (eachPixel * pixels(probe(2 * k, 2 * k)) <= probed)
            k *= 2;
        // Halved to a single pixel, a map lies in memory channel by channel and pixel by pixel at once, and copies between
        // the two are not made: a pass whose layers are fewer than those of any other.
        small = probe(k / 2, std::max<std::int64_t>(2, k / 2));
        large = probe(k, k);
        const auto most = std::max(kProbeBytes, room);
        if (const auto made = eachPixel * pixels(large); made > static_cast<long double>(most))
            throw PassTooLarge(
                {"model",
                 fmt::format("a network whose layers make at most {} MiB of {} \u00d7 {} px{}", most >> 20, large.width,
                             large.height, room < kProbeBytes ? "" : ", a quarter of the memory that is free here"),
                 fmt::format("{:.0f} MiB", static_cast<double>(made) / 1048576),
                 "choose fewer or narrower layers, or fewer halvings of the resolution"});
    }
    const bool direct = large.batch != small.batch;
    const auto a = measureStep(module, small, settings), b = measureStep(module, large, settings);
    if (a.layers.size() != b.layers.size() || a.moments.size() != b.moments.size() || a.predicting.size() != b.predicting.size())
        throw Error({"model", "a network whose layers do not depend on the size of the image", "one whose do", {}});

    const Growth growth(small, large, wanted, m);
    StepMemory s = direct ? a : b;
    s.use.batch = wanted.batch;
    for (std::size_t i = 0; i < s.moments.size(); ++i) {
        auto &moment = s.moments[i];
        moment.most = growth.bytes(a.moments[i].most, b.moments[i].most);
        moment.after = growth.bytes(a.moments[i].after, b.moments[i].after);
        s.use.growth.push_back(growth.growth(a.moments[i].most, b.moments[i].most));
    }
    if (direct)
        return s;

    auto &use = s.use;
    const auto told =
        static_cast<long double>(wanted.batch) * static_cast<long double>(wanted.height) * static_cast<long double>(wanted.width);
    const auto measured =
        static_cast<long double>(large.batch) * static_cast<long double>(large.height) * static_cast<long double>(large.width);
    use.input = scaled(b.use.input, told, measured);
    use.labels = scaled(b.use.labels, told, measured);
    use.kept = growth.bytes(a.use.kept, b.use.kept);
    use.training = use.prediction = 0;
    for (const auto &moment : s.moments)
        use.training = std::max(use.training, moment.most);
    for (std::size_t i = 0; i < s.predicting.size(); ++i) {
        s.predicting[i] = growth.bytes(a.predicting[i], b.predicting[i]);
        use.prediction = std::max(use.prediction, s.predicting[i]);
    }
    long double outputs = 0, macs = 0, all = 0;
    for (std::size_t i = 0; i < s.layers.size(); ++i) {
        auto &layer = s.layers[i];
        const auto &la = a.layers[i], &lb = b.layers[i];
        layer.input = growth.shape(la.input, lb.input);
        layer.output = growth.shape(la.output, lb.output);
        const auto numel = product(layer.output), measuredNumel = product(lb.output);
        layer.macs = scaled(lb.macs, numel, measuredNumel);
        layer.bytes = scaled(lb.bytes, numel, measuredNumel);
        layer.made = scaled(lb.made, numel, measuredNumel);
        outputs += layer.copies ? 0 : static_cast<long double>(layer.bytes);
        all += static_cast<long double>(layer.made);
        macs += static_cast<long double>(layer.macs);
    }
    asked(all); // sums of columns too must not exceed it
    asked(macs);
    for (std::size_t i = 0; i < s.kept.size(); ++i)
        s.kept[i] = growth.bytes(a.kept[i], b.kept[i]);
    use.simple = asked(static_cast<long double>(use.weights) + 2 * outputs + static_cast<long double>(use.input));
    return s;
}

MemoryUse measureMemory(ImageModule &module, std::int64_t batch, std::int64_t channels, std::int64_t height, std::int64_t width)
{
    return measureStep(module, {batch, channels, height, width}).use;
}

} // namespace reticle
