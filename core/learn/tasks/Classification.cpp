#include "learn/tasks/Classification_p.h"

#include "ablation/TrainingDiagnostics.h"
#include "learn/Tensors_p.h"
#include "learn/objectives/Classification_p.h"
#include "learn/prediction/TablePredictor.h"
#include "project/Recipe.h"
#include "protocol/Capabilities.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr std::size_t chunkBytes = 4 << 20;   // of a forward pass
constexpr std::size_t keptBytes = 64 << 20;   // of a part that is kept from one evaluation to the next
constexpr std::int64_t mostShown = 5000;      // examples of the confusion matrix that is shown while training
constexpr std::int64_t mostClassesShown = 20; // whose counts are readable below the matrix

/// At most `highest` of them, evenly spaced.
std::vector<std::int64_t> thinned(const std::vector<std::int64_t> &all, std::int64_t highest)
{
    const auto n = static_cast<std::int64_t>(all.size());
    if (n <= highest)
        return all;
    std::vector<std::int64_t> some;
    for (std::int64_t i = 0; i < highest; ++i)
        some.push_back(all[static_cast<std::size_t>(i * n / highest)]);
    return some;
}

/// The network in evaluation mode, for as long as this lives.
class Evaluating
{
public:
    explicit Evaluating(Module &module) : m_module(module), m_training(module.is_training()) { m_module.eval(); }
    ~Evaluating() { m_module.train(m_training); }
    Evaluating(const Evaluating &) = delete;
    Evaluating &operator=(const Evaluating &) = delete;

private:
    Module &m_module;
    const bool m_training;
};

std::string shapeText(const torch::Tensor &t)
{
    std::string text;
    for (const auto n : t.sizes())
        text += (text.empty() ? "" : " x ") + std::to_string(n);
    return text;
}

} // namespace

ClassificationTask::ClassificationTask(TaskInput input)
    : Task(std::move(input.objective)), m_data(std::move(input.data)),
      m_train(TrainOptions::schema().read(input.recipe.section("train"), "train")), m_seed(input.recipe.seed())
{
    bool target = false;
    for (const auto &spec : m_data->specs()) {
        if (spec.name == "target") {
            target = true;
            m_classNames = spec.categories;
        } else {
            m_inputs.push_back(spec);
        }
    }
    if (!target || m_inputs.empty())
        throw Error({"data", "examples with a class and something to tell it from",
                     target ? "classes alone" : "examples without a class", "choose data with a target"});
    if (classes() < 2)
        throw Error({"data", "at least 2 classes", std::to_string(classes()), "choose a target with two or more classes"});
    if (m_data->split().training.empty())
        throw Error({"data", "at least one " + m_data->exampleNoun() + " to train on", "none", "change the split"});
    for (auto &spec : m_inputs)
        if (std::find(spec.shape.begin(), spec.shape.end(), -1) != spec.shape.end())
            spec.shape = m_data->example(m_data->split().training.front()).at(spec.name).shape();
    m_channels = m_inputs.front().shape.empty() ? 1 : m_inputs.front().shape.front();
}

void ClassificationTask::checkData() const
{
    const auto counts = m_data->classCounts();
    for (std::size_t c = 0; c < counts.size() && c < m_classNames.size(); ++c)
        if (counts[c] == 0)
            throw Error({"data", "training " + m_data->exampleNoun() + "s of each class", "none of class " + m_classNames[c],
                         "choose another split seed, or stratify"});
}

void ClassificationTask::checkCompatible(Module &module) const
{
    constexpr std::int64_t rows = 2;
    auto names = m_inputs.front().name;
    for (std::size_t i = 1; i < m_inputs.size(); ++i)
        names += " and " + m_inputs[i].name;
    const std::string expected =
        "a network that gives a value for each of " + std::to_string(classes()) + " classes from " + names;
    const std::string wayOut = "choose a model for these data";
    torch::Tensor logits;
    try {
        logits = logitsOf(module, dummyBatch(rows, 1), false, torch::kCPU);
    } catch (const Error &e) {
        throw e.within("model");
    } catch (const std::exception &) {
        throw Error({"model", expected, "one that cannot take them", wayOut});
    }
    if (logits.dim() != 2 || logits.size(0) != rows || logits.size(1) != classes())
        throw Error(
            {"model", expected, "an output of " + shapeText(logits) + " for " + std::to_string(rows) + " examples", wayOut});
}

