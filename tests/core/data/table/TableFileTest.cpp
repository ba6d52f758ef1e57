#include "data/table/FeatureTable.h"

#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>
#include <numeric>
#include <zlib.h>

using namespace reticle;

namespace {

TableFile fileTable(const std::string &text, HeaderLine header = HeaderLine::Detect)
{
    return TableFile::fromText(text, "wine.csv", header);
}

std::vector<std::string> namesOf(const TableFile &t)
{
    std::vector<std::string> names;
    for (const auto &c : t.columns())
        names.push_back(c.name);
    return names;
}

void write(const std::filesystem::path &path, const std::string &bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string gzip(const std::string &text)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// A float64 array of NumPy, (rows, columns) in C order.
std::string npy(std::int64_t rows, std::int64_t columns, const std::vector<double> &values)
{
    std::string header =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " + std::to_string(columns) + "), }";
    header += std::string(117 - header.size(), ' ') + "\n";
    std::string bytes = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header;
    bytes.append(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(double));
    return bytes;
}

} // namespace

class TableFileTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void columnsHaveKindsWithReasons()
    {
        std::string text = "id,alcohol,color,note,empty,same,target\n";
        for (int i = 0; i < 12; ++i)
            text += std::to_string(i + 1) + "," + std::to_string(10 + 0.25 * i) + "," + (i % 2 ? "red" : "white") + ",bottle " +
                    std::to_string(i) + ",,7," + std::to_string(i % 3) + "\n";
        const auto t = fileTable(text);
        QVERIFY(t.hasHeader());
        QCOMPARE(t.rows(), std::int64_t(12));
        const ColumnKind kinds[] = {ColumnKind::Identifier, ColumnKind::Number, ColumnKind::Category, ColumnKind::Identifier,
                                    ColumnKind::Empty,      ColumnKind::Number, ColumnKind::Number};
        for (std::size_t i = 0; i < 7; ++i)
            QCOMPARE(nameOf(t.columns()[i].kind), nameOf(kinds[i]));
        QCOMPARE(t.column("id").reason, std::string("It numbers the rows."));
        QCOMPARE(t.column("alcohol").reason, std::string("Numbers from 10 to 12.75."));
        QCOMPARE(t.column("color").reason, std::string("2 categories."));
        QCOMPARE(t.column("note").reason, std::string("Every row has another value."));
        QCOMPARE(t.column("same").reason, std::string("Every value is 7, so it cannot tell rows apart."));
        QCOMPARE(t.column("color").values, (std::vector<std::string>{"red", "white"}));
        QCOMPARE(t.suggestedTarget(), std::string("target"));
        QCOMPARE(t.description(), std::string("12 rows, 7 columns: 3 numbers, 1 category, 2 identifiers, 1 empty"));
        const auto overview = t.overview();
        QCOMPARE(overview.rows(), std::size_t(7));
        QCOMPARE(overview.number(1, 5), 12.75);
        QVERIFY(std::isnan(overview.number(2, 5)));
        EXPECT_ERROR(t.column("alcohl"), "did you mean 'alcohol'?");
    }
    void missingValuesAreFound()
    {
        const auto t = fileTable("a,b,c\n1,x,?\n,NA,1\nnan,y,2\nN/A,null,3\n5,x,4\n");
        QCOMPARE(t.column("a").missing, std::int64_t(3));
        QCOMPARE(t.column("b").missing, std::int64_t(2));
        QCOMPARE(t.column("c").missing, std::int64_t(1));
        QVERIFY(std::isnan(t.column("a").numbers[1]) && t.column("a").numbers[4] == 5);
    }
    void cellsThatAreNoNumbersAreNamed()
    {
        std::string text = "alcohol,target\n";
        for (int i = 1; i <= 20; ++i)
            text += (i == 17 ? std::string("abc") : std::to_string(i) + ".5") + "," + std::to_string(i % 2) + "\n";
        const auto t = fileTable(text);
        QVERIFY(t.column("alcohol").kind == ColumnKind::Number);
        QCOMPARE(t.column("alcohol").reason, std::string("Most values are numbers, but 'abc' in row 17 is not."));
        EXPECT_ERROR(t.numbersOf(t.column("alcohol")),
                     "wine.csv: row 17, column 'alcohol': 'abc' is not a number. Correct line 18 of the file");
        EXPECT_ERROR(FeatureEncoding::of(t, "target"), "row 17, column 'alcohol': 'abc' is not a number");
    }
    void tablesWithoutColumnNamesAreRead()
    {
        const auto t = fileTable("5.1,3.5,setosa\n4.9,3.5,setosa\n6,3,virginica\n6,3,virginica\n");
        QVERIFY(!t.hasHeader());
        QCOMPARE(namesOf(t), (std::vector<std::string>{"column 1", "column 2", "column 3"}));
        QCOMPARE(t.rows(), std::int64_t(4));
        QCOMPARE(t.line(0), std::int64_t(1));
        QCOMPARE(t.suggestedTarget(), std::string("column 3"));
        QCOMPARE(fileTable("1,1,0\n2,2,1\n").rows(), std::int64_t(2)); // equal cells in the first row
        QCOMPARE(fileTable("1;2\n3;4\n").columns().size(), std::size_t(2));
        QCOMPARE(fileTable("1\t2\n3\t4\n").columns().size(), std::size_t(2));
        const auto commas = fileTable("a;b\n5,1;1,234\n4,9;2,345\n");
        QCOMPARE(commas.column("a").numbers, (std::vector<double>{5.1, 4.9}));
        QVERIFY(commas.column("b").kind == ColumnKind::Category); // 1.234 or 1234: not guessed
        QCOMPARE(fileTable("2019,2020\n1,2\n", HeaderLine::Yes).columns()[1].name, std::string("2020"));
        QCOMPARE(fileTable("a,b\nc,d\n", HeaderLine::No).rows(), std::int64_t(2));
        EXPECT_ERROR(fileTable("1,2\n3,4\n5,6,7\n"), "wine.csv: line 3: expected as many cells as column names (2), found 3");
    }
    void headersOfScikitLearnAreUnderstood()
    {
        const auto t = fileTable("4,2,setosa,virginica\n5.1,3.5,0\n4.9,3.0,0\n6.1,3,1\n6.2,3.1,1\n");
        QCOMPARE(t.rows(), std::int64_t(4));
        QCOMPARE(namesOf(t), (std::vector<std::string>{"column 1", "column 2", "target"}));
        QCOMPARE(t.column("target").values, (std::vector<std::string>{"setosa", "virginica"}));
        QCOMPARE(t.line(0), std::int64_t(2));
        EXPECT_ERROR(fileTable("5,2,setosa,virginica\n5.1,3.5,0\n"), "expected 5 rows, as its first line says, found 1");
    }
    void compressedTablesAndArraysAreRead()
    {
        const test::TemporaryFolder folder;
        const std::string text = "a,target\n1,x\n2,x\n3,y\n4,y\n";
        write(folder / "t.csv.gz", gzip(text));
        QCOMPARE(TableFile::read(folder / "t.csv.gz").rows(), std::int64_t(4));
        write(folder / "two.csv.gz", gzip(text) + gzip("5,y\n")); // two members are one text
        QCOMPARE(TableFile::read(folder / "two.csv.gz").rows(), std::int64_t(5));
        write(folder / "cut.csv.gz", gzip(text).substr(0, 20));
        EXPECT_ERROR(TableFile::read(folder / "cut.csv.gz"), "expected a whole gzip file, found one that ends early");
        write(folder / "bad.csv.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff\xff\xff\xff\xff", 16));
        EXPECT_ERROR(TableFile::read(folder / "bad.csv.gz"), "found damaged data");
        write(folder / "t.npy", npy(3, 2, {1, 0, 2.5, 1, NAN, 1}));
        const auto t = TableFile::read(folder / "t.npy");
        QCOMPARE(t.rows(), std::int64_t(3));
        QCOMPARE(t.column("column 1").numbers[1], 2.5);
        QCOMPARE(t.column("column 1").missing, std::int64_t(1));
        QCOMPARE(t.column("column 2").values, (std::vector<std::string>{"0", "1"}));
        write(folder / "t.npz", "PK");
        EXPECT_ERROR(TableFile::read(folder / "t.npz"), "save one array with numpy.save");
        EXPECT_ERROR(fileTable(""), "wine.csv: expected a table, found an empty file");
        EXPECT_ERROR(fileTable("a,b\n"), "expected at least one row below the column names");
    }
    void classesAreCounted()
    {
        const auto t = fileTable("a,target\n1,c10\n2,c2\n3,c2\n4,c10\n5,c2\n");
        const auto target = classTarget(t, "target");
        QCOMPARE(target.classes, (std::vector<std::string>{"c2", "c10"}));
        QCOMPARE(target.of, (std::vector<std::int64_t>{1, 0, 0, 1, 0}));
        QCOMPARE(target.counts(), (std::vector<std::int64_t>{3, 2}));
        QCOMPARE(target.counts({0, 1}), (std::vector<std::int64_t>{1, 1}));
        QCOMPARE(target.countTable().text(1, 0), std::string("c10"));
        EXPECT_ERROR(classTarget(fileTable("a,target\n1,x\n2,x\n"), "target"), "expected at least 2 classes, found one, 'x'");
        EXPECT_ERROR(classTarget(fileTable("a,target\n1,x\n2,\n3,y\n"), "target"),
                     "row 2, column 'target': the class is missing");
    }
    void dataSetsOfScikitLearn()
    {
        if (test::sharedData("tables").empty())
            QSKIP("needs shared/data");
        struct Known
        {
            const char *file;
            std::int64_t rows, features;
            std::vector<std::int64_t> counts;
            double sum;
        };
        const Known all[] = {{"iris.csv", 150, 4, {50, 50, 50}, 2078.7},
                             {"wine_data.csv", 178, 13, {59, 71, 48}, 159975.296},
                             {"digits.csv.gz", 1797, 64, {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, 561718},
                             {"breast_cancer.csv", 569, 30, {212, 357}, NAN}};
        for (const auto &known : all) {
            const auto t = TableFile::read(test::sharedData(std::string("tables/") + known.file));
            QCOMPARE(t.rows(), known.rows);
            const auto name = t.suggestedTarget();
            QCOMPARE(name, t.columns().back().name);
            const auto target = classTarget(t, name);
            auto counts = target.counts();
            if (known.features == 30)
                std::sort(counts.begin(), counts.end()); // benign comes before malignant
            QCOMPARE(counts, known.counts);
            const auto features = FeatureEncoding::of(t, name).encode(t);
            QCOMPARE(features.size(), known.features);
            const double sum = std::accumulate(features.values.begin(), features.values.end(), 0.0);
            QVERIFY2(std::isnan(known.sum) || std::abs(sum - known.sum) < 1e-6 * known.sum, known.file);
        }
    }
};

RETICLE_TEST(TableFileTest)
#include "TableFileTest.moc"
