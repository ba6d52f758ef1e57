#include "Worker.h"

#include "project/Project.h"

using namespace reticle;
using test::text;
using test::worker;

/// Comparisons of more than models, as a person runs them.
class CompareAxesTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    QStringList training(const std::filesystem::path &project) const
    {
        return {"run",       text(test::source("resources/recipes/autoencoder.json")),
                "--project", text(project),
                "--set",     "data.images=" + text(m_folder / "tissue" / "tissue-volume.tif"),
                "--set",     "data.validation-fraction=0.25",
                "--set",     "model.weights=4000",
                "--set",     "train.steps=3",
                "--set",     "train.batch=2",
                "--set",     "train.crop=32",
                "--set",     "train.validate-steps=3",
                "--set",     "train.threads=1",
                "--set",     "device=cpu"};
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY(test::makeTissue(m_folder / "tissue")); }

    void everyCombinationIsTrainedAndCompared()
    {
        const auto project = m_folder / "A.reticle";
        const auto o = worker(training(project) << "--set"
                                                << "compare.axes.train.learning-rate=0.001,0.01"
                                                << "--set"
                                                << "compare.axes.objective=mse,l1"
                                                << "--set"
                                                << "compare.seeds=1,2");
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains(
                     "A run for each combination of 2 values of train.learning-rate, 2 values of objective and 2 seeds: 8 runs."),
                 o.out.constData());
        QVERIFY2(o.out.contains("Comparison 1, 2 of 8: Autoencoder: objective l1, learning-rate 0.001, seed 1"),
                 o.out.constData());
        const Project p = Project::open(project);
        const auto runs = p.runsOf(1);
        QCOMPARE(runs.size(), std::size_t(8));
        for (const auto &run : runs)
            QVERIFY(run.status == RunStatus::Done);
        QCOMPARE(runs[3].recipe["objective"]["name"].get<std::string>(), std::string("l1"));
        QCOMPARE(runs[3].recipe["train"]["learning-rate"].get<double>(), 0.01);
        QCOMPARE(runs[7].recipe["seed"].get<int>(), 2);
        QCOMPARE(p.results().size(), std::size_t(1));
        const Result r = p.result(p.results()[0].id);
        QCOMPARE(r.values["score"].get<std::string>(), std::string("rmse")); // their losses cannot be compared
        QCOMPARE(r.tables.at(0).rows(), std::size_t(4));
        QCOMPARE(r.tables.at(0).text(3, 0), std::string("objective l1, learning-rate 0.01"));
        QCOMPARE(r.tables.at(1).rows(), std::size_t(6));
        // Going on finds each run of the grid again, and trains those that are missing.
        Project open = Project::open(project);
        auto last = open.run(8);
        last.status = RunStatus::Interrupted;
        open.updateRun(last);
        const auto again = worker({"run", "--project", text(project), "--resume", "3"});
        QVERIFY2(again.status == 0, again.err.constData());
        QCOMPARE(Project::open(project).runsOf(1).size(), std::size_t(8));
        QVERIFY(Project::open(project).run(8).status == RunStatus::Done);
    }
    void theDataCanVary()
    {
        const auto copy = m_folder / "copy.tif";
        std::filesystem::copy_file(m_folder / "tissue" / "tissue-volume.tif", copy);
        const auto project = m_folder / "B.reticle";
        const auto o = worker(training(project) << "--set"
                                                << "compare.axes.data.images=" + text(m_folder / "tissue" / "tissue-volume.tif") +
                                                       "," + text(copy));
        QVERIFY2(o.status == 0, o.err.constData());
        const Project p = Project::open(project);
        QCOMPARE(p.runsOf(1).size(), std::size_t(2));
        QCOMPARE(p.inputs().size(), std::size_t(2));
        QVERIFY2(p.run(2).title.find("images copy.tif") != std::string::npos, p.run(2).title.c_str());
    }
    void whatCannotBeIsSaidBeforeTheFirstRun()
    {
        const auto project = m_folder / "C.reticle";
        const auto range = worker(training(project) << "--set"
                                                    << "compare.axes.train.crop=[32, 4]");
        QVERIFY2(range.status == 2 && range.err.contains("compare.axes.train.crop[1]"), range.err.constData());
        QVERIFY(!std::filesystem::exists(project));
        // What only building the network tells names the combination.
        const auto built = worker(training(project) << "--set"
                                                    << "compare.axes.model.weights=4000,51"
                                                    << "--set"
                                                    << "compare.axes.train.learning-rate=0.001");
        QVERIFY2(built.status == 2 && built.err.contains("weights 51") && built.err.contains("nearest"), built.err.constData());
        QVERIFY(Project::open(project).runs().empty());
    }
};

RETICLE_TEST(CompareAxesTest)
#include "CompareAxesTest.moc"
