#include "data/table/TableData.h"
#include "files/ImageWriter.h"
#include "foundation/Error.h"
#include "project/Recipe.h"
#include "protocol/Capabilities.h"
#include "support/TableFiles.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>

using namespace reticle;
using test::madeTable;

namespace {

const DataKind &kind()
{
    return Registry<DataKind>::instance().get("table").factory;
}

bool says(const std::vector<std::string> &sentences, const std::string &text)
{
    return std::any_of(sentences.begin(), sentences.end(), [&](const auto &s) { return s.find(text) != std::string::npos; });
}

/// Measured values with a class 0, 1 or 2 in the last column.
Array measured(std::int64_t rows, std::int64_t columns, bool classes)
{
    Array a(DType::Float64, {rows, columns});
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<double>()[i] = classes && i % columns == columns - 1 ? static_cast<double>(i / columns % 3)
                                                                    : 0.37 * static_cast<double>(i % 91) + 0.1;
    return a;
}

} // namespace

class TableKindTest : public QObject
{
    Q_OBJECT
    const test::TemporaryFolder m_folder;

    std::string file(const std::string &name, const std::string &bytes) const
    {
        test::writeAll(m_folder / name, bytes);
        return (m_folder / name).string();
    }
    std::string npy(const std::string &name, const Array &array) const
    {
        writeNpy(m_folder / name, array);
        return (m_folder / name).string();
    }

private Q_SLOTS:
    void tablesAreDetected()
    {
        const auto tabs = test::replaced(madeTable(), ",", "\t");
        for (const auto &path : {file("t.csv", madeTable()), file("T.CSV", madeTable()), file("t.tsv", tabs), file("t.txt", tabs),
                                 file("t.csv.gz", test::gzipped(madeTable())), file("t.tsv.gz", test::gzipped(tabs))}) {
            const auto d = detectData({path});
            QVERIFY2((d.data == Json{{"name", "table"}, {"table", path}, {"target", "species"}}), d.data.dump().c_str());
            QCOMPARE(d.path, path);
            QCOMPARE(d.sentence, std::string("A table of 30 rows and 4 columns: 2 of numbers, 1 of categories, and a target "
                                             "\"species\" of 3 classes."));
            QVERIFY2(d.problems.empty(), d.sentence.c_str());
            QVERIFY(d.confidence > 0 && d.confidence < 0.5); // below images
            QVERIFY(says(d.notes, "'species' is the target"));
            // What is found can be opened as it is.
            QCOMPARE(openDataset(Recipe(Json{{"data", d.data}}))->size(), std::int64_t(30));
        }
    }
    void detailsAreForAPage()
    {
        const auto d = kind().detect({file("details.csv", madeTable())});
        const Json &t = d.details.at("table");
        QCOMPARE(t.at("rows").get<int>(), 30);
        QCOMPARE(t.at("target").get<std::string>(), std::string("species"));
        QVERIFY((t.at("classes") ==
                 Json::array({{{"name", "a"}, {"rows", 10}}, {{"name", "b"}, {"rows", 10}}, {{"name", "c"}, {"rows", 10}}})));
        const Json &weight = t.at("columns").at(1), &color = t.at("columns").at(2);
        QCOMPARE(weight.at("name").get<std::string>(), std::string("weight"));
        QCOMPARE(weight.at("kind").get<std::string>(), std::string("number"));
        QCOMPARE(weight.at("smallest").get<double>(), 71.0);
        QCOMPARE(weight.at("largest").get<double>(), 100.0);
        QCOMPARE(color.at("kind").get<std::string>(), std::string("category"));
        QCOMPARE(color.at("values").get<int>(), 2);
        QVERIFY(!color.contains("smallest"));
        const auto input = kind().describeInput("table", (m_folder / "details.csv").string());
        QVERIFY(input.description.at("columns") == t.at("columns"));
        QVERIFY(kind().describeInput("groups", "animal").description.is_null());
        EXPECT_ERROR(kind().describeInput("table", (m_folder / "absent.csv").string()), "absent.csv");
    }
    void problemsAreSentences()
    {
        const auto ragged = detectData({file("ragged.csv", "a,b\n1,2\n3,4,5\n")});
        QVERIFY(ragged.confidence > 0 && says(ragged.problems, "ragged.csv: line 3"));
        QVERIFY((ragged.data == Json{{"name", "table"}, {"table", ragged.path}}));
        const auto missing = detectData({file("missing.csv", test::replaced(madeTable(), ",95,red", ",,red"))});
        QVERIFY(says(missing.problems, "row 6, column 'weight': the value is missing"));
        QCOMPARE(missing.sentence.find("A table of 30 rows"), std::size_t(0));
        const auto plain = detectData({file("plain.csv", "a,b\n0.5,1.5\n2.5,7.25\n3.5,8\n")});
        QCOMPARE(plain.sentence, std::string("A table of 3 rows and 2 columns: 2 of numbers."));
        QVERIFY(says(plain.problems, "a column of classes"));
        QVERIFY(says(detectData({file("empty.csv", "")}).problems, "empty.csv"));
        QVERIFY(says(detectData({file("cut.csv.gz", test::gzipped(madeTable()).substr(0, 60))}).problems, "whole gzip file"));
        const auto two = detectData({file("one.csv", madeTable()), file("two.csv", madeTable())});
        QCOMPARE(two.problems, std::vector<std::string>{"2 tables were dropped. Drop one of them at a time."});
    }
    void rareClassesAreStratified()
    {
        const auto test = TableData::of(TableFile::fromText(madeTable(), "t.csv"), {}, 1)->split().test;
        std::string text = "size,weight,color,species\n";
        std::size_t at = madeTable().find('\n') + 1;
        for (std::int64_t row = 0; row < 30; ++row) {
            const auto end = madeTable().find('\n', at);
            text += madeTable().substr(at, end - 1 - at) + (row == test.front() ? "rare" : madeTable().substr(end - 1, 1)) + "\n";
            at = end + 1;
        }
        const auto d = kind().detect({file("rare.csv", text)});
        QVERIFY(d.problems.empty());
        QVERIFY(d.data.at("stratify") == true);
        QVERIFY(says(d.notes, "split separately"));
        QCOMPARE(openDataset(Recipe(Json{{"data", d.data}}))->specs()[1].categories.size(), std::size_t(4));
    }
    void otherFilesAreLeftToOtherKinds()
    {
        for (const auto &paths : {std::vector<std::string>{},
                                  {file("notes.txt", "Dear all,\nthis is, as you see, a text.\n")},
                                  {file("one.txt", "1\n2\n3\n")},
                                  {file("ragged.txt", "a,b\n1,2,3\n")},
                                  {file("a.json", "{}")},
                                  {(m_folder / "absent.csv").string()},
                                  {m_folder.path().string()},
                                  {file("a.csv", madeTable()), file("b.png", "")}}) {
            const auto d = kind().detect(paths);
            QVERIFY2(d.data.is_null() && d.confidence == 0 && d.sentence.empty() && d.problems.empty(),
                     paths.empty() ? "" : paths[0].c_str());
        }
    }
    void arraysOfTwoAxesAreImagesOrTables()
    {
        const auto table = npy("table.npy", measured(40, 5, true));
        const auto found = detectData({table});
        QVERIFY((found.data == Json{{"name", "table"}, {"table", table}, {"target", "column 5"}}));
        QCOMPARE(found.sentence, std::string("A table of 40 rows and 5 columns: 4 of numbers, and a target \"column 5\" of 3 "
                                             "classes."));
        QVERIFY(says(found.notes, "could be an image as well"));
        QCOMPARE(openDataset(Recipe(Json{{"data", found.data}}))->size(), std::int64_t(40));
        // Images stay images, whatever their numbers.
        Array gray(DType::UInt8, {40, 5}), whole(DType::Float32, {40, 5}), mask(DType::Float64, {40, 40});
        for (std::int64_t i = 0; i < 200; ++i) {
            gray.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 5 == 4 ? i / 5 % 3 : i);
            whole.data<float>()[i] = static_cast<float>(i % 5 == 4 ? i / 5 % 3 : i);
        }
        for (std::int64_t i = 0; i < mask.size(); ++i)
            mask.data<double>()[i] = i % 40 > 10 && i % 40 < 30 ? 0.25 * static_cast<double>(i % 7) : 0;
        for (const auto &path : {npy("noise.npy", measured(40, 40, false)), npy("gray.npy", gray), npy("whole.npy", whole),
                                 npy("frame.npy", mask)}) {
            QVERIFY2((detectData({path}).data == Json{{"name", "images"}, {"images", path}}), path.c_str());
            const auto d = kind().detect({path}); // it can still be chosen
            QVERIFY(d.confidence > 0 && d.confidence < 0.5 && d.data.at("table") == path);
            QVERIFY(!d.sentence.empty());
        }
        QVERIFY(kind().detect({npy("stack.npy", Array(DType::Float64, {3, 40, 40}))}).data.is_null());
        QVERIFY(kind().detect({file("broken.npy", "\x93NUMPY")}).data.is_null());
    }
    void probesTellWhatExamplesHold()
    {
        const auto path = file("probe.csv", madeTable());
        for (const auto &options : {Json{{"table", path}}, Json{{"table", path}, {"target", "color"}},
                                    Json{{"table", path}, {"ignored-columns", "color"}, {"groups", "size"}}}) {
            const auto probed = kind().probe(options);
            const auto opened = kind().open(options, 1)->specs();
            QCOMPARE(probed.size(), opened.size());
            for (std::size_t i = 0; i < probed.size(); ++i)
                QVERIFY(probed[i].name == opened[i].name && probed[i].shape == opened[i].shape &&
                        probed[i].dtype == opened[i].dtype && probed[i].categories == opened[i].categories);
        }
        EXPECT_ERROR(kind().probe(Json::object()), "data.table: expected a CSV, TSV or .npy file");
        EXPECT_ERROR(kind().probe({{"table", path}, {"target", "specis"}}), "did you mean 'species'?");
    }
    void aRecipeIsSuggested()
    {
        const Json section{{"name", "table"}, {"table", "iris.csv"}, {"target", "species"}};
        const auto recipe = kind().suggestRecipe(section);
        QVERIFY(recipe.at("data") == section);
        QCOMPARE(recipe.at("model").at("name").get<std::string>(), std::string("mlp"));
        QCOMPARE(recipe.at("objective").at("name").get<std::string>(), std::string("classification"));
        QVERIFY(recipe.at("train").at("steps") > 0 && recipe.at("train").at("batch") > 0);
        QCOMPARE(kind().tasks, std::vector<std::string>{"classification"});
        QVERIFY(Capabilities::instance().isProvided("data", "table", "table"));
        QVERIFY(!Capabilities::instance().isProvided("data", "images", "table"));
    }
    void modelsOpenTheirDataAgain()
    {
        const auto path = file("model.csv", madeTable());
        const Json options = Registry<DataKind>::instance().get("table").schema.validate({{"table", path}, {"split-seed", 9}});
        const auto trained = kind().open(options, 1);
        std::vector<std::string> notes;
        const auto again = kind().openForModel(TableDataOptions::schema().info().validate({{"table", path}}), 2,
                                               {trained->keptWithModel(), "run 1"}, notes);
        QVERIFY(again->split().toJson() == trained->split().toJson());
        QVERIFY(notes.empty());
    }
    void tablesOfTheStudyAreDetected()
    {
        if (test::sharedData("tables").empty())
            QSKIP("needs shared/data");
        for (const auto &[name, sentence] :
             {std::pair{"iris.csv", "A table of 150 rows and 5 columns: 4 of numbers, and a target \"target\" of 3 classes."},
              {"wine_data.csv", "A table of 178 rows and 14 columns: 13 of numbers, and a target \"target\" of 3 classes."},
              {"digits.csv.gz", "A table of 1797 rows and 65 columns: 64 of numbers, and a target \"column 65\" of 10 classes."},
              {"breast_cancer.csv",
               "A table of 569 rows and 31 columns: 30 of numbers, and a target \"target\" of 2 classes."}}) {
            const auto d = detectData({test::sharedData(std::string("tables/") + name)});
            QCOMPARE(d.sentence, std::string(sentence));
            QVERIFY2(d.problems.empty(), name);
        }
    }
};

RETICLE_TEST(TableKindTest)
#include "TableKindTest.moc"
