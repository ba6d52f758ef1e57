#include "learn/tasks/Classification_p.h"

#include "learn/objectives/Classification_p.h"
#include "learn/training/Checkpoint_p.h"
#include "learn/training/Trainer_p.h"
#include "project/ModelFiles.h"
#include "project/Recipe.h"
#include "support/MadeRows.h"
#include "support/Recorder.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>

using namespace reticle;
using test::MadeRows;
using test::Recorder;
namespace fs = std::filesystem;

namespace {

bool near(double a, double b, double tolerance = 1e-9)
{
    return std::abs(a - b) <= tolerance;
}

std::shared_ptr<ClassificationTask> taskOf(std::shared_ptr<Dataset> data, Json objective = Json::object(),
                                           const Json &train = {{"batch", 8}})
{
    objective["name"] = "classification";
    const Recipe recipe(Json{{"seed", 5}, {"objective", objective}, {"train", train}});
    auto made = makeObjective(objective, data->classCounts());
    return std::make_shared<ClassificationTask>(TaskInput{recipe, std::move(data), std::move(made)});
}

double score(const Evaluation &e, const std::string &name)
{
    for (const auto &[known, value] : e.scores)
        if (known == name)
            return value;
    throw Error({"score", name, "none", {}});
}

/// Every step is of the training part's first rows.
class SameBatch : public BatchSource
{
public:
    SameBatch(std::shared_ptr<const Dataset> data, std::int64_t size) : m_data(std::move(data)), m_size(size) {}
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

/// Of a kind that draws its batches itself.
class FirstRows : public MadeRows
{
public:
    using MadeRows::MadeRows;
    const std::string &kind() const override
    {
        static const std::string name = "first-rows";
        return name;
    }
};

} // namespace

class ClassificationTaskTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    Json m_reference;

    /// Rows whose features are the logits of the reference.
    std::shared_ptr<MadeRows> logits() const
    {
        const auto &e = m_reference["evaluation"];
        auto data =
            std::make_shared<MadeRows>(3, e["logits"].get<std::vector<float>>(), e["truth"].get<std::vector<std::int64_t>>(),
                                       std::vector<std::string>{"a", "b", "c"});
        for (std::int64_t i = 0; i < data->size(); ++i)
            data->parts.validation.push_back(i);
        data->parts.training = {0, 1, 3}; // of each class
        data->parts.test = {0, 2};
        return data;
    }

