#include "classification/RocCurve.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

/// Worked by hand; ClassificationScoresTest holds larger curves to scikit-learn.
class RocCurveTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// Of the four pairs of a positive and a negative three are in order and one is tied.
    void rowsWithEqualScoresChangeSidesTogether()
    {
        const auto c = rocCurve({0.9, 0.8, 0.8, 0.3}, {true, true, false, false});
        QVERIFY(c.thresholds.size() == 4 && std::isinf(c.thresholds.front()));
        QCOMPARE(c.truePositives, (std::vector<std::int64_t>{0, 1, 2, 2}));
        QCOMPARE(c.falsePositives, (std::vector<std::int64_t>{0, 0, 1, 2}));
        QCOMPARE(c.recall(), (std::vector<double>{0, 0.5, 1, 1}));
        QCOMPARE(c.falsePositiveRate(), (std::vector<double>{0, 0, 0.5, 1}));
        QCOMPARE(c.precision().front(), 1.0);
        QVERIFY(std::abs(c.auc() - 3.5 / 4) < 1e-12);
        QVERIFY(std::abs(c.averagePrecision() - (0.5 * 1 + 0.5 * 2 / 3)) < 1e-12);
    }
    void aScoreWithoutOrderIsChance()
    {
        QVERIFY(std::abs(rocCurve({1, 1, 1}, {true, false, true}).auc() - 0.5) < 1e-12);
        QVERIFY(std::abs(rocCurve({1, 2}, {true, false}).auc()) < 1e-12);
    }
    void oneKindOfRowsHasNoArea()
    {
        QVERIFY(std::isnan(rocCurve({1, 2}, {true, true}).auc()));
        QVERIFY(std::isnan(rocCurve({1, 2}, {false, false}).averagePrecision()));
    }
    void refusesWhatIsNoScore()
    {
        EXPECT_ERROR(rocCurve({1}, {true, false}), "one for each of 2 rows");
        EXPECT_ERROR(rocCurve({1, std::nan("")}, {true, false}), "row 2");
    }
};

RETICLE_TEST(RocCurveTest)
#include "RocCurveTest.moc"
