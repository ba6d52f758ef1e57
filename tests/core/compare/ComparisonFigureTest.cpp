#include "compare/Comparison.h"

#include "support/ComparedRuns.h"
#include "support/Test.h"

using namespace reticle;
using test::six;

class ComparisonFigureTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void showsTheTests()
    {
        const auto c = compareRuns(six());
        const auto f = comparisonFigure(c);
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        // Points, time, memory, and the tests, which the caption names; a bracket joins the two that are told apart.
        QCOMPARE(f.panels.size(), std::size_t(4));
        const auto &tests = std::get<TablePanel>(f.panels[3].content).table;
        QCOMPARE(tests.rows(), std::size_t(1));
        QCOMPARE(tests.text(0, 0), std::string("fcn \u2212 unet"));
        QVERIFY(std::abs(tests.number(0, 5) - 0.0010389613) < 1e-9);
        QCOMPARE(tests.text(0, 6), std::string("**"));
        QVERIFY(f.caption.find("paired t tests of Dice over seeds") != std::string::npos);
        QVERIFY(f.caption.find("on the validation slices") != std::string::npos);
        const auto &bracket = std::get<XYPanel>(f.panels[0].content).series.back();
        QCOMPARE(bracket.x, (std::vector<double>{0, 0, 1, 1}));
        QVERIFY(bracket.y[0] > 0.83 && bracket.y[1] > bracket.y[0] && bracket.y[2] == bracket.y[1]);
    }
};

RETICLE_TEST(ComparisonFigureTest)
#include "ComparisonFigureTest.moc"
