#include "learn/memory/ExampleMemory_p.h"

#include "foundation/Error.h"
#include "foundation/FreeMemory.h"
#include "learn/memory/PassTooLarge_p.h"
#include "learn/memory/TrainingMemory_p.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace reticle {

namespace {

/// Statistics of a batch need two examples at least.
constexpr std::int64_t kFewest = 2;

/// Numbers of a batch, from those of two others.
class Line
{
public:
    Line(std::int64_t few, std::int64_t many, std::int64_t wanted)
        : m_between(static_cast<long double>(many - few)), m_many(static_cast<long double>(many)),
          m_further(static_cast<long double>(wanted - many))
    {
    }
    std::int64_t of(std::int64_t few, std::int64_t many) const
    {
        const auto told = static_cast<long double>(many) + each(few, many) * m_further;
        return std::max<std::int64_t>(0, wholeBytes(told));
    }
    std::vector<std::int64_t> shape(const std::vector<std::int64_t> &few, const std::vector<std::int64_t> &many) const
    {
        auto s = many;
        for (std::size_t i = 0; i < s.size() && i < few.size(); ++i)
            s[i] = of(few[i], many[i]);
        return s;
    }
    MemoryUse::Growth growth(std::int64_t few, std::int64_t many) const
    {
        const auto slope = each(few, many);
        return {static_cast<double>(slope), static_cast<double>(static_cast<long double>(many) - slope * m_many)};
    }

private:
    long double each(std::int64_t few, std::int64_t many) const { return static_cast<long double>(many - few) / m_between; }

    long double m_between, m_many, m_further;
};

void requireSameLayers(const StepMemory &a, const StepMemory &b)
{
    if (a.layers.size() != b.layers.size() || a.moments.size() != b.moments.size() || a.predicting.size() != b.predicting.size())
        throw Error(
            {"model", "a network whose layers do not depend on the size of the batch", "one whose do", "choose another model"});
}

/// `b` for the wanted batch. All parts of `a` and `b` are of the same layers.
StepMemory between(const StepMemory &a, StepMemory b, std::int64_t wanted)
{
    requireSameLayers(a, b);
    const Line line(a.use.batch, b.use.batch, wanted);
    auto &use = b.use;
    use.batch = wanted;
    use.input = line.of(a.use.input, use.input);
    use.labels = line.of(a.use.labels, use.labels);
    use.kept = line.of(a.use.kept, use.kept);
    use.simple = line.of(a.use.simple, use.simple);
    use.training = use.prediction = 0;
    for (std::size_t i = 0; i < b.moments.size(); ++i) {
        auto &moment = b.moments[i];
        use.growth.push_back(line.growth(a.moments[i].maximum, moment.maximum));
        moment.maximum = line.of(a.moments[i].maximum, moment.maximum);
        moment.after = line.of(a.moments[i].after, moment.after);
        use.training = std::max(use.training, moment.maximum);
    }
    for (std::size_t i = 0; i < b.predicting.size(); ++i) {
        b.predicting[i] = line.of(a.predicting[i], b.predicting[i]);
        use.prediction = std::max(use.prediction, b.predicting[i]);
    }
    for (std::size_t i = 0; i < b.kept.size(); ++i)
        b.kept[i] = line.of(a.kept[i], b.kept[i]);
    long double macs = 0, made = 0;
    for (std::size_t i = 0; i < b.layers.size(); ++i) {
        auto &layer = b.layers[i];
        const auto &few = a.layers[i];
        layer.input = line.shape(few.input, layer.input);
        layer.output = line.shape(few.output, layer.output);
        layer.macs = line.of(few.macs, layer.macs);
        layer.bytes = line.of(few.bytes, layer.bytes);
        layer.made = line.of(few.made, layer.made);
        macs += static_cast<long double>(layer.macs);
        made += static_cast<long double>(layer.made);
    }
    wholeBytes(macs); // sums of columns too must not exceed it
    wholeBytes(made);
    return b;
}

/// A forecast for any batch, from the passes of one.
class ExampleForecast
{
public:
    ExampleForecast(Module &module, const Task &task, const StepSettings &settings, bool proves, std::int64_t examples,
                    std::int64_t room)
        : m_examples(examples), m_evaluates(task.has("validation") || task.has("test"))
    {
        const auto batch = [&](std::int64_t n) { return task.dummyBatch(n); };
        m_use = estimateExamples(module, batch, examples, settings, room).use;
        if (!proves)
            return;
        auto exact = settings;
        exact.half = false;
        m_proof = estimateExamples(module, batch, std::max<std::int64_t>(1, examples / 2), exact, room).use.totalTraining();
    }

    /// Bytes beyond what is there once the module has been made.
    std::int64_t of(std::int64_t examples, std::int64_t ahead) const
    {
        const auto share = static_cast<double>(examples) / static_cast<double>(m_examples);
        const auto resident = m_use.weights + m_use.statistics + m_use.objective;
        const auto batch = static_cast<double>(m_use.input + m_use.labels) * share;
        const auto proof = static_cast<double>(m_proof) * std::min(1.0, share);
        auto maximum = std::max(m_use.trainingOf(examples), rounded(proof)) - resident;
        if (m_evaluates) {
            const auto pass = batch + static_cast<double>(m_use.prediction) * share;
            maximum = std::max(maximum, m_use.withSlack(rounded(static_cast<double>(m_use.fixed()) + pass)) - resident);
        }
        maximum = std::max(maximum, m_use.checkpointing() - resident);
        return rounded(static_cast<double>(trainingLibraries) + static_cast<double>(ahead + 2) * batch +
                       static_cast<double>(maximum));
    }

private:
    static std::int64_t rounded(double bytes) { return static_cast<std::int64_t>(std::clamp(bytes, 0.0, 4e18)); }

