#include "core/analysis/skips/SkipStudyByHand.h"

using namespace reticle;
using namespace reticle::test;
using namespace reticle::test::study;

class SkipStudyTablesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tablesByHand()
    {
        const auto tables = skipTables(byHand());
        QCOMPARE(tables.size(), std::size_t(4));
        const auto &costs = tables[0];
        QCOMPARE(costs.rows(), std::size_t(4));
        const double whole = (76.0 / 80 + 36.0 / 38) / 2; // at 0.6; at 0.2 (80 / 90 + 40 / 60) / 2 is less
        QVERIFY(near(cell(costs, "Dice", 0), whole));
        QVERIFY(near(cell(costs, "Dice", 1), 2.0 / 3));
        QVERIFY(near(cell(costs, "drop of Dice", 0), 0));
        QVERIFY(near(cell(costs, "drop of Dice", 1), whole - 2.0 / 3));
        QVERIFY(near(cell(costs, "drop of Dice", 2), 0));
        QVERIFY(near(cell(costs, "drop of Dice", 3), whole));
        QVERIFY(near(cell(costs, "V_Rand", 0), 0.85));
        QVERIFY(near(cell(costs, "drop of V_Rand", 1), 0.3));
        QVERIFY(near(cell(costs, "V_Rand at its own best", 1), 0.75));
        QVERIFY(near(cell(costs, "rise of pixel error", 1), 0.12));
        QVERIFY(near(cell(costs, "reliance by Dice", 1), (whole - 2.0 / 3) / whole));
        QVERIFY(near(cell(costs, "reliance by V_Rand", 1), 0.3 / 0.65)); // of 0.85 as it is, 0.2 without any
        QVERIFY(std::isnan(cell(costs, "reliance by V_Rand", 0)));

        // Rows: Dice, IoU, V_Rand, pixel error of skip 0, then of skip 1, then of all.
        const auto &scores = tables[1];
        QCOMPARE(scores.rows(), std::size_t(12));
        QCOMPARE(cell(scores, "best threshold as it is", 0), 0.6);
        QCOMPARE(cell(scores, "own best threshold", 0), 0.2);
        QVERIFY(near(cell(scores, "at its own best", 0), (60.0 / 70 + 0.8) / 2));
        QVERIFY(near(cell(scores, "worse by, own best", 0), whole - (60.0 / 70 + 0.8) / 2));
        const double one = 76.0 / 80 - 2.0 / 3, two = 36.0 / 38 - 2.0 / 3;
        QVERIFY(near(cell(scores, "sd over slices", 0), std::abs(one - two) / std::sqrt(2)));
        QVERIFY(near(cell(scores, "reliance", 0), (whole - 2.0 / 3) / whole));
        QVERIFY(near(cell(scores, "reliance", 4), 0));
        QVERIFY(near(cell(scores, "reliance", 8), 1));
        QVERIFY(near(cell(scores, "sd over slices", 2), std::sqrt(0.02))); // 0.4 and 0.2

        const auto &power = tables[2];
        QCOMPARE(power.rows(), std::size_t(3));
        QCOMPARE(power.columns[2].name, std::string("level 2")); // from coarse to fine
        for (std::size_t row = 0; row < 3; ++row)
            QVERIFY(near(cell(power, "level 2", row), 1));
        QVERIFY(near(cell(power, "level 1", 0), 0.25));
        QVERIFY(near(cell(power, "level 1", 1), 1));
        QVERIFY(near(cell(power, "level 1", 2), 0));

        const auto &each = tables[3];
        QCOMPARE(each.rows(), std::size_t(8));
        QCOMPARE(cell(each, "slice", 3), 7.0);
        QCOMPARE(cell(each, "slice", 4), 9.0);
        QVERIFY(near(cell(each, "Dice", 4), 36.0 / 38));
        QVERIFY(near(cell(each, "V_Rand", 5), 0.6)); // at 0.2, the best as it is
        QCOMPARE(cell(each, "skips from slice", 5), 9.0);
    }
};

RETICLE_TEST(SkipStudyTablesTest)
#include "SkipStudyTablesTest.moc"
