#include "learn/Task_p.h"

#include "data/Dataset.h"
#include "learn/prediction/Predictor.h"
#include "learn/prediction/Scoring.h"
#include "support/SmallStack.h"
#include "support/Test.h"

#include <QTemporaryDir>

#include <fstream>

using namespace reticle;
using test::catalog;

namespace {

/// Small data of one kind, and what a model of them is asked to predict.
struct Made
{
    Json data;
    std::filesystem::path input;
    std::string output; ///< file name
};

Made madeTable(const std::filesystem::path &folder)
{
    const auto path = folder / "flowers.csv";
    std::ofstream file(path);
    file << "length,width,kind\n";
    Random random(3);
    for (int i = 0; i < 60; ++i)
        file << (i % 3) + 0.3 * random.normal() << ',' << 0.3 * random.normal() - (i % 2) << ',' << "abc"[i % 3] << '\n';
    return {{{"name", "table"}, {"table", path.string()}, {"target", "kind"}}, path, "predicted.csv"};
}

/// A kind of data that is registered and not made here fails: write how it is made.
std::optional<Made> made(const std::string &kind, const std::filesystem::path &folder)
{
    if (kind == "table")
        return madeTable(folder);
    test::SmallStack stack;
    stack.write(folder);
    auto data = stack.recipe.at("data");
    if (kind == "segmentation")
        return Made{data, folder / "images.tif", "predicted.tif"};
    data.erase("labels");
    data["name"] = "images";
    if (kind == "images")
        return Made{data, folder / "images.tif", "predicted.tif"};
    return {};
}

/// Ends a training after its second step, as a person would.
struct EndsEarly : EventSink
{
    explicit EndsEarly(RunControl &c) : control(c) {}
    void emit(const Event &e) override
    {
        if (e.kind == Event::Kind::Metric && e.name == "train.loss" && e.step == 2)
            control.end(RunControl::End::Cancel);
    }
    RunControl &control;
};

} // namespace

/// Every task with each kind of data that serves it, every objective of it and every network that takes its input: trained,
/// stopped, resumed to the same losses, judged again and asked to predict.
class TaskSweepTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_made = 0;

    std::filesystem::path folder()
    {
        const auto path = std::filesystem::path(m_dir.path().toStdString()) / std::to_string(++m_made);
        std::filesystem::create_directories(path);
        return path;
    }

