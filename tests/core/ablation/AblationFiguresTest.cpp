#include "ablation/AblationFigures.h"

#include "AblationCases.h"
#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::test;

/// Effects, scores and curves as figures.
class AblationFiguresTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void effectsAreBarsWithDotsAndIntervals()
    {
        const auto scores = scoresOf({"L", "S", "I"}, tenSeeds(0.004));
        const auto d = ablationDesign(3, 10);
        const auto e = ablationEffects(scores, d);
        const auto f = ablationEffectFigure(scores, e);
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        const auto &panel = std::get<XYPanel>(f.panels.at(0).content);
        QCOMPARE(panel.series.size(), std::size_t(6)); // knockout and rescue: bars, dots, whiskers
        QCOMPARE(panel.series[1].x.size(), std::size_t(30));
        QVERIFY(near(panel.references.back().value, e.gap.mean()));
        QVERIFY(Figure::fromJson(f.toJson()).panels.size() == 2);
    }
    void curvesHaveTheBandThatIsAsked()
    {
        const CurveGroup group{"good", {0, 50, 100}, {{1, 0.5, 0.2}, {3, 0.7, 0.4}}, 1};
        const auto f = meanCurveFigure({group}, CurveBand::Range, "loss");
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        const auto &panel = std::get<XYPanel>(f.panels.at(0).content);
        bool mean = false, band = false;
        for (const auto &s : panel.series) {
            mean = mean || (s.y.size() == 3 && near(s.y[0], 2) && near(s.y[1], 0.6));
            band = band || (s.lower.size() == 3 && near(s.lower[0], 1) && near(s.upper[0], 3));
        }
        QVERIFY(mean && band);
    }
    void scoresOfSeveralDataSetsAreAMatrix()
    {
        const ScoreMatrix m{
            {"good", "bad"}, {"iris", "wine"}, {{{0.9, 0.8}, {1, 1}}, {{0.5, 0.7}, {0.4, 0.6}}}, "accuracy", {}, 3};
        const auto f = scoreMatrixFigure(m);
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        bool found = false;
        for (const auto &p : f.panels)
            if (const auto *map = std::get_if<HeatMapPanel>(&p.content)) {
                found = true;
                QVERIFY(near(map->values.value(0), 0.85) && near(map->values.value(3), 0.5));
            }
        QVERIFY(found);
        auto wrong = m;
        wrong.values.pop_back();
        EXPECT_ERROR(scoreMatrixFigure(wrong), "");
    }
};

RETICLE_TEST(AblationFiguresTest)
#include "AblationFiguresTest.moc"
