#include "compare/Comparison.h"

#include "protocol/RunScores.h"
#include "support/ComparedRuns.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

using test::image;
using test::run;
using test::six;

namespace {

ComparisonPlan planOf(const std::vector<Json> &models, const std::vector<int> &seeds)
{
    return ComparisonPlan(Recipe(Json{{"compare", {{"models", models}, {"seeds", seeds}}}}));
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
        QVERIFY(c.repeats == (std::vector<Repeat>{{1, 0}, {2, 0}, {3, 0}}));
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
        QVERIFY2(text.find("fcn 0.7100 ± 0.0100, unet 0.8133 ± 0.0153; unet is best, told from all others") != std::string::npos,
                 text.c_str());
    }
    void foldsArePairsWhoseTestAllowsForSharedSlices()
    {
        auto runs = six();
        for (std::size_t i = 0; i < runs.size(); ++i) {
            auto &r = runs[i];
            r.recipe["data"] = {{"name", "segmentation"}, {"split", "folds"}, {"folds", 3}, {"fold", r.recipe["seed"]}};
            r.recipe["seed"] = 4;
        }
        const auto c = compareRuns(runs, 0, "auto", "test");
        QVERIFY(c.repeats == (std::vector<Repeat>{{4, 1}, {4, 2}, {4, 3}}) && c.folds == 3 && c.differing.empty());
        QCOMPARE(c.models.size(), std::size_t(2));
        // The differences of meansSpreadsAndTests(); their mean has the variance (1/3 + 1/2) sd^2: t = -31 sqrt(1/3 / (5/6)).
        QVERIFY(std::abs(c.tests[0].t + 31 * std::sqrt(0.4)) < 1e-6);
        const auto t = modelTable(c);
        QVERIFY(t.find("folds") && t.find("fold 1") && t.find("fold 3") && !t.find("seed 4"));
        QCOMPARE(pairTable(c).title, std::string("Paired t tests of Dice over folds"));
        QCOMPARE(scoredRunTable(c).columns[2].name, std::string("fold"));
        QVERIFY(comparisonTable(c).find("fold"));
        const auto text = comparisonText(c);
        QVERIFY2(text.find("2 models, 3 folds:") == 0 || text.find("Two models, three folds:") == 0, text.c_str());
        QVERIFY2(text.find("by paired t tests over folds") != std::string::npos, text.c_str());
        QVERIFY(comparisonFigure(c).caption.find("Nadeau and Bengio 2003") != std::string::npos);
        // With two seeds a run has both.
        for (int k = 0; k < 6; ++k) {
            auto again = runs[static_cast<std::size_t>(k)];
            again.id = 7 + k;
            again.recipe["seed"] = 5;
            runs.push_back(again);
        }
        const auto both = compareRuns(runs, 0, "auto", "test");
        QCOMPARE(both.repeats.size(), std::size_t(6));
        QVERIFY(modelTable(both).find("seed 5, fold 3") && modelTable(both).find("runs"));
        // A field of a split that a run does not have tells no two runs apart.
        auto older = six();
        for (auto &r : older) {
            r.recipe["data"] = {{"name", "segmentation"}, {"split", "blocks"}};
            if (r.id > 3)
                r.recipe["data"].update({{"folds", 5}, {"fold", 1}});
        }
        QCOMPARE(compareRuns(older).models.size(), std::size_t(2));
    }
    void theFirstFoldThatIsDoneIsAFold()
    {
        auto runs = six();
        for (auto &r : runs)
            r.recipe["data"] = {{"name", "segmentation"}, {"split", "folds"}, {"folds", 5}, {"fold", 1}};
        runs.erase(runs.begin() + 2, runs.end()); // of two models, with one seed
        const auto c = compareRuns(runs, 10);
        QCOMPARE(wordOf(c.repeats), std::string("fold"));
        const auto text = comparisonText(c);
        QVERIFY2(text.find("2 models, one fold:") == 0, text.c_str());
        QCOMPARE(modelTable(c).columns[3].name, std::string("folds"));
        QVERIFY2(c.warnings.back().find("Only one fold has a score so far") == 0, c.warnings.back().c_str());
        QVERIFY(comparisonFigure(c).caption.find("fold 1 of 5, seed 1: a point for each fold") != std::string::npos);
        QVERIFY(sharedSlicesWarning(c).find("The report of the comparison has the scores of each fold") != std::string::npos);
        QVERIFY(sharedSlicesWarning(compareRuns(six())).find("Set data.test-fraction") != std::string::npos);
        QVERIFY(sharedSlicesWarning(compareRuns(runs, 10, "auto", "test")).empty());
        // Folds with several seeds are runs.
        QCOMPARE(wordOf({{1, 1}, {2, 1}}), std::string("run"));
        QCOMPARE(wordOf({{1, 0}, {2, 0}}), std::string("seed"));
        QCOMPARE(labelOf({1, 1}, {{1, 1}, {2, 1}}), std::string("seed 1, fold 1"));
    }
    void tablesSayWhichGroupsAreTheTest()
    {
        auto runs = six();
        QVERIFY(!scoredRunTable(compareRuns(runs)).find("test groups") &&
                !comparisonTable(compareRuns(runs)).find("test groups"));
        QVERIFY(testGroupsOf(runs[0]).empty());
        for (auto &r : runs) {
            r.recipe["data"] = {{"name", "segmentation"}, {"split", "folds"}, {"folds", 3}, {"fold", r.recipe["seed"]}};
            r.recipe["seed"] = 4;
            r.summary["groups"] = {{"column", "animal"}, {"test", {"m1", "m2"}}, {"test-count", 2}};
        }
        runs[4].summary["groups"] = {{"column", "animal"}, {"test", Json::array({"m7"})}, {"test-count", 9}};
        QCOMPARE(testGroupsOf(runs[0]), std::string("m1, m2"));
        const auto c = compareRuns(runs);
        const auto t = scoredRunTable(c);
        QCOMPARE(t.columns[2].name + " " + t.columns[3].name, std::string("fold test groups"));
        QCOMPARE(t.text(0, 3), std::string("m1, m2"));
        QCOMPARE(t.text(2, 3), std::string("m7 and 8 more")); // of the third run of fcn
        const auto all = comparisonTable(c);
        const auto *column = all.find("test groups");
        QVERIFY(column);
        const auto &cells = std::get<std::vector<std::string>>(column->values);
        QCOMPARE(cells.front() + "|" + cells.back(), std::string("m1, m2|")); // rows of tests have none
        // What is no list of names is none.
        for (const Json &odd : {Json(3), Json::object(), Json{{"test", "m1"}}, Json{{"test", {1, 2}}, {"test-count", 2}}}) {
            runs[0].summary["groups"] = odd;
            QVERIFY(testGroupsOf(runs[0]).empty());
        }
    }
    void aRunThatWasStoppedCountsInNothing()
    {
        auto runs = six();
        runs[5] = run(6, "unet", 3, 0.01, RunStatus::Stopped);
        runs[5].step = 5;
        const auto c = compareRuns(runs, 6);
        QCOMPARE(c.models[1].score.count, std::int64_t(2));
        QVERIFY(std::abs(c.models[1].score.mean - 0.815) < 1e-12);
        QCOMPARE(c.tests[0].pairs, std::int64_t(2));
        QCOMPARE(c.uncounted.size(), std::size_t(1));
        QCOMPARE(c.warnings.at(0), std::string("5 of 6 runs are done; the others do not count: run 6 (unet, seed 3) was "
                                               "stopped after 5 steps."));
        const auto t = scoredRunTable(c);
        QCOMPARE(t.rows(), std::size_t(6));
        QCOMPARE(t.text(5, 6), std::string("stopped"));
        QCOMPARE(t.number(5, 4), 5.0);
        runs[4].status = RunStatus::Failed;
        runs[4].message = "The disk is full.";
        QVERIFY(compareRuns(runs).warnings.at(0).find("run 5 (fcn, seed 3) failed after 100 steps (The disk is full.)") !=
                std::string::npos);
        EXPECT_ERROR(compareRuns({run(1, "fcn", 1, 0.7, RunStatus::Stopped)}, 4), "none of 4");
    }
    void runsThatDifferInMoreAreToldApart()
    {
        auto runs = six();
        for (auto &r : runs)
            r.recipe["train"] = {{"steps", 100}, {"threads", r.id}}; // threads change nothing
        QVERIFY(compareRuns(runs).differing.empty());
        auto longer = run(7, "fcn", 1, 0.9);
        longer.recipe["train"] = {{"steps", 200}, {"threads", 1}};
        runs.push_back(longer);
        const auto c = compareRuns(runs);
        QCOMPARE(c.differing, (std::vector<std::string>{"train.steps"}));
        QCOMPARE(c.models.size(), std::size_t(3)); // none is dropped
        QCOMPARE(c.models[0].label, std::string("fcn, steps 100"));
        QCOMPARE(c.models[2].label, std::string("fcn, steps 200"));
        QCOMPARE(c.models[0].scores[0], 0.70);
        QCOMPARE(c.models[2].scores[0], 0.9);
        QVERIFY2(c.warnings.at(0).find("train.steps (100, 200)") != std::string::npos, c.warnings[0].c_str());
        QVERIFY(c.warnings[0].find("other data") == std::string::npos);
        auto a = run(1, "fcn", 1, 0.7), b = run(2, "fcn", 1, 0.8);
        a.recipe["data"] = {{"name", "segmentation"}, {"images", "/x/a.tif"}};
        b.recipe["data"] = {{"name", "segmentation"}, {"images", "/x/b.tif"}};
        const auto d = compareRuns({a, b});
        QCOMPARE(d.models[1].label, std::string("fcn, images b.tif"));
        QVERIFY(d.warnings.at(0).find("other data") != std::string::npos);
        // Files of one name in two folders are told apart by their paths.
        b.recipe["data"]["images"] = "/y/a.tif";
        const auto e = compareRuns({a, b});
        QCOMPARE(e.models[0].label, std::string("fcn, images /x/a.tif"));
        QCOMPARE(e.models[1].label, std::string("fcn, images /y/a.tif"));
        // A recipe of before a field came is that of the field's default.
        auto older = six();
        for (auto &r : older)
            if (r.id > 3)
                r.recipe["model"].update({{"without-skips", Json::array()}, {"strict-size", false}});
        QCOMPARE(compareRuns(older).models.size(), std::size_t(2));
        older[5].recipe["model"]["without-skips"] = {0};
        QCOMPARE(compareRuns(older).models.size(), std::size_t(3));
    }
    void memoryIsTheMostOfAnyRunThatMeasuredIt()
    {
        auto runs = six();
        runs[0].summary["memory-mib"] = 900;
        runs[2].summary["memory-mib"] = nullptr;
        QCOMPARE(compareRuns(runs).models[0].memoryMib, 900.0);
        const auto t = plannedModelTable(planOf({{{"name", "fcn"}, {"weights", 4000}}}, {1, 2, 3}), runs, "dice");
        QCOMPARE(t.number(0, 7), 900.0);
    }
    void whatIsSaidOfTheBestIsWhatTheTestsSay()
    {
        // One run of the third model: it is not tested, so the best is not told from all.
        auto runs = six();
        runs.push_back(run(7, "atrous", 1, 0.75));
        const auto some = comparisonText(compareRuns(runs));
        QVERIFY2(some.find("told from 1 of 2 others") != std::string::npos &&
                     some.find("1 could not be tested for want of common seeds") != std::string::npos,
                 some.c_str());
        // The best mean is due to a seed that the other has not; where both have one, the other is better.
        const auto lucky = comparisonText(compareRuns({run(1, "fcn", 1, 0.700), run(2, "unet", 1, 0.750), run(3, "fcn", 2, 0.700),
                                                       run(4, "unet", 2, 0.751), run(5, "fcn", 3, 0.990)}));
        QVERIFY2(lucky.find("fcn is best, but on the seeds that both have 1 of the others is better") != std::string::npos,
                 lucky.c_str());
    }
    void lossesOfDifferentObjectivesAreNotCompared()
    {
        auto a = image(1, "fcn", 1, 0.02), b = image(2, "unet", 1, 0.01);
        a.recipe["objective"] = {{"name", "mse"}};
        b.recipe["objective"] = {{"name", "l1"}};
        EXPECT_ERROR(compareRuns({a, b}), "the losses of different objectives (mse of run 1, l1 of run 2)");
        EXPECT_ERROR(compareRuns({a, b}, 0, "loss"), "take score=rmse");
        const auto c = compareRuns({a, b}, 0, "rmse");
        QCOMPARE(c.models[0].label, std::string("fcn, objective mse"));
        QVERIFY(c.warnings.at(0).find("objective.name (mse, l1)") != std::string::npos);
        // Of segmenters the Dice score is compared, whatever they were trained with.
        auto s = six();
        for (auto &r : s)
            r.recipe["objective"] = {{"name", r.id % 2 ? "bce" : "dice"}};
        QCOMPARE(compareRuns(s).score, std::string("dice"));
        EXPECT_ERROR(compareRuns(s, 0, "loss"), "take score=dice");
    }
    void scoresOfTestSlices()
    {
        const auto c = compareRuns({image(1, "fcn", 1, 0.02), image(2, "unet", 1, 0.01)}, 0, "auto", "test");
        QCOMPARE(c.scoreTitle, std::string("test loss"));
        QVERIFY(comparisonFigure(c).caption.find("on the test slices") != std::string::npos);
        QVERIFY(scoredRunTable(c).find("test loss"));
        QCOMPARE(sharedSlicesWarning(c), std::string());
        QVERIFY(sharedSlicesWarning(compareRuns(six())).find("data.test-fraction") != std::string::npos);
        QVERIFY(comparisonText(compareRuns(six(), 0, "iou", "test")).find("IoU on the test slices") != std::string::npos);
    }
    void modelsThatAreNotMatchedInWeightsAreTold()
    {
        auto runs = six();
        for (auto &r : runs)
            if (r.id % 2) {
                r.recipe["model"].erase("weights"); // its design has a number of its own
                r.summary["weights"] = 10642;
            }
        const auto c = compareRuns(runs);
        QVERIFY(std::isnan(c.models[0].asked) && c.models[1].asked == 4000);
        QCOMPARE(c.warnings.at(0), std::string("The models are not matched in weights: fcn 10642 by its design, unet 3964."));
    }
    void whatIsKnownBeforeTheFirstRunIsDone()
    {
        const std::vector<Json> models{{{"name", "fcn"}, {"weights", 4000}}, {{"name", "unet"}, {"weights", 4000}}};
        const auto plan = planOf(models, {1, 2});
        auto t = plannedModelTable(plan, {}, "dice");
        QCOMPARE(t.rows(), std::size_t(2));
        QCOMPARE(t.text(0, 1), std::string("0 of 2"));
        QVERIFY(t.number(0, 5) == 4000 && std::isnan(t.number(0, 4)));
        auto half = run(2, "unet", 1, 0.5, RunStatus::Running);
        t = plannedModelTable(plan, {run(1, "fcn", 1, 0.7), half}, "dice");
        QCOMPARE(t.text(0, 1) + ", " + t.text(1, 1), std::string("1 of 2, 0 of 2"));
        QCOMPARE(t.number(0, 2), 0.7);
        QCOMPARE(t.text(0, 2) + " " + t.text(0, 8), std::string("0.7000 0.7000")); // digits stand under one another
        QVERIFY(std::isnan(t.number(1, 2)));                                       // the score of a run at work is none
        QCOMPARE(t.number(1, 4), 3964.0);
        QCOMPARE(t.number(1, 6), 21.0);
        QCOMPARE(t.number(1, 7), 11.0);
        QCOMPARE(t.number(0, 8), 0.7); // seed 1
        QVERIFY(std::isnan(t.number(0, 9)));
    }
    void scoresThatRunsHave()
    {
        QCOMPARE(scoresOf({run(1, "fcn", 1, 0.7)}), (std::vector<std::string>{"dice", "iou", "loss"}));
        QCOMPARE(scoresOf({image(1, "fcn", 1, 0.1)}), (std::vector<std::string>{"loss", "mse", "rmse", "psnr", "ssim"}));
        QCOMPARE(scoreUnit("psnr") + scoreUnit("dice"), std::string("dB"));
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
        EXPECT_ERROR(compareRuns({image(1, "fcn", 1, 0.02), run(2, "unet", 1, 0.9)}),
                     "run 2 for segmentation and run 1 for reconstruction");
        EXPECT_ERROR(compareRuns({image(1, "fcn", 1, 0.02), run(2, "unet", 1, 0.9)}), "runs that all learned the same task");
        EXPECT_ERROR(compareRuns({image(1, "fcn", 1, 0.02)}, 0, "dice"), "\"dice\"");
    }
    /// What chooses the weights of runs is what compares them, by the title and the direction that they say.
    void otherTasksAreComparedByTheirOwnScore()
    {
        auto a = run(1, "fcn", 1, 0.7), b = run(2, "unet", 1, 0.8);
        for (auto *r : {&a, &b}) {
            r->summary.erase("target");
            r->summary.update(RunScores("latent", "kl", {{"kl", "divergence", "nats", true, false}}).toJson());
            r->summary["best"] = {{"step", 90}, {"loss", 0.5}, {"kl", r->id == 1 ? 3.0 : 4.0}};
        }
        const auto c = compareRuns({a, b});
        QCOMPARE(c.score, std::string("kl"));
        QCOMPARE(c.scoreTitle, std::string("divergence"));
        QVERIFY(c.smallest);
        QVERIFY(comparisonText(c).find("fcn is best.") != std::string::npos);
    }
    void lossesOfSeveralObjectivesAskForAnotherScore()
    {
        auto labels = std::vector{run(1, "fcn", 1, 0.7), run(2, "unet", 1, 0.8)};
        auto images = std::vector{image(1, "fcn", 1, 0.02), image(2, "unet", 1, 0.01)};
        labels[1].recipe["objective"] = images[1].recipe["objective"] = {{"name", "other"}};
        EXPECT_ERROR(compareRuns(labels, 0, "loss"), "the same for all runs (dice or iou)");
        EXPECT_ERROR(compareRuns(labels, 0, "loss"), "take score=dice");
        EXPECT_ERROR(compareRuns(images), "the same for all runs (rmse, psnr or ssim)");
        EXPECT_ERROR(compareRuns(images), "take score=rmse");
    }
    void halfDoneComparisons()
    {
        auto runs = six();
        runs[5].status = RunStatus::Running;
        runs[4].status = RunStatus::Cancelled;
        auto c = compareRuns(runs, 9);
        QVERIFY2(c.warnings.at(0).find("4 of 9 runs are done") != std::string::npos, c.warnings[0].c_str());
        QCOMPARE(c.repeats.size(), std::size_t(2));
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
    /// Scores that no list of images' scores has go by what the runs say of them.
    void scoresOfAnotherKindOfLearning()
    {
        std::vector<RunInfo> runs;
        for (int i = 0; i < 4; ++i) {
            RunInfo r = run(i + 1, i < 2 ? "fcn" : "unet", 1 + i % 2, 0);
            r.summary = {{"task", "classification"},
                         {"score", "accuracy"},
                         {"scores",
                          {{{"name", "accuracy"}, {"title", "accuracy"}, {"isFraction", true}},
                           {{"name", "macro-f1"}, {"title", "macro F1"}, {"isFraction", true}}}},
                         {"best", {{"accuracy", 0.5 + 0.1 * i}, {"macro-f1", 0.4 + 0.1 * i}}}};
            runs.push_back(r);
        }
        QCOMPARE(scoresOf(runs), (std::vector<std::string>{"accuracy", "macro-f1"}));
        const auto c = compareRuns(runs, 0, "macro-f1");
        QCOMPARE(c.scoreTitle, std::string("macro F1"));
        QVERIFY(!c.smallest && c.models[1].scores == (std::vector<double>{0.4 + 0.1 * 2, 0.4 + 0.1 * 3}));
        QVERIFY(scoredRunTable(c).find("macro F1") && scoredRunTable(c).find("accuracy"));
        EXPECT_ERROR(compareRuns(runs, 0, "dice"), "a score that the runs have (auto, accuracy, macro-f1)");
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
