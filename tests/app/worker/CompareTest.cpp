#include "Worker.h"

#include "files/ImageSource.h"
#include "files/ImageWriter.h"
#include "project/Project.h"

#include <csignal>
#include <fstream>

using namespace reticle;
using test::text;
using test::worker;

namespace {

QStringList tiny(const char *recipe, const std::filesystem::path &tissue, const std::filesystem::path &project, int steps)
{
    return {"run",       text(test::source(std::string("resources/recipes/") + recipe)),
            "--project", text(project),
            "--set",     "data.images=" + text(tissue / "tissue-volume.tif"),
            "--set",     "data.validation-fraction=0.25",
            "--set",     QString("train.steps=%1").arg(steps),
            "--set",     "train.batch=2",
            "--set",     "train.crop=32",
            "--set",     "train.validate-steps=5",
            "--set",     "train.checkpoint-steps=3",
            "--set",     "train.threads=1",
            "--set",     "device=cpu"};
}

std::vector<std::pair<std::int64_t, double>> everyLoss(const Project &p, std::int64_t run)
{
    std::vector<std::pair<std::int64_t, double>> all;
    for (const std::string &name : p.metricNames(run))
        if (name == "train.loss" || name.rfind("validation.", 0) == 0)
            for (const auto &point : p.metric(run, name))
                all.emplace_back(point.step, point.value);
    return all;
}

} // namespace

