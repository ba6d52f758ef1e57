#include "analysis/Analysis.h"
#include "analysis/classification/RunDiagnostics_p.h"
#include "classification/Calibration.h"
#include "classification/RocCurve.h"
#include "learn/Machine_p.h"
#include "learn/RandomTurn_p.h"
#include "learn/Tensors_p.h"
#include "learn/objectives/Classification_p.h"
#include "learn/training/Checkpoint_p.h"
#include "protocol/Capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

// How well a model tells classes apart, on a part of the data of its run or on other data, and what went on in its training.

namespace reticle {

namespace {

struct ClassificationScoresOptions
{
    std::string part = "validation";
    std::string table;
    bool diagnostics = true;
    std::vector<std::int64_t> runs;
    std::string device = "auto";

    static Schema<ClassificationScoresOptions> schema()
    {
        using O = ClassificationScoresOptions;
        return Schema<O>("classification-scores", "Scores of a classification",
                         "Accuracy with its 95 % interval, balanced accuracy, macro F1, log loss, Brier score, ROC and "
                         "precision-recall curves, calibration and the confusion matrix; and of the training how often each row "
                         "was used, the lowest possible loss, weights, ranges of the features and seeds.")
            .field(&O::part, {.name = "part",
                              .title = "Part",
                              .help = "Part of the run's data that is scored",
                              .choices = {"validation", "test", "training", "all"}})
            .field(&O::table, {.name = "table",
                               .title = "Other table",
                               .help = "A table to score in place of the run's data, with the same columns and target; all its "
                                       "rows are used",
                               .path = true})
            .field(
                &O::diagnostics,
                {.name = "diagnostics",
                 .title = "Diagnostics of the training",
                 .help = "Also report what went on in the training; the batches of all its steps are made again to count rows"})
            .field(&O::runs, {.name = "runs",
                              .title = "Runs to compare seeds with",
                              .help = "Numbers of further runs whose seeds are shown next to those of this one",
                              .min = 1,
                              .advanced = true})
            .field(&O::device,
                   {.name = "device", .title = "Device", .help = "Device: auto, cpu, cuda or cuda:N", .advanced = true});
    }
};

Json number(double v)
{
    return std::isfinite(v) ? Json(v) : Json();
}

class ClassificationScoresAnalysis : public Analysis
{
public:
    explicit ClassificationScoresAnalysis(ClassificationScoresOptions options) : m_o(std::move(options)) {}

    Result run(const AnalysisInput &input, EventSink &events, RunControl &control) override
    {
        if (!input.project || input.run <= 0)
            throw Error({"run", "a run that classifies", "none", "give --project DIR and --run N"});
        m_result.name = "classification-scores";
        open(input);
        const auto goOn = [&](double done) {
            Event e;
            e.kind = Event::Kind::Progress;
            e.run = input.run;
            e.name = "classification-scores";
            e.value = done;
            events.emit(e);
            if (control.ending() == RunControl::End::Cancel)
                throw Error(Error::Kind::Cancelled, "classification-scores", "cancelled");
            return control.goOn([](bool) {});
        };
        goOn(0);
        score();
        if (m_o.diagnostics)
            diagnose(input, [&](double done) { return goOn(0.1 + 0.9 * done); });
        goOn(1);
        return m_result;
    }

private:
    void open(const AnalysisInput &input)
    {
        m_run = input.project->run(input.run);
        const auto owner = fmt::format("run {}", input.run);
        const auto folder = input.project->runFolder(input.run);
        auto description = readModelDescription(folder);
        if (const auto task = description.value("task", std::string("segmentation")); task != "classification")
            throw Error({owner, "a run that classifies", "a run of the task " + task, "choose another run"});
        Json recipe = m_run.recipe;
        if (!m_o.table.empty()) {
            auto &section = recipe["data"];
            if (!section.contains("table"))
                throw Error({"table", "a run that was trained on a table", "one of other data", "leave this option empty"});
            section["table"] = m_o.table;
            // Columns, scaling and classes are the model's; the parts of its own data mean nothing here.
            description["split"] = Split{{0}, {}, {}}.toJson();
            std::vector<std::string> ignored;
            std::vector<std::int64_t> rows(
                static_cast<std::size_t>(openDataset(Recipe(recipe), {description, owner}, ignored)->size()));
            std::iota(rows.begin(), rows.end(), std::int64_t(0));
            description["split"] = Split{std::move(rows), {}, {}}.toJson();
        }
        const Recipe asked(recipe);
        auto data = openDataset(asked, {description, owner}, m_result.warnings);
        m_task = std::dynamic_pointer_cast<ClassificationTask>(Task::create(asked, data));
        if (!m_task)
            throw Error({owner, "a run that classifies", "one of another kind", "choose another run"});
        if (m_o.table.empty()) {
            m_examples = m_task->partOf(m_o.part);
            m_what = fmt::format("{}, {} {}s", owner, m_o.part, data->exampleNoun());
        } else {
            m_examples = data->split().training;
            m_what = fmt::format("{}, {}", owner, std::filesystem::path(m_o.table).filename().string());
        }
        if (m_examples.empty())
            throw Error({"part", fmt::format("a part with {}s", data->exampleNoun()), "\"" + m_o.part + "\" without any",
                         "choose another part"});
        m_device = chooseDevice(m_o.device);
        {
            const SameRandom same; // of the first weights, which are not used
            m_module = makeAnyModule(asked.section("model"), m_task->shape());
        }
        loadModel(*m_module, folder);
        m_module->to(m_device);
        m_module->eval();
    }

