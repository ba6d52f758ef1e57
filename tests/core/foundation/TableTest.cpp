#include "foundation/Table.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

Table sample()
{
    Table t;
    t.title = "Scores";
    t.columns = {{"name", "", std::vector<std::string>{"a", "say \"b\", c", "two\nlines"}},
                 {"area", "px", std::vector<std::int64_t>{4, -12, 0}},
                 {"dice", "", std::vector<double>{0.1, std::nan(""), -1.5}},
                 {"error", "%", std::vector<double>{12.345, 0, -0.001}, 1}};
    return t;
}

} // namespace

class TableTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void showsNumbersToPeople()
    {
        const Table t = sample();
        QCOMPARE(t.rows(), size_t(3));
        QCOMPARE(t.text(1, 1), std::string("\u221212"));
        QCOMPARE(t.text(0, 2), std::string("0.1"));
        QCOMPARE(t.text(1, 2), std::string("n/a"));
        QCOMPARE(t.text(2, 2), std::string("\u22121.5"));
        QCOMPARE(t.text(0, 3), std::string("12.3"));
        QCOMPARE(t.text(2, 3), std::string("0.0")); // no minus before nothing
        QCOMPARE(t.number(1, 1), -12.0);
        QVERIFY(std::isnan(t.number(0, 0)));
    }
    void showsSmallAndLargeNumbers()
    {
        Table t;
        t.columns = {
            {"v", "", std::vector<double>{1e-7, 123456.7890123, 3, 1e20, 1 / 3.0, std::numeric_limits<double>::infinity()}}};
        QCOMPARE(t.text(0, 0), std::string("1e-07"));
        QCOMPARE(t.text(1, 0), std::string("123456.789012"));
        QCOMPARE(t.text(2, 0), std::string("3"));
        QCOMPARE(t.text(3, 0), std::string("1e+20"));
        QCOMPARE(t.text(4, 0), std::string("0.333333"));
        QCOMPARE(t.text(5, 0), std::string("∞"));
    }
    void writesCsv()
    {
        QCOMPARE(sample().toCsv(), std::string("name,area [px],dice,error [%]\n"
                                               "a,4,0.1,12.345\n"
                                               "\"say \"\"b\"\", c\",-12,nan,0\n"
                                               "\"two\nlines\",0,-1.5,-0.001\n"));
        QCOMPARE(Table{}.toCsv(), std::string("\n"));
    }
    void survivesJson()
    {
        Table t = sample();
        std::get<std::vector<double>>(t.columns[2].values)[0] = -std::numeric_limits<double>::infinity();
        const Json j = Json::parse(t.toJson().dump());
        const Table back = Table::fromJson(j);
        QVERIFY(back.toJson() == t.toJson());
        QCOMPARE(back.toCsv(), t.toCsv());
        QCOMPARE(back.columns[3].decimals, 1);
        QVERIFY(back.find("area") && back.find("area")->unit == "px");
        QVERIFY(!back.find("volume"));
    }
    void refusesUnequalColumns()
    {
        Json j = sample().toJson();
        j["columns"][1]["values"].push_back(5);
        EXPECT_ERROR(Table::fromJson(j), "column \"area\": expected 3 rows");
        j = sample().toJson();
        j["columns"][0]["type"] = "picture";
        EXPECT_ERROR(Table::fromJson(j), "picture");
        EXPECT_ERROR(Table::fromJson(Json{{"title", "x"}}), "columns");
        j = sample().toJson();
        j["columns"][2]["values"][0] = "much";
        EXPECT_ERROR(Table::fromJson(j), "much");
    }
};

RETICLE_TEST(TableTest)
#include "TableTest.moc"
