#include "foundation/Schema.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct Options
{
    int bins = 15;
    double rate = 0.5;
    bool on = true;
    std::string mode = "a";
    std::vector<std::int64_t> slices;

    static Schema<Options> schema()
    {
        using O = Options;
        return Schema<O>("probe", "A probe")
            .field(&O::bins, {.name = "bins", .help = "Number of bins", .min = 2, .max = 200})
            .field(&O::rate, {.name = "rate", .help = "Rate", .unit = "1/s", .min = 0})
            .field(&O::on, {.name = "on", .help = "Switch"})
            .field(&O::mode, {.name = "mode", .help = "Mode", .choices = {"a", "b"}})
            .field(&O::slices, {.name = "slices", .help = "Slices", .min = 0});
    }
};

} // namespace

class SchemaTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fillsDefaults()
    {
        const auto o = Options::schema().read(Json{{"bins", 3.0}});
        QCOMPARE(o.bins, 3);
        QCOMPARE(o.rate, 0.5);
        QCOMPARE(o.mode, std::string("a"));
    }
    void namesFieldAndRange()
    {
        EXPECT_ERROR(Options::schema().read(Json{{"bins", 1}}, "model"),
                     "model.bins: expected a whole number between 2 and 200, found 1");
        EXPECT_ERROR(Options::schema().read(Json{{"bin", 3}}), "did you mean \"bins\"?");
        EXPECT_ERROR(Options::schema().read(Json{{"mode", "c"}}), "one of a, b");
        EXPECT_ERROR(Options::schema().read(Json{{"rate", "fast"}}), "expected a number of at least 0 1/s");
        EXPECT_ERROR(Options::schema().read(Json{{"bins", 2.5}}), "whole number");
    }
    void longListsOfNamesAreDrawnTogether()
    {
        auto info = Options::schema().info();
        auto &choices = info.fields[3].choices;
        choices = {"haar"};
        for (int i = 1; i <= 12; ++i)
            choices.push_back("db" + std::to_string(i));
        for (const char *name : {"bior1.1", "bior1.3", "bior6.8", "x1", "x2", "zero", "one"})
            choices.emplace_back(name);
        EXPECT_ERROR(info.validate(Json{{"mode", "db0"}}), "db1, db2, db3, db4"); // 20 can be read
        choices.emplace_back("two");
        EXPECT_ERROR(info.validate(Json{{"mode", "db0"}}),
                     "mode: expected one of haar, db1-12, bior1.1-6.8, x1, x2, zero, one, two, found \"db0\"");
    }
    void parsesCommandLineText()
    {
        const auto info = Options::schema().info();
        QCOMPARE(info.parse("bins", "7").get<int>(), 7);
        QCOMPARE(info.parse("on", "no").get<bool>(), false);
        QCOMPARE(info.parse("slices", "1,2,3").size(), size_t(3));
        EXPECT_ERROR(info.parse("rate", "0,5"), "rate");
    }
    void survivesJson()
    {
        const auto info = Options::schema().info();
        QVERIFY(SchemaInfo::fromJson(info.toJson()).toJson() == info.toJson());
        Options o;
        o.slices = {4, 5};
        QCOMPARE(Options::schema().read(Options::schema().write(o)).slices, o.slices);
    }
};

RETICLE_TEST(SchemaTest)
#include "SchemaTest.moc"
