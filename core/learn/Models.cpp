#include "learn/Models.h"

#include "foundation/FreeMemory.h"
#include "learn/Machine_p.h"
#include "learn/ModelFigures.h"
#include "learn/Models_p.h"
#include "learn/RandomTurn_p.h"
#include "learn/TooManyWeights_p.h"
#include "learn/WidthBuilder.h"
#include "learn/memory/GpuMemory.h"
#include "learn/memory/HostMemory.h"
#include "learn/memory/PassTooLarge_p.h"
#include "learn/tasks/BlankImages_p.h"
#include "learn/training/Training.h"

#include <fmt/format.h>

#include <set>

namespace reticle {

namespace {

constexpr std::int64_t kMostPixels = std::int64_t(1) << 40; // of all images of a batch
constexpr const char *kGpuMemory = "free on its GPU";

std::string joinedText(const std::vector<std::int64_t> &channels)
{
    if (channels.size() > 3)
        return fmt::format("{} + \u2026 + {}", channels.front(), channels.back());
    std::string text;
    for (const auto c : channels)
        text += (text.empty() ? "" : " + ") + std::to_string(c);
    return text;
}

/// Of one example: "3 x 32 x 32", "64". "1" where each is a number.
std::string shapeText(const std::vector<std::int64_t> &shape, const std::vector<std::int64_t> &joined = {})
{
    if (shape.size() < 2)
        return "1";
    std::string text = joined.empty() ? std::to_string(shape[1]) : joinedText(joined);
    for (std::size_t i = 2; i < shape.size(); ++i)
        text += " \u00d7 " + std::to_string(shape[i]);
    return text;
}

/// What a description says of the batch.
struct SeenBatch
{
    std::string noun;    ///< "image"
    std::string text;    ///< "4 images of 1 x 32 x 32"
    std::string numbers; ///< "4 x 1 x 32 x 32"
    std::string unit;    ///< of the columns of shapes
};

SeenBatch seenBatch(const std::string &noun, const std::vector<std::int64_t> &shape, const std::string &unit)
{
    const auto one = shapeText(shape);
    return {noun, fmt::format("{} {}{} of {}", shape[0], noun, shape[0] == 1 ? "" : "s", one),
            fmt::format("{} \u00d7 {}", shape[0], one), unit};
}

void check(const ModelQuestion &q)
{
    if (q.batch < 1 || q.batch > kMostPixels)
        throw Error({"batch", fmt::format("1 to {}", kMostPixels), std::to_string(q.batch), {}});
    if (q.task && !dynamic_cast<const HasImageBatches *>(q.task.get()))
        return; // the other numbers are of images
    for (const auto &[name, value, maximum] : {std::tuple{"channels", q.channels, std::int64_t(65536)},
                                               {"planes", q.planes, q.channels},
                                               {"classes", q.classes, std::int64_t(65536)},
                                               {"outputs", std::max<std::int64_t>(1, q.outputs), std::int64_t(65536)},
                                               {"height", q.height, kMostPixels},
                                               {"width", q.width, kMostPixels}})
        if (value < 1 || value > maximum)
            throw Error({name, fmt::format("1 to {}", maximum), std::to_string(value), {}});
    if (static_cast<long double>(q.height) * static_cast<long double>(q.width) * static_cast<long double>(q.batch) *
            static_cast<long double>(q.channels) >
        static_cast<long double>(kMostPixels))
        throw Error({"size", fmt::format("at most {} values in a batch", kMostPixels),
                     fmt::format("{} \u00d7 {} \u00d7 {} \u00d7 {}", q.batch, q.channels, q.height, q.width),
                     "choose fewer or smaller images"});
}

/// Weights and their gradients, and a copy while they are made, must fit; as many as this always do.
std::int64_t mostWeights()
{
    return std::max<std::int64_t>(std::int64_t(1) << 22, freeMemory() / 16);
}

/// Described in a moment.
constexpr std::int64_t kSmallWeights = 2000000;

StepSettings settingsOf(const ModelQuestion &q)
{
    const auto train = TrainOptions::schema().read(q.train.is_null() ? Json::object() : q.train, "train");
    StepSettings s;
    // Weights of classes are as many numbers as classes, whatever they are.
    if (q.task)
        s.objective = q.task->sharedObjective();
    else if (q.objective.is_object())
        s.objective = makeObjective(q.objective, std::vector<std::int64_t>(static_cast<std::size_t>(q.classes), 1));
    s.half = preferBfloat16(train.precision, torch::kCPU);
    s.optimizer = train.optimizer;
    s.averaging = train.averaging > 0;
    return s;
}

std::int64_t outputsOf(const ModelQuestion &q, const StepSettings &s)
{
    if (q.outputs > 0)
        return q.outputs;
    if (s.objective)
        return outputsFor(mapObjective(*s.objective), q.channels, q.planes, q.classes);
    return q.classes <= 2 ? 1 : q.classes;
}

struct Counted
{
    std::int64_t all = 0, trainable = 0;
    std::string sharedWith; ///< name of the layer whose weights these are too
};

/// Each tensor once, at the layer that uses it first.
class WeightCount
{
public:
    Counted of(const TracedLayer &layer, const std::string &name)
    {
        Counted c;
        for (const auto &w : layer.weights) {
            const auto [it, fresh] = m_owners.emplace(w.unsafeGetTensorImpl(), name);
            if (!fresh) {
                c.sharedWith = it->second;
                continue;
            }
            c.all += w.numel();
            c.trainable += w.requires_grad() ? w.numel() : 0;
        }
        return c;
    }

private:
    std::map<const void *, std::string> m_owners;
};

const char *nameOf(StepMoment::Part part)
{
    switch (part) {
    case StepMoment::Part::Forward: return "forward";
    case StepMoment::Part::Loss: return "loss";
    case StepMoment::Part::Backward: return "backward";
    case StepMoment::Part::Optimizer: return "optimizer";
    }
    return "";
}

} // namespace

Table ModelDescription::fits(const std::vector<std::pair<std::string, std::int64_t>> &named) const
{
    std::vector<std::string> what;
    std::vector<double> gib;
    std::vector<std::int64_t> batch;
    const auto add = [&](const std::string &name, std::int64_t bytes) {
        what.push_back(name);
        gib.push_back(static_cast<double>(bytes) / 1073741824);
        batch.push_back(memory.batchThatFits(bytes));
    };
    // A GPU may train in another precision than the passes were measured in.
    for (const auto &[name, bytes] : named)
        add(name == kGpuMemory ? name + ", in " + precision : name, bytes);
    for (const std::int64_t n : {4, 8, 16, 24, 40, 80})
        add(fmt::format("{} GiB", n), n << 30);
    Table t;
    t.title = "Largest batch";
    t.columns = {{"memory", "", what}, {"size", "GiB", gib, 2}, {"batch", "", batch}};
    return t;
}

Result ModelDescription::result(const std::vector<std::pair<std::string, std::int64_t>> &named) const
{
    Result r;
    r.name = "layers";
    r.summary = summary;
    r.values = {{"weights", weights},
                {"multiplications", macs},
                {"activation-bytes", activationBytes},
                {"kept-bytes", memory.kept},
                {"training-bytes", memory.totalTraining()},
                {"prediction-bytes", memory.totalPrediction()}};
    r.tables = {layers, memory.table(), fits(named), step};
    r.figures = figures;
    r.warnings = {fmt::format("Memory leaves out the libraries' code (0.2 to 0.3 GiB), the data, {}and on a GPU its context (0.3 "
                              "to 0.8 GiB) and workspaces.",
                              noun == "image" ? "the validation on whole slices, " : "")};
    return r;
}

namespace {

ModelDescription descriptionOf(const Module &module, const StepMemory &traced, const StepSettings &settings,
                               const std::string &title, const SeenBatch &seen)
{
    std::map<const torch::nn::Module *, std::string> names;
    for (const auto &item : module.named_modules({}, false))
        names[item.value().get()] = item.key();

    ModelDescription d;
    d.widths = module.widths();
    d.weights = countWeights(module);
    d.memory = traced.use;
    d.precision = settings.half ? "bfloat16" : "float32";
    d.noun = seen.noun;
    std::vector<std::string> name, type, input, output;
    std::vector<std::int64_t> weights, trainable, macs, bytes, kept;
    std::vector<BlockCost> blocks;
    WeightCount count;
    std::int64_t allWeights = 0, allTrainable = 0;
    for (std::size_t i = 0; i < traced.layers.size(); ++i) {
        const auto &layer = traced.layers[i];
        name.push_back(layer.module ? names[layer.module] : std::string());
        const auto counted = count.of(layer, name.back());
        type.push_back(layer.type + (counted.sharedWith.empty() ? "" : " (shared with " + counted.sharedWith + ")"));
        input.push_back(shapeText(layer.input, layer.joined));
        output.push_back(shapeText(layer.output));
        weights.push_back(counted.all);
        trainable.push_back(counted.trainable);
        macs.push_back(layer.macs);
        bytes.push_back(layer.bytes);
        kept.push_back(traced.kept[i]);
        allWeights += counted.all;
        allTrainable += counted.trainable;
        d.macs += layer.macs;
        d.activationBytes += layer.bytes;
        if (!name.back().empty())
            addToBlock(blocks, name.back(), counted.all, layer.macs);
    }
    if (!kept.empty())
        kept.back() += traced.kept.back();
    name.push_back("total");
    type.emplace_back();
    input.emplace_back();
    output.emplace_back();
    weights.push_back(allWeights);
    trainable.push_back(allTrainable);
    macs.push_back(d.macs);
    bytes.push_back(d.activationBytes);
    kept.push_back(d.memory.kept);

    std::string list;
    for (const auto w : d.widths)
        list += (list.empty() ? "" : " ") + std::to_string(w);
    d.summary = fmt::format("{}, {} weights,{} {} multiplications for {}", title, withThousands(d.weights),
                            list.empty() ? "" : " widths " + list + ",", withThousands(d.macs), seen.numbers);
    if (settings.half)
        d.summary += ", in bfloat16";
    d.layers.title = "Layers";
    d.layers.columns = {
        {"name", "", name},       {"type", "", type},           {"input", seen.unit, input}, {"output", seen.unit, output},
        {"weights", "", weights}, {"trainable", "", trainable}, {"MACs", "", macs},          {"activation", "B", bytes},
        {"kept", "B", kept}};

    std::vector<std::string> part, where;
    std::vector<std::int64_t> maximum, after;
    const auto base = d.memory.fixed() + d.memory.input + d.memory.labels;
    for (const auto &m : traced.moments) {
        part.emplace_back(nameOf(m.part));
        const bool inside = m.layer >= 0;
        const auto i = static_cast<std::size_t>(std::max(0, m.layer));
        where.push_back(!inside ? std::string() : name[i].empty() ? type[i] : name[i] + ", " + type[i]);
        maximum.push_back(base + m.maximum);
        after.push_back(base + m.after);
    }
    d.step.title = "Training step";
    d.step.columns = {{"part", "", part}, {"layer", "", where}, {"at most", "B", maximum}, {"at the end", "B", after}};
    if (!blocks.empty())
        d.figures.push_back(blockFigure(blocks, title, seen.text));
    d.figures.push_back(stepFigure(d.step, title, seen.text));
    return d;
}

} // namespace

ModelDescription describeModule(ImageModule &module, const PassShape &shape, const StepSettings &settings,
                                const std::string &title, std::int64_t room, const ImageBatch &batch)
{
    return descriptionOf(module, estimateStep(module, shape, settings, room, batch), settings, title,
                         seenBatch("image", {shape.batch, shape.channels, shape.height, shape.width}, "C \u00d7 H \u00d7 W"));
}

ModelDescription describeModule(Module &module, const ExampleBatch &batch, std::int64_t examples, const StepSettings &settings,
                                const std::string &title, std::int64_t room)
{
    const auto few = batch(1);
    const auto input = few.find(settings.input);
    auto shape = (input == few.end() ? few.begin() : input)->second.sizes().vec();
    shape[0] = examples;
    return descriptionOf(module, estimateExamples(module, batch, examples, settings, room), settings, title,
                         seenBatch("example", shape, ""));
}

ModelDescription describeModel(const ModelQuestion &q)
{
    check(q);
    const struct Idle
    {
        ~Idle() { releaseIdleMemory(); } // a session lives on
    } idle;
    prepareThread(0);
    auto settings = settingsOf(q);
    const auto maximum = mostWeights();
    const WeightLimit limit(q.small ? std::min(maximum, kSmallWeights) : maximum);
    const SameRandom random;
    std::shared_ptr<Module> module;
    const ModuleShape asked = q.task ? q.task->shape() : ModuleShape{q.channels, outputsOf(q, settings)};
    try {
        module = q.task ? makeAnyModule(q.model, asked) : makeModule(q.model, asked);
        if (settings.objective) {
            settings.objective->begin({.another = [&] { return makeAnyModule(q.model, asked); }});
            settings.averaging = settings.averaging && !settings.objective->evaluationModule();
        }
    } catch (const TooManyWeights &) {
        if (q.small && maximum > kSmallWeights)
            throw TooLargeForASession();
        throw;
    }
    const auto &entry = Registry<ModuleFactory>::instance().get(q.model["name"].get<std::string>());
    const auto title = entry.schema.title.substr(0, entry.schema.title.find(':'));
    settings.input = entry.factory.takes;
    ModelDescription d;
    try {
        auto *images = dynamic_cast<ImageModule *>(module.get());
        const auto *batches = dynamic_cast<const HasImageBatches *>(q.task.get());
        if (images && (batches || !q.task)) {
            images->requireSize(q.height, q.width);
            ImageBatch batch;
            if (batches)
                batch = [batches](const PassShape &s) { return batches->imageBatch(s); };
            else if (settings.objective)
                batch = [&](const PassShape &s) { return blankImages(*settings.objective, s, q.planes); };
            d = describeModule(*images, {q.batch, q.channels, q.height, q.width}, settings, title, q.small ? 0 : freeMemory() / 4,
                               batch);
        } else {
            const auto batch = [&](std::int64_t n) { return q.task->dummyBatch(n); };
            d = describeModule(*module, batch, q.batch, settings, title, q.small ? mostProbeBytes : freeMemory() / 4);
        }
    } catch (const PassTooLarge &) {
        if (q.small)
            throw TooLargeForASession();
        throw;
    }
    if (const auto threads = q.train.is_object() ? q.train.value("threads", std::int64_t(0)) : 0; threads > 0)
        d.memory.threads = threads;
    return d;
}

ModelDescription describeModel(const Json &model, std::int64_t channels, std::int64_t outputs, std::int64_t height,
                               std::int64_t width, std::int64_t batch)
{
    if (outputs < 1)
        throw Error({"outputs", "at least 1", std::to_string(outputs), {}});
    ModelQuestion q;
    q.model = model;
    q.channels = channels;
    q.outputs = outputs;
    q.height = height;
    q.width = width;
    q.batch = batch;
    q.train = {{"precision", "float32"}};
    return describeModel(q);
}

std::vector<std::pair<std::string, std::int64_t>> memoryOfThisMachine()
{
    std::vector<std::pair<std::string, std::int64_t>> all;
    if (const auto free = freeMemoryOf())
        all.emplace_back("free on this machine", *free);
    if (const auto free = freeGpuMemory(0))
        all.emplace_back(kGpuMemory, *free);
    return all;
}

} // namespace reticle
