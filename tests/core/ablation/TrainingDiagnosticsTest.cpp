#include "ablation/TrainingDiagnostics.h"

#include "ablation/AblationFigures.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

class TrainingDiagnosticsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void softmaxTwiceHasALossFloor()
    {
        QVERIFY(std::abs(doubleSoftmaxLossFloor(10) - 1.46115) < 1e-5);
        QVERIFY(std::abs(doubleSoftmaxLossFloor(3) - 0.55144) < 1e-5);
        QCOMPARE(doubleSoftmaxLossFloor(1), 0.0);
    }
    void probabilitiesPassedAsLogitsAreNoticed()
    {
        QVERIFY(logitWarnings({2, -1, 0.5, -3, 1, 4}, 3).empty());
        const auto sums = logitWarnings({0.2, 0.3, 0.5, 1, 0, 0}, 3);
        QCOMPARE(sums.size(), std::size_t(1));
        QVERIFY(sums[0].find("softmax is applied twice. The loss cannot fall below 0.5514.") != std::string::npos);
        const auto inside = logitWarnings({0.2, 0.3, 0.9}, 3);
        QVERIFY(inside.size() == 1 && inside[0].find("are between 0 and 1") != std::string::npos);
        QVERIFY(logitWarnings({}, 3).empty());
        EXPECT_ERROR(logitWarnings({1, 2}, 3), "logits: expected rows of 3 values, found 2 values");
    }
    void rowsThatAreNeverUsedAreCounted()
    {
        RowUsage usage;
        usage.counts.assign(1439, 0);
        std::fill_n(usage.counts.begin(), 64, 20000);
        QCOMPARE(usage.unused(), std::int64_t(1375));
        QCOMPARE(
            usage.warning(),
            std::string("1375 of 1439 training rows (95.6 % of training rows) were never used. Check how batches are drawn."));
        const auto f = usage.figure();
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        const auto &h = std::get<HistogramPanel>(f.panels.at(0).content).histograms.at(0);
        QCOMPARE(h.counts.size(), std::size_t(480)); // three rows a bar
        QCOMPARE(h.counts[0], 20000.0);
        QCOMPARE(h.counts.back(), 0.0);
        QCOMPARE(h.edges.back(), 1438.5);
        QVERIFY((RowUsage{{1, 2}}.warning().empty()));
        QVERIFY(RowUsage{}.figure().problems().empty());
    }
    void unitsBecomeNearlySquareImages()
    {
        for (const auto &[width, rows, columns] :
             {std::tuple{64, 8, 8}, {1, 1, 1}, {2, 1, 2}, {12, 3, 4}, {13, 4, 4}, {7, 3, 3}, {50, 7, 8}}) {
            const auto t = unitTiles(width);
            QCOMPARE(t.rows, std::int64_t(rows));
            QCOMPARE(t.columns, std::int64_t(columns));
        }
        for (std::int64_t w = 1; w < 300; ++w) {
            const auto t = unitTiles(w);
            QVERIFY(t.rows * t.columns >= w && t.columns >= t.rows && t.columns - t.rows <= 1);
        }
    }
    void seedsAreComparedStreamByStream()
    {
        const auto t = seedAuditTable({"run 1", "run 2"}, {{{"split", 42}, {"init", 18446744073709551615ULL}},
                                                           {{"split", 42}, {"init", 7}, {"dropout", 1}}});
        QCOMPARE(t.rows(), std::size_t(3));
        QCOMPARE(t.text(0, 3), std::string("yes"));
        QCOMPARE(t.text(1, 1), std::string("18446744073709551615"));
        QCOMPARE(t.text(1, 3), std::string("no"));
        QCOMPARE(t.text(2, 1), std::string("n/a"));
        QCOMPARE(t.text(2, 3), std::string("no"));
        EXPECT_ERROR(seedAuditTable({"run 1"}, {}), "seeds: expected seeds of 1 runs, found 0");
    }
    void curvesHaveBandsWhereThereAreSeveralRuns()
    {
        const std::vector<CurveGroup> groups{{"good", {0, 50}, {{0.1, 0.5}, {0.3, 0.9}, {0.2, NAN}}, 1},
                                             {"bad", {0, 50}, {{0.1, 0.2}}}};
        const auto f = meanCurveFigure(groups, CurveBand::StandardDeviation, "accuracy");
        QVERIFY(f.problems().empty());
        const auto &panel = std::get<XYPanel>(f.panels.at(0).content);
        QCOMPARE(panel.series.size(), std::size_t(3));
        QVERIFY(panel.series[0].kind == SeriesKind::Band);
        QVERIFY(std::abs(panel.series[0].lower[0] - 0.1) < 1e-12 && std::abs(panel.series[0].upper[0] - 0.3) < 1e-12);
        QVERIFY(std::abs(panel.series[1].y[1] - 0.7) < 1e-12);
        QCOMPARE(panel.series[1].name, std::string("good (n=3), 1 diverged"));
        QCOMPARE(panel.series[2].name, std::string("bad (n=1, no interval)"));
        QVERIFY(panel.series[0].color == panel.series[1].color && panel.series[1].color != panel.series[2].color);
        const auto range = meanCurveFigure(groups, CurveBand::Range, "accuracy");
        QCOMPARE(std::get<XYPanel>(range.panels[0].content).series[0].upper[1], 0.9);
        const auto interval = meanCurveFigure(groups, CurveBand::Interval, "accuracy");
        // t(2) = 4.302653 for 95 %; sd 0.1 of three values
        QVERIFY(std::abs(std::get<XYPanel>(interval.panels[0].content).series[0].upper[0] -
                         (0.2 + 4.302653 * 0.1 / std::sqrt(3.0))) < 1e-6);
        EXPECT_ERROR(meanCurveFigure({{"x", {0, 1}, {{1}}}}, CurveBand::Range, "loss"), "curves of x: expected 2 values");
    }
    void matricesShowMeansAndSpreads()
    {
        ScoreMatrix m;
        m.recipes = {"good", "bad"};
        m.datasets = {"iris", "wine", "digits"};
        m.values = {{{0.9, 1.0}, {1, 1}, {0.97, 0.98}}, {{0.8, NAN}, {NAN, NAN}, {0.4, 0.6}}};
        const auto f = scoreMatrixFigure(m);
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        const auto &map = std::get<HeatMapPanel>(f.panels.at(0).content);
        QVERIFY(std::abs(map.values.value(0) - 0.95) < 1e-12 && std::isnan(map.values.value(4)));
        const auto &table = std::get<TablePanel>(f.panels.at(1).content).table;
        QCOMPARE(table.text(0, 1), std::string("0.950 ± 0.071"));
        QCOMPARE(table.text(1, 1), std::string("0.800 (n=1)"));
        QCOMPARE(table.text(1, 2), std::string("n/a"));
        m.values[1].pop_back();
        EXPECT_ERROR(scoreMatrixFigure(m), "score matrix: bad: expected 3 columns");
        EXPECT_ERROR(scoreMatrixFigure({}), "score matrix: expected at least one recipe and one data set");
    }
    void curvesAreWrittenAsOneTable()
    {
        const auto t = curveTable({{"good", "digits", 3, 0, 50, "validation", 0.25, 0.9}});
        QCOMPARE(t.toCsv(),
                 std::string("recipe,dataset,seed,fold,step,split,loss,acc\ngood,digits,3,0,50,validation,0.25,0.9\n"));
    }
};

RETICLE_TEST(TrainingDiagnosticsTest)
#include "TrainingDiagnosticsTest.moc"
