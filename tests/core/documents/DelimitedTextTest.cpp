#include "documents/DelimitedText.h"

#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Column names and rows of a whole table.
Rows rowsOf(const std::string &text)
{
    DelimitedText table(text, "t.csv");
    Rows rows{table.header()};
    while (table.next())
        rows.push_back(table.cells());
    return rows;
}

void readAll(const std::string &text)
{
    rowsOf(text);
}

} // namespace

class DelimitedTextTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theSeparatorIsFound_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("commas") << QByteArray("a,b\n1,2\n");
        QTest::newRow("semicolons") << QByteArray("a;b\n1;2\n");
        QTest::newRow("tabs") << QByteArray("a\tb\n1\t2\n");
        QTest::newRow("as Excel says") << QByteArray("sep=;\r\na;b\r\n1;2\r\n");
        QTest::newRow("as Excel says, another") << QByteArray("sep=|\na|b\n1|2\n");
        QTest::newRow("byte order mark") << QByteArray("\xef\xbb\xbf"
                                                       "a,b\r\n1,2\r\n");
        QTest::newRow("old line ends") << QByteArray("a,b\r1,2\r");
        QTest::newRow("no last line end") << QByteArray("a,b\n1,2");
        QTest::newRow("empty lines") << QByteArray("\n\r\na,b\n\n,\n1,2\n\n");
        QTest::newRow("spaces") << QByteArray(" a , b  \n1 ,\t2 \n");
        QTest::newRow("quotes") << QByteArray("\"a\",\"b\"\n\"1\" , \"2\"\n");
        QTest::newRow("empty cells at the end") << QByteArray("a,b\n1,2,,\n");
    }
    void theSeparatorIsFound()
    {
        QFETCH(QByteArray, text);
        QCOMPARE(rowsOf(text.toStdString()), (Rows{{"a", "b"}, {"1", "2"}}));
    }
    void ofSeveralSeparatorsTheMostFrequent()
    {
        QCOMPARE(rowsOf("name, first;age;kind\nA, b;1;x\n"), (Rows{{"name, first", "age", "kind"}, {"A, b", "1", "x"}}));
        QCOMPARE(rowsOf("\"a,b,c\";d\n1;2\n"), (Rows{{"a,b,c", "d"}, {"1", "2"}})); // not those in quotation marks
        QCOMPARE(rowsOf("alone\n1\n"), (Rows{{"alone"}, {"1"}}));
        QCOMPARE(rowsOf("sep=a\n1\n"), (Rows{{"sep=a"}, {"1"}})); // a column of that name
    }
    void quotedCells()
    {
        QCOMPARE(rowsOf("a,b\n\"x, \"\"y\"\"\",5\" dish\n\"two\r\nlines\",\n"),
                 (Rows{{"a", "b"}, {"x, \"y\"", "5\" dish"}, {"two\r\nlines", ""}}));
        EXPECT_ERROR(readAll("a,b\n1,2\n\"x,3\n4,5\n"),
                     "t.csv: line 3: expected a closing quotation mark, found the end of the file");
        EXPECT_ERROR(readAll("a,b\n\"x\" y,3\n"),
                     "line 2: expected the end of the cell after its closing quotation mark, found \"y,3");
    }
    void linesAreCounted()
    {
        const std::string text = "\na,b\n\n\"one\ntwo\",1\nx,2\r\n\r\ny,3\rz,4";
        DelimitedText table(text, "t.csv");
        for (const int line : {4, 6, 8, 9}) {
            QVERIFY(table.next());
            QCOMPARE(table.line(), std::int64_t(line));
        }
        QCOMPARE(table.place(), std::string("t.csv: line 9"));
        QVERIFY(!table.next() && !table.next());
        table.rewind();
        QVERIFY(table.next());
        QCOMPARE(table.line(), std::int64_t(4));
        QCOMPARE(table.cells(), (std::vector<std::string>{"one\ntwo", "1"}));
    }
    void cellsAreAsManyAsColumnNames()
    {
        QCOMPARE(rowsOf("a,b,c\n1\n"), (Rows{{"a", "b", "c"}, {"1", "", ""}}));
        EXPECT_ERROR(readAll("a,b\n1,2\n1,2,3\n"), "t.csv: line 3: expected as many cells as column names (2), found 3");
    }
    void columnNames()
    {
        QCOMPARE(rowsOf(",a,\n0,1,2\n").front(),
                 (std::vector<std::string>{"", "a", ""})); // pandas writes an index without a name
        EXPECT_ERROR(readAll("a,b,a\n1,2,3\n"), "t.csv: line 1: expected column names that differ, found \"a\" twice");
        for (const char *nothing : {"", "\n\n", "\xef\xbb\xbf", "sep=;", " \r\n,,\n"})
            EXPECT_ERROR(readAll(nothing),
                         "t.csv: expected a table whose first line holds the column names, found an empty file");
    }
    void whatIsNoTextInUtf8()
    {
        EXPECT_ERROR(readAll("a,b\nM\xfcller,1\n"), "t.csv: expected a table as text in UTF-8, found the byte 0xFC in line 2");
        EXPECT_ERROR(readAll("a,b\n1,2\r\n\r3,\xe4"), "the byte 0xE4 in line 4");
        EXPECT_ERROR(readAll("a,b\nM\xfcller,1\n"), "save the table as CSV in UTF-8");
        EXPECT_ERROR(readAll(std::string("\xff\xfe"
                                         "a\0,\0b\0",
                                         8)),
                     "found text in UTF-16");
        EXPECT_ERROR(readAll(std::string("a,b\n1,\0", 7)), "found a binary file");
        EXPECT_ERROR(readAll("PK\3\4and so on"), "found a spreadsheet");
        QCOMPARE(rowsOf("a,b\nMüller,\xef\xbf\xbd\n")[1], (std::vector<std::string>{"Müller", "\xef\xbf\xbd"}));
    }
    void rowsAreLimited()
    {
        std::string text = "a,b\n";
        for (std::int64_t i = 0; i < DelimitedText::mostRows; ++i)
            text += "1,2\n";
        const auto count = [&] {
            DelimitedText table(text, "t.csv");
            std::int64_t rows = 0;
            while (table.next())
                ++rows;
            return rows;
        };
        QCOMPARE(count(), DelimitedText::mostRows);
        text += "1,2\n";
        EXPECT_ERROR(count(), "t.csv: expected at most 1000000 rows, found more");
    }
};

RETICLE_TEST(DelimitedTextTest)
#include "DelimitedTextTest.moc"
