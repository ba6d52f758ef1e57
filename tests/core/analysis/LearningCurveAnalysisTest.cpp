#include "core/analysis/AnalysisFiles.h"
#include "history/BudgetRuns.h"
#include "support/BudgetedRuns.h"
#include "support/TemporaryFolder.h"

#include <cmath>
#include <fstream>

using namespace reticle;
using namespace reticle::test;

class LearningCurveAnalysisTest : public QObject
{
    Q_OBJECT

    static Result asked(Project *project, std::int64_t run, const Json &options = Json::object())
    {
        Events events;
        RunControl control;
        const auto r = analyze("learning-curve", {project, run, options}, events, control);
        for (const auto &f : r.figures)
            for (const auto &p : f.problems())
                throw Error(Error::Kind::Failed, f.name, p);
        return r;
    }

private Q_SLOTS:
    void saysWhatTwiceTheTimeWouldGive()
    {
        const TemporaryFolder folder;
        auto project = projectOf(folder / "P.reticle", fiveBudgeted());
        const Result r = asked(&project, 3);
        const auto runs = budgetRuns(project, 3);
        const auto curve = runs.curve();
        QCOMPARE(r.summary, budgetText(runs, curve));
        QVERIFY2(r.summary.find("60 minutes instead of 30") != std::string::npos, r.summary.c_str());
        QCOMPARE(r.tables.size(), std::size_t(2));
        QCOMPARE(r.tables[0].rows(), std::size_t(4));
        QCOMPARE(r.tables[1].rows(), std::size_t(5));
        QCOMPARE(r.figures.size(), std::size_t(1));
        QCOMPARE(r.values["budgets"].get<int>(), 4);
        QCOMPARE(r.values["minutes"].get<double>(), 30.0);
        QCOMPARE(r.values["expected-after-twice"]["score"].get<double>(), curve.at(60).score);
        QCOMPARE(r.values["expected-after-twice"]["low"].get<double>(), curve.at(60).low);
        QCOMPARE(r.values["fit"]["c"].get<double>(), curve.c());
        QVERIFY(r.warnings.empty());
        // It comes back from the project, and is written as files.
        const auto number = project.addResult(3, r, Json::object());
        QCOMPARE(project.result(number).summary, r.summary);
        r.save((folder / "out").string());
        std::ifstream csv(folder / "out" / "training-time.csv");
        std::string head;
        QVERIFY(std::getline(csv, head) && head.rfind("training time [min],runs,mean Dice", 0) == 0);
        QVERIFY(std::filesystem::exists(folder / "out" / "learning-curve.figure.json"));
        QCOMPARE(asked(&project, 0).values["runs"].get<int>(), 5); // of the latest run
    }
    void fewRunsSayWhatIsMissing()
    {
        const TemporaryFolder folder;
        auto runs = fiveBudgeted();
        runs.resize(3);
        runs[2].status = RunStatus::Stopped;
        auto project = projectOf(folder / "P.reticle", runs);
        const Result r = asked(&project, 1);
        QVERIFY2(r.summary.find("cannot be told yet") != std::string::npos, r.summary.c_str());
        QCOMPARE(r.values["budgets"].get<int>(), 1);
        QVERIFY(!r.values.contains("fit") && !r.values.contains("expected-after-twice"));
        QVERIFY(r.warnings.size() == 1 && r.warnings[0].find("not finished") != std::string::npos);
        QCOMPARE(r.figures.size(), std::size_t(1));
        const Result none = asked(&project, 1, {{"score", "ssim"}});
        QVERIFY(none.figures.empty() && none.tables[0].rows() == 0);
        EXPECT_ERROR(asked(nullptr, 0), "a project with finished runs");
        EXPECT_ERROR(asked(&project, 9), "a run of this project");
        EXPECT_ERROR(asked(&project, 1, {{"score", "psnr"}}), "a score with a best value");
        EXPECT_ERROR(asked(&project, 1, {{"score", "nice"}}), "score");
    }
};

RETICLE_TEST(LearningCurveAnalysisTest)
#include "LearningCurveAnalysisTest.moc"
