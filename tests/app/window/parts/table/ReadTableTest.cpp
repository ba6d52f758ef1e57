#include "window/parts/table/ReadTable.h"

#include "foundation/Json.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>
#include <numeric>

using namespace reticle;

namespace {

ReadTable tableOf(const std::string &text)
{
    return ReadTable(TableFile::fromText(text, "test.csv"));
}

/// A column of numbers next to one of two classes.
ReadTable columnOf(const std::vector<std::string> &cells)
{
    std::string text = "value,class\n";
    for (std::size_t i = 0; i < cells.size(); ++i)
        text += cells[i] + (i % 2 ? ",a\n" : ",b\n");
    return tableOf(text);
}

bool near(double a, double b)
{
    return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b));
}

const HistogramPanel *histogramOf(const Figure &figure)
{
    return figure.panels.empty() ? nullptr : std::get_if<HistogramPanel>(&figure.panels.front().content);
}

const XYPanel *barsOf(const Figure &figure)
{
    return figure.panels.empty() ? nullptr : std::get_if<XYPanel>(&figure.panels.front().content);
}

} // namespace

/// Facts and figures of the columns of a table.
class ReadTableTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void histogramMeanAndSpreadAreThoseOfNumPy()
    {
        std::ifstream file(test::source("tests/reference/tables/tablecolumns.json"));
        const Json expected = Json::parse(file);
        const auto table = columnOf(expected.at("cells").get<std::vector<std::string>>());
        const auto &f = table.facts(0);
        QVERIFY(near(f.low, expected.at("low")) && near(f.high, expected.at("high")));
        QVERIFY(near(f.mean, expected.at("mean")) && near(f.sd, expected.at("sd")));
        QCOMPARE(f.counts, expected.at("counts").get<std::vector<double>>());
        const auto edges = expected.at("edges").get<std::vector<double>>();
        QCOMPARE(f.edges.size(), edges.size());
        for (std::size_t i = 0; i < edges.size(); ++i)
            QVERIFY(near(f.edges[i], edges[i]));
    }
    void wholeNumbersOfASmallRangeHaveABinEach()
    {
        const auto table = columnOf({"3", "5", "3", "7", "3", "5"});
        const auto &f = table.facts(0);
        QCOMPARE(f.edges, (std::vector<double>{2.5, 3.5, 4.5, 5.5, 6.5, 7.5}));
        QCOMPARE(f.counts, (std::vector<double>{3, 0, 2, 0, 1}));
    }
    void aConstantAndHugeNumbersCanBeDrawnOrAreLeftOut()
    {
        const auto constant = columnOf({"0.25", "0.25", "0.25", "0.25"});
        QCOMPARE(constant.facts(0).counts, std::vector<double>{4});
        QVERIFY(constant.figure(0, false).problems().empty());
        // The range is beyond what a double holds, or its bins are finer than the digits.
        for (const auto &cells :
             {std::vector<std::string>{"-1.7e308", "1.7e308", "0.5", "0.5"}, {"1e17", "100000000000000016", "1e17", "1e17"}}) {
            const auto table = columnOf(cells);
            QVERIFY(table.figure(0, false).panels.empty() || table.figure(0, false).problems().empty());
        }
    }
    void missingAndWrongCellsAreCountedAndLeftOutOfTheNumbers()
    {
        const auto table = columnOf({"1.5", "", "2.5", "NA", "abc", "3.5", "1.5", "2.5", "3.5", "2.5"});
        const auto &f = table.facts(0);
        QCOMPARE(table.column(0).kind, ColumnKind::Number);
        QCOMPARE(f.firstMissing, std::int64_t(1));
        QCOMPARE(table.column(0).missing, std::int64_t(2));
        QCOMPARE(f.bad, std::int64_t(1));
        QVERIFY(near(f.mean, (1.5 + 2.5 + 3.5 + 1.5 + 2.5 + 3.5 + 2.5) / 7));
        QCOMPARE(std::accumulate(f.counts.begin(), f.counts.end(), 0.0), 7.0);
    }
    void categoriesAreBarsTheCommonestFirst()
    {
        const auto table = tableOf("color,x\nred,1\nblue,2\nblue,3\nred,4\nblue,5\n,6\n");
        const auto figure = table.figure(0, false);
        const auto *bars = barsOf(figure);
        QVERIFY(bars && figure.problems().empty());
        QCOMPARE(bars->y.categories, (std::vector<std::string>{"blue", "red"}));
        QCOMPARE(bars->series.front().x, (std::vector<double>{3, 2}));
        QCOMPARE(table.facts(0).rowsOf, (std::vector<std::int64_t>{3, 2}));
        QVERIFY(figure.caption.find("1 missing") != std::string::npos);
    }
    void furtherCategoriesAreCountedTogether()
    {
        std::string text = "color,x\n";
        for (int i = 0; i < 90; ++i)
            text += "c" + std::to_string(i % 30) + ",1\n";
        const auto table = tableOf(text);
        QCOMPARE(table.column(0).values.size(), std::size_t(30));
        const auto figure = table.figure(0, false);
        const auto *bars = barsOf(figure);
        QVERIFY(bars && figure.problems().empty());
        QCOMPARE(bars->y.categories.size(), ReadTable::mostBars);
        QCOMPARE(bars->y.categories.back(), std::string("11 others"));
        const auto &x = bars->series.front().x;
        QCOMPARE(x.back(), 33.0);
        QCOMPARE(std::accumulate(x.begin(), x.end(), 0.0), 90.0);
    }
    void wholeNumbersAreBarsOnlyAsTheTarget()
    {
        const auto table = columnOf({"10", "2", "10", "2", "10", "10"});
        QVERIFY(histogramOf(table.figure(0, false)));
        const auto figure = table.figure(0, true);
        const auto *bars = barsOf(figure);
        QVERIFY(bars);
        QCOMPARE(bars->y.categories, (std::vector<std::string>{"2", "10"})); // in the order of classes
        QCOMPARE(bars->series.front().x, (std::vector<double>{2, 4}));
    }
    void textsHaveNoFigure()
    {
        std::string text = "note,x\n";
        for (int i = 0; i < 12; ++i)
            text += "remark number " + std::to_string(i) + ",1\n";
        QVERIFY(tableOf(text).figure(0, false).panels.empty());
    }
};

RETICLE_TEST(ReadTableTest)
#include "ReadTableTest.moc"
