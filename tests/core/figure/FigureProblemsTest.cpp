#include "figure/Figure.h"

#include "figure/ColorMap.h"
#include "support/SampleFigures.h"
#include "support/Test.h"

#include <limits>

using namespace reticle;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// Problems of a figure with this one panel, a line each.
template <class Content> QString problemsOf(const Content &content)
{
    Figure figure;
    figure.panels = {Panel{.content = content}};
    QString all;
    for (const auto &p : figure.problems())
        all += QString::fromStdString(p) + "\n";
    return all;
}

XYPanel xy(Series series)
{
    XYPanel panel;
    panel.series = {std::move(series)};
    return panel;
}

Array pixels(std::vector<std::int64_t> shape = {4, 5}, DType dtype = DType::UInt8)
{
    return Array(dtype, std::move(shape));
}

ImagePanel picture()
{
    ImagePanel panel;
    panel.image = pixels();
    return panel;
}

HeatMapPanel heat()
{
    HeatMapPanel panel;
    panel.values = pixels({2, 3}, DType::Float64);
    return panel;
}

} // namespace

/// Nothing else, so that a check that says too much is seen too.
#define PROBLEM(content, sentence) QCOMPARE(problemsOf(content), QString("Panel 1: ") + QString::fromUtf8(sentence) + "\n")

class FigureProblemsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatIsRightHasNone()
    {
        QVERIFY(Figure().problems().empty());
        QVERIFY(test::everything().problems().empty());
        for (const auto &content : {decltype(Panel::content)(XYPanel()), decltype(Panel::content)(HeatMapPanel()),
                                    decltype(Panel::content)(ImagePanel()), decltype(Panel::content)(ImageGridPanel()),
                                    decltype(Panel::content)(HistogramPanel()), decltype(Panel::content)(TablePanel())})
            QCOMPARE(problemsOf(content), QString());
    }
    void sizes()
    {
        const auto problems = [](double width, double height) {
            Figure f;
            f.widthMm = width;
            f.heightMm = height;
            return f.problems();
        };
        for (const double width : {20.0, 2000.0})
            for (const double height : {0.0, 10.0, 5000.0})
                QVERIFY(problems(width, height).empty());
        for (const double width : {19.9, 2000.1, -1.0, test::nan, inf})
            QCOMPARE(problems(width, 0), (std::vector<std::string>{"The width must lie within 20 and 2000 mm."}));
        for (const double height : {9.9, 5000.1, -1.0, test::nan, inf})
            QCOMPARE(problems(174, height), (std::vector<std::string>{"The height must be 0 or lie within 10 and 5000 mm."}));
        QCOMPARE(problems(0, -1).size(), std::size_t(2));
    }
    void places()
    {
        const auto at = [](int row, int column, int rows, int columns) {
            return Panel{row, column, rows, columns, "", "", XYPanel()};
        };
        Figure f;
        f.panels = {at(0, 0, 2, 1), at(0, 1, 1, 1), at(1, 1, 1, 1), at(2, 0, 98, 100)};
        QVERIFY(f.problems().empty());
        for (const auto &wrong : {at(-1, 0, 1, 1), at(0, -1, 1, 1), at(0, 0, 0, 1), at(0, 0, 1, -5), at(99, 0, 2, 1),
                                  at(0, 50, 1, 51), at(1000000000, 0, 1000000000, 1)}) {
            f.panels = {wrong};
            QCOMPARE(f.problems(), (std::vector<std::string>{"Panel 1: row and column must lie within 0 and 99, spans from 1."}));
        }
        f.panels = {at(0, 0, 1, 2), at(1, 0, 1, 1), at(0, 1, 2, 1)};
        f.panels[2].letter = "c";
        QCOMPARE(f.problems(), (std::vector<std::string>{"Panel c: it overlaps panel 1."}));
        f.panels[0].letter = "a";
        QCOMPARE(f.problems(), (std::vector<std::string>{"Panel c: it overlaps panel a."}));
    }

    void seriesOfUnequalLengths()
    {
        PROBLEM(xy({.name = "a", .x = {1, 2}, .y = {1}}), "series \"a\" has 2 x but 1 y values.");
        PROBLEM(xy({.x = {}, .y = {1}}), "series 1 has 0 x but 1 y values.");
        PROBLEM(xy({.kind = SeriesKind::Bar, .x = {1}, .y = {}}), "series 1 has 1 x but 0 y values.");
        PROBLEM(xy({.kind = SeriesKind::Band, .x = {1, 2}, .lower = {1, 2}, .upper = {1}}),
                "series 1 has 2 x but 1 upper values.");
        PROBLEM(xy({.kind = SeriesKind::Band, .x = {1, 2}, .lower = {1}, .upper = {1}}), "series 1 has 2 x but 1 lower values.");
        PROBLEM(xy({.kind = SeriesKind::ErrorBar, .x = {1, 2}, .y = {1}, .lower = {1, 2}, .upper = {1, 2}}),
                "series 1 has 2 x but 1 y values.");
        QCOMPARE(problemsOf(xy({.kind = SeriesKind::ErrorBar, .x = {1, 2}, .lower = {1, 2}, .upper = {1, 2}})), QString());
        QCOMPARE(problemsOf(xy({.x = {1, test::nan}, .y = {inf, test::nan}})), QString()); // gaps
    }
    void categoriesOfTheYAxisTakeBarsAlone()
    {
        XYPanel panel = xy({.kind = SeriesKind::Bar, .x = {1}, .y = {0}});
        panel.y.categories = {"a"};
        QCOMPARE(problemsOf(panel), QString());
        panel.series[0].kind = SeriesKind::Line;
        PROBLEM(panel, "series 1 cannot be drawn over categories of the y axis; only bars and points can.");
    }
    void looksOfSeries()
    {
        for (const char *color : {"", "#0072b2", "#ABCDEF"})
            QCOMPARE(problemsOf(xy({.x = {1}, .y = {1}, .color = color})), QString());
        for (const char *color : {"red", "#0072b", "#0072b2f", "0072b2#", "#0072bg", "#00 2b2"})
            PROBLEM(xy({.name = "s", .x = {1}, .y = {1}, .color = color}),
                    ("series \"s\" has the color \"" + std::string(color) + "\"; colors are written #rrggbb.").c_str());
        for (const double opacity : {-0.1, 1.1, test::nan})
            QVERIFY(problemsOf(xy({.opacity = opacity})).startsWith("Panel 1: series 1 has an opacity of "));
        for (const double width : {-1.0, 50.1, test::nan, inf})
            QVERIFY(problemsOf(xy({.width = width})).startsWith("Panel 1: series 1 has a width of "));
        QCOMPARE(problemsOf(xy({.opacity = 0, .width = 50})), QString());
    }
    void logAxes()
    {
        XYPanel panel = xy({.x = {0, 1, 2}, .y = {0, -1, test::nan}});
        QCOMPARE(problemsOf(panel), QString());
        panel.x.scale = panel.y.scale = Axis::Scale::Log;
        QCOMPARE(problemsOf(panel), QString()); // gaps, which FigureNotes names
        panel.x.scale = Axis::Scale::Linear;
        panel.series = {};
        panel.y.min = 0;
        PROBLEM(panel, "the y axis is a log axis whose range is not above 0.");
        panel.y.min = {};
        panel.y.categories = {"a"};
        PROBLEM(panel, "the y axis has categories and a log scale.");
    }
    void ranges()
    {
        XYPanel panel;
        for (const auto &[min, max] : {std::pair(1.0, 1.0), std::pair(2.0, 1.0)}) {
            panel.x.min = min;
            panel.x.max = max;
            PROBLEM(panel, "the x axis' min is not below its max.");
        }
        panel.x.min = {};
        for (const double value : {inf, -inf, test::nan}) {
            panel.x.max = value;
            PROBLEM(panel, "the x axis' range is not finite.");
        }
        panel.x.max = -5;
        QCOMPARE(problemsOf(panel), QString());
    }
    void referenceLines()
    {
        XYPanel panel;
        panel.references = {{'y', 0, "zero"}, {'x', -1, ""}};
        QCOMPARE(problemsOf(panel), QString());
        panel.y.scale = Axis::Scale::Log;
        PROBLEM(panel, "the reference line \"zero\" at 0.000000 cannot be drawn.");
        panel.references = {{'x', inf, "far"}};
        PROBLEM(panel, "the reference line \"far\" at inf cannot be drawn.");
        HistogramPanel histogram;
        histogram.references = {{'x', test::nan, "none"}};
        PROBLEM(histogram, "the reference line \"none\" at nan cannot be drawn.");
    }

    void histograms()
    {
        const auto one = [](Histogram h) {
            HistogramPanel panel;
            panel.histograms = {std::move(h)};
            return panel;
        };
        QCOMPARE(problemsOf(one({"h", {0, 1, 2}, {2, 0}, ""})), QString());
        QCOMPARE(problemsOf(one({"h", {}, {}, ""})), QString());
        PROBLEM(one({"g", {0, 1}, {2, 3}, ""}),
                "histogram \"g\" has 2 edges for 2 counts; there must be one edge more than counts.");
        PROBLEM(one({"", {}, {2}, ""}), "histogram 1 has 0 edges for 1 counts; there must be one edge more than counts.");
        for (const std::vector<double> &edges : {std::vector<double>{0, 1, 1}, {0, 1, 0.5}, {0, test::nan, 2}, {3, 2, 1}})
            PROBLEM(one({"h", edges, {2, 3}, ""}), "histogram \"h\" has edges that do not rise.");
        PROBLEM(one({"h", {0, 1}, {2}, "blue"}), "histogram \"h\" has the color \"blue\"; colors are written #rrggbb.");
        HistogramPanel panel = one({"h", {0, 1}, {2}, ""});
        panel.x.scale = Axis::Scale::Log;
        QCOMPARE(problemsOf(panel), QString());
        panel.x = {.min = 2, .max = 1};
        PROBLEM(panel, "the x axis' min is not below its max.");
    }
    void heatMaps()
    {
        QCOMPARE(problemsOf(heat()), QString());
        HeatMapPanel panel = heat();
        panel.x.categories = {"one"};
        PROBLEM(panel, "3 columns but 1 names.");
        panel = heat();
        panel.y.categories = {"a", "b", "c"};
        PROBLEM(panel, "2 rows but 3 names.");
        panel = heat();
        panel.values = pixels({6}, DType::Float64);
        PROBLEM(panel, "a heat map needs values of rank 2, not 1.");
        panel = heat();
        panel.y.scale = Axis::Scale::Log;
        PROBLEM(panel, "a heat map has no log axes.");
        panel = heat();
        panel.color = {.min = 1, .max = 0};
        PROBLEM(panel, "the color axis' min is not below its max.");
        panel = heat();
        panel.colorMap = "virids";
        QVERIFY(problemsOf(panel).contains("found \"virids\"; did you mean viridis?"));
        for (const auto &map : colorMapNames()) {
            panel.colorMap = map;
            QCOMPARE(problemsOf(panel), QString());
        }
    }
    void secondScales()
    {
        XYPanel panel;
        panel.x.second = {"period", "px", {1, 2}, {"4", "2"}};
        QCOMPARE(problemsOf(panel), QString());
        panel.x.second.labels.pop_back();
        QVERIFY(problemsOf(panel).contains("of the x axis has 2 positions but 1 labels"));
        panel.x.second = {"", "", {2, 1}, {"2", "4"}};
        QVERIFY(problemsOf(panel).contains("do not rise"));
        panel.x.second = {"", "", {0, 1}, {"0", "4"}};
        panel.x.scale = Axis::Scale::Log;
        QVERIFY(problemsOf(panel).contains("that the axis does not have"));
        std::swap(panel.x, panel.y);
        QVERIFY(problemsOf(panel).contains("only x axes have one"));
        HeatMapPanel map = heat();
        map.x.second = {"", "", {1}, {"1"}};
        QVERIFY(problemsOf(map).contains("a heat map has no second scale"));
    }
    void ticks()
    {
        XYPanel panel;
        panel.x.ticks = {5, 10, 15};
        panel.x.scale = Axis::Scale::Log;
        QCOMPARE(problemsOf(panel), QString());
        for (const auto &wrong : std::vector<std::vector<double>>{{5, 5}, {10, 5}, {0, 5}, {-1, 5}, {5, NAN}, {5, INFINITY}}) {
            panel.x.ticks = wrong;
            QVERIFY(problemsOf(panel).contains("the ticks of the x axis do not rise"));
        }
        panel.x.scale = Axis::Scale::Linear;
        panel.x.ticks = {-1, 0};
        QCOMPARE(problemsOf(panel), QString());
        panel.x.categories = {"a", "b"};
        QVERIFY(problemsOf(panel).contains("the x axis has categories and ticks"));
    }
    void images()
    {
        ImagePanel panel = picture();
        panel.image = pixels({4, 4, 3});
        QCOMPARE(problemsOf(panel), QString());
        for (const auto &wrong : {pixels({4, 4, 2}, DType::Float32), pixels({4, 4, 4}), pixels({4, 4, 3}, DType::UInt16),
                                  pixels({16}), pixels({1, 2, 3, 4})}) {
            panel.image = wrong;
            PROBLEM(panel, "an image must be (H, W) or (H, W, 3) uint8.");
        }
        panel = picture();
        panel.black = 3;
        panel.white = 3;
        QCOMPARE(problemsOf(panel), QString());
        panel.white = 2;
        PROBLEM(panel, "black lies above white.");
        panel.white = test::nan;
        PROBLEM(panel, "black lies above white.");
        for (const double size : {-1.0, test::nan, inf}) {
            panel = picture();
            panel.pixelSize = size;
            PROBLEM(panel, "the pixel size must be a number from 0.");
        }
        panel = picture();
        panel.colorMap = "jet";
        QVERIFY(problemsOf(panel).contains("expected one of viridis"));
    }
    void overlays()
    {
        ImagePanel panel = picture();
        panel.overlays = {{.values = pixels()}, {.values = pixels({4, 4})}, {.values = pixels({4, 5, 1})}};
        QCOMPARE(problemsOf(panel),
                 QString("Panel 1: overlay 2 is not of the image's size.\nPanel 1: overlay 3 is not of the image's size.\n"));
        panel.overlays = {{.values = pixels(), .opacity = 1.5}};
        PROBLEM(panel, "overlay 1 has an opacity outside 0 and 1.");
        panel.overlays = {{.values = pixels(), .colorMap = "jet"}};
        QVERIFY(problemsOf(panel).contains("expected one of viridis"));
    }
    void imageGrids()
    {
        ImageGridPanel panel;
        panel.columns = 2;
        panel.cells = {picture(), picture(), picture()};
        panel.columnTitles = {"a", "b"};
        panel.rowTitles = {"1", "2"}; // the last row is not full
        QCOMPARE(problemsOf(panel), QString());
        panel.columnTitles = {"a"};
        PROBLEM(panel, "2 columns but 1 column titles.");
        panel.columnTitles = {};
        panel.rowTitles = {"1", "2", "3"};
        PROBLEM(panel, "2 rows but 3 row titles.");
        panel.rowTitles = {};
        for (const int gap : {-1, 1001}) {
            panel.gap = gap;
            PROBLEM(panel, "the gap must lie within 0 and 1000 pixels.");
        }
        panel.gap = 1000;
        panel.columns = 0;
        PROBLEM(panel, "an image grid needs at least 1 column, not 0.");
        panel.columns = 2;
        panel.cells[1].image = pixels({4, 6});
        PROBLEM(panel, "cell 2: is not of the first cell's size.");
        panel.cells[1] = picture();
        panel.cells[2].overlays = {{.values = pixels({1, 1})}};
        PROBLEM(panel, "cell 3: overlay 1 is not of the image's size.");
    }
    void tables()
    {
        TablePanel panel;
        panel.table.columns = {{"a", "", std::vector<double>{1, 2}, -1},
                               {"b", "", std::vector<std::string>{"x"}, -1},
                               {"c", "", std::vector<std::int64_t>{1, 2}, -1}};
        PROBLEM(panel, "column \"b\" has 1 rows, the first has 2.");
    }
};

RETICLE_TEST(FigureProblemsTest)
#include "FigureProblemsTest.moc"
