#include "analysis/Analysis.h"
#include "analysis/classification/RunDiagnostics_p.h"

#include "learn/training/Checkpoint_p.h"
#include "learn/training/Training.h"
#include "protocol/Capabilities.h"
#include "support/Catalog.h"
#include "support/MadeRows.h"
#include "support/Recorder.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>

using namespace reticle;

namespace {

/// Heaps of rows whose batches may be the same rows at every step, as data of a recipe.
struct HeapOptions
{
    std::int64_t rows = 60;
    bool first = false;
    std::string table; ///< other heaps: where there is a name, 30 rows

    static Schema<HeapOptions> schema()
    {
        return Schema<HeapOptions>("made-heaps", "Heaps", "Rows around three places.")
            .field(&HeapOptions::rows, {.name = "rows", .help = "Number of rows", .min = 9})
            .field(&HeapOptions::first, {.name = "first", .help = "The same rows at every step"})
            .field(&HeapOptions::table, {.name = "table", .help = "Other heaps", .path = true});
    }
};

class Heaps : public test::MadeRows
{
public:
    Heaps(const test::MadeRows &rows, bool first) : MadeRows(rows), first(first) {}
    const std::string &kind() const override
    {
        static const std::string name = "made-heaps";
        return name;
    }
    const bool first;
};

class FirstRows : public BatchSource
{
public:
    FirstRows(std::shared_ptr<const Dataset> data, std::int64_t size) : m_data(std::move(data)), m_size(size) {}
    Batch batch(std::int64_t step) const override
    {
        const auto &rows = m_data->split().training;
        auto b = stacked(*m_data, {rows.begin(), rows.begin() + m_size});
        b.step = step;
        return b;
    }
    std::int64_t stepsPerEpoch() const override { return 1; }

private:
    std::shared_ptr<const Dataset> m_data;
    std::int64_t m_size;
};

std::shared_ptr<Dataset> open(const Json &options, std::uint64_t)
{
    const auto o = HeapOptions::schema().read(options, "data");
    return std::make_shared<Heaps>(*test::threeHeaps(o.table.empty() ? o.rows : 30), o.first);
}

void registerHeaps()
{
    test::registerMadeLayers();
    static const Registration<DataKind> heaps(
        HeapOptions::schema().info(),
        DataKind{.open = open,
                 .openForModel = [](const Json &options, std::uint64_t seed, const DataOfModel &model,
                                    std::vector<std::string> &) -> std::shared_ptr<Dataset> {
                     auto data = open(options, seed);
                     static_cast<Heaps &>(*data).parts = Split::fromJson(model.description.at("split"));
                     return data;
                 },
                 .tasks = {"classification"},
                 .batches = [](std::shared_ptr<const Dataset> data, std::int64_t size,
                               std::uint64_t seed) -> std::shared_ptr<const BatchSource> {
                     if (static_cast<const Heaps &>(*data).first)
                         return std::make_shared<FirstRows>(std::move(data), size);
                     return shuffled(data, data->split().training, size, seed);
                 }});
}

const Table &tableTitled(const Result &r, const std::string &title)
{
    for (const auto &t : r.tables)
        if (t.title == title)
            return t;
    throw Error({"table", title, "none", {}});
}

const Figure *figureOf(const Result &r, const std::string &name)
{
    for (const auto &f : r.figures)
        if (f.name == name)
            return &f;
    return nullptr;
}

bool says(const std::vector<std::string> &warnings, const std::string &text)
{
    return std::ranges::any_of(warnings, [&](const auto &w) { return w.find(text) != std::string::npos; });
}

} // namespace

class ClassificationScoresAnalysisTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    std::optional<Project> m_project;

    /// Twelve steps of seven rows.
    std::int64_t trained(const Json &changes = Json::object())
    {
        Json recipe{
            {"recipe", 1},
            {"seed", 5},
            {"device", "cpu"},
            {"data", {{"name", "made-heaps"}}},
            {"model", {{"name", "made-layers"}}},
            {"objective", {{"name", "classification"}}},
            {"train",
             {{"steps", 12}, {"batch", 7}, {"threads", 1}, {"validate-steps", 4}, {"precision", "float32"}, {"minutes", 0}}}};
        recipe.merge_patch(changes);
        const auto catalog = test::catalog();
        const auto run = m_project->createRun(Recipe(recipe).validated(catalog));
        test::Recorder events;
        RunControl control;
        train(*m_project, run, catalog, events, control);
        return run.id;
    }
    Result asked(std::int64_t run, const Json &options = Json::object())
    {
        test::Recorder events;
        RunControl control;
        auto r = analyze("classification-scores", {&*m_project, run, options}, events, control);
        for (const auto &f : r.figures)
            for (const auto &p : f.problems())
                throw Error(Error::Kind::Failed, f.name, p);
        return r;
    }

private Q_SLOTS:
    void initTestCase()
    {
        registerHeaps();
        m_project.emplace(Project::openOrCreate(m_folder / "P.reticle"));
    }
    void scoresAreThoseOfTheTraining()
    {
        const auto run = trained();
        const auto r = asked(run);
        const auto best = m_project->run(run).summary.at("best");
        for (const char *name : {"accuracy", "balanced-accuracy", "macro-f1"})
            QVERIFY2(std::abs(r.values.at(name).get<double>() - best.at(name).get<double>()) < 1e-12, name);
        QVERIFY(std::abs(r.values.at("log-loss").get<double>() - best.at("loss").get<double>()) < 1e-5);
        QVERIFY(r.values.at("rows") == 12);
        QVERIFY(std::abs(r.values.at("correct").get<double>() / 12 - r.values.at("accuracy").get<double>()) < 1e-12);
        QVERIFY(std::abs(r.values.at("largest-class").get<double>() - 4.0 / 12) < 1e-12);
        QVERIFY2(r.summary.find(" of 12)") != std::string::npos, r.summary.c_str());
        for (const char *name : {"confusion-matrix", "roc", "precision-recall", "calibration", "loss", "row-usage"})
            QVERIFY2(figureOf(r, name), name);
        QVERIFY(asked(run, {{"part", "test"}}).values.at("rows") == 12);
        QVERIFY(asked(run, {{"part", "all"}, {"diagnostics", false}}).values.at("rows") == 60);
        // It comes back from the project.
        const auto number = m_project->addResult(run, r, Json::object());
        QCOMPARE(m_project->result(number).figures.size(), r.figures.size());
    }
    void countsRowsOfAllSteps()
    {
        const auto run = trained();
        const auto r = asked(run);
        QVERIFY(r.values.at("training-rows") == 36 && r.values.at("unused-rows") == 0);
        QVERIFY(!says(r.warnings, "never used"));
        const auto &bars = std::get<HistogramPanel>(figureOf(r, "row-usage")->panels.front().content).histograms.front();
        double sum = 0;
        for (const double n : bars.counts) {
            QVERIFY(n == 2 || n == 3); // two passes and a third
            sum += n;
        }
        QCOMPARE(sum, 12.0 * 7);
        const auto same = asked(trained({{"data", {{"first", true}}}}));
        QVERIFY(same.values.at("unused-rows") == 29);
        QVERIFY(says(same.warnings, "29 of 36 training rows (80.6 %"));
        const auto &first = std::get<HistogramPanel>(figureOf(same, "row-usage")->panels.front().content).histograms.front();
        QCOMPARE(first.counts.front(), 12.0);
        QCOMPARE(first.counts.back(), 0.0);
    }
    void saysWhatTheLossCannotReach()
    {
        const auto r = asked(trained({{"objective", {{"loss-input", "softmax"}}}}));
        QVERIFY(std::abs(r.values.at("loss-floor").get<double>() - 0.55144) < 5e-6);
        QVERIFY(says(r.warnings, "Softmax is applied twice"));
        const auto &series = std::get<XYPanel>(figureOf(r, "loss")->panels.front().content).series;
        QVERIFY(series.back().dash == Dash::Dashed && std::abs(series.back().y.front() - 0.55144) < 5e-6);
        const auto plain = asked(trained());
        QVERIFY(plain.values.at("loss-floor") == 0.0 && !says(plain.warnings, "Softmax"));
        for (const auto &s : std::get<XYPanel>(figureOf(plain, "loss")->panels.front().content).series)
            QVERIFY(s.dash == Dash::Solid);
    }
    void tablesOfWeightsFeaturesAndSeeds()
    {
        const auto run = trained(), other = trained({{"seed", 6}});
        const auto r = asked(run, {{"part", "training"}, {"runs", {run, other}}});
        const auto &weights = tableTitled(r, "Parameters");
        QCOMPARE(weights.rows(), std::size_t(2));
        QCOMPARE(weights.text(0, 0), std::string("hidden"));
        QCOMPARE(weights.text(0, 1), std::string("8 x 2"));
        QCOMPARE(weights.number(0, 2), 16.0);
        QCOMPARE(weights.number(1, 2), 24.0);
        QVERIFY(weights.number(0, 5) > 0 && weights.number(1, 5) > 0);
        const auto &ranges = tableTitled(r, "Ranges of the features, as the network gets them");
        QCOMPARE(ranges.rows(), std::size_t(2));
        QCOMPARE(ranges.text(1, 0), std::string("features 2"));
        double low = INFINITY, high = -INFINITY;
        const auto data = test::threeHeaps();
        for (const auto i : data->parts.training) {
            const auto x = data->example(i).at("features").value(1);
            low = std::min(low, x);
            high = std::max(high, x);
        }
        QVERIFY(ranges.number(1, 1) == low && ranges.number(1, 2) == high);
        const auto &seeds = tableTitled(r, "Seeds");
        QCOMPARE(seeds.columns.size(), std::size_t(4)); // stream, two runs, whether they are equal
        QCOMPARE(seeds.text(1, 1), std::string("5"));
        QCOMPARE(seeds.text(1, 2), std::string("6"));
        QCOMPARE(seeds.text(1, 3), std::string("no"));
    }
    void otherTablesAreScoredWhole()
    {
        const auto run = trained();
        std::ofstream(m_folder / "other.csv") << "heaps\n";
        const auto r = asked(run, {{"table", (m_folder / "other.csv").string()}});
        QVERIFY(r.values.at("rows") == 30);
        QVERIFY(!figureOf(r, "row-usage") && r.summary.find("other.csv") != std::string::npos);
    }
    void refusesWhatItCannotScore()
    {
        EXPECT_ERROR(analyze("classification-scores", {}, *std::make_unique<test::Recorder>(), *std::make_unique<RunControl>()),
                     "a run that classifies");
        const auto run = trained();
        EXPECT_ERROR(asked(run, {{"part", "tests"}}), "part");
        EXPECT_ERROR(asked(run, {{"runs", {99}}}), "run 99");
        const auto other = trained();
        test::SameAsInput network;
        saveModel(m_project->runFolder(other), network, {{"task", "segmentation"}});
        EXPECT_ERROR(asked(other), "a run of the task segmentation");
        const auto &capabilities = Capabilities::instance();
        QVERIFY(capabilities.refusal("classification-scores", {{"task", {{"name", "classification"}}}}).empty());
        QVERIFY(capabilities.refusal("classification-scores", {{"task", {{"name", "segmentation"}}}})
                    .starts_with("needs a run that classifies"));
    }
    void canBeCancelled()
    {
        const auto run = trained();
        test::Recorder events;
        RunControl control;
        control.end(RunControl::End::Cancel);
        EXPECT_ERROR(analyze("classification-scores", {&*m_project, run, Json::object()}, events, control), "cancelled");
    }
};

RETICLE_TEST(ClassificationScoresAnalysisTest)
#include "ClassificationScoresAnalysisTest.moc"
