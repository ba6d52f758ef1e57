#include "Worker.h"

#include "history/TrainingHistory.h"
#include "project/Project.h"

#include <cmath>

using namespace reticle;
using test::text;
using test::worker;

namespace {

constexpr const char *none = "No training like this has been finished on this machine yet.";

} // namespace

/// What trainings leave in the user's history, and what the next one is told.
class EstimateTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    std::filesystem::path tissue() const { return m_folder / "tissue"; }
    std::filesystem::path project() const { return m_folder / "A.reticle"; }
    QByteArray m_before;

    /// The worker's history from now on.
    std::filesystem::path state(const std::string &name) const
    {
        qputenv("RETICLE_STATE", text(m_folder / name).toUtf8());
        return m_folder / name / "trainings.json";
    }
    QStringList describe(int size, const PastTraining &like) const
    {
        return {"describe",    "unet", "--set",   "weights=4000",        "--channels", QString::number(like.channels),
                "--classes",   "2",    "--size",  QString::number(size), "--batch",    "2",
                "--objective", "bce",  "--train", "threads=1",           "--train",    "steps=80"};
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_before = qgetenv("RETICLE_STATE");
        qputenv("CUDA_VISIBLE_DEVICES", ""); // "auto" is the processor, as for the run
        QVERIFY(test::makeTissue(tissue()));
        const auto file = state("state");
        const auto run = worker(test::tinyRun(tissue(), project(), 8));
        QVERIFY2(run.status == 0, run.err.constData());
        QVERIFY(std::filesystem::exists(file));
    }
    void cleanupTestCase() { qputenv("RETICLE_STATE", m_before); }

    void aFinishedTrainingLeavesAnEntry()
    {
        const auto file = state("state");
        const auto all = TrainingHistory(file).read();
        QCOMPARE(all.size(), std::size_t(1));
        const auto &t = all[0];
        const auto run = Project::open(project()).run(1);
        QCOMPARE(t.network, std::string("unet"));
        QCOMPARE(t.weights, run.summary["weights"].get<std::int64_t>());
        QVERIFY(t.crop == 32 && t.batch == 2 && t.steps == 8 && t.classes == 2 && t.channels >= 1);
        QCOMPARE(t.precision, run.summary["precision"].get<std::string>());
        QVERIFY(t.machine.find("1 threads") != std::string::npos);
        QCOMPARE(t.score, std::string("dice"));
        QCOMPARE(t.value, run.summary["best"]["dice"].get<double>());
        QVERIFY(std::abs(t.minutes * 60 - run.summary["seconds"].get<double>()) < 1e-9 && t.budget == 0);
        // Nothing in it says what was trained on, or where.
        const auto content = test::readAll(file);
        for (const auto &word : {std::string("tissue"), m_folder.path().string(), std::string("Quick look")})
            QVERIFY2(content.find(word) == std::string::npos, word.c_str());
    }
    void theNextOneIsToldWhatToExpect()
    {
        state("state");
        test::Served served;
        Json recipe = Project::open(project()).run(1).recipe;
        recipe["train"]["steps"] = 80; // ten times as many
        const Json answer = served.ask("training-estimate", Json{{"recipe", recipe}})["result"];
        QCOMPARE(answer["trainings"].get<int>(), 1);
        QVERIFY2(answer["text"].get<std::string>().find("80 steps take about") == 0, answer["text"].get<std::string>().c_str());
        const double seconds = Project::open(project()).run(1).summary["seconds"];
        QVERIFY(std::abs(answer["minutes"]["expected"].get<double>() - 10 * seconds / 60) < 1e-6);
        QCOMPARE(answer["score"]["source"].get<std::string>(), std::string("range")); // on these data, at one time
        QVERIFY(answer["text"].get<std::string>().find("On these data 1 training of") != std::string::npos);
        recipe["seed"] = 77;
        QCOMPARE(served.ask("training-estimate", Json{{"recipe", recipe}})["result"]["trainings"].get<int>(), 1);
        recipe["train"]["crop"] = 48;
        QCOMPARE(served.ask("training-estimate", Json{{"recipe", recipe}})["result"]["text"].get<std::string>(),
                 std::string(none));
        // Of a recipe for several runs that of the first.
        recipe["train"]["crop"] = 32;
        recipe["compare"] = {{"models", {recipe["model"], "fcn"}}, {"seeds", {1, 2}}};
        const auto first = served.ask("training-estimate", Json{{"recipe", recipe}})["result"]["text"].get<std::string>();
        QVERIFY2(first.find("First of 4 runs: 80 steps take about") == 0, first.c_str());
        QVERIFY(served.ask("training-estimate", Json{{"recipe", {{"model", {{"name", "nothing"}}}}}}).contains("error"));
    }
    void describeSaysItBesideTheMemory()
    {
        const auto like = TrainingHistory(state("state")).read().at(0);
        const auto o = worker(describe(32, like));
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("\nTraining time\n80 steps take about") && o.out.contains("Largest batch"), o.out.constData());
        const auto json = worker(describe(32, like) << "--json");
        const Json estimate = Json::parse(json.out.toStdString())["model"]["estimate"];
        QCOMPARE(estimate["trainings"].get<int>(), 1);
        QVERIFY(estimate["minutes"].contains("expected"));
        QCOMPARE(estimate["score"]["source"].get<std::string>(), std::string("other data")); // it is of none in particular
        const auto other = worker(describe(48, like));
        QVERIFY2(other.status == 0 && other.out.contains(none), other.out.constData());
        state("empty");
        QVERIFY(worker(describe(32, like)).out.contains(none));
    }
    void describeTakesARecipeToo()
    {
        state("state");
        const auto file = m_folder / "again.json";
        test::writeAll(file, Project::open(project()).run(1).recipe.dump());
        const auto o = worker({"describe", text(file), "--set", "train.steps=80"});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("\nTraining time\n80 steps take about") && o.out.contains("On these data 1 training of") &&
                     o.out.contains("Memory of 2 images"),
                 o.out.constData());
        const Json json = Json::parse(worker({"describe", text(file), "--json"}).out.toStdString());
        QCOMPARE(json["model"]["estimate"]["score"]["source"].get<std::string>(), std::string("range"));
        QCOMPARE(json["model"]["weights"].get<std::int64_t>(),
                 Project::open(project()).run(1).summary["weights"].get<std::int64_t>());
        QVERIFY(worker({"describe", text(file), "--set", "train.crop=64"}).out.contains(none));
        for (const QStringList &wrong :
             {QStringList{"--batch", "3"}, {"--size", "64"}, {"--train", "steps=3"}, {"--objective", "dice"}}) {
            const auto refused = worker(QStringList{"describe", text(file)} + wrong);
            QVERIFY2(refused.status == 2 && refused.err.contains("change the recipe by --set") && refused.err.count('\n') == 1,
                     refused.err.constData());
        }
        const auto absent = worker({"describe", text(m_folder / "absent.json")});
        QVERIFY2(absent.status == 2 && absent.err.contains("absent.json"), absent.err.constData());
    }
    void whatIsNotFinishedAnewLeavesNone()
    {
        const auto file = state("state");
        const auto done = worker({"run", "--project", text(project()), "--resume", "1"});
        QVERIFY2(done.status == 0, done.err.constData());
        QCOMPARE(TrainingHistory(file).read().size(), std::size_t(1));
        QVERIFY(worker(test::tinyRun(tissue(), m_folder / "W.reticle", 8) << "--set"
                                                                          << "data.images=/none.tif")
                    .status != 0);
        QCOMPARE(TrainingHistory(file).read().size(), std::size_t(1));
    }
    void aHistoryThatCannotBeWrittenFailsNoTraining()
    {
        test::writeAll(m_folder / "file", "x");
        qputenv("RETICLE_STATE", text(m_folder / "file").toUtf8()); // a file where the folder should be
        const auto run = worker(test::tinyRun(tissue(), m_folder / "N.reticle", 4));
        QVERIFY2(run.status == 0, run.err.constData());
        QCOMPARE(test::readAll(m_folder / "file"), std::string("x"));
        QCOMPARE(Project::open(m_folder / "N.reticle").run(1).status, RunStatus::Done);
        QVERIFY(worker(QStringList{"describe", "unet", "--size", "32"}).out.contains(none));
    }
    void theLearningCurveOfAProject()
    {
        state("curve");
        const auto folder = m_folder / "C.reticle";
        for (const int steps : {3, 6, 12}) {
            const auto run = worker(test::tinyRun(tissue(), folder, steps) << "--set"
                                                                           << "train.validate-steps=3");
            QVERIFY2(run.status == 0, run.err.constData());
        }
        const auto o = worker(
            {"analyze", "learning-curve", "--project", text(folder), "--run", "1", "--output", text(m_folder / "curve-out")});
        QVERIFY2(o.status == 0, o.err.constData());
        const Json result = Json::parse(test::readAll(m_folder / "curve-out" / "result.json"));
        QCOMPARE(result["values"]["runs"].get<int>(), 3);
        QCOMPARE(result["values"]["score"].get<std::string>(), std::string("dice"));
        QVERIFY2(o.out.contains(result["summary"].get<std::string>().c_str()), o.out.constData());
        for (const char *file : {"training-time.csv", "runs.csv", "learning-curve.figure.json"})
            QVERIFY2(std::filesystem::exists(m_folder / "curve-out" / file), file);
        QCOMPARE(Project::open(folder).results().size(), std::size_t(1));
        const auto alone = worker({"analyze", "learning-curve", "--output", text(m_folder / "no")});
        QVERIFY2(alone.status == 2 && alone.err.contains("give --project DIR"), alone.err.constData());
    }
};

RETICLE_TEST(EstimateTest)
#include "EstimateTest.moc"