std::shared_ptr<const BatchSource> ClassificationTask::batches() const
{
    return trainingBatches(m_data, m_train.batch, m_seed);
}

Tensors ClassificationTask::tensors(const Batch &batch, const torch::Device &device) const
{
    auto t = Task::tensors(batch, device);
    if (const auto target = t.find("target"); target != t.end())
        target->second = target->second.reshape({-1}); // some data have it as one number, some as a list of one
    return t;
}

Tensors ClassificationTask::dummyBatch(std::int64_t n, double scale) const
{
    Batch batch;
    for (const auto &spec : m_inputs) {
        std::vector<std::int64_t> shape{n};
        for (std::size_t i = 0; i < spec.shape.size(); ++i)
            shape.push_back(i == 0 ? spec.shape[i]
                                   : std::max<std::int64_t>(1, std::llround(static_cast<double>(spec.shape[i]) * scale)));
        batch.arrays[spec.name] = Array(spec.dtype, shape);
    }
    batch.arrays["target"] = Array(DType::Int64, {n});
    return tensors(batch, torch::kCPU);
}

std::string ClassificationTask::batchText() const
{
    return std::to_string(m_train.batch) + " " + m_data->exampleNoun() + (m_train.batch == 1 ? "" : "s");
}

std::vector<std::int64_t> ClassificationTask::partOf(const std::string &part) const
{
    const auto &split = m_data->split();
    if (part == "training")
        return split.training;
    if (part == "validation")
        return split.validation;
    if (part == "test")
        return split.test;
    if (part == "all")
        return split.all();
    throw Error({"part", "training, validation, test or all", "\"" + part + "\"", {}});
}

std::int64_t ClassificationTask::chunkSize() const
{
    std::size_t bytes = 1;
    for (const auto &spec : m_data->specs()) {
        std::size_t one = byteSize(spec.dtype);
        for (const auto n : spec.shape) {
            if (n < 0)
                return 1; // examples differ in shape
            one *= static_cast<std::size_t>(n);
        }
        bytes += one;
    }
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(chunkBytes / bytes), 1, 4096);
}

void ClassificationTask::answer(const EvaluationInput &in, const Batch &batch,
                                const std::function<void(const Answer &)> &take) const
{
    const auto t = tensors(batch, in.device);
    const auto logits = logitsOf(in.module, t, in.half, in.device);
    const c10::InferenceMode mode;
    take({batch, t, logits, objective().measure({{"output", logits}}, t)});
}

void ClassificationTask::answers(const EvaluationInput &in, const std::vector<std::int64_t> &examples,
                                 const std::function<void(const Answer &)> &take) const
{
    const auto size = static_cast<std::size_t>(chunkSize());
    for (std::size_t from = 0; from < examples.size() && in.goOn(); from += size) {
        const auto to = std::min(from + size, examples.size());
        answer(in,
               stacked(*m_data, {examples.begin() + static_cast<std::ptrdiff_t>(from),
                                 examples.begin() + static_cast<std::ptrdiff_t>(to)}),
               take);
    }
}

/// What an evaluation has counted so far.
struct ClassificationTask::Seen
{
    ConfusionMatrix matrix;
    double loss = 0, weight = 0;
    std::vector<std::pair<std::string, double>> parts;
    torch::Tensor low, high; ///< (K), of all logits

    void add(const Answer &a)
    {
        loss += a.loss.total.item<double>() * a.loss.weight;
        weight += a.loss.weight;
        parts.resize(std::max(parts.size(), a.loss.parts.size()));
        for (std::size_t i = 0; i < a.loss.parts.size(); ++i) {
            parts[i].first = a.loss.parts[i].first;
            parts[i].second += a.loss.parts[i].second * a.loss.weight;
        }
        const auto predicted = a.logits.argmax(1).to(torch::kCPU).contiguous();
        const auto truth = a.tensors.at("target").to(torch::kCPU).contiguous();
        for (std::int64_t i = 0; i < truth.numel(); ++i)
            matrix.add(truth.data_ptr<std::int64_t>()[i], predicted.data_ptr<std::int64_t>()[i]);
        const auto lowest = a.logits.amin(0), highest = a.logits.amax(0);
        low = low.defined() ? torch::minimum(low, lowest) : lowest;
        high = high.defined() ? torch::maximum(high, highest) : highest;
    }
    double mean(double sum) const { return weight > 0 ? sum / weight : std::numeric_limits<double>::quiet_NaN(); }
    bool isConstant() const { return matrix.total() > 1 && low.defined() && (high - low).max().item<double>() < 1e-6; }
};

