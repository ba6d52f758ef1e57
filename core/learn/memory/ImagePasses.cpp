#include "learn/memory/ImagePasses_p.h"

#include "learn/memory/MemoryUse_p.h"
#include "learn/memory/PassTooLarge_p.h"
#include "learn/tasks/BlankImages_p.h"

#include <fmt/format.h>

#include <cmath>

namespace reticle {

namespace {

torch::Device deviceOf(const Module &module)
{
    const auto parameters = module.parameters();
    return parameters.empty() ? torch::Device(torch::kCPU) : parameters.front().device();
}

/// Settings and batches with what stands in where none are given.
struct ImageStep
{
    ImageStep(const Module &module, const StepSettings &given, const ImageBatch &batches)
        : settings(given), m_batches(batches), m_device(deviceOf(module))
    {
        if (!settings.objective)
            settings.objective = pixelLoss();
    }
    Tensors batch(const PassShape &shape) const
    {
        auto tensors = m_batches ? m_batches(shape) : blankImages(*settings.objective, shape);
        for (auto &[name, t] : tensors)
            t = t.to(m_device);
        return tensors;
    }
    StepSettings settings;

private:
    const ImageBatch &m_batches;
    torch::Device m_device;
};

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
        return std::max<std::int64_t>(0,
                                      wholeBytes(static_cast<long double>(large) + each * (pixels(m_wanted) - pixels(m_large))));
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
        auto s = large;
        s[0] = large[0] / m_large.batch * m_wanted.batch;
        if (small.size() != 4 || large.size() != 4)
            return s;
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

} // namespace

StepMemory measureStep(ImageModule &module, const PassShape &shape, const StepSettings &settings, const ImageBatch &batch)
{
    const ImageStep step(module, settings, batch);
    return measureStep(module, step.batch(shape), step.settings);
}

double roughStep(ImageModule &module, const PassShape &shape, const StepSettings &settings, const ImageBatch &batch)
{
    const auto m = module.multiple();
    const auto up = [m](std::int64_t n) { return static_cast<double>((n + m - 1) / m * m); };
    const ImageStep step(module, settings, batch);
    const auto each =
        static_cast<double>(bytesMade(module, step.batch({1, shape.channels, m, m}), step.settings)) / (up(m) * up(m));
    const auto pixels = static_cast<double>(shape.batch) * up(shape.height) * up(shape.width);
    // What is made is kept once, and there are gradients and copies of some of it.
    auto own = settings.objective ? stateBytes(*settings.objective) : 0;
    for (const auto &p : module.parameters())
        own += static_cast<std::int64_t>(p.nbytes());
    return 4 * each * pixels + 10 * static_cast<double>(own);
}

StepMemory estimateStep(ImageModule &module, const PassShape &wanted, const StepSettings &settings, std::int64_t room,
                        const ImageBatch &batch)
{
    const ImageStep step(module, settings, batch);
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
    const auto eachPixel = bytesMade(module, step.batch(probe(1, 1)), step.settings) / pixels(probe(1, 1));

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
        const auto maximum = std::max(mostProbeBytes, room);
        if (const auto made = eachPixel * pixels(large); made > static_cast<long double>(maximum))
            throw PassTooLarge(
                {"model",
                 fmt::format("a network whose layers make at most {} MiB of {} \u00d7 {} px{}", maximum >> 20, large.width,
                             large.height, room < mostProbeBytes ? "" : ", a quarter of the memory that is free here"),
                 fmt::format("{:.0f} MiB", static_cast<double>(made) / 1048576),
                 "choose fewer or narrower layers, or fewer halvings of the resolution"});
    }
    const bool direct = large.batch != small.batch;
    const auto a = measureStep(module, step.batch(small), step.settings),
               b = measureStep(module, step.batch(large), step.settings);
    if (a.layers.size() != b.layers.size() || a.moments.size() != b.moments.size() || a.predicting.size() != b.predicting.size())
        throw Error({"model", "a network whose layers do not depend on the size of the image", "one whose do", {}});

    const Growth growth(small, large, wanted, m);
    StepMemory s = direct ? a : b;
    s.use.batch = wanted.batch;
    for (std::size_t i = 0; i < s.moments.size(); ++i) {
        auto &moment = s.moments[i];
        moment.maximum = growth.bytes(a.moments[i].maximum, b.moments[i].maximum);
        moment.after = growth.bytes(a.moments[i].after, b.moments[i].after);
        s.use.growth.push_back(growth.growth(a.moments[i].maximum, b.moments[i].maximum));
    }
    if (direct)
        return s;

    auto &use = s.use;
    const auto told =
        static_cast<long double>(wanted.batch) * static_cast<long double>(wanted.height) * static_cast<long double>(wanted.width);
    const auto measured =
        static_cast<long double>(large.batch) * static_cast<long double>(large.height) * static_cast<long double>(large.width);
    use.input = scaledBytes(b.use.input, told, measured);
    use.labels = scaledBytes(b.use.labels, told, measured);
    use.kept = growth.bytes(a.use.kept, b.use.kept);
    use.training = use.prediction = 0;
    for (const auto &moment : s.moments)
        use.training = std::max(use.training, moment.maximum);
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
        layer.macs = scaledBytes(lb.macs, numel, measuredNumel);
        layer.bytes = scaledBytes(lb.bytes, numel, measuredNumel);
        layer.made = scaledBytes(lb.made, numel, measuredNumel);
        outputs += layer.copies ? 0 : static_cast<long double>(layer.bytes);
        all += static_cast<long double>(layer.made);
        macs += static_cast<long double>(layer.macs);
    }
    wholeBytes(all); // sums of columns too must not exceed it
    wholeBytes(macs);
    for (std::size_t i = 0; i < s.kept.size(); ++i)
        s.kept[i] = growth.bytes(a.kept[i], b.kept[i]);
    use.simple = wholeBytes(static_cast<long double>(use.weights) + 2 * outputs + static_cast<long double>(use.input));
    return s;
}

MemoryUse measureMemory(ImageModule &module, std::int64_t batch, std::int64_t channels, std::int64_t height, std::int64_t width)
{
    return measureStep(module, {batch, channels, height, width}).use;
}

} // namespace reticle
