#include "history/BudgetRuns.h"

#include "support/BudgetedRuns.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>

using namespace reticle;
using test::budgeted;
using test::fiveBudgeted;

namespace {

std::vector<std::int64_t> idsOf(const BudgetRuns &b)
{
    std::vector<std::int64_t> ids;
    for (const auto &run : b.runs)
        ids.push_back(run.id);
    return ids;
}

bool warns(const BudgetRuns &b, const std::string &text)
{
    return std::any_of(b.warnings.begin(), b.warnings.end(),
                       [&](const std::string &w) { return w.find(text) != std::string::npos; });
}

} // namespace

class BudgetRunsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void runsOfOneRecipeAreOneCurve()
    {
        auto runs = fiveBudgeted();
        std::swap(runs[0], runs[4]); // by minutes, whatever their order
        const auto b = budgetRuns(runs, 3);
        QCOMPARE(idsOf(b), (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
        QVERIFY(b.warnings.empty());
        QCOMPARE(b.score, std::string("dice"));
        QCOMPARE(b.budgets(), (std::vector<double>{5, 10, 15, 30}));
        QCOMPARE(b.runs[1].score, 0.904);
        QCOMPARE(b.runs[1].repeat.seed, std::int64_t(2));
        QCOMPARE(b.runs[1].minutes, 5.0); // as the recipe says
        QCOMPARE(b.runs[1].trained, 301.5 / 60);
        QCOMPARE(b.runs[4].steps, std::int64_t(18000));
        QVERIFY(b.curve().isKnown());
        // Asked of no run in particular, it is of the latest that is done.
        auto last = budgeted(9, 20, 1, 0.5);
        last.recipe["model"]["name"] = "fcn";
        runs.push_back(last);
        QCOMPARE(idsOf(budgetRuns(runs, 0)), (std::vector<std::int64_t>{9}));
        QCOMPARE(budgetRuns(runs, 5).runs.size(), std::size_t(5));
    }
    void anotherRecipeIsAnotherCurve_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("value");
        QTest::addColumn<bool>("same");
        QTest::newRow("time") << "/train/minutes"
                              << "7" << true;
        QTest::newRow("seed") << "/seed"
                              << "99" << true;
        QTest::newRow("fold") << "/data/fold"
                              << "3" << true;
        QTest::newRow("title") << "/title"
                               << "\"Other\"" << true;
        QTest::newRow("device") << "/device"
                                << "\"cpu\"" << true;
        QTest::newRow("threads") << "/train/threads"
                                 << "2" << true;
        QTest::newRow("batch") << "/train/batch"
                               << "8" << false;
        QTest::newRow("rate") << "/train/learning-rate"
                              << "0.1" << false;
        QTest::newRow("data") << "/data/images"
                              << "\"/data/other.tif\"" << false;
        QTest::newRow("model") << "/model/weights"
                               << "8000" << false;
        QTest::newRow("objective") << "/objective/name"
                                   << "\"dice\"" << false;
    }
    void anotherRecipeIsAnotherCurve()
    {
        QFETCH(QString, path);
        QFETCH(QString, value);
        QFETCH(bool, same);
        auto runs = fiveBudgeted();
        runs[4].recipe[Json::json_pointer(path.toStdString())] = Json::parse(value.toStdString());
        QCOMPARE(budgetRuns(runs, 1).runs.size(), std::size_t(same ? 5 : 4));
        QCOMPARE(budgetRuns(runs, 5).runs.size(), std::size_t(same ? 5 : 1));
    }
    void stepsTakeTheTimeTheyTook()
    {
        std::vector<RunInfo> runs;
        for (const auto &[steps, seconds] : {std::pair{1000, 100.0}, {1000, 140.0}, {2000, 250.0}, {4000, 470.0}}) {
            auto r = budgeted(static_cast<std::int64_t>(runs.size()) + 1, 15, static_cast<std::int64_t>(runs.size()), 0.9);
            r.recipe["train"]["steps"] = steps; // the first above 0 counts, so minutes do not
            r.seconds = seconds;
            r.step = steps;
            runs.push_back(r);
        }
        const auto b = budgetRuns(runs, 1);
        QCOMPARE(b.runs.size(), std::size_t(4));
        QCOMPARE(b.runs[0].minutes, 2.0); // the mean of 100 and 140 s
        QCOMPARE(b.runs[1].minutes, 2.0);
        QCOMPARE(b.budgets().size(), std::size_t(3));
    }
    void onlyFinishedTrainingsCount()
    {
        auto runs = fiveBudgeted();
        runs[0].status = RunStatus::Stopped;
        runs[1].status = RunStatus::Running;
        runs[2].summary["best"].erase("dice");
        runs[3].summary["members"] = {1, 2}; // an ensemble
        const auto b = budgetRuns(runs, 5);
        QCOMPARE(idsOf(b), (std::vector<std::int64_t>{5}));
        QVERIFY(warns(b, "not finished are left out: 1, 2.") && warns(b, "without a Dice are left out: 3."));
        QCOMPARE(b.warnings.size(), std::size_t(2));
        // Asked of one that still trains, it is of its recipe all the same.
        QCOMPARE(idsOf(budgetRuns(runs, 2)), (std::vector<std::int64_t>{5}));
        runs.resize(2);
        const auto none = budgetRuns(runs, 2);
        QVERIFY(none.runs.empty());
        QVERIFY(budgetText(none, none.curve()).find("no run with a score has finished") != std::string::npos);
        EXPECT_ERROR(budgetRuns(runs, 0), "a project with a finished run");
        EXPECT_ERROR(budgetRuns(runs, 7), "a run of this project");
    }
    void minutesOfAnotherDeviceAreOtherMinutes()
    {
        auto runs = fiveBudgeted();
        runs[4].summary["device"] = "cuda:0";
        auto b = budgetRuns(runs, 1);
        QCOMPARE(idsOf(b), (std::vector<std::int64_t>{1, 2, 3, 4}));
        QVERIFY(warns(b, "another device") && warns(b, ": 5."));
        QCOMPARE(idsOf(budgetRuns(runs, 5)), (std::vector<std::int64_t>{5}));
        runs = fiveBudgeted();
        runs[2].summary["step-seconds"] = 0.4;
        b = budgetRuns(runs, 1);
        QCOMPARE(b.runs.size(), std::size_t(5));
        QVERIFY(warns(b, "A step took from 0.1 to 0.4 s"));
    }
    void otherScores()
    {
        auto runs = fiveBudgeted();
        const auto loss = budgetRuns(runs, 1, "loss");
        QVERIFY(loss.scale.smallest && loss.runs[0].score == 1 - 0.9);
        QCOMPARE(budgetRuns(runs, 1, "iou").runs.size(), std::size_t(5));
        const auto none = budgetRuns(runs, 1, "ssim");
        QVERIFY(none.runs.empty() && warns(none, "without a SSIM"));
        EXPECT_ERROR(budgetRuns(runs, 1, "psnr"), "a score with a best value");
        for (auto &r : runs)
            r.summary["target"] = "image";
        QCOMPARE(budgetRuns(runs, 1).score, std::string("loss"));
    }
    void damagedRecipesAndSummariesAreOtherRuns()
    {
        for (const Json &damage : {Json(), Json(3), Json("x"), Json::array({1}), Json::object()}) {
            auto runs = fiveBudgeted();
            runs[1].recipe = damage;
            runs[2].summary = damage;
            const auto b = budgetRuns(runs, 1);
            QCOMPARE(idsOf(b), (std::vector<std::int64_t>{1, 4, 5}));
            runs[3].recipe["train"] = damage;
            runs[4].summary["best"] = damage;
            QCOMPARE(idsOf(budgetRuns(runs, 1)), (std::vector<std::int64_t>{1}));
        }
    }
    void aProjectHasTheValidationCurvesToo()
    {
        const test::TemporaryFolder folder;
        auto runs = fiveBudgeted();
        const auto project = test::projectOf(folder / "P.reticle", runs);
        const auto b = budgetRuns(project, 1);
        QCOMPARE(b.runs.size(), std::size_t(5));
        QCOMPARE(b.runs[4].validation.size(), std::size_t(30));
        QCOMPARE(b.runs[4].validation[2].minutes, 3.0);
        QVERIFY(std::abs(b.runs[4].validation.back().score - 0.938) < 1e-12);
        QVERIFY(budgetRuns(project, 1, "iou").runs[4].validation.empty()); // was not measured meanwhile
    }
    void tablesSayWhatTwiceTheTimeWouldGive()
    {
        const auto b = budgetRuns(fiveBudgeted(), 1);
        const auto curve = b.curve();
        const Table t = budgetTable(b, curve);
        QCOMPARE(t.rows(), std::size_t(4));
        QCOMPARE(t.number(0, 0), 5.0);
        QCOMPARE(t.number(0, 1), 2.0);
        QVERIFY(std::abs(t.number(0, 2) - 0.902) < 1e-12);
        QVERIFY(t.number(0, 3) == 0.900 && t.number(0, 4) == 0.904);
        QCOMPARE(t.number(3, 5), curve.at(60).score);
        QCOMPARE(t.number(3, 6), curve.at(60).low);
        QCOMPARE(t.number(3, 7), curve.at(60).high);
        QCOMPARE(t.text(3, 8), moreMinutesText(curve, b.scale, "Dice", 30, 60));
        QCOMPARE(budgetText(b, curve), t.text(3, 8));
        const Table runs = budgetRunTable(b);
        QCOMPARE(runs.rows(), std::size_t(5));
        QVERIFY(runs.find("seed") && !runs.find("fold") && runs.find("Dice"));
        // Two times tell nothing: the rows stand, without an expectation.
        auto two = fiveBudgeted();
        two.resize(3);
        const auto few = budgetRuns(two, 1);
        const Table brief = budgetTable(few, few.curve());
        QCOMPARE(brief.rows(), std::size_t(2));
        QVERIFY(std::isnan(brief.number(1, 5)) && brief.text(1, 8).find("cannot be told yet") != std::string::npos);
    }
};

RETICLE_TEST(BudgetRunsTest)
#include "BudgetRunsTest.moc"