ClassificationTask::Seen ClassificationTask::see(const EvaluationInput &in, const std::string &part, std::int64_t highest) const
{
    Seen seen{ConfusionMatrix(m_classNames), 0, 0, {}, {}, {}};
    const c10::InferenceMode mode;
    const auto take = [&](const Answer &a) { seen.add(a); };
    const auto examples = thinned(partOf(part), highest);
    const auto name = part + std::to_string(examples.size());
    if (m_kept.count(name) == 0 && !examples.empty()) {
        const auto size = static_cast<std::size_t>(chunkSize());
        std::vector<Batch> all;
        std::size_t bytes = 0;
        for (std::size_t from = 0; from < examples.size() && bytes <= keptBytes; from += size) {
            all.push_back(
                stacked(*m_data, {examples.begin() + static_cast<std::ptrdiff_t>(from),
                                  examples.begin() + static_cast<std::ptrdiff_t>(std::min(from + size, examples.size()))}));
            bytes += all.back().bytes();
        }
        if (bytes > keptBytes)
            all.clear();
        m_kept[name] = std::move(all);
    }
    if (const auto &kept = m_kept[name]; !kept.empty()) {
        for (const auto &batch : kept)
            if (in.goOn())
                answer(in, batch, take);
    } else {
        answers(in, examples, take);
    }
    return seen;
}

/// What keeps a training from learning, in sentences; a run says them once.
std::string ClassificationTask::warningOf(const Seen &seen) const
{
    std::string text;
    const auto say = [&text](const std::string &sentence) { text += (text.empty() || sentence.empty() ? "" : " ") + sentence; };
    if (const auto *known = dynamic_cast<const HasLossFloor *>(&objective()))
        say(known->floorWarning(classes()));
    if (!m_sameRows)
        m_sameRows = sameRows();
    say(*m_sameRows);
    if (seen.isConstant())
        say("The network is dead: it gives the same output for every " + m_data->exampleNoun() +
            ". Lower the learning rate, scale the features or choose another initialization, and start again.");
    return text;
}

/// Says where every step is of the same examples, and others are never used; which ones a whole training uses is asked of it
/// when it is done (analysis classification-scores).
std::string ClassificationTask::sameRows() const
{
    const auto source = batches();
    const auto examplesOf = [&](std::int64_t step) {
        auto all = source->batch(step).examples;
        std::sort(all.begin(), all.end());
        return all;
    };
    const auto first = examplesOf(0);
    for (std::int64_t step = 1; step < 4; ++step)
        if (examplesOf(step) != first)
            return {};
    RowUsage usage;
    for (const auto example : m_data->split().training)
        usage.counts.push_back(std::binary_search(first.begin(), first.end(), example) ? 1 : 0);
    return usage.unused() > 0 ? "All steps use the same batch. " + usage.warning() : std::string();
}

Evaluation ClassificationTask::evaluate(const EvaluationInput &in, const std::string &part) const
{
    const auto seen = see(in, part, std::numeric_limits<std::int64_t>::max());
    Evaluation e;
    e.loss = seen.mean(seen.loss);
    e.selection = seen.matrix.accuracy().value;
    e.scores = {
        {"accuracy", e.selection}, {"macro-f1", seen.matrix.macroF1()}, {"balanced-accuracy", seen.matrix.balancedAccuracy()}};
    if (part == "validation") {
        const auto training = see(in, "training", mostTraining);
        e.scores.emplace_back("training-loss", training.mean(training.loss));
        e.scores.emplace_back("training-accuracy", training.matrix.accuracy().value);
    }
    for (const auto &[name, sum] : seen.parts)
        e.scores.emplace_back(name, seen.mean(sum));
    e.warning = warningOf(seen);
    return e;
}

