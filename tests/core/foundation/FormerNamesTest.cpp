#include "foundation/FormerNames.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct Walk
{
    double stride = 0.99;
    std::int64_t legs = 2;
};

struct Swim
{
    std::vector<double> strokes{0.9, 0.99};
};

struct Journey
{
    EntryOptions gait = "swim";
    std::string colors = "gray";

    static Schema<Journey> schema()
    {
        const auto walk =
            Schema<Walk>("walk", "Walking")
                .field(&Walk::stride,
                       {.name = "stride", .help = "Length of a stride", .min = 0, .max = 1, .formerly = {"../step"}})
                .field(&Walk::legs, {.name = "legs", .help = "Number of legs", .min = 2});
        const auto swim = Schema<Swim>("swim", "Swimming")
                              .field(&Swim::strokes, {.name = "strokes", .help = "Two lengths", .min = 0, .length = 2});
        return Schema<Journey>("journey", "A journey")
            .field(&Journey::gait,
                   {.name = "gait", .help = "Gait", .formerly = {"manner"}, .entries = {swim.info(), walk.info()}})
            .field(&Journey::colors, {.name = "colors", .help = "Colors", .formerly = {"colours"}});
    }
};

Json json(const char *text)
{
    return Json::parse(text);
}

} // namespace