    struct Ran
    {
        std::vector<Event> kept;
        TrainingOutcome outcome;
        std::vector<std::pair<std::int64_t, double>> of(const std::string &name) const
        {
            Recorder r;
            r.events = kept;
            return r.metric(name);
        }
    };
    /// Six steps on three heaps; `dies` at the metric of that step, and is taken up again.
    Ran trained(const fs::path &folder, std::int64_t dies = 0, const Json &objective = Json::object())
    {
        Ran ran;
        const auto run = [&](EventSink &events) {
            TrainerInput in;
            in.train.steps = 6;
            in.train.batch = 7;
            in.train.validateSteps = 2;
            in.train.checkpointSteps = 2;
            in.train.threads = 1;
            in.train.precision = "float32";
            in.task = taskOf(test::threeHeaps(), objective, TrainOptions::schema().write(in.train));
            in.model = {{"name", "made-layers"}};
            in.seed = 5;
            in.device = "cpu";
            in.description = {{"recipe", {{"model", in.model}}}};
            in.folder = folder;
            in.dropMetrics = [&](std::int64_t step) {
                std::erase_if(ran.kept, [step](const Event &e) { return e.step > step; });
            };
            in.keepMetrics = [&](const std::vector<Event> &m) { ran.kept.insert(ran.kept.end(), m.begin(), m.end()); };
            RunControl control;
            ran.outcome = runTraining(std::move(in), events, control);
        };
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
        Recorder events;
        run(events);
        return ran;
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(test::source("tests/reference/tables/rowlosses.json"));
        m_reference = Json::parse(file);
        test::registerMadeLayers();
        static const Registration<DataKind> first(
            SchemaInfo{"first-rows", "First rows", {}, {}},
            DataKind{.batches = [](std::shared_ptr<const Dataset> data, std::int64_t size, std::uint64_t) {
                return std::make_shared<SameBatch>(std::move(data), size);
            }});
    }
    void scoresAsScikitLearnHasThem()
    {
        const auto &expected = m_reference["evaluation"];
        const auto task = taskOf(logits());
        test::SameAsInput network;
        network.train();
        const auto e = task->evaluate({network}, "validation");
        QVERIFY(network.is_training());
        // The features are float32.
        QVERIFY2(near(e.loss, expected["loss"], 1e-6), qPrintable(QString::number(e.loss, 'g', 12)));
        for (const char *name : {"accuracy", "macro-f1", "balanced-accuracy"})
            QVERIFY2(near(score(e, name), expected[name]), name);
        QCOMPARE(e.selection, score(e, "accuracy"));
        QVERIFY2(e.warning.empty(), e.warning.c_str());
        // Of rows 0, 1 and 3, beside it.
        const Tensors training{{"output", torch::tensor(expected["logits"].get<std::vector<double>>())
                                              .view({-1, 3})
                                              .index_select(0, torch::tensor({0, 1, 3}))}};
        const auto classes =
            torch::tensor(expected["truth"].get<std::vector<std::int64_t>>()).index_select(0, torch::tensor({0, 1, 3}));
        QVERIFY(near(score(e, "training-loss"), task->objective().measure(training, {{"target", classes}}).total.item<double>(),
                     1e-6));
        QVERIFY(near(score(e, "training-accuracy"),
                     (training.at("output").argmax(1) == classes).to(torch::kDouble).mean().item<double>()));
        // Another part says nothing of the training.
        const auto test = task->evaluate({network}, "test");
        QVERIFY(test.scores.size() == 3 && std::isfinite(test.loss));
        // Each score that is described is there.
        const auto scores = task->scores().toJson();
        QCOMPARE(scores["score"].get<std::string>(), std::string("accuracy"));
        for (const auto &s : scores["scores"])
            QVERIFY(s["name"] == "loss" || std::isfinite(score(e, s["name"].get<std::string>())));
    }
    /// More rows than one pass takes, of both kinds of parts.
    void manyRowsAreSeenInChunks()
    {
        torch::manual_seed(2);
        const std::int64_t rows = 10000;
        const auto z = torch::randn({rows, 3});
        const auto y = torch::randint(0, 3, {rows}, torch::kLong);
        auto data =
            std::make_shared<MadeRows>(3, std::vector<float>(z.data_ptr<float>(), z.data_ptr<float>() + 3 * rows),
                                       std::vector<std::int64_t>(y.data_ptr<std::int64_t>(), y.data_ptr<std::int64_t>() + rows),
                                       std::vector<std::string>{"a", "b", "c"});
        for (std::int64_t i = 0; i < rows; ++i)
            data->parts.validation.push_back(i);
        data->parts.training = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        const Json weights{{"class-weights", "list"}, {"weight-list", {1, 2, 5}}};
        const auto task = taskOf(data, weights);
        test::SameAsInput network;
        torch::NoGradGuard guard;
        const auto expected = task->objective().measure({{"output", z}}, {{"target", y}}).total.item<double>();
        for (int time = 0; time < 2; ++time) { // the second time from what was kept of it
            const auto e = task->evaluate({network}, "validation");
            QVERIFY2(near(e.loss, expected, 1e-5), qPrintable(QString::number(e.loss - expected)));
            QVERIFY(near(e.selection, (z.argmax(1) == y).to(torch::kDouble).mean().item<double>()));
        }
        std::int64_t chunks = 0, seen = 0;
        task->answers({network}, data->parts.validation, [&](const ClassificationTask::Answer &a) {
            ++chunks;
            seen += a.logits.size(0);
            QCOMPARE(a.batch.examples.size(), static_cast<std::size_t>(a.logits.size(0)));
        });
        QVERIFY(chunks > 1 && seen == rows);
        // It can be ended early.
        EvaluationInput ended{network};
        ended.goOn = [] { return false; };
        QVERIFY(std::isnan(task->evaluate(ended, "validation").loss));
    }
    void warnsOfWhatKeepsItFromLearning()
    {
        test::SameAsInput network;
        const auto softmax = taskOf(logits(), {{"loss-input", "softmax"}})->evaluate({network}, "validation").warning;
        QVERIFY2(softmax.find("cannot fall below 0.5514 with 3 classes") != std::string::npos, softmax.c_str());

        const auto &e = m_reference["evaluation"];
        auto first =
            std::make_shared<FirstRows>(3, e["logits"].get<std::vector<float>>(), e["truth"].get<std::vector<std::int64_t>>(),
                                        std::vector<std::string>{"a", "b", "c"});
        for (std::int64_t i = 0; i < 20; ++i)
            first->parts.training.push_back(i);
        first->parts.validation = {20, 21, 22};
        const auto same = taskOf(first)->evaluate({network}, "validation").warning;
        QVERIFY2(same.find("12 of 20 training rows (60.0 %") != std::string::npos, same.c_str());
        const auto whole = taskOf(first, Json::object(), {{"batch", 20}})->evaluate({network}, "validation").warning;
        QVERIFY2(whole.empty(), whole.c_str()); // all rows, as with batching "full"

        for (auto &p : network.parameters()) {
            torch::NoGradGuard guard;
            p.zero_();
        }
        const auto dead = taskOf(logits())->evaluate({network}, "validation").warning;
        QVERIFY2(dead.find("The network is dead") != std::string::npos, dead.c_str());
    }
    void showsTheConfusionMatrix()
    {
        test::SameAsInput network;
        const auto shown = Figure::fromJson(taskOf(logits())->example({network}).at("figure"));
        QVERIFY(shown.problems().empty());
        QVERIFY(shown.title.find("validation") != std::string::npos);
        QVERIFY2(shown.caption.find("13 of 23") != std::string::npos, shown.caption.c_str());
        auto data = logits();
        data->parts.validation.clear();
        QVERIFY(Figure::fromJson(taskOf(data)->example({network}).at("figure")).title.find("training") != std::string::npos);
        // Of many classes the counts would not be readable.
        std::vector<std::string> names;
        for (int c = 0; c < 30; ++c)
            names.push_back("class " + std::to_string(c));
        data = std::make_shared<MadeRows>(30, std::vector<float>(60, 0.5F), std::vector<std::int64_t>{0, 29}, names);
        data->parts.training = {0, 1};
        const auto many = Figure::fromJson(taskOf(data)->example({network}).at("figure"));
        QVERIFY(many.panels.size() == 1 && many.problems().empty());
    }
    void saysWhatANetworkMustTake()
    {
        const auto task = taskOf(test::threeHeaps());
        QCOMPARE(task->shape().channels, std::int64_t(2));
        QCOMPARE(task->shape().outputs, std::int64_t(3));
        QCOMPARE(task->examples(), std::int64_t(36));
        QCOMPARE(task->batchText(), std::string("8 rows"));
        QVERIFY(task->has("validation") && task->has("test"));
        const auto dummy = task->dummyBatch(5, 2);
        QVERIFY(dummy.at("features").sizes() == torch::IntArrayRef({5, 2}) && dummy.at("features").dtype() == torch::kFloat);
        QVERIFY(dummy.at("target").sizes() == torch::IntArrayRef({5}) && dummy.at("target").dtype() == torch::kLong);
        const auto batch = task->tensors(task->batches()->batch(0), torch::kCPU);
        QVERIFY(batch.at("features").sizes() == torch::IntArrayRef({8, 2}) &&
                batch.at("target").sizes() == torch::IntArrayRef({8}));

        const auto fits = makeAnyModule({{"name", "made-layers"}}, task->shape());
        task->checkCompatible(*fits);
        test::SameAsInput two;
        EXPECT_ERROR(task->checkCompatible(two), "a value for each of 3 classes from features");
        const auto image = makeAnyModule({{"name", "unet"}, {"weights", 4000}}, {2, 3});
        EXPECT_ERROR(task->checkCompatible(*image), "model");
    }
    /// Data of other kinds: lists of lists, examples of several shapes, classes as lists of one.
    void inputsMayHaveAnyShape()
    {
        auto data = test::threeHeaps();
        data->made = {{"sites", DType::UInt8, {4, 100}, {}, {}},
                      {"positions", DType::Float32, {100}, {}, {}},
                      {"target", DType::Int64, {1}, {"a", "b", "c"}, {}}};
        const auto task = taskOf(data);
        QCOMPARE(task->shape().channels, std::int64_t(4));
        const auto dummy = task->dummyBatch(2, 0.5);
        QVERIFY(dummy.at("sites").sizes() == torch::IntArrayRef({2, 4, 50}));
        QVERIFY(dummy.at("positions").sizes() == torch::IntArrayRef({2, 100}));
        Batch batch;
        batch.arrays["target"] = Array(DType::Int64, {3, 1});
        QVERIFY(task->tensors(batch, torch::kCPU).at("target").sizes() == torch::IntArrayRef({3}));
        // Of examples that may differ in shape the first says what a network is made for, and each is asked alone.
        data = test::threeHeaps();
        data->made.front().shape = {-1};
        const auto any = taskOf(data);
        QCOMPARE(any->shape().channels, std::int64_t(2));
        std::int64_t chunks = 0;
        const auto network = makeAnyModule({{"name", "made-layers"}}, any->shape());
        any->answers({*network}, data->parts.test, [&](const ClassificationTask::Answer &) { ++chunks; });
        QCOMPARE(chunks, std::int64_t(12));
    }
    void refusesWhatCannotBeLearned()
    {
        auto data = test::threeHeaps();
        data->made.back().categories = {"a"};
        EXPECT_ERROR(taskOf(data), "at least 2 classes, found 1");
        data->made.pop_back();
        EXPECT_ERROR(taskOf(data), "examples without a class");
        data = test::threeHeaps();
        data->made.erase(data->made.begin());
        EXPECT_ERROR(taskOf(data), "classes alone");
        data = test::threeHeaps();
        std::erase_if(data->parts.training, [](auto i) { return i % 3 == 2; });
        EXPECT_ERROR(taskOf(data)->checkData(), "none of class c");
        taskOf(test::threeHeaps())->checkData();
        data->parts.training.clear();
        EXPECT_ERROR(taskOf(data), "at least one row to train on");
        EXPECT_ERROR(taskOf(test::threeHeaps())->partOf("tests"), "part");
    }
    void goesOnExactlyWhereItWasKilled_data()
    {
        QTest::addColumn<int>("at");
        for (const int at : {3, 4, 6})
            QTest::addRow("%d", at) << at;
    }
    void goesOnExactlyWhereItWasKilled()
    {
        QFETCH(int, at);
        const auto whole = trained(m_folder.part()), resumed = trained(m_folder.part(), at);
        QVERIFY(whole.outcome.status == RunStatus::Done && resumed.outcome.status == RunStatus::Done);
        QCOMPARE(whole.of("train.loss").size(), std::size_t(6));
        for (const char *name : {"train.loss", "validation.loss", "validation.accuracy", "validation.macro-f1",
                                 "validation.training-loss", "validation.training-accuracy"})
            QVERIFY2(!whole.of(name).empty() && whole.of(name) == resumed.of(name), name);
    }
    void aModelSaysWhatItClassifies()
    {
        const auto folder = m_folder.part();
        const auto ran = trained(folder);
        const auto info = readModelDescription(folder);
        QCOMPARE(info.at("task").get<std::string>(), std::string("classification"));
        QCOMPARE(info.at("classNames"), Json({"a", "b", "c"}));
        QVERIFY(info.at("channels") == 2 && info.at("outputs") == 3 && info.at("classes") == 3);
        QVERIFY(info.at("made") == true && info.at("split").is_object());
        const auto &summary = ran.outcome.summary;
        QCOMPARE(summary.at("task").get<std::string>(), std::string("classification"));
        QCOMPARE(summary.at("score").get<std::string>(), std::string("accuracy"));
        QCOMPARE(summary.at("best").at("score"), summary.at("best").at("accuracy"));
        // The weights that were kept give the scores that are said of them.
        const auto task = taskOf(test::threeHeaps());
        const auto network = makeAnyModule({{"name", "made-layers"}}, task->shape());
        loadModel(*network, folder);
        QVERIFY(near(task->evaluate({*network}, "validation").loss, summary.at("best").at("loss").get<double>()));
    }
    void networksAreDescribedFromHeaders()
    {
        const Recipe recipe(
            Json{{"data", {{"name", "table"}}}, {"objective", {{"name", "classification"}}}, {"train", {{"batch", 8}}}});
        const auto task =
            Task::sketch(recipe, {{"features", DType::Float32, {7}, {}, {}}, {"target", DType::Int64, {}, {"a", "b", "c"}, {}}});
        QCOMPARE(task->shape().channels, std::int64_t(7));
        QCOMPARE(task->shape().outputs, std::int64_t(3));
        QCOMPARE(task->batchSize(), std::int64_t(8));
        const auto batch = task->dummyBatch(5, 1);
        QVERIFY((batch.at("features").sizes() == torch::IntArrayRef{5, 7}));
        QVERIFY((batch.at("target").sizes() == torch::IntArrayRef{5}));
    }
    void probabilitiesFollowTheLogits()
    {
        ClassProbabilities p;
        append(p, torch::zeros({1, 4}));
        append(p, torch::log(torch::tensor({{0.5, 0.25, 0.125, 0.125}})));
        QCOMPARE(p.rows(), std::int64_t(2));
        QVERIFY(near(p.at(0, 3), 0.25) && near(p.at(1, 0), 0.5, 1e-7) && near(p.at(1, 3), 0.125, 1e-7));
        p.check({0, 1});
    }
};

RETICLE_TEST(ClassificationTaskTest)
#include "ClassificationTaskTest.moc"
