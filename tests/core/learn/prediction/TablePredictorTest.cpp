#include "learn/prediction/TablePredictor.h"

#include "analysis/Analysis.h"
#include "data/table/RowBatches.h"
#include "documents/DelimitedText.h"
#include "learn/Task_p.h"
#include "learn/training/Trainer_p.h"
#include "support/Catalog.h"
#include "support/Recorder.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>
#include <fstream>

using namespace reticle;
using test::Recorder;
namespace fs = std::filesystem;

namespace {

/// 90 rows around three places, their classes "ash", "beech" and "oak"; columns in an order that is asked for.
std::string heaps(bool swapped = false, bool classes = true)
{
    std::string text = swapped ? "height,note,width" : "width,height";
    text += classes ? ",tree\n" : "\n";
    auto random = Random::of(8, 2);
    for (int i = 0; i < 90; ++i) {
        const int c = i % 3;
        const double width = (c == 1   ? 20.0
                              : c == 2 ? -20.0
                                       : 0.0) +
                             4 * random.normal(),
                     height = (c == 0 ? 0.2 : 0.0) + 0.05 * random.normal();
        text += swapped ? std::to_string(height) + ",x" + std::to_string(i % 4) + "," + std::to_string(width)
                        : std::to_string(width) + "," + std::to_string(height);
        if (classes)
            text += c == 0 ? ",ash" : c == 1 ? ",beech" : ",oak";
        text += "\n";
    }
    return text;
}

fs::path written(const fs::path &path, const std::string &text)
{
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

std::string readText(const fs::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

/// The whole way of a table: training, resumption, scores and prediction.
class TablePredictorTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    Recipe recipe(const Json &changes = Json::object()) const
    {
        Json json{{"recipe", 1},
                  {"seed", 3},
                  {"device", "cpu"},
                  {"data", {{"name", "table"}, {"table", (m_folder / "trees.csv").string()}, {"target", "tree"}}},
                  {"model", {{"name", "mlp"}, {"width", 8}, {"depth", 2}, {"dropout", 0.2}}},
                  {"objective", {{"name", "classification"}}},
                  {"train",
                   {{"steps", 60},
                    {"batch", 16},
                    {"minutes", 0},
                    {"threads", 1},
                    {"validate-steps", 20},
                    {"checkpoint-steps", 10},
                    {"learning-rate", 0.02},
                    {"averaging", 0},
                    {"precision", "float32"}}}};
        json.merge_patch(changes);
        return Recipe(json).validated(test::catalog());
    }

    /// Metrics of a training that `dies` at the metric of a step and is taken up again; 0: it does not.
    std::vector<Event> trained(const fs::path &folder, std::int64_t dies, const Json &changes = Json::object()) const
    {
        std::vector<Event> kept;
        const auto made = recipe(changes);
        const auto run = [&](EventSink &events) {
            TrainerInput in;
            in.task = Task::create(made, openDataset(made));
            in.task->checkData();
            in.train = TrainOptions::schema().read(made.section("train"), "train");
            in.model = made.section("model");
            in.seed = made.seed();
            in.device = "cpu";
            in.description = {{"recipe", made.json()}};
            in.folder = folder;
            in.dropMetrics = [&](std::int64_t step) { std::erase_if(kept, [step](const Event &e) { return e.step > step; }); };
            in.keepMetrics = [&](const std::vector<Event> &m) { kept.insert(kept.end(), m.begin(), m.end()); };
            RunControl control;
            runTraining(std::move(in), events, control);
        };
        Recorder events;
        if (dies > 0) {
            Recorder dying;
            dying.hook = [dies](const Event &e) {
                if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == dies)
                    throw std::runtime_error("killed");
            };
            try {
                run(dying);
                throw std::logic_error("not killed");
            } catch (const Error &) {
            }
        }
        run(events);
        return kept;
    }

private Q_SLOTS:
    void initTestCase() { written(m_folder / "trees.csv", heaps()); }
    void batchesAreThoseOfTheTable()
    {
        const auto made = recipe({{"data", {{"batching", "first-slice"}}}});
        const auto data = openDataset(made);
        const auto task = Task::create(made, data);
        const auto expected = rowBatches(std::dynamic_pointer_cast<const TableData>(data), 16, 3);
        for (const std::int64_t step : {0, 7})
            QVERIFY(task->batches()->batch(step).arrays == expected->batch(step).arrays);
        QCOMPARE(task->shape().channels, std::int64_t(2));
        QCOMPARE(task->shape().outputs, std::int64_t(3));
    }
    /// Dropout and permutations are of seed and step, so a resumed training draws the same.
    void goesOnExactlyWhereItWasKilled_data()
    {
        QTest::addColumn<int>("at");
        QTest::addColumn<QString>("batching");
        for (const int at : {5, 37})
            for (const char *batching : {"shuffled", "bootstrap", "first-slice"})
                QTest::addRow("%d %s", at, batching) << at << QString(batching);
    }
    void goesOnExactlyWhereItWasKilled()
    {
        QFETCH(int, at);
        QFETCH(QString, batching);
        const Json changes{{"data", {{"batching", batching.toStdString()}}}};
        Recorder whole, resumed;
        whole.events = trained(m_folder.part(), 0, changes);
        resumed.events = trained(m_folder.part(), at, changes);
        QCOMPARE(whole.metric("train.loss").size(), std::size_t(60));
        for (const char *name : {"train.loss", "validation.loss", "validation.accuracy", "validation.training-loss"})
            QVERIFY2(!whole.metric(name).empty() && whole.metric(name) == resumed.metric(name), name);
    }
    void predictsWhatTheAnalysisScores()
    {
        auto project = Project::openOrCreate(m_folder / "P.reticle");
        const auto run = project.createRun(recipe());
        Recorder events;
        RunControl control;
        QVERIFY(train(project, run, test::catalog(), events, control).status == RunStatus::Done);
        const auto scores = analyze("classification-scores", {&project, run.id, {{"part", "all"}}}, events, control);
        for (const auto &f : scores.figures)
            QVERIFY2(f.problems().empty(), (f.name + ": " + (f.problems().empty() ? "" : f.problems().front())).c_str());
        QVERIFY(std::ranges::any_of(scores.figures, [](const auto &f) { return f.name == "hidden-layers"; }));
        QVERIFY(scores.values.at("accuracy").get<double>() > 0.8); // three heaps far from each other
        QVERIFY(scores.values.at("rows") == 90);

        const auto predictor = Predictor::open(project.runFolder(run.id), {});
        QVERIFY(dynamic_cast<TablePredictor *>(predictor.get()));
        QCOMPARE(predictor->metadata().at("task").get<std::string>(), std::string("classification"));
        // The columns in another order, one more among them, and no classes.
        const auto input = written(m_folder / "other.csv", heaps(true, false));
        predictor->predictFile(input, m_folder / "predicted.csv", events, control);
        const auto text = readText(m_folder / "predicted.csv");
        DelimitedText csv(text, "predicted.csv");
        QCOMPARE(csv.header(),
                 (std::vector<std::string>{"row", "predicted", "probability ash", "probability beech", "probability oak"}));
        const std::vector<std::string> names{"ash", "beech", "oak"};
        std::int64_t rows = 0, right = 0;
        double loss = 0;
        while (csv.next()) {
            const auto &cells = csv.cells();
            QCOMPARE(cells[0], std::to_string(rows + 1));
            const auto truth = static_cast<std::size_t>(rows % 3);
            const std::vector<double> p{std::stod(cells[2]), std::stod(cells[3]), std::stod(cells[4])};
            QVERIFY(std::abs(p[0] + p[1] + p[2] - 1) < 1e-12);
            QCOMPARE(cells[1], names[static_cast<std::size_t>(std::ranges::max_element(p) - p.begin())]);
            right += cells[1] == names[truth];
            loss -= std::log(p[truth]);
            ++rows;
        }
        QCOMPARE(rows, std::int64_t(90));
        QVERIFY(scores.values.at("correct") == right);
        QVERIFY(std::abs(loss / 90 - scores.values.at("log-loss").get<double>()) < 1e-6);
        // The same table as other data of the analysis.
        const auto other = written(m_folder / "again.csv", heaps(true, true));
        const auto again = analyze("classification-scores", {&project, run.id, {{"table", other.string()}}}, events, control);
        QVERIFY(again.values.at("rows") == 90 && again.values.at("correct") == right);
        QVERIFY2(std::ranges::none_of(again.warnings, [](const auto &w) { return w.find("not used") != std::string::npos; }),
                 again.warnings.empty() ? "" : again.warnings.front().c_str());
    }
    void refusesWhatItCannotPredict()
    {
        const auto folder = m_folder.part();
        trained(folder, 0);
        TablePredictor predictor(folder, {});
        QCOMPARE(predictor.classNames(), (std::vector<std::string>{"ash", "beech", "oak"}));
        const auto input = m_folder / "trees.csv";
        Recorder events;
        RunControl control;
        EXPECT_ERROR(predictor.predictFile(input, m_folder / "p.tif", events, control), "a name that ends in .csv");
        EXPECT_ERROR(predictor.predictFile(input, input, events, control), "trees.csv");
        EXPECT_ERROR(predictor.predict(written(m_folder / "half.csv", "width\n1\n2\n")), "height");
        EXPECT_ERROR(predictor.predict(written(m_folder / "text.csv", "width,height\n1,2\n2,abc\n3,4\n4,5\n")), "row 2");
        EXPECT_ERROR(predictor.predict(m_folder / "nothing.csv"), "nothing.csv");
        EXPECT_ERROR(predictor.predict(input, [](double) { return false; }), "cancelled");
        QVERIFY(!fs::exists(m_folder / "p.tif"));
        control.end(RunControl::End::Cancel);
        EXPECT_ERROR(predictor.predictFile(input, m_folder / "q.csv", events, control), "cancelled");
        QVERIFY(!fs::exists(m_folder / "q.csv"));
    }
};

RETICLE_TEST(TablePredictorTest)
#include "TablePredictorTest.moc"