    EvaluationInput evaluation() const { return {*m_module, false, m_device}; }

    void score()
    {
        ClassProbabilities p;
        std::vector<std::int64_t> truth;
        m_task->answers(evaluation(), m_examples, [&](const ClassificationTask::Answer &a) {
            append(p, a.logits);
            const auto y = a.tensors.at("target").to(torch::kCPU).contiguous();
            truth.insert(truth.end(), y.data_ptr<std::int64_t>(), y.data_ptr<std::int64_t>() + y.numel());
            const auto z = a.logits.to(torch::kCPU, torch::kDouble).contiguous();
            m_logits.insert(m_logits.end(), z.data_ptr<double>(), z.data_ptr<double>() + z.numel());
        });
        const auto &names = m_task->classNames();
        for (std::size_t i = 0; i < p.values.size(); ++i)
            if (!std::isfinite(p.values[i]))
                throw Error(Error::Kind::Failed, m_what,
                            "The model's outputs are not finite numbers. Train it again with a lower learning rate.");
        const ConfusionMatrix matrix(names, truth, p.predicted());
        const auto curves = classCurves(p, truth, names);
        const auto calibration = calibrationOf(p, truth);
        std::int64_t largest = 0;
        for (std::int64_t c = 0; c < matrix.size(); ++c)
            largest = std::max(largest, matrix.inTruth(c));
        const auto accuracy = matrix.accuracy(), exact = clopperPearson(matrix.correct(), matrix.total()),
                   chance = wilson(largest, matrix.total());

        struct Row
        {
            const char *key, *title;
            double value, low, high;
        };
        const double none = std::numeric_limits<double>::quiet_NaN();
        const std::vector<Row> rows = {
            {"accuracy", "accuracy (Wilson interval)", accuracy.value, accuracy.low, accuracy.high},
            {nullptr, "accuracy (exact interval)", exact.value, exact.low, exact.high},
            {"largest-class", "accuracy of always saying the largest class", chance.value, chance.low, chance.high},
            {"balanced-accuracy", "balanced accuracy", matrix.balancedAccuracy(), none, none},
            {"macro-f1", "macro F1", matrix.macroF1(), none, none},
            {"log-loss", "log loss", logLoss(p, truth), none, none},
            {"brier", "Brier score (0 to 2)", brierScore(p, truth), none, none},
            {"macro-auc", "macro AUC", curves.macroAuc(), none, none},
            {"macro-average-precision", "macro average precision", curves.macroAveragePrecision(), none, none},
            {"calibration-error", "calibration error", calibration.error(), none, none}};
        std::vector<std::string> titles;
        std::vector<double> values, low, high;
        for (const auto &row : rows) {
            titles.emplace_back(row.title);
            values.push_back(row.value);
            low.push_back(row.low);
            high.push_back(row.high);
            if (row.key)
                m_result.values[row.key] = number(row.value);
        }
        m_result.values["rows"] = matrix.total();
        m_result.values["correct"] = matrix.correct();
        Table all;
        all.title = "Scores";
        all.columns = {{"score", "", titles}, {"value", "", values, 4}, {"95 % from", "", low, 4}, {"95 % to", "", high, 4}};
        m_result.tables = {all, matrix.classTable(), matrix.countTable(), curves.table(), calibration.table()};
        m_result.figures = {matrix.figure(), curves.rocFigure(), curves.precisionRecallFigure(), calibration.figure()};
        m_result.summary = fmt::format(
            "{}: accuracy {:.4f} (95 % interval {:.4f} to {:.4f}, {} of {}), balanced accuracy {:.4f}, macro F1 {:.4f}.", m_what,
            accuracy.value, accuracy.low, accuracy.high, accuracy.hits, accuracy.all, matrix.balancedAccuracy(),
            matrix.macroF1());
        for (std::int64_t c = 0; c < matrix.size(); ++c)
            if (matrix.inTruth(c) == 0)
                m_result.warnings.push_back(fmt::format("Class {} has no {}: its recall is n/a and left out of means.",
                                                        names[static_cast<std::size_t>(c)], m_task->data().exampleNoun()));
    }

