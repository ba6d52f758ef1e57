#include "widgets/render/ChartModel.h"
#include "support/SampleFigures.h"
#include "support/Test.h"

#include <cmath>
#include <random>

using namespace reticle;

namespace {

ChartModel modelOf(const XYPanel &panel, const PanelView &view = {})
{
    return chartModel(panel, view, FigureStyle::print());
}

XYPanel panelOf(Series s)
{
    XYPanel panel;
    panel.series = {std::move(s)};
    return panel;
}

} // namespace

class ChartModelTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void valuesThatDifferByRoundingAreOne()
    {
        // The first loss and its mean: a range of one unit in the last place once hung the window.
        const double loss = 0.6449, mean = std::nextafter(loss, 1.0);
        XYPanel panel = panelOf({.x = {1}, .y = {loss}});
        panel.series.push_back({.x = {1}, .y = {mean}});
        const Range y = modelOf(panel).yRange;
        QVERIFY2(y.span() > 0.1 && y.low < loss && y.high > mean, qPrintable(QString::number(y.span())));
    }

    void stepsAndSlicesAreCounted()
    {
        QVERIFY(modelOf(panelOf({.x = {20, 21, 23}, .y = {1, 2, 3}})).xWhole);
        QVERIFY(!modelOf(panelOf({.x = {20, 21.5, 23}, .y = {1, 2, 3}})).xWhole);
        QVERIFY(!modelOf(panelOf({.x = {0, 1}, .y = {1, 2}})).xWhole);
        QVERIFY(modelOf(panelOf({.x = {1, 1}, .y = {1, 2}})).xWhole); // the first step of a training
        XYPanel log = panelOf({.x = {1, 10, 100}, .y = {1, 2, 3}});
        log.x.scale = Axis::Scale::Log;
        QVERIFY(!modelOf(log).xWhole);
    }

    void thinningKeepsWhatIsSeen()
    {
        std::mt19937 random(3);
        std::normal_distribution<double> noise;
        std::vector<double> x, y;
        double level = 0;
        for (int i = 0; i < 100000; ++i) {
            x.push_back(i);
            y.push_back(level += noise(random));
        }
        const Range shown{20000, 60000};
        constexpr int columns = 500;
        const ThinnedLine thin = thinLine(x, y, shown, columns);
        QVERIFY(thin.x.size() <= 4 * columns + 2);
        // Lowest and highest of every column are there, in order.
        std::vector<double> low(columns, INFINITY), high(columns, -INFINITY), thinLow = low, thinHigh = high;
        const auto extremes = [&](const auto &xs, const auto &ys, auto &l, auto &h) {
            for (std::size_t i = 0; i < xs.size(); ++i) {
                const double c = std::floor(shown.fraction(xs[i]) * columns);
                if (c < 0 || c >= columns)
                    continue;
                auto &a = l[static_cast<std::size_t>(c)], &b = h[static_cast<std::size_t>(c)];
                a = std::min(a, ys[i]);
                b = std::max(b, ys[i]);
            }
        };
        extremes(x, y, low, high);
        extremes(thin.x, thin.y, thinLow, thinHigh);
        QVERIFY(low == thinLow);
        QVERIFY(high == thinHigh);
        QVERIFY(std::is_sorted(thin.x.begin(), thin.x.end()));
        QVERIFY(thin.x.front() < shown.low && thin.x.back() >= shown.high); // the line runs out of the view on both sides
    }

    void thinningKeepsGapsAndUnsortedLines()
    {
        std::vector<double> x, y;
        for (int i = 0; i < 1000; ++i) {
            x.push_back(i);
            y.push_back(i == 500 ? test::nan : i % 7);
        }
        const ThinnedLine thin = thinLine(x, y, {0, 1000}, 10);
        QCOMPARE(std::count_if(thin.y.begin(), thin.y.end(), [](double v) { return std::isnan(v); }), 1);
        std::reverse(x.begin(), x.end());
        QCOMPARE(thinLine(x, y, {0, 1000}, 10).x.size(), x.size());
        QCOMPARE(thinLine({1, 2}, {3, 4}, {0, 1}, 10).x.size(), 2u);
    }

    void rangesFitTheData()
    {
        const ChartModel line = modelOf(panelOf({.x = {0, 10}, .y = {2, 4}}));
        QVERIFY(line.xRange == (Range{-0.2, 10.2}));
        QVERIFY(line.yRange == (Range{1.9, 4.1}));
        const ChartModel bars = modelOf(panelOf({.kind = SeriesKind::Bar, .x = {0, 1}, .y = {2, 4}}));
        QCOMPARE(bars.yRange.low, 0.0); // bars stand on zero
        QCOMPARE(bars.yRange.high, 4.2);
        const ChartModel empty = modelOf(panelOf({}));
        QVERIFY(empty.empty && empty.yRange == (Range{0, 1}));
        const ChartModel point = modelOf(panelOf({.x = {5}, .y = {0}}));
        QVERIFY(!point.empty && point.yRange == (Range{-0.5, 0.5}));
        XYPanel log = panelOf({.x = {1, 2}, .y = {0.01, 1000}});
        log.y.scale = Axis::Scale::Log;
        QVERIFY(modelOf(log).yRange.low < -2 && modelOf(log).yRange.high > 3);
        log.y.min = 0.001;
        QCOMPARE(modelOf(log).yRange.low, -3.0);
        const ChartModel infinite = modelOf(panelOf({.x = {0, 1, 2}, .y = {0, INFINITY, 1}}));
        QVERIFY(std::isnan(infinite.series[0].y[1]));
        QVERIFY(infinite.yRange.high < 1.1);
    }

    void zoomAndHiddenSeriesAreKept()
    {
        XYPanel panel = panelOf({.name = "a", .x = {0, 1}, .y = {0, 100}});
        panel.series.push_back({.name = "b", .x = {0, 1}, .y = {0, 1}});
        PanelView view;
        view.hidden = {0};
        QVERIFY(modelOf(panel, view).yRange.high < 2);
        view.x = Range{0.25, 0.5};
        QVERIFY(modelOf(panel, view).xRange == (Range{0.25, 0.5}));
    }

    void barsLieWhereTheYAxisHasCategories()
    {
        XYPanel panel;
        panel.y.categories = {"first", "second", "third"};
        panel.series = {{.kind = SeriesKind::Bar, .x = {10, 20, NAN}, .y = {0, 1, 2}}};
        panel.references = {{'y', 0, "the first"}};
        const ChartModel m = modelOf(panel);
        QVERIFY(m.yDown && m.series[0].left.empty());
        QCOMPARE(m.yMirror, 2.0);
        QVERIFY(m.yRange == (Range{-0.5, 2.5}));
        QCOMPARE(m.xRange.low, 0.0); // bars begin at zero
        QVERIFY(m.xRange.high > 20);
        const auto first = barBox(m, m.series[0], 0), second = barBox(m, m.series[0], 1);
        QVERIFY(first && second);
        QCOMPARE(*first, QRectF(0, 1.6, 10, 0.8)); // the first on top
        QCOMPARE(*second, QRectF(0, 0.6, 20, 0.8));
        QVERIFY(!barBox(m, m.series[0], 2) && !barBox(m, m.series[0], 3));
        QCOMPARE(m.references[0].value, 2.0);
        panel.x.scale = Axis::Scale::Log;
        panel.x.min = 1;
        const ChartModel log = modelOf(panel);
        QCOMPARE(*barBox(log, log.series[0], 0), QRectF(0, 1.6, 1, 0.8));
    }

    void barsOfSeveralSeriesStandSideBySide()
    {
        XYPanel panel;
        panel.series = {{.kind = SeriesKind::Bar, .x = {0, 1}, .y = {1, 2}},
                        {.kind = SeriesKind::ErrorBar, .x = {0, 1}, .lower = {0.9, 1.9}, .upper = {1.1, 2.1}},
                        {.kind = SeriesKind::Bar, .x = {0, 1}, .y = {3, 4}}};
        const ChartModel m = modelOf(panel);
        QCOMPARE(m.series[0].left[0], -0.4);
        QCOMPARE(m.series[0].right[0], 0.0);
        QCOMPARE(m.series[2].left[1], 1.0);
        QCOMPARE(m.series[2].right[1], 1.4);
        QCOMPARE(m.series[1].x[0], -0.2); // error bars sit on the bars before them
    }

    void seriesDifferWithoutColorToo()
    {
        XYPanel panel;
        for (int i = 0; i < 4; ++i)
            panel.series.push_back({.x = {0, 1}, .y = {0, 1}});
        const ChartModel m = modelOf(panel);
        for (int i = 0; i < 4; ++i)
            for (int k = 0; k < i; ++k) {
                QVERIFY(m.series[static_cast<std::size_t>(i)].dash != m.series[static_cast<std::size_t>(k)].dash);
                QVERIFY(m.series[static_cast<std::size_t>(i)].color != m.series[static_cast<std::size_t>(k)].color);
            }
    }

    void logAxesHaveGapsWhereAValueIsNotAboveZero()
    {
        XYPanel panel = panelOf({.x = {0, 1, 2, 3}, .y = {1, 0.1, 0, 0.01}});
        panel.y.scale = Axis::Scale::Log;
        const ChartModel m = modelOf(panel);
        QVERIFY(!m.empty);
        QCOMPARE(m.series[0].y[1], -1.0);
        QVERIFY(std::isnan(m.series[0].y[2]));
        QCOMPARE(m.series[0].y[3], -2.0);
        QVERIFY(m.yRange.low < -2 && m.yRange.low > -3 && m.yRange.high > 0 && m.yRange.high < 1);
        panel.series[0].y = {0, -1, 0, -2};
        const ChartModel none = modelOf(panel);
        QVERIFY(none.empty);
        QVERIFY(none.yRange.low < none.yRange.high);
        // Bars of such values are not drawn; those beside them are.
        panel.series[0] = {.kind = SeriesKind::Bar, .x = {0, 1}, .y = {0, 10}};
        const ChartModel bars = modelOf(panel);
        QVERIFY(!barBox(bars, bars.series[0], 0) && barBox(bars, bars.series[0], 1));
    }
    void bandsThatReachZeroEndAtTheEdgeOfALogAxis()
    {
        for (const auto kind : {SeriesKind::Band, SeriesKind::ErrorBar}) {
            XYPanel panel = panelOf({.kind = kind, .x = {0, 1, 2, 3}, .lower = {1, 0, -3, -3}, .upper = {10, 10, 100, 0}});
            panel.y.scale = Axis::Scale::Log;
            const ChartModel m = modelOf(panel);
            QVERIFY(!m.empty);
            const auto &lower = m.series[0].lower;
            QCOMPARE(lower[0], 0.0);
            QCOMPARE(lower[1], m.yRange.low);
            QCOMPARE(lower[2], m.yRange.low);
            QVERIFY(std::isnan(lower[3]) && std::isnan(m.series[0].upper[3])); // all of it below
            QVERIFY(m.yRange.low < 0 && m.yRange.low > -1);                    // as if it were not there
            panel.series[0].lower = {0, 0, 0, 0};
            QVERIFY(!modelOf(panel).empty);
        }
    }

    void heatMapsRunDownwards()
    {
        HeatMapPanel panel;
        panel.values = test::floats({2, 3}, {0, 1, 2, 3, 4, INFINITY});
        panel.color.max = 4;
        const ChartModel m = chartModel(panel, {}, FigureStyle::print());
        QVERIFY(m.yDown);
        QCOMPARE(m.yMirror, 1.0);
        QCOMPARE(m.image.size(), QSize(3, 2));
        QCOMPARE(m.image.pixel(0, 0), 0xff440154u);
        QCOMPARE(m.image.pixel(1, 1), 0xfffde725u);
        QCOMPARE(m.image.pixel(2, 1), 0xfffde725u);
        QVERIFY(m.bar->above && !m.bar->below);
        panel.values = test::floats({1, 2}, {7, 7});
        panel.color.max.reset();
        const ChartModel constant = chartModel(panel, {}, FigureStyle::print());
        QCOMPARE(constant.bar->range.low, constant.bar->range.high);
    }

    void darkPagesGetLightColors()
    {
        const FigureStyle dark = FigureStyle::screen(true);
        for (int i = 0; i < 8; ++i)
            QVERIFY(dark.palette(i).lightness() > 100);
        QCOMPARE(FigureStyle::screen(false).palette(5), QColor(0x00, 0x72, 0xb2));
    }
};

RETICLE_TEST(ChartModelTest)
#include "ChartModelTest.moc"
