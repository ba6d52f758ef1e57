#include "learn/training/TrainingRecord.h"

#include "foundation/FormerNames.h"
#include "protocol/RunScores.h"
#include "support/BudgetedRuns.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

Recipe onProcessor(Json train = Json::object())
{
    Json recipe = test::budgeted(1, 15, 1, 0.93).recipe;
    recipe["device"] = "cpu";
    recipe["train"]["precision"] = "float32";
    recipe["train"].update(train);
    return Recipe(recipe);
}

} // namespace

class TrainingRecordTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatATrainingLeavesIsLikeTheNextOne()
    {
        const auto summary = test::budgeted(1, 15, 1, 0.93).summary;
        const auto past = pastTraining(onProcessor(), summary, 3, 2);
        QCOMPARE(past.network, std::string("unet"));
        QVERIFY(past.weights == 3964 && past.crop == 256 && past.batch == 4 && past.channels == 3 && past.classes == 2);
        QVERIFY(past.steps == 9000 && past.budget == 15 && std::abs(past.minutes - 901.5 / 60) < 1e-12);
        QVERIFY(std::abs(past.stepSeconds - 901.5 / 9000) < 1e-12);
        QVERIFY(past.score == "dice" && past.value == 0.93 && past.precision == "float32");
        QCOMPARE(past.ended.size(), std::string("2026-01-02T03:04:05Z").size());
        QVERIFY(PastTraining::fromJson(past.toJson()).has_value());
        const auto next = trainingQuestion(onProcessor({{"minutes", 30}}));
        QCOMPARE(next.minutes, 30.0);
        QCOMPARE(next.like.machine, past.machine);
        QCOMPARE(next.like.recipe, past.recipe);
        QCOMPARE(estimateTraining({past}, next).timed, std::size_t(1));
        QCOMPARE(estimateTraining({past}, trainingQuestion(onProcessor(), 3, 2)).timed, std::size_t(1));
        QCOMPARE(estimateTraining({past}, trainingQuestion(onProcessor(), 1, 2)).timed, std::size_t(0));
        // Another number of threads is another machine.
        const auto threads = trainingQuestion(onProcessor({{"threads", 3}}));
        QVERIFY2(threads.like.machine.find("3 threads") != std::string::npos, threads.like.machine.c_str());
    }
    /// Histories of before hold this digest: a training goes on being like those of the same recipe.
    void digestsGoByTheFirstNames()
    {
        const Json before = Json::parse(test::readAll(test::source("tests/reference/project-before/runs/1/recipe.json")));
        const Json now = FormerNames::current(before);
        QVERIFY(now.at("train").contains("optimizer") && !now.at("train").contains("optimiser"));
        QVERIFY(!now.at("train").contains("momentum") && now.at("objective").contains("normalized"));
        for (const auto &recipe : {before, now})
            QCOMPARE(questionOf(Recipe(recipe)).like.recipe, std::string("fee94accf640006f"));
    }
    void scoresAreThoseThatChoseTheWeights()
    {
        auto summary = test::budgeted(1, 15, 1, 0.93).summary;
        summary.update(RunScores("reconstruction", "loss", {{"loss", "loss", "", true, false}}).toJson());
        const auto image = pastTraining(onProcessor(), summary, 1, 0);
        QVERIFY(image.score == "loss" && std::abs(image.value - 0.07) < 1e-12);
        for (const Json &best : {Json(), Json::object(), Json{{"loss", nullptr}}}) { // without validation slices
            summary["best"] = best;
            QVERIFY(pastTraining(onProcessor(), summary, 1, 0).score.empty());
        }
        QCOMPARE(pastTraining(onProcessor({{"steps", 9000}}), summary, 1, 0).budget, 0.0);
    }
    void aDeviceThatIsNotThereIsRefused()
    {
        Json recipe = onProcessor().json();
        recipe["device"] = "cuda:99";
        EXPECT_ERROR(trainingQuestion(Recipe(recipe)), "device");
        recipe["device"] = "toaster";
        EXPECT_ERROR(trainingQuestion(Recipe(recipe)), "device");
        EXPECT_ERROR(trainingQuestion(onProcessor({{"batch", -1}})), "batch");
    }
};

RETICLE_TEST(TrainingRecordTest)
#include "TrainingRecordTest.moc"