private Q_SLOTS:
    void learnsStopsResumesAndPredicts_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("objective");
        QTest::addColumn<QString>("model");
        const auto row = [](const std::string &kind, const std::string &objective, const std::string &model) {
            QTest::addRow("%s, %s, %s", kind.c_str(), objective.c_str(), model.c_str())
                << QString::fromStdString(kind) << QString::fromStdString(objective) << QString::fromStdString(model);
        };
        std::set<std::string> tasks;
        for (const auto &[kind, entry] : Registry<DataKind>::instance().entries()) {
            const auto some = made(kind, folder());
            QVERIFY2(some, ("tell this test how data of kind " + kind + " are made").c_str());
            QVERIFY2(entry.factory.probe, kind.c_str());
            std::set<std::string> names;
            for (const auto &spec : entry.factory.probe(entry.schema.validate(some->data, "data")))
                names.insert(spec.name);
            std::vector<std::string> models;
            for (const auto &[model, module] : Registry<ModuleFactory>::instance().entries())
                if (names.count(module.factory.takes))
                    models.push_back(model);
            QVERIFY2(!models.empty(), ("no network takes data of kind " + kind).c_str());
            for (const auto &task : entry.factory.tasks) {
                tasks.insert(task);
                std::vector<std::string> objectives;
                for (const auto &[objective, factory] : Registry<ObjectiveFactory>::instance().entries())
                    if (factory.factory.task == task)
                        objectives.push_back(objective);
                QVERIFY2(!objectives.empty(), ("no objective is of task " + task).c_str());
                for (const auto &objective : objectives)
                    row(kind, objective, models.back());
                for (std::size_t i = 0; i + 1 < models.size(); ++i)
                    row(kind, objectives.front(), models[i]);
            }
        }
        // No task without data.
        for (const auto &task : Registry<TaskKind>::instance().names())
            QVERIFY2(tasks.count(task), task.c_str());
    }
    void learnsStopsResumesAndPredicts()
    {
        QFETCH(QString, kind);
        QFETCH(QString, objective);
        QFETCH(QString, model);
        const auto where = folder();
        const auto some = *made(kind.toStdString(), where);
        Json recipe{{"recipe", 1},
                    {"title", "Sweep"},
                    {"seed", 5},
                    {"device", "cpu"},
                    {"data", some.data},
                    {"model", {{"name", model.toStdString()}}},
                    {"objective", {{"name", objective.toStdString()}}},
                    {"train",
                     {{"steps", 4},
                      {"batch", 2},
                      {"crop", 32},
                      {"threads", 1},
                      {"precision", "float32"},
                      {"validate-steps", 2},
                      {"checkpoint-steps", 1}}}};
        // As small as its family goes.
        if (Registry<ModuleFactory>::instance().get(model.toStdString()).schema.find("weights"))
            for (const int weights : {4000, 3875, 20000}) {
                recipe["model"]["weights"] = weights;
                try {
                    makeAnyModule(recipe.at("model"), {1, 1});
                    break;
                } catch (const Error &) {
                }
            }
        auto project = Project::openOrCreate(where / "Sweep.reticle");
        const auto run = [&] { return project.createRun(Recipe(recipe).validated(catalog())); };
        test::EventCounter events;
        RunControl control, ending;
        const auto whole = run(), parted = run();
        const auto outcome = train(project, whole, catalog(), events, control);
        QVERIFY(outcome.status == RunStatus::Done);
        EndsEarly early(ending);
        QVERIFY(train(project, parted, catalog(), early, ending).status == RunStatus::Cancelled);
        QVERIFY(train(project, project.run(parted.id), catalog(), events, control).status == RunStatus::Done);
        for (const char *name : {"train.loss", "validation.loss"}) {
            const auto a = project.metric(whole.id, name), b = project.metric(parted.id, name);
            QVERIFY2(a.size() == (std::string(name) == "train.loss" ? 4u : 2u) && b.size() == a.size(), name);
            for (std::size_t i = 0; i < a.size(); ++i)
                QVERIFY2(a[i].step == b[i].step && a[i].value == b[i].value && std::isfinite(a[i].value), name);
        }
        // By the code of the training, from the files that it kept.
        const auto scores = scoreModel(project, project.run(whole.id), "validation", "cpu", [] { return true; });
        const auto &best = outcome.summary.at("best");
        QVERIFY(std::abs(scores.at("loss").get<double>() - best.at("loss").get<double>()) < 1e-6);
        const auto told = RunScores::of(outcome.summary);
        QCOMPARE(QString::fromStdString(told.task()),
                 QString::fromStdString(Registry<ObjectiveFactory>::instance().get(objective.toStdString()).factory.task));
        QVERIFY2(scores.contains(told.selectedScore().name), told.selectedScore().name.c_str());

        const auto predictor = Predictor::open(project.runFolder(whole.id), {});
        predictor->predictFile(some.input, where / some.output, events, control);
        QVERIFY(std::filesystem::file_size(where / some.output) > 0);
    }
    /// What an objective is registered for is what it says itself.
    void objectivesAreOfTheTaskTheyRegisterFor()
    {
        for (const auto &[name, entry] : Registry<ObjectiveFactory>::instance().entries()) {
            const auto objective = makeObjective({{"name", name}}, {1, 1});
            QCOMPARE(QString::fromStdString(objective->task()), QString::fromStdString(entry.factory.task));
            QVERIFY2(Registry<TaskKind>::instance().contains(entry.factory.task), entry.factory.task.c_str());
        }
    }
};

RETICLE_TEST(TaskSweepTest)
#include "TaskSweepTest.moc"
