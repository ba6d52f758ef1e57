#include "ablation/AblationFigures.h"

#include "AblationCases.h"
#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::test;

/// Effects, recipes and runs as tables.
class AblationTablesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tablesShowTheNumbers()
    {
        const auto scores = scoresOf({"L", "S", "I"}, tenSeeds(0.004));
        const auto d = ablationDesign(3, 10);
        const auto e = ablationEffects(scores, d);
        const auto effects = ablationEffectTable(scores, e);
        QCOMPARE(effects.rows(), std::size_t(3));
        QVERIFY(near(effects.number(0, 1), e.knockouts[0].mean()));
        QVERIFY(effects.find("Shapley share, p (Holm)") && effects.find("verdict"));
        const auto cells = ablationCellTable(scores, d);
        QCOMPARE(cells.text(2, 0), std::string("good without L"));
        QCOMPARE(cells.text(2, 1), std::string("bad"));
        QCOMPARE(cells.number(2, 4), 10.0);
        QCOMPARE(ablationRunTable(scores, d).rows(), std::size_t(80));
    }
    void interactionsOfAFullDesignAreOfEachPair()
    {
        const auto scores = scoresOf({"L", "S", "I"}, {digits});
        const auto e = ablationEffects(scores, ablationDesign(3, 1));
        const auto t = ablationInteractionTable(scores, e);
        QCOMPARE(t.rows(), std::size_t(3));
        // Half the difference of the effect of L at the two levels of S, by hand from the eight cells.
        const double low = ((.879 - .477) + (.978 - .754)) / 2, high = ((.940 - .646) + (.973 - .781)) / 2;
        QVERIFY(near(t.number(0, 1), (high - low) / 2));
    }
    void measurementsAreRowsForOtherPrograms()
    {
        const auto t = curveTable({{"good", "digits", 3, 0, 50, "validation", 0.25, 0.9}});
        const std::vector<std::string> names{"recipe", "dataset", "seed", "fold", "step", "split", "loss", "acc"};
        QCOMPARE(t.columns.size(), names.size());
        for (std::size_t i = 0; i < names.size(); ++i)
            QCOMPARE(t.columns[i].name, names[i]);
        QCOMPARE(t.text(0, 5), std::string("validation"));
        QCOMPARE(t.number(0, 7), 0.9);
    }
};

RETICLE_TEST(AblationTablesTest)
#include "AblationTablesTest.moc"
