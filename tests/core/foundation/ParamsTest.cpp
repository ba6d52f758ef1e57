#include "foundation/Params.h"

#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct Sized
{
    std::int64_t size = 2;
    std::string name;
};

Schema<Sized> sized()
{
    return Schema<Sized>("measure", "Measure")
        .field(&Sized::size, {.name = "size", .help = "Size", .min = 1, .formerly = {"length"}})
        .field(&Sized::name, {.name = "name-of", .help = "Name"});
}

} // namespace

class ParamsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsByType()
    {
        const Json json{{"text", "a"}, {"whole", 3}, {"float", 4.0}, {"object", {{"x", 1}}}, {"null", nullptr}};
        const Params p(json, "method");
        QCOMPARE(p.text("text"), std::string("a"));
        QCOMPARE(p.text("none", "otherwise"), std::string("otherwise"));
        QCOMPARE(p.whole("whole"), std::int64_t(3));
        QCOMPARE(p.whole("float"), std::int64_t(4));
        QCOMPARE(p.whole("none", 7), std::int64_t(7));
        QCOMPARE(p.within("whole", 0, 3), std::int64_t(3));
        QVERIFY((p.object("object") == Json{{"x", 1}}));
        QVERIFY(p.object("none", Json::object()).empty());
        QVERIFY(p.has("whole") && !p.has("null") && !p.has("none"));
    }
    void nullIsAnEmptyObject()
    {
        const Json null;
        QCOMPARE(Params(null, "hello").text("a", "b"), std::string("b"));
        QVERIFY(Params(null, "hello").all().is_object());
    }
    void wrongTypesAreNamed()
    {
        const Json json{{"a", Json::array()}, {"b", 1.5}, {"c", std::string("x\0y", 3)}, {"d", 1e300}, {"e", true}};
        const Params p(json, "predict");
        EXPECT_ERROR(Params(json["a"], "predict"), "predict: expected an object, found a list.");
        EXPECT_ERROR(Params(json["e"], "predict"), "predict: expected an object, found true.");
        EXPECT_ERROR(p.text("a"), "predict: a: expected text without a zero character, found a list.");
        EXPECT_ERROR(p.text("c"), "predict: c: expected text without a zero character, found \"x\\u0000y\".");
        EXPECT_ERROR(p.text("none"), "predict: none: expected text, found none.");
        for (const char *key : {"a", "b", "c", "d", "e"})
            EXPECT_ERROR(p.whole(key), std::string("predict: ") + key + ": expected a whole number, found ");
        EXPECT_ERROR(p.within("n", 0, 5, 6), "predict: n: expected a whole number from 0 to 5, found 6.");
        EXPECT_ERROR(p.object("a"), "predict: a: expected an object, found a list.");
        EXPECT_ERROR(p.object("none"), "predict: none: expected an object, found none.");
    }
    void settingsOfALiveQueryStandInTheParametersOrTheirOptions()
    {
        const SchemaInfo schema = sized().info();
        const Json params{{"size", 4}, {"array", {1, 2}}, {"options", {{"name-of", "a"}, {"other", 5}}}};
        const LiveParams p(params, schema);
        QVERIFY((p.settings() == Json{{"size", 4}, {"name-of", "a"}}));
        QCOMPARE(p.all().at("array").size(), std::size_t(2));
        // What has fields of its own gets the rest as it came.
        QVERIFY((p.options(schema) == Json{{"name-of", "a"}, {"other", 5}, {"size", 4}}));
        const Json former{{"options", {{"length", 3}}}};
        QVERIFY((LiveParams(former, schema).options(schema) == Json{{"size", 3}, {"name-of", ""}}));
        QVERIFY((LiveParams(Json(), schema).settings() == Json{{"size", 2}, {"name-of", ""}}));
        QVERIFY(LiveParams(Json(), schema).options(schema) == schema.defaults());
    }
    void wrongSettingsAreNamed()
    {
        const SchemaInfo schema = sized().info();
        EXPECT_ERROR(LiveParams({{"size", 0}}, schema), "measure.size");
        EXPECT_ERROR(LiveParams({{"options", {{"size", "x"}}}}, schema), "measure.size");
        EXPECT_ERROR(LiveParams({{"size", nullptr}}, schema), "measure.size");
        EXPECT_ERROR(LiveParams({{"options", 3}}, schema), "measure: options: expected an object, found 3.");
        EXPECT_ERROR(LiveParams(Json::array(), schema), "measure: expected an object, found a list.");
    }
};

RETICLE_TEST(ParamsTest)
#include "ParamsTest.moc"
