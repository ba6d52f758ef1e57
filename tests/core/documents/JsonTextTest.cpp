#include "documents/JsonText.h"

#include "foundation/Error.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace reticle;

class JsonTextTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsJson()
    {
        QVERIFY(readJson(R"( {"b": [1, -2.5e3, "x\u00e4", true, null], "a": {}} )", "r") ==
                (Json{{"b", {1, -2500.0, "x\u00e4", true, nullptr}}, {"a", Json::object()}}));
        QVERIFY(tryJson("[1]") == Json{1});
        QVERIFY(tryJson("[1").is_discarded());
    }
    void errorsNameThePlace()
    {
        EXPECT_ERROR(readJson("{\n \"a\": 1,\n}", "r.json"), "r.json: line 3, column 1: expected JSON, found a syntax error");
        EXPECT_ERROR(readJson("{\"a\": 1", "r.json"), "r.json: line 1, column 8: expected JSON, found the end of the file");
        EXPECT_ERROR(readJson("", "r.json"), "the end of the file");
        EXPECT_ERROR(readJson("nonsense", ""), "line 1, column 2: expected JSON");
    }
    void numbersThatJsonDoesNotHave()
    {
        for (const char *number : {"1e999", "-1e999", "1e400"})
            EXPECT_ERROR(readJson("{\"a\": " + std::string(number) + "}", "r"),
                         "found the number " + std::string(number) + ", which is too large");
        for (const char *word : {"NaN", "Infinity", "nan", "inf"})
            EXPECT_ERROR(readJson("{\"a\": " + std::string(word) + "}", "r"),
                         "found \"" + std::string(word) + "\" as a number; write a finite number");
        EXPECT_ERROR(readJson("{\"a\": -Infinity}", "r"), "expected JSON, found");
        QCOMPARE(readJson("1e-999", "r").get<double>(), 0.0);
    }
    void aFieldTwiceIsRefused()
    {
        EXPECT_ERROR(readJson(R"({"seed": 1, "seed": 2})", "r"), "r: expected JSON, found the field \"seed\" twice");
        EXPECT_ERROR(readJson(R"({"a": {"b": 1, "c": 2, "b": 1}})", "r"), "the field \"b\" twice");
        QVERIFY(readJson(R"([{"a": 1}, {"a": 2}])", "r").is_array());
    }
    void deepNestingIsRefused()
    {
        for (const auto &[open, close] : {std::pair("[", "]"), std::pair("{\"a\":", "}")}) {
            std::string deep, end;
            for (int i = 0; i < 100; ++i) {
                deep += open;
                end += close;
            }
            readJson(deep + "1" + end, "r");
            EXPECT_ERROR(readJson(open + deep + "1" + end + close, "r"), "more than 100 levels of nesting");
        }
        std::string endless;
        for (int i = 0; i < 1000000; ++i)
            endless += "[";
        EXPECT_ERROR(readJson(endless, "r"), "levels of nesting");
    }
    void textThatIsNotUtf8IsRefused()
    {
        EXPECT_ERROR(readJson("{\"a\": \"caf\xe9\"}", "r"), "a byte that is not UTF-8; save the file as UTF-8");
        EXPECT_ERROR(readJson(std::string("{\"a\0\": 1}", 9), "r"), "a syntax error");
        QCOMPARE(readJson("\"\\u0000x\"", "r").get<std::string>().size(), std::size_t(2));
    }

    void filesAreRead()
    {
        const test::TemporaryFolder folder;
        std::ofstream(folder / "a.json") << "[1]";
        QCOMPARE(readTextFile((folder / "a.json").string(), "a recipe"), std::string("[1]"));
        EXPECT_ERROR(readTextFile((folder / "b.json").string(), "a recipe"), "b.json: expected a recipe, found no file");
        EXPECT_ERROR(readTextFile((folder / "a.json" / "c").string(), "a recipe"), "found no file");
        EXPECT_ERROR(readTextFile(folder.path().string(), "a recipe"), "found a folder");
        EXPECT_ERROR(readTextFile("/dev/zero", "a recipe"), "found a device");
    }
    void pipesAreReadAndDoNotHoldUp()
    {
        const test::TemporaryFolder folder;
        const auto pipe = folder / "pipe";
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        QCOMPARE(readTextFile(pipe.string(), "a recipe"), std::string()); // nobody writes
        std::array<int, 2> ends{};
        QCOMPARE(::pipe(ends.data()), 0);
        std::thread writer([&] {
            [[maybe_unused]] const auto n = ::write(ends[1], "[2]", 3);
            ::close(ends[1]);
        });
        QCOMPARE(readTextFile("/dev/fd/" + std::to_string(ends[0]), "a recipe"), std::string("[2]"));
        writer.join();
        ::close(ends[0]);
    }
};

RETICLE_TEST(JsonTextTest)
#include "JsonTextTest.moc"
