#include "figure/Figure.h"

#include "foundation/Error.h"
#include "support/SampleFigures.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <set>

using namespace reticle;
namespace fs = std::filesystem;

namespace {

Table table(const std::string &title)
{
    Table t;
    t.title = title;
    t.columns = {{"a", "px", std::vector<double>{1.5, test::nan}, -1}};
    return t;
}

Figure figure(const std::string &name)
{
    Figure f = test::curves();
    f.name = name;
    return f;
}

Result sample()
{
    Result r;
    r.name = "scores";
    r.summary = "It works.";
    r.values["dice"] = 0.5;
    r.tables = {table("Per image: scores"), table("Per image: scores")};
    r.figures = {test::curves(), test::everything()};
    r.warnings = {"careful"};
    return r;
}

std::set<std::string> namesIn(const fs::path &folder)
{
    std::set<std::string> names;
    for (const auto &e : fs::directory_iterator(folder))
        names.insert(e.path().filename().string());
    return names;
}

} // namespace

class ResultTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFieldSurvivesTheRoundTrip()
    {
        const Result result = sample();
        for (const bool text : {true, false}) {
            const Json json = result.toJson(text);
            QVERIFY(json.at("result") == 2);
            const Result back = Result::fromJson(text ? Json::parse(json.dump()) : Json::from_cbor(Json::to_cbor(json)));
            QVERIFY(back.toJson(text) == json);
            QCOMPARE(back.name, result.name);
            QCOMPARE(back.summary, result.summary);
            QCOMPARE(back.warnings, result.warnings);
            QCOMPARE(back.tables.size(), std::size_t(2));
            QCOMPARE(back.figures[1].panels.size(), result.figures[1].panels.size());
        }
        const Result none = Result::fromJson(Json{{"result", 1}}); // of a time when nothing else was said
        QVERIFY(none.values == Json::object() && none.tables.empty() && none.figures.empty());
    }
    void brokenDocumentsAreRefused()
    {
        const auto with = [](const char *pointer, Json value) {
            Json broken = sample().toJson();
            broken[Json::json_pointer(pointer)] = std::move(value);
            return broken;
        };
        EXPECT_ERROR(Result::fromJson(Json::array()), "result: expected an object, found a list");
        EXPECT_ERROR(Result::fromJson(Json::object()), "result: expected a field \"result\", found none");
        EXPECT_ERROR(Result::fromJson(with("/result", 7)),
                     "expected version 1 to 2, found version 7; open it with a newer Reticle");
        EXPECT_ERROR(Result::fromJson(with("/result", 0)), "found version 0; the document is broken");
        EXPECT_ERROR(Result::fromJson(with("/result", "two")), "result: result: expected a whole number, found \"two\"");
        EXPECT_ERROR(Result::fromJson(with("/sumary", "x")), "found \"sumary\"; did you mean summary?");
        EXPECT_ERROR(Result::fromJson(with("/name", 3)), "result: name: expected text, found 3");
        EXPECT_ERROR(Result::fromJson(with("/values", 3)), "result: values: expected an object, found 3");
        EXPECT_ERROR(Result::fromJson(with("/values", Json::array())), "result: values: expected an object, found a list");
        EXPECT_ERROR(Result::fromJson(with("/warnings/0", 3)), "result: warnings 1: expected text, found 3");
        EXPECT_ERROR(Result::fromJson(with("/tables", "none")), "result: tables: expected a list, found \"none\"");
        EXPECT_ERROR(Result::fromJson(with("/tables/1/columns/0/type", "odd")),
                     "result: tables: 2: table: column \"a\": type: expected real, integer or text, found \"odd\"");
        EXPECT_ERROR(Result::fromJson(with("/figures", 3)), "result: figures: expected a list, found 3");
        EXPECT_ERROR(Result::fromJson(with("/figures/1/panels/0/content/series/0/x/3", "many")),
                     "result: figures: 2: figure everything: panel 1: content: series 1: x 4: expected a number");
    }
    void isSavedWithItsTablesAndFigures()
    {
        const test::TemporaryFolder folder;
        Result result = sample();
        result.figures = {test::curves(), test::curves()};
        result.save((folder / "deep").string() + "/er");
        QVERIFY((namesIn(folder / "deep/er") == std::set<std::string>{"result.json", "curves.figure.json", "curves-2.figure.json",
                                                                      "per-image-scores.csv", "per-image-scores-2.csv"}));
        const Result back = Result::fromJson(Json::parse(test::readAll(folder / "deep/er/result.json")));
        QVERIFY(back.toJson() == result.toJson());
        QCOMPARE(test::readAll(folder / "deep/er/per-image-scores.csv"), std::string("a [px]\n1.5\nnan\n"));
        const Json saved = Json::parse(test::readAll(folder / "deep/er/curves-2.figure.json"));
        QVERIFY(Figure::fromJson(saved).toJson() == test::curves().toJson());
        // Again in the same folder: replaced, not doubled.
        result.summary = "It works better.";
        result.save((folder / "deep/er").string());
        QCOMPARE(namesIn(folder / "deep/er").size(), std::size_t(5));
        QCOMPARE(Result::fromJson(Json::parse(test::readAll(folder / "deep/er/result.json"))).summary,
                 std::string("It works better."));
        EXPECT_ERROR(result.save("/proc/none/there"), "/proc/none/there: ");
        EXPECT_ERROR(result.save("/proc/none/there"), "cannot be ");
    }
    /// Made of letters, digits and dashes, never twice the same, never outside the folder.
    void titlesBecomeFileNames()
    {
        const test::TemporaryFolder folder;
        Result result;
        result.tables = {table(""),
                         table("  --- "),
                         table("../../Up & Away!"),
                         table("Result"),
                         table("\xc3\x84re\xc3\xa4"),
                         table(std::string(400, 'x'))};
        result.figures = {figure(""), figure("result"), figure("table"), figure("a/b\\c"), figure(std::string(400, 'y'))};
        result.save((folder / "r").string());
        const auto names = namesIn(folder / "r");
        QCOMPARE(namesIn(folder.path()).size(), std::size_t(1));
        QCOMPARE(names.size(), std::size_t(12));
        for (const char *name : {"table.csv", "table-2.csv", "up-away.csv", "result-2.csv", "re.csv", "figure.figure.json",
                                 "result-2.figure.json", "table.figure.json", "a-b-c.figure.json", "result.json"})
            QVERIFY2(names.count(name), name);
    }
    void savedFilesAreToBeRead()
    {
        const test::TemporaryFolder folder;
        Result result = sample();
        result.values = Json{{"list", {1, 2, 3}}, {"none", Json::array()}, {"inner", {{"a", {{"b", 1}}}}}};
        result.save(folder.path().string());
        const std::string text = test::readAll(folder / "result.json");
        QVERIFY(text.find("\n  \"list\": [1,2,3],\n  \"none\": [],\n  \"inner\": {\n   \"a\": {\n    \"b\": 1\n   }\n  }\n") !=
                std::string::npos);
        QCOMPARE(text.back(), '\n');
    }
    /// A name that a file brought along from a disk of another encoding.
    void bytesThatAreNoTextAreReplaced()
    {
        const test::TemporaryFolder folder;
        Result result;
        result.name = "scores";
        result.summary = "Of M\xfcnchen.tif";
        result.values["\xfc"] = 1;
        result.save(folder.path().string());
        QCOMPARE(Result::fromJson(Json::parse(test::readAll(folder / "result.json"))).summary,
                 std::string("Of M\xef\xbf\xbdnchen.tif"));
    }
};

RETICLE_TEST(ResultTest)
#include "ResultTest.moc"
