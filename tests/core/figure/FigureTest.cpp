#include "figure/Figure.h"
#include "foundation/Error.h"
#include "support/SampleFigures.h"
#include "support/Test.h"

using namespace reticle;

namespace {

Panel xy(Series series)
{
    XYPanel panel;
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
        QVERIFY(heat.colorMap == "cividis" && heat.color.max == 1.0);
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
        EXPECT_ERROR(Figure::fromJson(with("/panels/0/content/colors", 1)), "found \"colors\"");
        EXPECT_ERROR(Figure::fromJson(with("/panels/3/content/values/shape", Json::array({7, 7}))), "panel 4: content: values");
        EXPECT_ERROR(Figure::fromJson(with("/panels/0/row", 1.5)), "panel 1: row: expected a whole number, found 1.5");
        EXPECT_ERROR(Figure::fromJson(with("/panels/7/content/table/columns/0/values", Json::array())),
                     "panel 8: content: table");
        EXPECT_ERROR(Figure::fromJson(with("/widht", 3)), "\"widht\"");
    }

    void documentsOfBeforeAreRead()
    {
        Figure f;
        ImagePanel image;
        image.image = Array(DType::UInt8, {2, 2});
        image.colorBar = true;
        image.colorLabel = "p";
        f.panels = {Panel{.content = XYPanel{.series = {Series{.name = "s", .x = {1, 2}, .y = {3, 4}, .color = "#123456"}}}},
                    Panel{.content = image}};
        std::string text = f.toJson().dump();
        for (const auto &[now, before] : {std::pair<std::string, std::string>{"\"color\"", "\"colour\""},
                                          {"\"colorBar\"", "\"colourBar\""},
                                          {"\"colorLabel\"", "\"colourLabel\""}}) {
            const auto at = text.find(now);
            QVERIFY2(at != std::string::npos, now.c_str());
            text.replace(at, now.size(), before);
        }
        auto before = Json::parse(text);
        before["panels"][1]["content"]["colourMap"] = "grey";
        const auto read = Figure::fromJson(before);
        QCOMPARE(read.toJson().dump(), f.toJson().dump());
        before["panels"][1]["content"]["colorMap"] = "gray"; // under both names
        EXPECT_ERROR(Figure::fromJson(before), "\"colourMap\"");
    }

    void secondScalesComeBack()
    {
        XYPanel panel;
        panel.x.second = {"period", "nm", {0.1, 0.5}, {"40", "8"}};
        Figure f;
        f.panels = {Panel{.content = panel}};
        const auto back = std::get<XYPanel>(Figure::fromJson(f.toJson()).panels.at(0).content).x.second;
        QCOMPARE(back.label, std::string("period"));
        QCOMPARE(back.unit, std::string("nm"));
        QCOMPARE(back.positions, (std::vector<double>{0.1, 0.5}));
        QCOMPARE(back.labels, (std::vector<std::string>{"40", "8"}));
        Json json = f.toJson();
        json["panels"][0]["content"]["x"]["second"]["position"] = 1;
        EXPECT_ERROR(Figure::fromJson(json), "panel 1: content: x: second");
    }

    void ticksComeBack()
    {
        XYPanel panel;
        panel.x.ticks = {5, 10, 15};
        Figure f;
        f.panels = {Panel{.content = panel}};
        QCOMPARE(std::get<XYPanel>(Figure::fromJson(f.toJson()).panels.at(0).content).x.ticks, panel.x.ticks);
        Json json = f.toJson();
        json["panels"][0]["content"]["x"]["ticks"] = "5";
        EXPECT_ERROR(Figure::fromJson(json), "panel 1: content: x: ticks");
    }
};

RETICLE_TEST(FigureTest)
#include "FigureTest.moc"
