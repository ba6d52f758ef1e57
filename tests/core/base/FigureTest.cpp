#include "base/Error.h"
#include "base/Figure.h"
#include "support/SampleFigures.h"
#include "support/Test.h"

#include <QFile>
#include <QTemporaryDir>

using namespace reticle;

namespace {

/// Problems of a figure with this one panel, joined.
std::string problemsOf(const Panel &panel)
{
    Figure figure;
    figure.panels = {panel};
    std::string all;
    for (const auto &p : figure.problems())
        all += p + "\n";
    return all;
}

Panel xy(Series series, Axis::Scale scale = Axis::Scale::Linear)
{
    XYPanel panel;
    panel.y.scale = scale;
    panel.series = {std::move(series)};
    return Panel{.content = panel};
}

} // namespace

class FigureTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFieldSurvivesTheRoundTrip()
    {
        const Figure figure = test::everything();
        QVERIFY(figure.problems().empty());
        for (const bool text : {true, false}) {
            const Json json = figure.toJson(text);
            const Figure back = Figure::fromJson(json);
            QVERIFY(back.toJson(text) == json);
            QCOMPARE(back.panels.size(), figure.panels.size());
        }
        // Through text and through CBOR, exactly.
        const std::string dumped = figure.toJson().dump();
        QCOMPARE(Figure::fromJson(Json::parse(dumped)).toJson().dump(), dumped);
        const auto bytes = Json::to_cbor(figure.toJson(false));
        QVERIFY(Figure::fromJson(Json::from_cbor(bytes)).toJson() == figure.toJson());

        const auto back = Figure::fromJson(Json::parse(dumped));
        const auto &heat = std::get<HeatMapPanel>(back.panels[3].content);
        QVERIFY(std::isnan(heat.values.value(2)));
        QVERIFY(heat.colourMap == "cividis" && heat.colour.max == 1.0);
        const auto &bars = std::get<XYPanel>(back.panels[2].content);
        QVERIFY(bars.legend == LegendPlace::Outside && bars.series[2].dash == Dash::DashDot);
        QVERIFY(std::isnan(bars.series[2].y[1]));
        const auto &image = std::get<ImagePanel>(back.panels[4].content);
        QVERIFY(image.overlays[0].values == std::get<ImagePanel>(figure.panels[4].content).overlays[0].values);
        QVERIFY(image.overlays[2].kind == Overlay::Kind::Outlines);
    }

    void numbersKeepTheirLastBit()
    {
        Series s{.x = {0.1, 1.0 / 3, 1e-300, 5e-324, 1.7976931348623157e308}, .y = {0, 0, 0, 0, 0}};
        const Figure figure{.panels = {xy(s)}};
        const auto back = Figure::fromJson(Json::parse(figure.toJson().dump()));
        QVERIFY(std::get<XYPanel>(back.panels[0].content).series[0].x == s.x);
    }

    void picturesArePackedAndTheOldFormIsRead()
    {
        ImagePanel image;
        image.image = Array(DType::UInt16, {60, 50});
        for (std::int64_t i = 0; i < image.image.size(); ++i)
            image.image.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(i * 13);
        const Figure figure{.name = "slices", .panels = {Panel{.content = image}}};
        Json json = Json::parse(figure.toJson().dump(1));
        QVERIFY(json["figure"] == 2);
        Json &array = json["panels"][0]["content"]["image"];
        QVERIFY(array.contains("packed"));
        const auto same = [&](const Json &document) {
            const Figure back = Figure::fromJson(document);
            return std::get<ImagePanel>(back.panels[0].content).image == image.image;
        };
        QVERIFY(same(json));
        EXPECT_ERROR(Figure::fromJson([&] {
                         Json broken = json;
                         broken["panels"][0]["content"]["image"]["packed"] = "eJz=";
                         return broken;
                     }()),
                     "figure slices: panel 1: content: image");
        // As version 1 wrote it: every number in a list.
        array.erase("packed");
        array["values"] = Json::array();
        for (std::int64_t i = 0; i < image.image.size(); ++i)
            array["values"].push_back(i * 13);
        json["figure"] = 1;
        QVERIFY(same(json));
    }

    void brokenDocumentsAreRefusedNamingThePanel()
    {
        Json json = test::everything().toJson();
        const auto with = [&](const char *pointer, Json value) {
            Json broken = json;
            broken[Json::json_pointer(pointer)] = std::move(value);
            return broken;
        };
        EXPECT_ERROR(Figure::fromJson(with("/figure", 3)), "expected version 1 to 2, found version 3; open it with a newer");
        EXPECT_ERROR(Figure::fromJson(with("/figure", 0)), "found version 0; the document is broken");
        EXPECT_ERROR(Figure::fromJson(Json::array()), "expected an object, found a list");
        EXPECT_ERROR(Figure::fromJson(Json{{"name", "x"}}), "\"figure\"");
        EXPECT_ERROR(Figure::fromJson(with("/panels", "none")), "expected a list, found \"none\"");
        EXPECT_ERROR(Figure::fromJson(with("/panels/1/content/kind", "pie")),
                     "figure everything: panel 2: content: kind: expected one of xy, heat map");
        EXPECT_ERROR(Figure::fromJson(with("/panels/0/content/series/1/y", 3)),
                     "panel 1: content: series 2: y: expected a list of numbers, found 3");
        EXPECT_ERROR(Figure::fromJson(with("/panels/0/content/series/0/x/3", "many")), "series 1: x 4: expected a number");
        EXPECT_ERROR(Figure::fromJson(with("/panels/0/content/x/scale", "cubic")), "expected one of linear, log");
        EXPECT_ERROR(Figure::fromJson(with("/panels/0/content/colours", 1)), "found \"colours\"");
        EXPECT_ERROR(Figure::fromJson(with("/panels/3/content/values/shape", Json::array({7, 7}))), "panel 4: content: values");
        EXPECT_ERROR(Figure::fromJson(with("/panels/0/row", 1.5)), "panel 1: row: expected a whole number, found 1.5");
        EXPECT_ERROR(Figure::fromJson(with("/panels/7/content/table/columns/0/values", Json::array())), "panel 8: content: table");
        EXPECT_ERROR(Figure::fromJson(with("/widht", 3)), "\"widht\"");
    }

    void problemsAreNamed()
    {
        QVERIFY(problemsOf(xy({.name = "a", .x = {1, 2}, .y = {1}})).find("series \"a\" has 2 x but 1 y values") != std::string::npos);
        QVERIFY(problemsOf(xy({.x = {1, 2}, .y = {0, -1}}, Axis::Scale::Log)).find("series 1 has 2 zero or negative y values on a log axis")
                != std::string::npos);
        QVERIFY(problemsOf(xy({.x = {1}, .y = {1}, .colour = "red"})).find("#rrggbb") != std::string::npos);
        QVERIFY(problemsOf(xy({.kind = SeriesKind::Band, .x = {1, 2}, .lower = {1, 2}, .upper = {1}})).find("upper")
                != std::string::npos);
        QVERIFY(problemsOf(xy({.x = {1}, .y = {1}})).empty());

        HeatMapPanel heat;
        heat.values = Array(DType::Float64, {2, 3});
        heat.x.categories = {"one"};
        heat.colourMap = "jet";
        const std::string found = problemsOf(Panel{.content = heat});
        QVERIFY(found.find("3 columns but 1 names") != std::string::npos);
        QVERIFY(found.find("expected one of viridis") != std::string::npos);

        ImagePanel image;
        image.image = Array(DType::Float32, {4, 4, 2});
        QVERIFY(problemsOf(Panel{.content = image}).find("(H, W)") != std::string::npos);
        image.image = Array(DType::UInt8, {4, 4});
        image.overlays = {{.values = Array(DType::UInt8, {4, 5})}};
        QVERIFY(problemsOf(Panel{.content = image}).find("overlay 1 is not of the image's size") != std::string::npos);

        HistogramPanel histogram;
        histogram.histograms = {{"h", {0, 1, 1}, {2, 3}, ""}, {"g", {0, 1}, {2, 3}, ""}};
        const std::string wrong = problemsOf(Panel{.content = histogram});
        QVERIFY(wrong.find("\"h\" has edges that do not rise") != std::string::npos);
        QVERIFY(wrong.find("\"g\" has 2 edges for 2 counts") != std::string::npos);

        Figure overlap;
        overlap.panels = {xy({}), xy({})};
        QVERIFY(overlap.problems().size() == 1 && overlap.problems()[0] == "Panel 2: it overlaps panel 1.");
    }

    void resultsAreSavedWithTheirTablesAndFigures()
    {
        Result result;
        result.name = "scores";
        result.summary = "It works.";
        result.values["dice"] = 0.5;
        result.figures = {test::curves(), test::curves()};
        Table table;
        table.title = "Per image: scores";
        table.columns = {{"a", "", std::vector<double>{1.5}, -1}};
        result.tables = {table, table};
        result.warnings = {"careful"};
        QTemporaryDir folder;
        result.save(folder.filePath("deep/er").toStdString());
        for (const char *name : {"result.json", "curves.figure.json", "curves-2.figure.json", "per-image-scores.csv", "per-image-scores-2.csv"})
            QVERIFY2(QFile::exists(folder.filePath(QString("deep/er/") + name)), name);
        QFile file(folder.filePath("deep/er/result.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const Result back = Result::fromJson(Json::parse(file.readAll().toStdString()));
        QVERIFY(back.toJson() == result.toJson());
        EXPECT_ERROR(Result::fromJson(Json{{"result", 7}}), "version 7");
        EXPECT_ERROR(result.save("/proc/none/there"), "/proc/none/there");
    }
};

RETICLE_TEST(FigureTest)
#include "FigureTest.moc"