    void diagnose(const AnalysisInput &input, const std::function<bool(double)> &goOn)
    {
        auto &r = m_result;
        double floor = 0;
        std::string fault;
        if (const auto *known = dynamic_cast<const HasLossFloor *>(&m_task->objective())) {
            floor = known->lossFloor(m_task->classes());
            fault = known->floorWarning(m_task->classes());
        }
        r.values["loss-floor"] = floor;
        if (!fault.empty())
            r.warnings.push_back(fault);
        for (auto &warning : logitWarnings(m_logits, m_task->classes()))
            r.warnings.push_back(std::move(warning));
        if (auto f = lossFigure(*input.project, input.run, floor); !f.panels.empty())
            r.figures.push_back(std::move(f));

        std::vector<std::int64_t> some(m_examples.begin(),
                                       m_examples.begin() + std::min<std::ptrdiff_t>(256, std::ssize(m_examples)));
        const auto batch = m_task->tensors(stacked(m_task->data(), std::move(some)), m_device);
        r.tables.push_back(parameterTable(*m_module, m_task->objective(), batch));
        if (auto hidden = hiddenLayers(*m_module, batch); !hidden.table.columns.empty()) {
            r.values["dead-units"] = hidden.deadUnits;
            r.tables.push_back(std::move(hidden.table));
            r.figures.push_back(std::move(hidden.figure));
            if (!hidden.warning.empty())
                r.warnings.push_back(std::move(hidden.warning));
        }
        if (auto t = inputRangeTable(*m_task, m_examples); !t.columns.empty())
            r.tables.push_back(std::move(t));
        std::vector<RunInfo> runs{m_run};
        for (const auto other : m_o.runs)
            if (other != input.run)
                runs.push_back(input.project->run(other));
        r.tables.push_back(seedTable(runs));

        if (!m_o.table.empty())
            return; // the training was of other rows
        const auto usage = rowUsage(*m_task, m_run.step, goOn);
        r.values["training-rows"] = usage.counts.size();
        r.values["unused-rows"] = usage.unused();
        r.figures.push_back(usage.figure());
        if (const auto warning = usage.warning(); !warning.empty() && m_run.step > 0)
            r.warnings.push_back(warning);
    }

    const ClassificationScoresOptions m_o;
    Result m_result;
    RunInfo m_run;
    std::shared_ptr<ClassificationTask> m_task;
    std::shared_ptr<Module> m_module;
    torch::Device m_device{torch::kCPU};
    std::vector<std::int64_t> m_examples;
    std::vector<double> m_logits; ///< (rows, classes)
    std::string m_what;
};

const Capability classificationScoresAnalysisCapability("classification", "task", "needs a run that classifies");
const RequiresCapability classificationScoresAnalysisClassification("classification-scores", "classification");
const AskedOf classificationScoresAnalysisOfRuns("classification-scores", "run");
const Registration<AnalysisFactory>
    classificationScoresAnalysisRegistration(ClassificationScoresOptions::schema().info(), [](const Json &options) {
        return std::make_unique<ClassificationScoresAnalysis>(
            ClassificationScoresOptions::schema().read(options, "classification-scores"));
    });

} // namespace

} // namespace reticle