    std::int64_t m_examples;
    bool m_evaluates;
    MemoryUse m_use;
    std::int64_t m_proof = 0;
};

/// Whether there is so much memory that two examples tell enough.
bool fitsWithoutQuestion(Module &module, const Task &task, const StepSettings &settings, std::int64_t free)
{
    const auto two = task.dummyBatch(kFewest);
    if (bytesMade(module, two, settings) > static_cast<long double>(free) / 8)
        return false;
    const auto use = measureStep(module, two, settings).use;
    const auto share = static_cast<double>(task.batchSize()) / static_cast<double>(kFewest);
    const auto batch = static_cast<double>(use.input + use.labels) * share;
    const auto rough = static_cast<double>(trainingLibraries) + 3 * static_cast<double>(use.fixed()) + 6 * batch +
                       2 * share * static_cast<double>(use.training);
    return rough < static_cast<double>(free) / 2;
}

/// The largest batch below `asked` that fits, by `need` and where that says so by `ownNeed`, which is dear; 0 where none does.
template <class Need, class OwnNeed>
std::int64_t largestThatFits(std::int64_t asked, std::int64_t free, const Need &need, const OwnNeed &ownNeed)
{
    std::int64_t fits = 0, tooMany = asked;
    while (tooMany - fits > 1) {
        const auto middle = fits + (tooMany - fits) / 2;
        (need(middle) <= free ? fits : tooMany) = middle;
    }
    while (fits > 0 && ownNeed(fits) > free)
        fits -= std::max<std::int64_t>(1, fits / 20);
    return fits;
}

} // namespace

StepMemory estimateExamples(Module &module, const ExampleBatch &batch, std::int64_t examples, const StepSettings &settings,
                            std::int64_t room)
{
    if (const auto made = bytesMade(module, batch(kFewest), settings); made > static_cast<long double>(room))
        throw PassTooLarge({"model",
                            fmt::format("a network whose layers make at most {} of {} examples", memoryText(room), kFewest),
                            memoryText(wholeBytes(made)), "choose fewer or narrower layers"});
    const auto measured = [&](std::int64_t n) {
        auto s = measureStep(module, batch(n), settings);
        s.use.batch = n;
        return s;
    };
    auto few = measured(kFewest), many = measured(2 * kFewest);
    const auto each = std::max(
        {std::int64_t(1), (many.use.kept - few.use.kept) / kFewest, (many.use.input + many.use.labels) / many.use.batch});
    const auto probe = probeBytes() / each;
    if (const auto large = std::min(examples, probe); large > many.use.batch) {
        few = measured(large / 2);
        many = measured(large);
    }
    auto s = between(few, std::move(many), examples);
    // In small batches gradients of the weights are most of a stretch, and another moment of it is the highest: larger batches
    // are told from larger passes too.
    if (examples < probe && probe > 2 * kFewest) {
        const auto lines = between(measured(probe / 2), measured(probe), examples).use.growth;
        s.use.growth.insert(s.use.growth.end(), lines.begin(), lines.end());
    }
    return s;
}

std::int64_t exampleMemory(Module &module, const Task &task, const StepSettings &settings, bool proves, std::int64_t ahead)
{
    const auto room = std::max(freeMemory(), mostProbeBytes);
    return ExampleForecast(module, task, settings, proves, task.batchSize(), room).of(task.batchSize(), ahead);
}

MemoryPlan planExamples(Module &module, const Task &task, const StepSettings &settings, bool proves, std::int64_t free)
{
    MemoryPlan plan;
    if (fitsWithoutQuestion(module, task, settings, free))
        return plan;
    const auto asked = task.batchSize();
    const auto room = std::max(free, mostProbeBytes);
    const auto forecast = [&](std::int64_t examples) { return ExampleForecast(module, task, settings, proves, examples, room); };
    const auto measured = [&] {
        try {
            return forecast(asked);
        } catch (const PassTooLarge &) {
            throw Error(Error::Kind::Failed, "memory",
                        fmt::format("This training needs more than the {} that are free. Choose a model with fewer or narrower "
                                    "layers, or raise the memory limit.",
                                    memoryText(free)));
        }
    }();
    const auto allowed = free > std::int64_t(1) << 60 ? free : free + free / 20;
    const auto needed = measured.of(asked, plan.ahead);
    if (needed <= allowed)
        return plan;
    plan.ahead = 1;
    if (measured.of(asked, plan.ahead) <= allowed)
        return plan;

    // What is offered is forecast from passes of its own when it is chosen: so it is here.
    const auto ownNeed = [&](std::int64_t examples) { return forecast(examples).of(examples, 1); };
    const auto fits = largestThatFits(
        asked, free, [&](std::int64_t examples) { return measured.of(examples, 1); }, ownNeed);
    std::string wayOut;
    if (fits > 0)
        wayOut = fmt::format("Set train.batch to {} (needs about {})", fits, memoryText(ownNeed(fits)));
    else if (asked > 1)
        wayOut = fmt::format("No smaller batch fits: one example needs about {}. Choose a model with fewer weights, or raise the "
                             "memory limit",
                             memoryText(ownNeed(1)));
    else
        wayOut = "Choose a model with fewer weights, or raise the memory limit";
    throw Error(Error::Kind::Failed, "memory",
                fmt::format("This training needs about {}, and {} are free. {}.", memoryText(needed), memoryText(free), wayOut));
}

} // namespace reticle
