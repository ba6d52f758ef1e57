#include "learn/Schedule.h"

#include "support/Test.h"

#include <cmath>

using namespace reticle;

class ScheduleTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void followsTheRuleInForce()
    {
        TrainOptions o;
        o.minutes = 2;
        QVERIFY(stopRule(o) == StopRule::Minutes);
        QCOMPARE(trainingProgress(o, 10, 500, 30), 0.25);
        o.epochs = 4;
        QVERIFY(stopRule(o) == StopRule::Epochs);
        QCOMPARE(totalSteps(o, 10), std::int64_t(40));
        QCOMPARE(trainingProgress(o, 10, 10, 1e9), 0.25);
        o.steps = 100;
        QVERIFY(stopRule(o) == StopRule::Steps);
        QCOMPARE(trainingProgress(o, 10, 10, 1e9), 0.1);
        QCOMPARE(trainingProgress(o, 10, 1000, 0), 1.0);
        o.steps = o.epochs = 0;
        o.minutes = 0;
        EXPECT_ERROR(stopRule(o), "steps, epochs or minutes");
    }
    void falls()
    {
        TrainOptions o;
        o.warmup = 0;
        const auto factor = [&](double progress) { return LearningRate(o).factor({progress, 0, 0}); };
        o.schedule = "poly";
        QCOMPARE(factor(0), 1.0);
        QCOMPARE(factor(0.5), std::pow(0.5, 0.9));
        o.schedule = {"poly", {{"power", 2}}};
        QCOMPARE(factor(0.5), 0.25);
        o.schedule = "cosine";
        QVERIFY(std::abs(factor(0.5) - 0.5) < 1e-12);
        QVERIFY(std::abs(factor(1)) < 1e-12);
        QVERIFY(std::abs(factor(1.0 / 3) - 0.75) < 1e-12);
        o.schedule = "step";
        QVERIFY(factor(0.5) == 1 && factor(0.6) == 0.1 && factor(0.7) == 0.1 && factor(0.85) == 0.01 && factor(0.9) == 0.01);
        o.schedule = {"step", {{"parts", {0.25, 0.5, 0.75}}, {"factors", {0.5, 0.25, 0}}}};
        QVERIFY(factor(0.2) == 1 && factor(0.3) == 0.5 && factor(0.6) == 0.25 && factor(1) == 0);
        o.schedule = "constant";
        QCOMPARE(factor(0.99), 1.0);
    }
    void fallsByEpochsAndSteps()
    {
        TrainOptions o;
        o.warmup = 0;
        o.learningRate = 0.1;
        o.schedule = {"milestones", {{"epochs", {2, 3}}}};
        const auto at = [&](double epoch, std::int64_t step = 0) { return LearningRate(o).at({0.5, epoch, step}); };
        QCOMPARE(at(1.99), 0.1);
        QVERIFY(std::abs(at(2) - 0.01) < 1e-15 && std::abs(at(2.9) - 0.01) < 1e-15 && std::abs(at(3) - 0.001) < 1e-15);
        o.schedule = {"exponential", {{"factor", 0.5}}};
        QVERIFY(at(0.9) == 0.1 && at(1) == 0.05 && at(2.5) == 0.025);
        o.schedule = "inverse";
        QVERIFY(at(0, 0) == 0.1 && std::abs(at(0, 1000000) - 0.05) < 1e-15 && std::abs(at(9, 3000000) - 0.025) < 1e-15);
    }
    void warmsUp()
    {
        TrainOptions o;
        o.warmup = 0.1;
        for (const auto &[schedule, entry] : Registry<ScheduleFactory>::instance().entries()) {
            o.schedule = schedule;
            const LearningRate rate(o);
            QVERIFY(std::abs(rate.factor({0, 0, 0}) - 0.01) < 1e-12);
            QVERIFY(std::abs(rate.factor({0.05, 0, 0}) - 0.505) < 1e-12);
            QVERIFY(std::abs(rate.factor({0.1, 0, 0}) - 1) < 1e-12);
        }
    }
    void refusesWhatDoesNotGoTogether()
    {
        TrainOptions o;
        o.schedule = {"step", {{"parts", {0.5}}}};
        EXPECT_ERROR(LearningRate{o}, "train.schedule.factors");
        o.schedule = {"step", {{"parts", {0.5, 0.25}}}};
        EXPECT_ERROR(LearningRate{o}, "train.schedule.parts");
        o.schedule = "linear";
        EXPECT_ERROR(LearningRate{o}, "train.schedule");
    }
};

RETICLE_TEST(ScheduleTest)
#include "ScheduleTest.moc"
