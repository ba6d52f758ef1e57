#include "core/analysis/skips/SkipStudyByHand.h"

using namespace reticle;
using namespace reticle::test;

using namespace reticle::test::study;

class SkipStudyFiguresTest : public QObject
{
    Q_OBJECT
    AnalysisFiles m_files;

private Q_SLOTS:
    void initTestCase() { registerSkipNet(); }

    void figuresByHand()
    {
        const auto figures = skipFigures(byHand());
        QCOMPARE(figures.size(), std::size_t(3));
        QCOMPARE(problemsOf(figures), std::string());
        QCOMPARE(figures[0].panels.size(), std::size_t(6));
        const auto &reliance = std::get<XYPanel>(figures[0].panels[5].content);
        QCOMPARE(reliance.x.categories, (std::vector<std::string>{"skip 0", "skip 1"}));
        QCOMPARE(reliance.series.size(), std::size_t(1));
        QVERIFY(near(reliance.series[0].y[0], 0.3 / 0.65) && near(reliance.series[0].y[1], 0));
        const auto &bars = std::get<XYPanel>(figures[0].panels[0].content);
        QCOMPARE(bars.series.size(), std::size_t(2)); // bars and whiskers of the one way
        const double whole = (76.0 / 80 + 36.0 / 38) / 2;
        QVERIFY(near(bars.series[0].y[0], whole - 2.0 / 3) && near(bars.series[0].y[1], 0) && near(bars.series[0].y[2], whole));
        QVERIFY(bars.series[1].lower[0] < bars.series[0].y[0] && bars.series[0].y[0] < bars.series[1].upper[0]);
        QVERIFY(figures[0].caption.find("threshold 0.6") != std::string::npos);

        const auto &lines = std::get<XYPanel>(figures[1].panels[1].content);
        QVERIFY(lines.y.scale == Axis::Scale::Log);
        const auto line = std::ranges::find(lines.series, "skip 0", &Series::name);
        QVERIFY(line != lines.series.end());
        QVERIFY(near(line->y[0], 1) && near(line->y[1], 0.25)); // from coarse to fine
        const auto all = std::ranges::find(lines.series, "all", &Series::name);
        QVERIFY(all != lines.series.end() && std::isnan(all->y[1])); // nothing is left
        QVERIFY(all->dash == Dash::Dashed);

        const auto &grid = std::get<ImageGridPanel>(figures[2].panels[3].content);
        QCOMPARE(grid.cells.size(), std::size_t(3));
        QCOMPARE(grid.columnTitles, (std::vector<std::string>{"skip 0", "skip 1", "all"}));
        QVERIFY(figures[2].title.find("Slice 7") != std::string::npos);
    }
    void ofImages()
    {
        auto m = byHand();
        m.images = true;
        m.className.clear();
        m.thresholds = {NAN};
        m.shown.truth = Array();
        m.original = Array(DType::Float32, {8, 8});
        m.original.data<float>()[5] = 0.5f;
        m.networks[0].originals = {sums(16, 8), sums(48, 8)};
        // RMSE and SSIM of both slices.
        const double numbers[4][4] = {
            {0.04, 0.02, 0.9, 0.8}, {0.16, 0.10, 0.3, 0.4}, {0.05, 0.03, 0.9, 0.8}, {0.2, 0.1, 0.1, 0.2}};
        for (std::size_t i = 0; i < 4; ++i)
            m.networks[0].changes[i].curves = {{{{}, {numbers[i][0], numbers[i][2]}}}, {{{}, {numbers[i][1], numbers[i][3]}}}};
        const auto tables = skipTables(m);
        QVERIFY(near(cell(tables[0], "RMSE", 0), 0.03));
        QVERIFY(near(cell(tables[0], "rise of RMSE", 1), 0.10));
        QVERIFY(near(cell(tables[0], "drop of SSIM", 1), 0.5));
        QVERIFY(!tables[0].find("Dice"));
        QCOMPARE(tables[1].rows(), std::size_t(6));                 // RMSE and SSIM of skip 0, skip 1, all
        QVERIFY(near(cell(tables[1], "reliance", 0), 0.10 / 0.12)); // (0.13 - 0.03) / (0.15 - 0.03)
        QVERIFY(near(cell(tables[1], "reliance", 2), 0.01 / 0.12));
        QVERIFY(near(cell(tables[1], "sd over slices", 0), std::sqrt(0.0008))); // 0.12 and 0.08
        QVERIFY(near(cell(tables[3], "SSIM", 5), 0.4));
        const auto figures = skipFigures(m);
        QCOMPARE(problemsOf(figures), std::string());
        for (const auto &f : figures)
            QVERIFY(f.caption.find("class ") == std::string::npos && f.caption.find("nan") == std::string::npos);
        QCOMPARE(figures[0].panels.size(), std::size_t(4));
        QVERIFY(near(std::get<XYPanel>(figures[0].panels[2].content).series[0].y[0], 0.10 / 0.12));
        const auto &power = std::get<XYPanel>(figures[1].panels[0].content);
        const auto original = std::ranges::find(power.series, "original", &Series::name);
        const auto itself = std::ranges::find(power.series, "as it is", &Series::name);
        QVERIFY(original != power.series.end() && itself != power.series.end());
        QVERIFY(near(original->y[1] / itself->y[1], 4)); // the finest
        QCOMPARE(figures[2].panels.size(), std::size_t(3));
        QCOMPARE(std::get<ImagePanel>(figures[2].panels[1].content).white, 0.5);
    }
    /// Two networks, of which the second loses half as much by skip 0 and nothing else: means and spread are over both.
    void overNetworksByHand()
    {
        auto m = byHand();
        auto second = m.networks[0];
        second.run = 4;
        second.seed = 2;
        // Dice 2/3 of both slices becomes 0.8 and 0.9: 0.85 at 0.6.
        second.changes[1].curves = {curve({30, 0, 10, 60}, 0.5, {32, 8, 8, 52}, 0.8),
                                    curve({16, 4, 4, 76}, 0.6, {18, 2, 2, 78}, 0.7)};
        second.changes[1].power = {sums(4, 8), sums(12, 8)};
        m.networks.push_back(second);
        m.what = "runs 3, 4";
        const auto tables = skipTables(m);
        QCOMPARE(tables.size(), std::size_t(5));
        const double whole = (76.0 / 80 + 36.0 / 38) / 2, one = whole - 2.0 / 3, two = whole - 0.85;
        QVERIFY(near(cell(tables[0], "Dice", 1), (2.0 / 3 + 0.85) / 2));
        QVERIFY(near(cell(tables[0], "drop of Dice", 1), (one + two) / 2));
        QVERIFY(near(cell(tables[0], "sd of drop of Dice", 1), (one - two) / std::sqrt(2)));
        QVERIFY(near(cell(tables[0], "sd of Dice", 0), 0));
        QVERIFY(near(cell(tables[0], "reliance by Dice", 1), (one + two) / 2 / whole));
        QVERIFY(near(cell(tables[1], "sd of reliance", 0), (one - two) / std::sqrt(2) / whole));
        // A quarter is left of one and all of the other: half, by the geometric mean.
        QVERIFY(near(cell(tables[2], "level 1", 0), 0.5));
        QVERIFY(near(cell(tables[2], "level 1", 2), 0));
        QCOMPARE(tables[3].rows(), std::size_t(16));
        QCOMPARE(cell(tables[3], "run", 8), 4.0);
        const auto &each = tables[4];
        QCOMPARE(each.rows(), std::size_t(8));
        QCOMPARE(cell(each, "seed", 5), 2.0);
        QVERIFY(near(cell(each, "Dice", 1), 2.0 / 3) && near(cell(each, "Dice", 5), 0.85));
        QVERIFY(near(cell(each, "reliance by Dice", 5), two / whole));
        QVERIFY(near(cell(each, "level 1", 1), 0.25) && near(cell(each, "level 1", 5), 1));

        const auto figures = skipFigures(m);
        QCOMPARE(problemsOf(figures), std::string());
        const auto &bars = std::get<XYPanel>(figures[0].panels[0].content);
        QCOMPARE(bars.series.size(), std::size_t(3)); // the bars, and a point of each network on them
        QVERIFY(near(bars.series[0].y[0], (one + two) / 2));
        QVERIFY(near(bars.series[1].y[0], one) && near(bars.series[2].y[0], two));
        QVERIFY(near(bars.series[2].lower[0], two) && near(bars.series[2].upper[0], two));
        QVERIFY(figures[0].caption.find("points: each run") != std::string::npos);
        const auto text = skipText(m);
        QVERIFY2(text.find("means over runs") != std::string::npos, text.c_str());
    }
    /// Trained without skip 0 the network scores between what it is and what the knock-out leaves.
    void retrainedByHand()
    {
        auto m = byHand();
        const auto without = [&](std::vector<int> skips, std::vector<StudyScores> curve, std::int64_t run) {
            StudiedNetwork n;
            n.run = run;
            n.seed = run;
            n.without = std::move(skips);
            n.slices = {7};
            StudiedChange c;
            c.curves = {std::move(curve)};
            c.power = {sums(2, 8)};
            n.changes = {std::move(c)};
            m.retrained.push_back(std::move(n));
        };
        without({0}, curve({40, 10, 0, 50}, 0.7, {0, 0, 40, 60}, 0.1), 5); // V_Rand 0.7 at its own best, 0.2
        without({0}, curve({40, 10, 0, 50}, 0.6, {0, 0, 40, 60}, 0.8), 6); // 0.8 at 0.6
        without({0, 1}, curve({40, 10, 0, 50}, 0.1, {0, 0, 40, 60}, 0.1), 7);
        const auto retrained = m.retrainedScores(m.score("v-rand"));
        QCOMPARE(retrained.size(), std::size_t(2));
        QCOMPARE(retrained[0].change, std::size_t(1));
        QVERIFY(near(retrained[0].whole.mean, 0.85) && near(retrained[0].knocked.mean, 0.55));
        QVERIFY(near(retrained[0].retrained.mean, 0.75) && near(retrained[0].retrained.sd, 0.1 / std::sqrt(2)));
        QVERIFY(near(retrained[0].back, 0.2 / 0.3));
        QVERIFY(near(retrained[1].back, (0.1 - 0.2) / 0.65)); // worse than knocked out
        const auto tables = skipTables(m);
        QCOMPARE(tables.size(), std::size_t(6));
        QCOMPARE(tables[2].rows(), std::size_t(5));
        // 2 of a slice over (4 + 12) / 2 of the network as it is.
        QVERIFY(near(cell(tables[2], "level 1", 3), 0.25));
        const auto &table = tables[4];
        QCOMPARE(table.rows(), std::size_t(8)); // four scores, of skip 0 and of all
        QVERIFY(near(cell(table, "trained without it", 4), 0.75));
        QVERIFY(near(cell(table, "share of the drop won back", 4), 0.2 / 0.3));
        QCOMPARE(cell(table, "runs trained without it", 4), 2.0);
        QCOMPARE(tables[5].rows(), std::size_t(4 + 3));
        QVERIFY(near(cell(tables[5], "V_Rand", 4), 0.7));
        QVERIFY(std::isnan(cell(tables[5], "drop of V_Rand", 4)));
        const auto figures = skipFigures(m);
        QCOMPARE(figures.size(), std::size_t(4));
        QCOMPARE(problemsOf(figures), std::string());
        QCOMPARE(figures[1].name, std::string("skip-retrained"));
        const auto &bars = std::get<XYPanel>(figures[1].panels[1].content);
        QCOMPARE(bars.x.categories, (std::vector<std::string>{"skip 0", "all"}));
        QCOMPARE(bars.series.size(), std::size_t(5)); // three bars; the retrained with two points
        QVERIFY(near(bars.series[2].y[0], 0.75) && near(bars.series[3].y[0], 0.7) && near(bars.series[4].y[0], 0.8));
        QVERIFY(std::isnan(bars.series[4].y[1]));
        QVERIFY(skipText(m).find("Trained without skip 0: 0.7500, 67 % of the drop won back.") != std::string::npos);
        // Of errors less is better: a rise of 0.12, of which 0.07 is won back.
        const auto error = m.retrainedScores(m.score("pixel-error"))[0];
        QVERIFY(near(error.whole.mean, 0.03) && near(error.knocked.mean, 0.15) && near(error.retrained.mean, 0.1));
        QVERIFY(near(error.back, 0.05 / 0.12));
    }
    /// The curve runs from the ablated skip over the factors to the network as it is.
    void dosesByHand()
    {
        auto m = byHand();
        auto &changes = m.networks[0].changes;
        const auto by = [&](double factor, std::size_t like, std::vector<int> skips, std::string skip) {
            auto c = changes[like];
            c.change = {SkipWay::Scaled, std::move(skips), factor};
            c.skip = std::move(skip);
            changes.push_back(std::move(c));
        };
        for (std::size_t i = 1; i < 4; ++i)
            changes[i].change.way = SkipWay::Ablated;
        QVERIFY(m.scaleCurves().empty());
        QCOMPARE(skipFigures(m).size(), std::size_t(3));
        by(0.75, 2, {0}, "skip 0");
        by(0.75, 2, {1}, "skip 1");
        by(0.75, 1, {0, 1}, "all");
        const auto scaleCurves = m.scaleCurves();
        QCOMPARE(scaleCurves.size(), std::size_t(3));
        QVERIFY(scaleCurves[0] == (std::vector<std::pair<double, std::size_t>>{{0, 1}, {0.75, 4}, {1, 0}}));
        QVERIFY(scaleCurves[2] == (std::vector<std::pair<double, std::size_t>>{{0, 3}, {0.75, 6}, {1, 0}}));
        QCOMPARE(m.ways().size(), std::size_t(1));
        const auto figures = skipFigures(m);
        QCOMPARE(figures.size(), std::size_t(4));
        QCOMPARE(problemsOf(figures), std::string());
        QCOMPARE(figures[1].name, std::string("skip-scale-curve"));
        QCOMPARE(figures[1].panels.size(), std::size_t(4)); // Dice, V_Rand, pixel error, finest detail
        const auto &dice = std::get<XYPanel>(figures[1].panels[0].content);
        QCOMPARE(dice.series.size(), std::size_t(6)); // a line and its points of each skip and of all
        QCOMPARE(dice.series[0].x, (std::vector<double>{0, 0.75, 1}));
        const double whole = (76.0 / 80 + 36.0 / 38) / 2;
        QVERIFY(near(dice.series[0].y[0], 2.0 / 3) && near(dice.series[0].y[1], whole) && near(dice.series[0].y[2], whole));
        QVERIFY(near(dice.series[4].y[1], 2.0 / 3));
        const auto &fine = std::get<XYPanel>(figures[1].panels[3].content);
        QVERIFY(near(fine.series[0].y[0], 0.25) && near(fine.series[0].y[2], 1));
        QCOMPARE(nameOf(changes[4].act()), std::string("scaled by 0.75"));
        // Scaled alone: the smallest factor stands for the ways.
        changes.erase(changes.begin() + 1, changes.begin() + 4);
        QVERIFY(m.ways() == (std::vector<SkipAct>{{SkipWay::Scaled, 0.75}}));
        QCOMPARE(problemsOf(skipFigures(m)), std::string());
        QVERIFY(!skipText(m).empty());
    }
    void ofAStudy()
    {
        auto p = Project::openOrCreate(m_files.path("Tables.reticle"));
        const auto run = keepRun(p, {{"name", "skip-net"}},
                                 {{"name", "segmentation"},
                                  {"images", m_files.path("images.tif")},
                                  {"labels", m_files.path("labels.tif")},
                                  {"split", "slices"},
                                  {"validation-slices", {1, 2}}});
        Events events;
        RunControl control;
        const Result r = analyze("skip-study", {&p, run, {{"device", "cpu"}}}, events, control);
        QCOMPARE(r.tables.size(), std::size_t(4));
        QCOMPARE(r.tables[0].rows(), std::size_t(19)); // three ways and three factors of two skips and all
        QCOMPARE(cell(r.tables[0], "drop of Dice", 1), 1.0);
        QCOMPARE(cell(r.tables[0], "Dice", 0), 1.0);
        QCOMPARE(r.tables[1].rows(), std::size_t(18 * 4));
        QCOMPARE(r.tables[2].rows(), std::size_t(18));
        QCOMPARE(r.tables[2].columns.size(), std::size_t(2 + 5)); // 48 px have 5 levels
        QCOMPARE(r.tables[3].rows(), std::size_t(2 * 19));
        // Two slices: each is the other's donor.
        QCOMPARE(r.tables[3].find("skips from slice") != nullptr, true);
        QCOMPARE(cell(r.tables[3], "skips from slice", 4), 2.0);
        QCOMPARE(cell(r.tables[3], "slice", 4), 1.0);
        QVERIFY(!r.tables[0].toCsv().empty());

        QCOMPARE(r.figures.size(), std::size_t(4));
        QCOMPARE(problemsOf(r.figures), std::string());
        for (const auto &f : r.figures)
            QVERIFY(Figure::fromJson(f.toJson()).toJson() == f.toJson());
        const auto &bars = std::get<XYPanel>(r.figures[0].panels[0].content);
        QCOMPARE(bars.x.categories, (std::vector<std::string>{"skip 0", "skip 1", "all"}));
        QCOMPARE(bars.series.size(), std::size_t(6)); // bars and whiskers of three ways
        QCOMPARE(bars.series[0].y, (std::vector<double>{1, 0, 1}));
        QCOMPARE(r.figures[2].name, std::string("skip-power"));
        const auto &lines = std::get<XYPanel>(r.figures[2].panels[1].content);
        QVERIFY(lines.y.scale == Axis::Scale::Log);
    }
};

RETICLE_TEST(SkipStudyFiguresTest)
#include "SkipStudyFiguresTest.moc"
