#include "base/Comparison.h"

#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

RunInfo run(std::int64_t id, const char *model, std::int64_t seed, double dice, RunStatus status = RunStatus::Done)
{
    RunInfo r;
    r.id = id;
    r.status = status;
    r.step = 100;
    r.seconds = 12;
    r.recipe = {{"seed", seed}, {"model", {{"name", model}, {"weights", 4000}}}};
    r.summary = {{"weights", 3964},
                 {"step-seconds", 0.02 + 0.001 * static_cast<double>(seed)},
                 {"memory-mib", 10.0 + static_cast<double>(seed)},
                 {"best", {{"step", 90}, {"loss", 1 - dice}, {"dice", dice}, {"iou", dice / (2 - dice)}}}};
    return r;
}

RunInfo image(std::int64_t id, const char *model, std::int64_t seed, double mse)
{
    RunInfo r = run(id, model, seed, 0);
    r.summary["best"] = {{"step", 90}, {"loss", mse}, {"mse", mse}, {"psnr", -10 * std::log10(mse)}, {"ssim", 0.9}};
    return r;
}

std::vector<RunInfo> six()
{
    return {run(1, "fcn", 1, 0.70),  run(2, "unet", 1, 0.80), run(3, "fcn", 2, 0.72),
            run(4, "unet", 2, 0.83), run(5, "fcn", 3, 0.71),  run(6, "unet", 3, 0.81)};
}

} // namespace

class ComparisonTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void meansSpreadsAndTests()
    {
        const auto c = compareRuns(six());
        QCOMPARE(c.score, std::string("dice"));
        QVERIFY(!c.smallest && c.warnings.empty());
        QCOMPARE(c.seeds, (std::vector<std::int64_t>{1, 2, 3}));
        QCOMPARE(c.models.size(), std::size_t(2));
        QCOMPARE(c.models[0].label, std::string("fcn"));
        QVERIFY(std::abs(c.models[0].score.mean - 0.71) < 1e-12 && std::abs(c.models[0].score.sd - 0.01) < 1e-12);
        QVERIFY(std::abs(c.models[0].stepSeconds - 0.022) < 1e-12);
        QCOMPARE(c.models[0].memoryMib, 13.0);
        QVERIFY(std::abs(c.models[0].loss - 0.29) < 1e-12);
        // Differences -0.10, -0.11, -0.10: mean -0.10333, sd 0.0057735, t = -31.0 with 2 degrees of freedom.
        QCOMPARE(c.tests.size(), std::size_t(1));
        QVERIFY(std::abs(c.tests[0].t + 31) < 1e-6 && std::abs(c.tests[0].p - 0.0010389613) < 1e-9);
        QVERIFY(c.holm[0] == c.tests[0].p);
        const auto text = comparisonText(c);
        QVERIFY2(text.find("fcn 0.7100 ± 0.0100, unet 0.8133 ± 0.0153; unet is best, told from all others") !=
                     std::string::npos,
                 text.c_str());
        const auto models = modelTable(c), pairs = pairTable(c), runs = scoredRunTable(c);
        QCOMPARE(models.rows(), std::size_t(2));
        QCOMPARE(pairs.rows(), std::size_t(1));
        QCOMPARE(runs.rows(), std::size_t(6));
        QVERIFY(models.find("seed 3") && models.find("validation loss") && runs.find("IoU") && !runs.find("PSNR"));
        QVERIFY(runs.toCsv().find("\nfcn,1,1,3964,100,12") != std::string::npos);
        const auto f = comparisonFigure(c);
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        QCOMPARE(f.panels.size(), std::size_t(3));
    }
    void ofImagesTheLeastLossIsBest()
    {
        const auto c = compareRuns({image(1, "fcn", 1, 0.02), image(2, "unet", 1, 0.001)});
        QCOMPARE(c.score, std::string("loss"));
        QVERIFY(comparisonText(c).find("unet is best.") != std::string::npos);
        QVERIFY(c.warnings.size() == 1 && c.warnings[0].find("one seed only") != std::string::npos);
        QVERIFY(std::isnan(c.tests[0].p));
        QVERIFY(comparisonFigure(c).problems().empty());
        const auto rmse = compareRuns({image(1, "fcn", 1, 0.04)}, 0, "rmse");
        QVERIFY(std::abs(rmse.models[0].score.mean - 0.2) < 1e-12 && rmse.tests.empty());
        EXPECT_ERROR(compareRuns({image(1, "fcn", 1, 0.02), run(2, "unet", 1, 0.9)}), "run 2 beside run 1");
        EXPECT_ERROR(compareRuns({image(1, "fcn", 1, 0.02)}, 0, "dice"), "\"dice\"");
    }
    void halfDoneComparisons()
    {
        auto runs = six();
        runs[5].status = RunStatus::Running;
        runs[4].status = RunStatus::Cancelled;
        auto c = compareRuns(runs, 9);
        QVERIFY2(c.warnings.at(0).find("4 of 9 runs are done") != std::string::npos, c.warnings[0].c_str());
        QCOMPARE(c.seeds.size(), std::size_t(2));
        runs[3].status = RunStatus::Failed; // unet has seed 1 alone
        c = compareRuns(runs);
        QVERIFY(std::isnan(c.models[1].scores[1]) && std::isnan(c.tests[0].p));
        QVERIFY(c.warnings.back().find("fewer than two seeds in common") != std::string::npos);
        QVERIFY(comparisonFigure(c).problems().empty());
        for (auto &r : runs)
            r.status = RunStatus::Running;
        EXPECT_ERROR(compareRuns(runs), "none of 6");
        EXPECT_ERROR(compareRuns({}), "found none");
    }
    void titlesOfScores()
    {
        QCOMPARE(scoreTitle("v-rand"), std::string("V_Rand"));
        QCOMPARE(scoreTitle("pixel-error"), std::string("pixel error"));
        QCOMPARE(scoreTitle("other"), std::string("other"));
        for (std::size_t i = 1; i < comparableScores().size(); ++i)
            QVERIFY(!scoreTitle(comparableScores()[i]).empty());
    }
    void theLatestRunOfASeedCounts()
    {
        auto runs = six();
        runs.push_back(run(7, "fcn", 1, 0.9));
        const auto c = compareRuns(runs);
        QCOMPARE(c.models[0].scores[0], 0.9);
        QCOMPARE(c.models[0].runs.size(), std::size_t(3));
        QVERIFY(c.warnings.size() == 1);
    }
};

RETICLE_TEST(ComparisonTest)
#include "ComparisonTest.moc"
