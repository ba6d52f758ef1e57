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
        o.schedule = "poly";
        QCOMPARE(learningRateFactor(o, 0), 1.0);
        QCOMPARE(learningRateFactor(o, 0.5), std::pow(0.5, 0.9));
        o.schedule = "cosine";
        QVERIFY(std::abs(learningRateFactor(o, 0.5) - 0.5) < 1e-12);
        QVERIFY(std::abs(learningRateFactor(o, 1)) < 1e-12);
        QVERIFY(std::abs(learningRateFactor(o, 1.0 / 3) - 0.75) < 1e-12);
        o.schedule = "step";
        QCOMPARE(learningRateFactor(o, 0.5), 1.0);
        QCOMPARE(learningRateFactor(o, 0.7), 0.1);
        QCOMPARE(learningRateFactor(o, 0.9), 0.01);
        o.schedule = "constant";
        QCOMPARE(learningRateFactor(o, 0.99), 1.0);
    }
    void warmsUp()
    {
        TrainOptions o;
        o.warmup = 0.1;
        for (const char *schedule : {"constant", "cosine", "poly", "step"}) {
            o.schedule = schedule;
            QVERIFY(std::abs(learningRateFactor(o, 0) - 0.01) < 1e-12);
            QVERIFY(std::abs(learningRateFactor(o, 0.05) - 0.505) < 1e-12);
            QVERIFY(std::abs(learningRateFactor(o, 0.1) - 1) < 1e-12);
        }
    }
};

RETICLE_TEST(ScheduleTest)
#include "ScheduleTest.moc"