/// Fields that had other names, and fields of an entry that one field chooses.
class FormerNamesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsBothWritesTheNewOne()
    {
        const auto info = Journey::schema().info();
        QCOMPARE(info.validate(json(R"({"colours": "green"})")).dump(), std::string(R"({"gait":"swim","colors":"green"})"));
        QCOMPARE(info.validate(json(R"({"colors": "green"})")).dump(), std::string(R"({"gait":"swim","colors":"green"})"));
        QVERIFY(info.parse("colours", "red") == Json("red"));
        EXPECT_ERROR(info.validate(json(R"({"colors": "green", "colours": "red"})"), "journey"), "journey.colours");
        EXPECT_ERROR(info.validate(json(R"({"colours": 3})"), "journey"), "journey.colors: expected text, found 3");
    }

    void anEntryIsANameOrAnObject_data()
    {
        QTest::addColumn<QString>("given");
        QTest::addColumn<QString>("valid");
        QTest::newRow("name") << R"("walk")"
                              << R"("walk")";
        QTest::newRow("name alone") << R"({"name": "walk"})"
                                    << R"("walk")";
        QTest::newRow("at their defaults") << R"({"name": "walk", "stride": 0.99, "legs": 2.0})"
                                           << R"("walk")";
        QTest::newRow("one is not") << R"({"legs": 4, "name": "walk", "stride": 0.99})"
                                    << R"({"name":"walk","legs":4})";
    }
    void anEntryIsANameOrAnObject()
    {
        QFETCH(QString, given);
        QFETCH(QString, valid);
        const auto schema = Journey::schema();
        const Json journey{{"gait", Json::parse(given.toStdString())}};
        QCOMPARE(QString::fromStdString(schema.info().validate(journey).at("gait").dump()), valid);
        QCOMPARE(QString::fromStdString(schema.write(schema.read(journey)).at("gait").dump()), valid);
    }

    void refusesWhatAnEntryHasNot()
    {
        const auto info = Journey::schema().info();
        EXPECT_ERROR(info.validate(json(R"({"gait": "fly"})"), "journey"),
                     "journey.gait: expected one of swim, walk, found \"fly\"");
        EXPECT_ERROR(info.validate(json(R"({"gait": {"name": "fly"}})"), "journey"),
                     "journey.gait.name: expected one of swim, walk");
        EXPECT_ERROR(info.validate(json(R"({"gait": {"legs": 4}})"), "journey"), "journey.gait.name");
        EXPECT_ERROR(info.validate(json(R"({"gait": {"name": "swim", "legs": 4}})"), "journey"), "journey.gait.legs");
        EXPECT_ERROR(info.validate(json(R"({"gait": {"name": "walk", "legs": 1}})"), "journey"),
                     "journey.gait.legs: expected a whole number of at least 2, found 1");
        EXPECT_ERROR(info.validate(json(R"({"gait": {"name": "swim", "strokes": [1]}})"), "journey"), "a list of 2 numbers");
        EXPECT_ERROR(info.validate(json(R"({"gait": 3})"), "journey"), "journey.gait");
    }

    void whatStoodBesideMovesIntoItsEntry()
    {
        const auto info = Journey::schema().info();
        const auto gait = [&](const char *text) { return info.validate(json(text)).at("gait").dump(); };
        QCOMPARE(gait(R"({"step": 0.5, "manner": "walk"})"), std::string(R"({"name":"walk","stride":0.5})"));
        QCOMPARE(gait(R"({"step": 0.99, "manner": "walk"})"), std::string(R"("walk")"));
        QCOMPARE(gait(R"({"step": 0.5, "manner": "swim"})"), std::string(R"("swim")"));
        QCOMPARE(gait(R"({"step": 0.5})"), std::string(R"("swim")"));
        QCOMPARE(gait(R"({"step": 0.5, "gait": {"name": "walk", "stride": 0.25}})"),
                 std::string(R"({"name":"walk","stride":0.25})"));
        EXPECT_ERROR(info.validate(json(R"({"step": 5})"), "journey"),
                     "journey.step: expected a number between 0 and 1, found 5");
    }

    void commandLinesSetFieldsOfAnEntry()
    {
        const auto info = Journey::schema().info();
        Json options;
        info.set(options, "gait", "walk");
        info.set(options, "gait.legs", "4");
        QCOMPARE(options.dump(), std::string(R"({"gait":{"name":"walk","legs":4}})"));
        info.set(options, "manner", "walk"); // it is that already
        QVERIFY(options.at("gait").at("legs") == Json(4));
        info.set(options, "gait.name", "swim");
        QCOMPARE(options.dump(), std::string(R"({"gait":"swim"})"));
        info.set(options, "gait.strokes", "0.5,0.75");
        QCOMPARE(options.dump(), std::string(R"({"gait":{"name":"swim","strokes":[0.5,0.75]}})"));
        EXPECT_ERROR(info.set(options, "gait.legs", "4", "journey"), "journey.gait.legs");
        EXPECT_ERROR(info.set(options, "colors.legs", "4", "journey"), "journey.colors.legs");
        EXPECT_ERROR(info.set(options, "gait.strokes", "1,2,3", "journey"), "journey.gait.strokes: expected a list of 2 numbers");

        // As command lines of before had it, in any order.
        Json before = json(R"({"colours": "red"})");
        info.set(before, "step", "0.5");
        info.set(before, "manner", "walk");
        QCOMPARE(info.validate(before).dump(), std::string(R"({"gait":{"name":"walk","stride":0.5},"colors":"red"})"));

        // Also where the entry has a value of its own already, and back to the default.
        Json today = json(R"({"gait": {"name": "walk", "stride": 0.25, "legs": 4}})");
        for (const auto &[value, gait] :
             {std::pair{"0.5", R"({"name":"walk","stride":0.5,"legs":4})"}, {"0.99", R"({"name":"walk","legs":4})"}}) {
            info.set(today, "step", value);
            QCOMPARE(info.validate(today).at("gait").dump(), std::string(gait));
        }
    }

    void goesBackToTheFirstNames_data()
    {
        QTest::addColumn<QString>("before");
        QTest::newRow("defaults") << R"({"manner":"swim","colours":"gray","step":0.99})";
        QTest::newRow("moved") << R"({"manner":"walk","colours":"red","step":0.5})";
        QTest::newRow("moved, at its default") << R"({"manner":"walk","colours":"red","step":0.99})";
    }
    void goesBackToTheFirstNames()
    {
        QFETCH(QString, before);
        const auto info = Journey::schema().info();
        const Json valid = info.validate(Json::parse(before.toStdString()));
        QCOMPARE(QString::fromStdString(info.former(valid).dump()), before);
        QVERIFY(info.validate(info.former(valid)) == valid);
    }

    void survivesJson()
    {
        const auto info = Journey::schema().info();
        const auto again = SchemaInfo::fromJson(info.toJson());
        QVERIFY(again.toJson() == info.toJson());
        QVERIFY(again.find("gait")->entry("walk")->find("stride")->formerly == std::vector<std::string>{"../step"});
    }

    void readersOfRecipesNeedNoCatalog()
    {
        static const FormerNamesOf journey("journey", [] { return Journey::schema().info(); });
        const Json now = FormerNames::current(json(
            R"({"journey": {"colours": "red", "manner": "walk", "step": 0.5}, "compare": {"trips": [{"name": "journey", "colours": "red"}]},
                "other": {"colours": "red"}, "broken": 3})"));
        QCOMPARE(now.at("journey").dump(), std::string(R"({"colors":"red","gait":{"name":"walk","stride":0.5}})"));
        QVERIFY(now.at("compare").at("trips").at(0).at("colors") == Json("red"));
        QVERIFY(now.at("other").at("colours") == Json("red")); // of another schema
        QVERIFY(FormerNames::current(now) == now);
        QVERIFY(FormerNames::current(Json()).is_null());
    }
};

RETICLE_TEST(FormerNamesTest)
#include "FormerNamesTest.moc"
