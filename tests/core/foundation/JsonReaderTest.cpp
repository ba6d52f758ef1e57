#include "foundation/JsonReader_p.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>
#include <limits>

using namespace reticle;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// What is read of {"field": value} into a T that was `before`.
template <class T> T readOf(const Json &value, T before = {})
{
    const Json document{{"field", value}};
    JsonReader(document, "here").read("field", before);
    return before;
}

} // namespace

class JsonReaderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void numbersWithoutAPlaceInJson()
    {
        QVERIFY(numberToJson(1.5) == 1.5);
        QVERIFY(numberToJson(std::nan("")) == "nan");
        QVERIFY(numberToJson(inf) == "inf");
        QVERIFY(numberToJson(-inf) == "-inf");
        QVERIFY((numbersToJson({0, std::nan(""), -inf}) == Json{0.0, "nan", "-inf"}));
        QVERIFY(numbersToJson({}) == Json::array());
        QVERIFY(std::isnan(readOf<double>("nan")));
        QCOMPARE(readOf<double>("inf"), inf);
        QCOMPARE(readOf<double>("-inf"), -inf);
    }
    void onlyObjectsAreRead()
    {
        for (const auto &[text, found] :
             {std::pair("[1]", "a list"), std::pair("null", "null"), std::pair("3", "3"), std::pair("\"x\"", "\"x\"")}) {
            const Json json = Json::parse(text);
            EXPECT_ERROR(JsonReader(json, "figure x"), std::string("figure x: expected an object, found ") + found);
        }
    }
    void absentFieldsLeaveWhatIsThere()
    {
        const Json json{{"other", 1}};
        const JsonReader in(json, "here");
        std::string text = "kept";
        double number = 2;
        std::optional<double> perhaps = 3;
        int whole = 4;
        bool yes = true;
        std::vector<double> numbers{5};
        std::vector<std::string> texts{"six"};
        Array array(DType::UInt8, {7});
        in.read("field", text);
        in.read("field", number);
        in.read("field", perhaps);
        in.read("field", whole);
        in.read("field", yes);
        in.read("field", numbers);
        in.read("field", texts);
        in.read("field", array);
        in.each("field", [](const JsonReader &) { throw Error({"", "nothing", "a list", ""}); });
        in.child("field", [](const JsonReader &) { throw Error({"", "nothing", "a child", ""}); });
        QVERIFY(text == "kept" && number == 2 && perhaps == 3.0 && whole == 4 && yes && numbers[0] == 5 && texts[0] == "six" &&
                array.size() == 7);
        QVERIFY(in.has("other") && !in.has("field"));
        EXPECT_ERROR(in.need("field"), "here: expected a field \"field\", found none.");
        in.need("other");
    }
    void fieldsOfTheirType()
    {
        QCOMPARE(readOf<std::string>("x"), std::string("x"));
        QCOMPARE(readOf<double>(3), 3.0);
        QCOMPARE(readOf<std::optional<double>>(0.5).value(), 0.5);
        QCOMPARE(readOf<int>(-7), -7);
        QCOMPARE(readOf<bool>(true), true);
        QCOMPARE(readOf<std::vector<double>>(Json{1, 2.5, "inf"}, {9}), (std::vector<double>{1, 2.5, inf}));
        QCOMPARE(readOf<std::vector<std::string>>(Json{"a", ""}, {"z"}), (std::vector<std::string>{"a", ""}));
        QVERIFY(readOf<std::vector<double>>(Json::array(), {9}).empty());
        const Array a = Array::of<float>({2}, std::vector<float>{1, 2});
        QVERIFY(readOf<Array>(a.toJson(true)) == a);
        QVERIFY(readOf<Array>(a.toJson(false)) == a);
    }
    void fieldsOfAnotherType()
    {
        EXPECT_ERROR(readOf<std::string>(3), "here: field: expected text, found 3.");
        EXPECT_ERROR(readOf<std::string>(nullptr), "found null");
        EXPECT_ERROR(readOf<double>("three"), "here: field: expected a number, found \"three\".");
        EXPECT_ERROR(readOf<double>("NaN"), "expected a number, found \"NaN\"");
        EXPECT_ERROR(readOf<double>(true), "expected a number, found true");
        EXPECT_ERROR(readOf<std::optional<double>>(nullptr), "expected a number, found null");
        EXPECT_ERROR(readOf<int>(1.5), "here: field: expected a whole number, found 1.5.");
        EXPECT_ERROR(readOf<int>("1"), "expected a whole number, found \"1\"");
        EXPECT_ERROR(readOf<bool>(1), "here: field: expected true or false, found 1.");
        EXPECT_ERROR(readOf<std::vector<double>>(3), "here: field: expected a list of numbers, found 3.");
        EXPECT_ERROR(readOf<std::vector<double>>(Json{1, 2, "x"}), "here: field 3: expected a number, found \"x\".");
        EXPECT_ERROR(readOf<std::vector<double>>(Json::array({Json::array({1})})),
                     "here: field 1: expected a number, found a list.");
        EXPECT_ERROR(readOf<std::vector<std::string>>("a"), "here: field: expected a list of texts, found \"a\".");
        EXPECT_ERROR(readOf<std::vector<std::string>>(Json{"a", Json::object()}),
                     "here: field 2: expected text, found an object.");
        EXPECT_ERROR(readOf<Array>(Json{{"dtype", "float99"}, {"shape", {1}}, {"values", {1}}}), "here: field: ");
        EXPECT_ERROR(readOf<Array>(3), "here: field: array: expected an object with dtype, shape and values");
    }
    void wholeNumbersToTheirEdges()
    {
        QCOMPARE(readOf<int>(1000000000), 1000000000);
        QCOMPARE(readOf<int>(-1000000000), -1000000000);
        for (const char *text : {"1000000001", "-1000000001", "4294967296", "9223372036854775807", "-9223372036854775808",
                                 "9223372036854775808", "18446744073709551615"})
            EXPECT_ERROR(readOf<int>(Json::parse(text)),
                         std::string("expected a whole number from -1000000000 to 1000000000, found ") + text);
    }
    /// What was found is quoted in part, and as text even where it is none.
    void longValuesAreCutInSentences()
    {
        EXPECT_ERROR(readOf<double>(std::string(500, 'x')), "found \"" + std::string(39, 'x') + "….");
        // Not within a letter of several bytes.
        std::string umlauts;
        for (int i = 0; i < 100; ++i)
            umlauts += "\xc3\xa4";
        for (const char *before : {"", "x"})
            try {
                readOf<double>(before + umlauts);
                QFAIL("no error");
            } catch (const Error &e) {
                QVERIFY2(QString::fromUtf8(e.what()).toUtf8() == QByteArray(e.what()), e.what());
                QVERIFY(!QString::fromUtf8(e.what()).contains(QChar::ReplacementCharacter));
            }
        EXPECT_ERROR(readOf<double>(std::string("M\xfcnchen")), "expected a number, found \"M\xef\xbf\xbdnchen\"");
        EXPECT_ERROR(readOf<double>(Json::binary({1, 2, 3})), "found bytes");
        EXPECT_ERROR(readOf<Array>(Json{{"M\xfcnchen", 1}}), "expected an object with dtype, shape");
    }
    void unknownFieldsAreNamed()
    {
        const Json json{{"width", 1}, {"hight", 2}};
        const JsonReader in(json, "panel");
        in.only({"width", "hight"});
        EXPECT_ERROR(in.only({"width", "height"}),
                     "panel: expected only the fields width, height, found \"hight\"; did you mean height?");
        EXPECT_ERROR(in.only({"width", "color"}), "found \"hight\".");
        in.without("hight").only({"width"});
        EXPECT_ERROR(in.renamed("figure x").only({"width"}), "figure x: expected only the fields width");
        QVERIFY(in.without("hight").has("width"));
    }
    void versions()
    {
        const auto check = [](const Json &json, int version) { JsonReader(json, "figure").version("figure", version); };
        check(Json{{"figure", 1}}, 1);
        check(Json{{"figure", 1}}, 3);
        check(Json{{"figure", 3}}, 3);
        EXPECT_ERROR(check(Json{{"figure", 4}}, 3),
                     "figure: expected version 1 to 3, found version 4; open it with a newer Reticle");
        EXPECT_ERROR(check(Json{{"figure", 2}}, 1), "expected version 1, found version 2");
        EXPECT_ERROR(check(Json{{"figure", 0}}, 1), "found version 0; the document is broken");
        EXPECT_ERROR(check(Json{{"figure", -1}}, 1), "the document is broken");
        EXPECT_ERROR(check(Json{{"figure", "1"}}, 1), "figure: figure: expected a whole number");
        EXPECT_ERROR(check(Json::object(), 1), "expected a field \"figure\", found none");
    }
    void listsAndChildrenTellTheirPath()
    {
        const Json json =
            Json::parse(R"({"panels": [{"a": 1}, {"a": "x"}], "series": [{"a": "x"}], "axis": {"a": "x"}, "bad": [3]})");
        const JsonReader in(json, "figure f");
        std::vector<double> seen;
        const auto readA = [&](const JsonReader &r) {
            double a = 0;
            r.read("a", a);
            seen.push_back(a);
        };
        EXPECT_ERROR(in.each("panels", readA), "figure f: panel 2: a: expected a number, found \"x\"");
        QCOMPARE(seen, (std::vector<double>{1}));
        EXPECT_ERROR(in.each("series", readA), "figure f: series 1: a: expected a number");
        EXPECT_ERROR(in.child("axis", readA), "figure f: axis: a: expected a number");
        EXPECT_ERROR(in.each("axis", readA), "figure f: axis: expected a list, found an object");
        EXPECT_ERROR(in.each("bad", readA), "figure f: bad 1: expected an object, found 3");
        EXPECT_ERROR(in.child("bad", readA), "figure f: bad: expected an object, found a list");
        EXPECT_ERROR(in.within("axis",
                               [](const Json &) {
                                   throw Error({"row 3", "a number", "none", ""});
                               }),
                     "figure f: axis: row 3: expected a number, found none.");
        EXPECT_ERROR(in.refuse("", "x", "y"), "figure f: expected x, found y.");
        EXPECT_ERROR(in.refuse("key", "x", "y"), "figure f: key: expected x, found y.");
    }
};

RETICLE_TEST(JsonReaderTest)
#include "JsonReaderTest.moc"