/// The sample recipes of autoencoders and comparisons, as a person runs them.
class CompareTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    std::filesystem::path tissue() const { return m_folder / "tissue"; }
    QStringList comparison(const std::filesystem::path &project) const
    {
        return tiny("compare-autoencoders.json", tissue(), project, 7) << "--set"
                                                                       << "compare.weights=4000"
                                                                       << "--set"
                                                                       << "compare.seeds=1,2"
                                                                       << "--set"
                                                                       << "compare.models=fcn,unet";
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY(test::makeTissue(tissue())); }

    /// From the sample recipe to the study in two commands: nets as they are and without skips, two seeds.
    void skipsAreStudiedOverSeedsAndRescued()
    {
        const auto project = m_folder / "K.reticle";
        const auto trained = worker(
            tiny("skip-rescue.json", tissue(), project, 5)
            << "--set"
            << "data.labels=" + text(tissue() / "tissue-labels.tif") << "--set"
            << "compare.seeds=1,2"
            << "--set"
            << R"(compare.models=["unet", {"name": "unet", "without-skips": [0]}, {"name": "unet", "without-skips": [0, 1, 2]}])");
        QVERIFY2(trained.status == 0, trained.err.constData());
        const auto o = worker({"analyze", "skip-study", "--project", text(project), "--run", "1", "--set", "seeds=true", "--set",
                               "factors=0.5", "--set", "device=cpu", "--output", text(m_folder / "skips")});
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("runs 1, 4, validation slices") && o.out.contains("Trained without any skip"), o.out.constData());
        for (const char *file :
             {"result.json", "skip-costs.figure.json", "skip-scale-curve.figure.json", "skip-retrained.figure.json",
              "skip-power.figure.json", "skip-example.figure.json", "trained-without-a-skip.csv"})
            QVERIFY2(std::filesystem::exists(m_folder / "skips" / file), file);
        const Json result = Json::parse(test::readAll(m_folder / "skips" / "result.json"));
        QCOMPARE(result["values"]["networks"].size(), std::size_t(2));
        QCOMPARE(result["values"]["retrained"].size(), std::size_t(2 * 4)); // without skip 0 and without all
        // What does not fit is said in one line.
        const auto wrong = worker({"analyze", "skip-study", "--project", text(project), "--run", "1", "--set", "runs=2",
                                   "--output", text(m_folder / "no")});
        QCOMPARE(wrong.status, 2);
        QVERIFY2(wrong.err.contains("run 2, whose model differs") && wrong.err.count('\n') == 1, wrong.err.constData());
    }
    void anAutoencoderTrainsAndPredicts()
    {
        const auto project = m_folder / "A.reticle";
        const auto o = worker(tiny("autoencoder.json", tissue(), project, 5));
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("validation loss"), o.out.constData());
        const auto p = worker({"predict", "--project", text(project), "--run", "1", "--input",
                               text(tissue() / "tissue-volume.tif"), "--output", text(m_folder / "out.tif"), "--device", "cpu"});
        QVERIFY2(p.status == 0, p.err.constData());
        const auto written = openImage(m_folder / "out.tif");
        QVERIFY(written->info().dtype == DType::Float32 && written->info().pages == 4);
        const auto wrong =
            worker({"predict", "--project", text(project), "--run", "1", "--input", text(tissue() / "tissue-volume.tif"),
                    "--output", text(m_folder / "labels.tif"), "--output-kind", "labels", "--device", "cpu"});
        QCOMPARE(wrong.status, 2);
        const auto evaluate =
            worker({"analyze", "evaluate", "--project", text(project), "--run", "1", "--output", text(m_folder / "e")});
        QVERIFY2(evaluate.status == 2 && evaluate.err.contains("autoencoder"), evaluate.err.constData());
    }
    /// A run of before a field came goes on with the field's default.
    void anOldRunGoesOn()
    {
        const auto project = m_folder / "Old.reticle";
        const auto first = worker(tiny("autoencoder.json", tissue(), project, 5));
        QVERIFY2(first.status == 0, first.err.constData());
        Project p = Project::open(project);
        Json recipe = p.run(1).recipe;
        QVERIFY(recipe["model"].erase("without-skips") == 1);
        auto old = p.createRun(Recipe(recipe));
        old.status = RunStatus::Interrupted;
        p.updateRun(old);
        const auto o = worker({"run", "--project", text(project), "--resume", "2"});
        QVERIFY2(o.status == 0, o.err.constData());
        QCOMPARE(everyLoss(p, 2), everyLoss(p, 1));
    }
    void runsEveryModelAndSeedThenCompares()
    {
        const auto project = m_folder / "B.reticle";
        const auto o = worker(comparison(project));
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("Comparison 1 of ") && o.out.contains("3 of 4: Autoencoders: fcn, seed 2"), o.out.constData());
        const Project p = Project::open(project);
        QCOMPARE(p.comparisons().size(), std::size_t(1));
        const auto runs = p.runsOf(1);
        QCOMPARE(runs.size(), std::size_t(4));
        for (const auto &r : runs)
            QVERIFY(r.status == RunStatus::Done && !r.recipe.contains("compare"));
        const auto results = p.results();
        QCOMPARE(results.size(), std::size_t(1));
        QCOMPARE(results[0].name, std::string("compare-runs"));
        QCOMPARE(results[0].figures, (std::vector<std::string>{"comparison", "outputs"}));
        // It is whole: going on does nothing but ask again.
        QCOMPARE(worker({"run", "--project", text(project), "--resume", "2"}).status, 0);
        QCOMPARE(Project::open(project).runsOf(1).size(), std::size_t(4));
        const auto other = worker(comparison(project) << "--resume"
                                                      << "2"
                                                      << "--set"
                                                      << "compare.seeds=5");
        QVERIFY2(other.status == 2 && other.err.contains("compare.seeds"), other.err.constData());
    }
    void aKilledComparisonGoesOnExactly()
    {
        const auto project = m_folder / "C.reticle";
        {
            // Killed in the middle of the second run.
            QProcess q;
            q.start(QString::fromStdString(test::program("reticle-worker")), comparison(project) << "--events");
            QByteArray out;
            while (!(out.contains("\"run\":2") && out.mid(out.indexOf("\"run\":2")).count("train.loss") >= 4) &&
                   q.waitForReadyRead(120000))
                out += q.readAllStandardOutput();
            q.kill();
            q.waitForFinished();
        }
        {
            const Project p = Project::open(project);
            QVERIFY(p.run(1).status == RunStatus::Done); // what is done is kept
            QVERIFY(p.run(2).status == RunStatus::Interrupted || p.run(2).status == RunStatus::Done);
        }
        const auto o = worker({"run", "--project", text(project), "--resume", "1"});
        QVERIFY2(o.status == 0, o.err.constData());
        const Project resumed = Project::open(project), whole = Project::open(m_folder / "B.reticle");
        QCOMPARE(resumed.runsOf(1).size(), std::size_t(4));
        for (const auto &run : resumed.runsOf(1)) {
            QVERIFY(run.status == RunStatus::Done);
            QVERIFY2(everyLoss(resumed, run.id) == everyLoss(whole, run.id), qPrintable(QString::number(run.id)));
        }
        QCOMPARE(resumed.results().size(), std::size_t(1));
    }
    void aStoppedComparisonKeepsWhatIsDone()
    {
        const auto project = m_folder / "D.reticle";
        QProcess q;
        q.start(QString::fromStdString(test::program("reticle-worker")), comparison(project) << "--events"
                                                                                             << "--set"
                                                                                             << "train.steps=2000");
        QByteArray out;
        while (!out.contains("train.loss") && q.waitForReadyRead(120000))
            out += q.readAllStandardOutput();
        ::kill(static_cast<pid_t>(q.processId()), SIGINT);
        QVERIFY(q.waitForFinished(120000));
        QCOMPARE(q.exitCode(), 0);
        const Project p = Project::open(project);
        QCOMPARE(p.runsOf(1).size(), std::size_t(1));
        QVERIFY(p.run(1).status == RunStatus::Stopped && p.results().empty());
        // Nothing is done yet, and a run that was cut short is no comparison.
        const auto half = worker(
            {"analyze", "compare-runs", "--project", text(project), "--set", "examples=0", "--output", text(m_folder / "half")});
        QVERIFY2(half.status == 2 && half.err.contains("none of 4"), half.err.constData());
    }
    void whatIsDoneIsReportedWhenTheRestIsEnded_data()
    {
        QTest::addColumn<QString>("how");
        QTest::newRow("stop") << "stop";
        QTest::newRow("cancel") << "cancel";
    }
    void whatIsDoneIsReportedWhenTheRestIsEnded()
    {
        QFETCH(QString, how);
        const auto project = m_folder / ("G-" + how.toStdString() + ".reticle");
        const auto path = (tissue() / "tissue-volume.tif").string();
        const Json recipe{{"title", "Ended"},
                          {"device", "cpu"},
                          {"data", {{"name", "images"}, {"images", path}, {"split", "first"}, {"validation-fraction", 0.25}}},
                          {"objective", {{"name", "mse"}}},
                          {"train", {{"steps", 40}, {"batch", 2}, {"crop", 32}, {"threads", 1}, {"validate-steps", 40}}},
                          {"compare", {{"models", {"fcn", "unet"}}, {"weights", 4000}, {"seeds", {1, 2}}}}};
        test::Served served;
        const auto id = served.send("run", Json{{"project", project.string()}, {"recipe", recipe}});
        // In the second run, at its first step.
        for (Json m; m.is_null() || m.value("event", "") != "metric" || m.value("run", 0) != 2;) {
            m = served.next();
            QVERIFY2(!m.is_null() && !(m.contains("id") && m["id"] == id), m.dump().c_str());
        }
        served.send(how.toStdString());
        const Json answer = served.answer(id);
        QVERIFY2(answer.contains("result"), answer.dump().c_str());
        const Project p = Project::open(project);
        QVERIFY(p.run(1).status == RunStatus::Done);
        QVERIFY(p.run(2).status == (how == "stop" ? RunStatus::Stopped : RunStatus::Cancelled));
        QCOMPARE(p.runsOf(1).size(), std::size_t(2));
        QCOMPARE(p.results().size(), std::size_t(1));
        const Result r = p.result(p.results()[0].id);
        QVERIFY2(r.warnings.at(0).find("1 of 4 runs are done") == 0, r.warnings[0].c_str());
        QVERIFY(r.warnings[0].find(how == "stop" ? "run 2 (unet, seed 1) was stopped after"
                                                 : "run 2 (unet, seed 1) was cancelled after") != std::string::npos);
        QCOMPARE(r.tables.at(0).rows(), std::size_t(1));
        QCOMPARE(r.tables.at(2).rows(), std::size_t(2));
        const double best = p.run(1).summary["best"]["loss"];
        QCOMPARE(r.values["fcn"]["mean"].get<double>(), best);
    }
    void aFailedRunIsToldAndTheOthersReported()
    {
        const auto project = m_folder / "H.reticle";
        auto arguments = comparison(project) << "--set"
                                             << "compare.seeds=1"
                                             << "--set"
                                             << "train.steps=3";
        QVERIFY(worker(arguments).status == 0);
        // The second run once more, with nowhere to write to.
        Project p = Project::open(project);
        auto failed = p.run(2);
        failed.status = RunStatus::Failed;
        failed.message = "There is not enough memory.";
        p.updateRun(failed);
        std::filesystem::remove_all(p.runFolder(2));
        std::ofstream(p.runFolder(2)) << "in the way";
        const auto o = worker({"run", "--project", text(project), "--resume", "1"});
        QVERIFY2(o.status == 4, o.err.constData());
        const auto results = Project::open(project).results();
        QCOMPARE(results.size(), std::size_t(2));
        const Result r = Project::open(project).result(results.back().id);
        QVERIFY2(r.warnings.at(0).find("1 of 2 runs are done; the others do not count: run 2 (unet, seed 1) failed") == 0,
                 r.warnings[0].c_str());
        QCOMPARE(r.tables.at(0).rows(), std::size_t(1));
    }
    void picturesOfSeveralSizes()
    {
        const auto folder = m_folder / "sizes";
        std::filesystem::create_directories(folder);
        for (int z = 0; z < 4; ++z) {
            Array a(DType::UInt8, {34 + 2 * z, 50 - 3 * z});
            for (std::int64_t i = 0; i < a.size(); ++i)
                a.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * 7);
            writeNpy(folder / (std::to_string(z) + ".npy"), a);
        }
        const auto project = m_folder / "I.reticle";
        const auto o = worker(comparison(project) << "--set"
                                                  << "data.images=" + text(folder) << "--set"
                                                  << "data.validation-fraction=0.5"
                                                  << "--set"
                                                  << "compare.seeds=1");
        QVERIFY2(o.status == 0, o.err.constData());
        const auto results = Project::open(project).results();
        QCOMPARE(results.at(0).figures, (std::vector<std::string>{"comparison", "outputs"}));
        QCOMPARE(Project::open(project).inputs().size(), std::size_t(1));
        const auto one = m_folder / "J.reticle";
        const auto single = worker(tiny("autoencoder.json", tissue(), one, 3) << "--set"
                                                                              << "data.images=" + text(folder));
        QVERIFY2(single.status == 0, single.err.constData());
    }
    void aModelWithWeightsOfItsOwnIsTold()
    {
        const auto project = m_folder / "K.reticle";
        const auto o = worker(comparison(project)
                              << "--set"
                              << R"(compare.models=["fcn", {"name": "fc-densenet", "variant": "own", "blocks": [1, 1, 1],)"
                                 R"("growth": 2, "first-width": 4}])"
                              << "--set"
                              << "compare.seeds=1"
                              << "--set"
                              << "train.steps=1");
        QVERIFY2(o.status == 0, o.err.constData());
        const QByteArray said = o.out + o.err;
        QVERIFY2(said.contains("compare.weights = 4000 is not for fc-densenet"), said.constData());
        QVERIFY2(said.contains("not matched in weights"), said.constData());
    }
    void whatCannotBeBuiltIsSaidBeforeTheFirstRun()
    {
        const auto project = m_folder / "E.reticle";
        const auto o = worker(comparison(project) << "--set"
                                                  << "compare.weights=51");
        QVERIFY2(o.status == 2 && o.err.contains("nearest"), o.err.constData());
        QVERIFY(Project::open(project).runs().empty());
        const auto unknown = worker(comparison(project) << "--set"
                                                        << "compare.models=fcn,nut");
        QVERIFY2(unknown.status == 2 && unknown.err.contains("compare.models[1]"), unknown.err.constData());
    }
    void segmentersAreComparedTheSameWay()
    {
        const auto project = m_folder / "F.reticle";
        const auto o = worker(tiny("compare-segmenters.json", tissue(), project, 3)
                              << "--set"
                              << "data.labels=" + text(tissue() / "tissue-labels.tif") << "--set"
                              << "compare.seeds=1");
        QVERIFY2(o.status == 0, o.err.constData());
        const Project p = Project::open(project);
        QCOMPARE(p.runsOf(1).size(), std::size_t(3));
        for (const auto &r : p.runsOf(1))
            QVERIFY(std::abs(r.summary["weights"].get<double>() / 4000 - 1) < 0.01);
    }
};

RETICLE_TEST(CompareTest)
#include "CompareTest.moc"