Json ClassificationTask::example(const EvaluationInput &in) const
{
    const bool validation = has("validation");
    const auto seen = see(in, validation ? "validation" : "training", mostShown);
    if (seen.matrix.total() == 0)
        return {};
    auto figure = seen.matrix.figure();
    figure.title = std::string("Confusion matrix, ") + (validation ? "validation" : "training") + " part";
    if (classes() > mostClassesShown) {
        figure.panels.resize(1);
        figure.panels.front().letter.clear();
        figure.heightMm = 0;
        figure.caption = "Part of each true class (rows) that was predicted as each class (columns).";
    }
    return {{"figure", figure.toJson(false)}};
}

RunScores ClassificationTask::scores() const
{
    return {"classification",
            "accuracy",
            {{"loss", "loss", "", true, false},
             {"accuracy", "accuracy", "", false, true},
             {"macro-f1", "macro F1", "", false, true},
             {"balanced-accuracy", "balanced accuracy", "", false, true},
             {"training-loss", "training loss", "", true, false},
             {"training-accuracy", "training accuracy", "", false, true}}};
}

Json ClassificationTask::description() const
{
    return {{"task", "classification"},
            {"channels", m_channels},
            {"outputs", classes()},
            {"classes", classes()},
            {"classNames", m_classNames}};
}

torch::Tensor logitsOf(Module &module, const Tensors &batch, bool half, const torch::Device &device)
{
    const Evaluating evaluating(module);
    const c10::InferenceMode mode;
    const MixedPrecision precision(half, device);
    const auto out = module.run(batch);
    const auto found = out.find("output");
    if (found == out.end())
        throw Error({"model", "a network with an output", "one without", "choose another model"});
    return found->second.to(torch::kFloat);
}

void append(ClassProbabilities &all, const torch::Tensor &logits)
{
    const auto p = torch::softmax(logits.to(torch::kCPU, torch::kDouble), 1).contiguous();
    all.classes = p.size(1);
    all.values.insert(all.values.end(), p.data_ptr<double>(), p.data_ptr<double>() + p.numel());
}

namespace {

/// Data of which only the headers are known.
class Headers : public Dataset
{
public:
    Headers(std::string kind, std::vector<ArraySpec> specs) : m_kind(std::move(kind)), m_specs(std::move(specs))
    {
        m_split.training = {0}; // nothing asks for it
        for (auto &spec : m_specs)
            std::replace(spec.shape.begin(), spec.shape.end(), std::int64_t(-1), std::int64_t(1));
    }
    const std::string &kind() const override { return m_kind; }
    std::int64_t size() const override { return 0; }
    const Split &split() const override { return m_split; }
    const std::vector<ArraySpec> &specs() const override { return m_specs; }
    NamedArrays example(std::int64_t) const override { throw Error({"data", "open data", "their headers alone", {}}); }
    std::string nameOf(std::int64_t index) const override { return "example " + std::to_string(index + 1); }
    std::string exampleNoun() const override { return "example"; }
    Json preparation() const override { return Json::object(); }
    std::string description() const override { return m_kind; }

private:
    const std::string m_kind;
    std::vector<ArraySpec> m_specs;
    Split m_split;
};

std::shared_ptr<Task> sketch(const Recipe &recipe, const std::vector<ArraySpec> &specs)
{
    std::size_t classes = 2;
    for (const auto &spec : specs)
        if (spec.name == "target")
            classes = std::max<std::size_t>(2, spec.categories.size());
    // Weights of classes are as many numbers as classes, whatever they are.
    auto objective = makeObjective(recipe.section("objective"), std::vector<std::int64_t>(classes, 1));
    const auto kind = recipe.section("data").value("name", std::string());
    return std::make_shared<ClassificationTask>(TaskInput{recipe, std::make_shared<Headers>(kind, specs), std::move(objective)});
}

const ProvidesCapability classificationClasses("task", "classification", "classification");
const Registration<TaskKind> classificationRegistration(
    taskInfo("classification", "Classification", "A class for each example, such as a row of a table, learned from known ones."),
    {[](TaskInput input) -> std::shared_ptr<Task> { return std::make_shared<ClassificationTask>(std::move(input)); },
     [](const std::filesystem::path &runFolder, const PredictOptions &options) -> std::unique_ptr<Predictor> {
         return std::make_unique<TablePredictor>(runFolder, options);
     },
     PixelOutput::None, sketch});

} // namespace

} // namespace reticle
