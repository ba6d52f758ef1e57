#include "core/analysis/skips/SkipStudyByHand.h"

using namespace reticle;
using namespace reticle::test;
using namespace reticle::test::study;

class SkipMeasurementTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void scoresAndTheirCosts()
    {
        const auto m = byHand();
        QCOMPARE(m.scores().size(), std::size_t(4));
        QCOMPARE(m.mainScore().key, std::string("v-rand"));
        const double whole = (76.0 / 80 + 36.0 / 38) / 2;
        const auto dice = m.cost(1, m.score("dice"));
        QCOMPARE(dice.threshold, 0.6);
        QVERIFY(near(dice.value, 2.0 / 3) && near(dice.drop, whole - 2.0 / 3));
        QVERIFY(near(dice.reliance, (whole - 2.0 / 3) / whole)); // nothing is left without any skip
        QCOMPARE(dice.ownThreshold, 0.2);
        QVERIFY(std::isnan(dice.valueSd) && std::isnan(dice.relianceSd)); // of one network
        QVERIFY(near(m.cost(2, m.score("dice")).drop, 0));
        QVERIFY(near(m.cost(1, m.score("pixel-error")).drop, 0.12)); // errors that rise are drops
    }
    void powerIsOverThatOfTheNetworkAsItIs()
    {
        const auto m = byHand();
        QVERIFY((m.powerRatio(1) == std::vector<double>{0.25, 1}));
        QVERIFY((m.powerRatio(3) == std::vector<double>{0, 1}));
        const auto power = m.power(); // 4 + 12 of 2 x 48 coefficients, 8 + 8 of 2 x 12
        QCOMPARE(power.size(), std::size_t(2));
        QVERIFY(near(std::min(power[0], power[1]), 16.0 / 96) && near(std::max(power[0], power[1]), 16.0 / 24));
    }
    void actsAreFound()
    {
        const auto m = byHand();
        QCOMPARE(m.ways().size(), std::size_t(1));
        QCOMPARE(m.of(m.ways()[0]).size(), std::size_t(3)); // each skip, then all
        QVERIFY(m.scaleCurves().empty() && m.retrainedScores(m.mainScore()).empty() && m.retrainedWithout(1).empty());
    }
};

RETICLE_TEST(SkipMeasurementTest)
#include "SkipMeasurementTest.moc"
