#include "RunLosses.h"
#include "Worker.h"

#include "files/ImageSource.h"
#include "project/Project.h"

#include <algorithm>

using namespace reticle;
using test::losses;
using test::text;
using test::worker;
namespace fs = std::filesystem;

/// Folds of a comparison, as a person runs them.
class CrossValidationTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    fs::path tissue() const { return m_folder / "tissue"; }
    fs::path whole() const { return m_folder / "whole.reticle"; }
    QStringList arguments(const fs::path &project) const
    {
        return test::tinyRun(tissue(), project, 7) << "--set"
                                                   << "compare.folds=3";
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::makeTissue(tissue(), 6));
        const auto o = worker(arguments(whole()));
        QVERIFY2(o.status == 0, o.err.constData());
        QVERIFY2(o.out.contains("2 of 3: Quick look: unet, fold 2 of 3"), o.out.constData());
    }
    void everySliceIsTestedOnce()
    {
        const auto p = Project::open(whole());
        std::vector<std::int64_t> tested;
        for (const auto &run : p.runsOf(1)) {
            QVERIFY(run.status == RunStatus::Done);
            const Json split = Json::parse(test::readAll(p.runFolder(run.id) / "model.json"))["split"];
            QCOMPARE(split["test"].size(), std::size_t(2));
            for (const auto &slice : split["test"])
                tested.push_back(slice);
        }
        QCOMPARE(tested, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
        const auto results = p.results();
        QCOMPARE(results.size(), std::size_t(1));
        QVERIFY2(results[0].summary.find("folds") != std::string::npos, results[0].summary.c_str());
    }
    void eachSliceIsScoredByTheNetThatHasNotSeenIt()
    {
        const auto evaluate = [&](const char *run, const char *part, const char *name) {
            const auto o = worker({"analyze", "evaluate", "--project", text(whole()), "--run", run, "--set",
                                   QString("part=") + part, "--set", "device=cpu", "--output", text(m_folder / name)});
            return o.status == 0 ? Json::parse(test::readAll(m_folder / name / "result.json")) : Json(o.err.toStdString());
        };
        const auto all = evaluate("2", "folds", "folds");
        QVERIFY2(all.is_object(), all.dump().c_str());
        const auto tableOf = [](const Json &result) {
            for (const auto &t : result["tables"])
                if (t.contains("columns") && t["columns"][0]["name"] == "slice")
                    return t;
            return Json();
        };
        const Json table = tableOf(all);
        QVERIFY2(!table.is_null(), all.dump().substr(0, 600).c_str());
        QVERIFY(table["columns"][0]["values"] == (Json{0, 1, 2, 3, 4, 5}));
        // The rows of each fold are those of its own run on its test slices.
        for (int fold = 1; fold <= 3; ++fold) {
            const auto own = evaluate(qPrintable(QString::number(fold)), "test", qPrintable(QString("own%1").arg(fold)));
            QVERIFY2(own.is_object(), own.dump().c_str());
            const Json rows = tableOf(own);
            for (std::size_t c = 0; c < rows["columns"].size(); ++c)
                for (int r = 0; r < 2; ++r)
                    QVERIFY2(rows["columns"][c]["values"][static_cast<std::size_t>(r)] ==
                                 table["columns"][c]["values"][static_cast<std::size_t>(2 * (fold - 1) + r)],
                             rows["columns"][c].dump().c_str());
        }
        const auto wrong = worker({"analyze", "skip-study", "--project", text(whole()), "--run", "1", "--set", "part=folds",
                                   "--output", text(m_folder / "no")});
        QVERIFY2(wrong.status == 2 && wrong.err.contains("take part=test"), wrong.err.constData());
    }
    void theEnsemblePredictsLikeAnyOther()
    {
        const auto p = Project::open(whole());
        const auto runs = p.runs();
        QCOMPARE(runs.size(), std::size_t(4));
        const auto ensemble =
            std::max_element(runs.begin(), runs.end(), [](const auto &a, const auto &b) { return a.id < b.id; });
        QCOMPARE(ensemble->title, std::string("Quick look: unet, ensemble of 3 folds"));
        QCOMPARE(ensemble->comparison, std::int64_t(0));
        const auto o = worker({"predict", "--project", text(whole()), "--run", QString::number(ensemble->id), "--input",
                               text(tissue() / "tissue-volume.tif"), "--output", text(m_folder / "mean.tif"), "--device", "cpu"});
        QVERIFY2(o.status == 0, o.err.constData());
        QCOMPARE(openImage(m_folder / "mean.tif")->info().pages, std::int64_t(6));
        const auto resumed = worker({"run", "--project", text(whole()), "--resume", QString::number(ensemble->id)});
        QVERIFY2(resumed.status == 2 && resumed.err.contains("an ensemble"), resumed.err.constData());
        // Going on with what is whole makes no second one.
        QCOMPARE(worker({"run", "--project", text(whole()), "--resume", "1"}).status, 0);
        QCOMPARE(Project::open(whole()).runs().size(), std::size_t(4));
    }
    void aKilledFoldGoesOnToEqualLosses()
    {
        const auto project = m_folder / "killed.reticle";
        QProcess run;
        run.start(QString::fromStdString(test::program("reticle-worker")), arguments(project) << "--events");
        QVERIFY(run.waitForStarted());
        QByteArray seen;
        while (seen.count("\"checkpoint\"") < 4 && run.waitForReadyRead(60000)) // within the second fold
            seen += run.readAllStandardOutput();
        run.kill();
        QVERIFY(run.waitForFinished());
        {
            const auto p = Project::open(project);
            const auto runs = p.runsOf(1);
            QVERIFY(runs.size() >= 1 && p.runs().size() < 4);
        }
        const auto o = worker({"run", "--project", text(project), "--resume", "1"});
        QVERIFY2(o.status == 0, o.err.constData());
        const auto p = Project::open(project), expected = Project::open(whole());
        QCOMPARE(p.runs().size(), std::size_t(4));
        for (int fold = 1; fold <= 3; ++fold)
            QCOMPARE(losses(p, fold), losses(expected, fold));
    }
    void whatCannotBeFoldsIsSaidFirst()
    {
        const auto o = worker(test::tinyRun(tissue(), m_folder / "none.reticle", 7) << "--set"
                                                                                    << "compare.folds=7");
        QCOMPARE(o.status, 2);
        QVERIFY2(o.err.contains("slices (6)"), o.err.constData());
    }
};

RETICLE_TEST(CrossValidationTest)
#include "CrossValidationTest.moc"
