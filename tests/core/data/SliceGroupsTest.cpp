#include "data/SliceGroups.h"

#include "files/ImageWriter.h"
#include "foundation/Error.h"
#include "support/OpenData.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <algorithm>
#include <set>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

using Groups = std::vector<std::string>;

std::vector<std::int64_t> first(std::int64_t n)
{
    std::vector<std::int64_t> all;
    for (std::int64_t i = 0; i < n; ++i)
        all.push_back(i);
    return all;
}

SliceNames stack(std::int64_t n)
{
    return {{}, n};
}

SliceNames folder(std::vector<std::string> files)
{
    const auto n = static_cast<std::int64_t>(files.size());
    return {std::move(files), n};
}

SliceGroups read(const std::string &text, const SliceNames &slices, const std::string &column = {})
{
    return sliceGroupsFrom(text, "/data/groups.csv", column, slices, first(slices.count));
}

} // namespace

class SliceGroupsTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;
    const SliceNames m_three = folder({"a.tif", "b.tif", "c.tif"});

private Q_SLOTS:
    void slicesOfAStackAreCountedFromZero()
    {
        const auto g = read("slice,animal\n0,m1\n1,m1\n2,m2\n", stack(3));
        QCOMPARE(g.of, (Groups{"m1", "m1", "m2"}));
        QCOMPARE(g.column, std::string("animal"));
        QCOMPARE(g.table, std::string("groups.csv"));
        QVERIFY(g.notes.empty());
        QCOMPARE(g.textOf({0, 1, 2}), std::string("2 groups by the column \"animal\" of groups.csv"));
        QCOMPARE(g.textOf({0, 1}), std::string("1 group by the column \"animal\" of groups.csv"));
        QCOMPARE(read("slice,animal\n0.0,m1\n01,m1\n2.00,m2\n", stack(3)).of, g.of); // as pandas and others write numbers
        // One that counts from 1 says so by its last number; none is taken for another.
        EXPECT_ERROR(
            read("slice,animal\n1,m1\n2,m1\n3,m2\n", stack(3)),
            "/data/groups.csv: line 4: expected slice numbers from 0 to 2, as in the window, found \"3\"; if the table counts "
            "from 1, subtract 1 from each number");
        EXPECT_ERROR(read("slice,animal\na.tif,m1\n", stack(3)), "call slices of a stack by their number");
        for (const char *wrong : {"-1", "1.5", "1e0", "0x1", "99999999999999999999", "1 2"})
            EXPECT_ERROR(read("slice,animal\n" + std::string(wrong) + ",m1\n", stack(3)), "line 2: expected slice numbers");
    }
    void picturesOfAFolderGoByTheirNames_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char *name : {"cell_07.ome.tif", "cell_07", "cell_07.png", "CELL_07", "cell_7", "Cell_007.tif",
                                 "images/cell_07.ome.tif", "C:\\data\\cell_07.tif", "\"cell_07\"", " cell_07 "})
            QTest::newRow(name) << QByteArray(name);
    }
    void picturesOfAFolderGoByTheirNames()
    {
        QFETCH(QByteArray, name);
        const auto g = read("image,patient\nother,p\n" + name.toStdString() + ",q\n", folder({"cell_07.ome.tif", "other.tif"}));
        QCOMPARE(g.of, (Groups{"q", "p"}));
    }
    void theNameAsItIsWrittenGoesFirst()
    {
        QCOMPARE(read("image,patient\na.tif,1\na.png,2\nA.tif,3\n", folder({"a.tif", "a.png", "A.tif"})).of,
                 (Groups{"1", "2", "3"}));
        QCOMPARE(read("image,patient\ns1,1\ns01,2\n", folder({"s1.tif", "s01.tif"})).of, (Groups{"1", "2"}));
        EXPECT_ERROR(
            read("image,patient\na,1\n", folder({"a.tif", "a.png"})),
            "line 2: expected the name of one picture, found \"a\", which several files are called; write the name with its "
            "extension");
    }
    void allPagesOfAFileAreInItsGroup()
    {
        QCOMPARE(read("file,patient\nx,1\ny,2\n", folder({"x.tif", "x.tif", "y.tif"})).of, (Groups{"1", "1", "2"}));
    }
    void columnsAreFoundByTheirNames_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("rest");
        QTest::addColumn<QByteArray>("column");
        // Values: the picture, a group, and a number of no meaning that names pictures of a stack as well.
        for (const char *group : {"group", "Patient", "patient_id", "Animal No", "Subject-ID", "DONOR", "mouse number", "dish"})
            QTest::newRow(group) << QByteArray("image,") + group + ",age" << QByteArray() << QByteArray(group);
        for (const char *picture : {"Image", "file name", "slice", "Picture", "z", "frame", "path"})
            QTest::newRow(picture) << QByteArray(picture) + ",cohort" << QByteArray() << QByteArray("cohort");
        QTest::newRow("the one left") << QByteArray("what,cohort") << QByteArray() << QByteArray("cohort");
        QTest::newRow("an index without a name") << QByteArray(",image,cohort") << QByteArray("7,") << QByteArray("cohort");
    }
    void columnsAreFoundByTheirNames()
    {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, rest);
        QFETCH(QByteArray, column);
        std::string text = header.toStdString() + "\n";
        for (const char *name : {"a.tif,g1", "b.tif,g2", "c.tif,g1"})
            text += rest.toStdString() + name + (header.endsWith("age") ? ",1\n" : "\n");
        const auto g = read(text, m_three);
        QCOMPARE(g.of, (Groups{"g1", "g2", "g1"}));
        QCOMPARE(g.column, column.toStdString());
    }
    void aColumnIsChosen()
    {
        const std::string text = "image,Patient,animal\na,1,x\nb,1,y\nc,2,z\n";
        EXPECT_ERROR(read(text, m_three),
                     "data.group-column: expected the name of the column that holds the groups, found none; groups.csv has 2 "
                     "columns that may hold them: \"Patient\", \"animal\"");
        QCOMPARE(read(text, m_three, "animal").of, (Groups{"x", "y", "z"}));
        QCOMPARE(read(text, m_three, "patient").of, (Groups{"1", "1", "2"})); // whatever the case, where none is exact
        EXPECT_ERROR(read(text, m_three, "animals"),
                     "data.group-column: expected one of the columns \"image\", \"Patient\", \"animal\" of "
                     "groups.csv, found \"animals\"; did you mean \"animal\"?");
        EXPECT_ERROR(read("image,age,kind\na,1,x\n", m_three), "\"age\", \"kind\"");
        // A column of names that is chosen as the groups leaves the names to another.
        QCOMPARE(read("id,name\na,x\nb,x\nc,y\n", m_three, "name").of, (Groups{"x", "x", "y"}));
    }
    void ofSeveralColumnsOfNamesTheOneThatNamesMost()
    {
        const auto g = read("path,file,patient\n1,a,p\n2,b,p\n3,c,q\n", m_three);
        QCOMPARE(g.of, (Groups{"p", "p", "q"}));
        QCOMPARE(read("id,nr,patient\nx,0,p\ny,1,p\nz,2,q\n", stack(3)).of, (Groups{"p", "p", "q"}));
    }
    void semicolonsQuotesAndAByteOrderMark()
    {
        QCOMPARE(read("\xef\xbb\xbf\"image\";\"patient\"\r\na;\"Doe; J\"\r\nb;Müller\r\nc;Müller\r\n", m_three).of,
                 (Groups{"Doe; J", "Müller", "Müller"}));
        EXPECT_ERROR(read("image;patient\na;M\xfcller\n", m_three),
                     "found the byte 0xFC in line 2, which is another encoding; save the table as "
                     "CSV in UTF-8");
    }
    void whatIsNoTableOfGroups()
    {
        EXPECT_ERROR(read("", m_three),
                     "/data/groups.csv: expected a table whose first line holds the column names, found an empty file");
        EXPECT_ERROR(read("patient\np\n", m_three),
                     "/data/groups.csv: expected at least two columns, one that names the picture and one that "
                     "names its group, found one, \"patient\"");
        EXPECT_ERROR(read("image,\na,p\n", m_three), "found one, \"image\"");
        EXPECT_ERROR(read("image,patient\n", m_three), "expected a line for each picture below the column names, found none");
        EXPECT_ERROR(read("a.tif,p\nb.tif,p\nc.tif,q\n", m_three),
                     "expected column names, such as image and patient, found \"a.tif\" in the first line, which names a "
                     "picture; put a line "
                     "with the column names above it");
        EXPECT_ERROR(read("0;p\n1;q\n", stack(3)), "found \"0\" in the first line");
        QCOMPARE(read("image,patient\nimage,p\n", folder({"image.tif"})).of, (Groups{"p"})); // a picture may be called so
    }
    void pictures()
    {
        EXPECT_ERROR(read("image,patient\nx,p\ny,p\nz,p\nw,p\nv,p\n", m_three),
                     "/data/groups.csv: expected names of the data's pictures, such as \"a.tif\" in the column \"image\", found "
                     "\"x\", \"y\", \"z\" and "
                     "2 more; check that the table belongs to these images");
        EXPECT_ERROR(
            read("image,patient\nb,p\n", m_three),
            "expected a group for every picture, found none for \"a.tif\", \"c.tif\"; add lines for them, or leave them out with "
            "data.only-slices");
        EXPECT_ERROR(read("slice,patient\n0,p\n2,p\n", stack(9)),
                     "expected a group for every slice, found none for slices 1, 3, 4 and 4 more");
        EXPECT_ERROR(read("slice,patient\n0,p\n", stack(2)), "found none for slice 1;");
        // Slices that are not used need none.
        QCOMPARE(sliceGroupsFrom("slice,patient\n0,p\n2,q\n1,\n", "g.csv", {}, stack(4), {0, 2}).of, (Groups{"p", "", "q", ""}));
        // Lines of other pictures are told, and do no harm.
        const auto g = read("image,patient\na,p\nx.tif,r\nb,p\nc,q\n", m_three);
        QCOMPARE(g.of, (Groups{"p", "p", "q"}));
        QCOMPARE(g.notes, (Groups{"1 line of groups.csv names no picture of the data and is ignored: \"x.tif\"."}));
        QCOMPARE(read("image,patient\na,p\nx,\ny,r\nb,p\nc,q\n", m_three).notes,
                 (Groups{"2 lines of groups.csv name no picture of the data and are ignored: \"x\", \"y\"."}));
    }
    void emptyCells()
    {
        EXPECT_ERROR(read("image,patient\na,p\nb,\nc,q\n", m_three),
                     "/data/groups.csv: line 3: expected a group for \"b\" in the column \"patient\", found an empty cell");
        EXPECT_ERROR(read("image,patient\na,p\n  ,p\nc,q\n", m_three),
                     "line 3: expected the name of a picture in the column \"image\", found an empty cell");
    }
    void aPictureHasOneGroup()
    {
        QCOMPARE(read("image,patient\na,p\na.tif,p\nb,p\nc,q\n", m_three).of, (Groups{"p", "p", "q"})); // twice the same
        EXPECT_ERROR(read("image,patient\na,p\nb,p\nc,q\na.tif,q\n", m_three),
                     "/data/groups.csv: line 5: expected the group \"p\" of line 2 for \"a.tif\" again, found \"q\"; give each "
                     "picture one group");
    }
    void oneGroupHasOneSpelling()
    {
        EXPECT_ERROR(read("image,patient\na,Mouse 1\nb,mouse1\nc,q\n", m_three),
                     "line 3: expected groups whose names differ in more than letter case and spaces, found \"mouse1\" and, in "
                     "line 2, \"Mouse 1\"");
        QCOMPARE(read("image,patient\na,m1\nb,m01\nc,m-1\n", m_three).of, (Groups{"m1", "m01", "m-1"}));
    }
    void namesAreInNaturalOrder()
    {
        const auto g = read("slice,patient\n0,m10\n1,m2\n2,m10\n3,m1\n", stack(4));
        QCOMPARE(g.among({0, 1, 2, 3}), (Groups{"m1", "m2", "m10"}));
        QCOMPARE(g.among({2, 0}), (Groups{"m10"}));
        QVERIFY(g.among({}).empty());
    }
    void filesThatCannotBeRead()
    {
        const auto path = m_folder / "groups.csv";
        EXPECT_ERROR(readSliceGroups(path, {}, stack(2), {0, 1}),
                     "groups.csv: expected a table of groups (CSV or TSV), found no file");
        EXPECT_ERROR(readSliceGroups(m_folder.part(), {}, stack(2), {0, 1}), "found a folder");
        EXPECT_ERROR(groupTableInfo(path), "found no file");
        test::writeAll(path, "slice,patient\n0,p\n1,q\n");
        QCOMPARE(readSliceGroups(path, {}, stack(2), {0, 1}).of, (Groups{"p", "q"}));
        QVERIFY((groupTableInfo(path) == Json{{"columns", {"slice", "patient"}}, {"rows", 2}}));
        test::writeAll(path, "slice,patient\n0,\"p\n");
        EXPECT_ERROR(groupTableInfo(path), path.string() + ": line 2: expected a closing quotation mark");
    }
    void aDataSetIsSplitByGroups()
    {
        const auto images = m_folder.part(), labels = m_folder.part();
        Array page(DType::UInt8, {6, 8});
        std::string table = "file\tmouse\n";
        for (int i = 0; i < 12; ++i) {
            page.data<std::uint8_t>()[i] = 255;
            writeNpy(images / ("c" + std::to_string(i) + ".npy"), page);
            writeNpy(labels / ("c" + std::to_string(i) + ".npy"), page);
            table += "c" + std::to_string(i) + "\tm" + std::to_string(i % 4) + "\n";
        }
        test::writeAll(m_folder / "mice.tsv", table + "other\tm9\n");
        Json options{{"images", images.string()},
                     {"labels", labels.string()},
                     {"groups", (m_folder / "mice.tsv").string()},
                     {"validation-fraction", 0.25},
                     {"test-fraction", 0.25}};
        const auto data = test::openData("segmentation", options, 5);
        const auto &split = data->split();
        QCOMPARE(split.validation.size(), std::size_t(3));
        QCOMPARE(split.test.size(), std::size_t(3));
        QCOMPARE(split.training.size(), std::size_t(6));
        std::set<std::int64_t> mice; // c0, c4, c8 are of one
        for (const auto s : split.test)
            mice.insert(s % 4);
        QCOMPARE(mice.size(), std::size_t(1));
        const Json parts = data->groupsOfParts();
        QCOMPARE(parts["column"].get<std::string>(), std::string("mouse"));
        QVERIFY(parts["test"] == Json::array({"m" + std::to_string(*mice.begin())}));
        QCOMPARE(parts["training"].size(), std::size_t(2));
        QVERIFY2(data->description().find("4 groups by the column \"mouse\" of mice.tsv") != std::string::npos,
                 data->description().c_str());
        QCOMPARE(data->notes(), (Groups{"1 line of mice.tsv names no picture of the data and is ignored: \"other\"."}));
        // The same data without labels, and without a table.
        options.erase("labels");
        QVERIFY(test::openData("images", options, 5)->split().toJson() == split.toJson());
        options.erase("groups");
        const auto plain = test::openData("images", options, 5);
        QVERIFY(plain->groupsOfParts().is_null() && plain->groups().of.empty());
        options["groups"] = (m_folder / "none.csv").string();
        EXPECT_ERROR(test::openData("images", options, 5), "none.csv: expected a table of groups (CSV or TSV), found no file");
    }
};

RETICLE_TEST(SliceGroupsTest)
#include "SliceGroupsTest.moc"
