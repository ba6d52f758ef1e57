#include "history/BudgetRuns.h"

#include "support/BudgetedRuns.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;
using test::fiveBudgeted;

class BudgetFigureTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theFigureHasPointsCurvesAndABand()
    {
        const test::TemporaryFolder folder;
        const auto project = test::projectOf(folder / "P.reticle", fiveBudgeted());
        const auto b = budgetRuns(project, 1);
        const auto curve = b.curve();
        const Figure f = budgetFigure(b, curve);
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        const auto &panel = std::get<XYPanel>(f.panels.at(0).content);
        QVERIFY(panel.x.scale == Axis::Scale::Log);
        QCOMPARE(panel.x.ticks, (std::vector<double>{1, 2, 5, 10, 15, 30, 60}));
        std::size_t lines = 0, points = 0;
        bool dashed = false, band = false, solid = false;
        for (const auto &s : panel.series) {
            lines += s.kind == SeriesKind::Line && s.width < 1;
            if (s.kind == SeriesKind::Scatter)
                points += s.x.size();
            if (s.kind == SeriesKind::Band) {
                band = true;
                QVERIFY(s.x.front() == 5 && std::abs(s.x.back() - 60) < 1e-9);
            }
            if (s.kind == SeriesKind::Line && s.dash == Dash::Dashed) {
                dashed = true;
                QVERIFY(std::abs(s.x.front() - 30) < 1e-9 && std::abs(s.x.back() - 60) < 1e-9);
                QVERIFY(std::abs(s.y.back() - curve.at(60).score) < 1e-12);
            } else if (s.kind == SeriesKind::Line && s.width > 1) {
                solid = true;
                QVERIFY(s.x.front() == 5 && std::abs(s.x.back() - 30) < 1e-9);
            }
        }
        QVERIFY(dashed && band && solid);
        QCOMPARE(points, std::size_t(5));
        QCOMPARE(lines, std::size_t(5));
        QVERIFY(f.caption.find("is not what a run of 5 minutes gives") != std::string::npos);
        QVERIFY(*panel.y.min < 0.9 && *panel.y.min > 0.8 && *panel.y.max > 0.938);
        // One run, and several that are equal: points alone, in a range that can be drawn.
        for (std::size_t n : {1, 2}) {
            auto runs = fiveBudgeted();
            runs.resize(n);
            runs.back().summary["best"]["dice"] = 0.9;
            const auto few = budgetRuns(runs, 1);
            const Figure g = budgetFigure(few, few.curve());
            QVERIFY(g.problems().empty());
            QCOMPARE(std::get<XYPanel>(g.panels.at(0).content).series.size(), std::size_t(1));
        }
        QVERIFY(budgetFigure({}, {}).panels.empty());
    }
};

RETICLE_TEST(BudgetFigureTest)
#include "BudgetFigureTest.moc"
