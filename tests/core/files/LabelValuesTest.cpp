#include "files/LabelValues.h"

#include "data/SegmentationData.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>
#include <limits>

using namespace reticle;
using namespace reticle::files;

namespace {

using Counts = std::map<std::int64_t, std::int64_t>;
using Names = std::vector<std::string>;

Array page(const std::vector<double> &values, DType dtype = DType::UInt8, std::int64_t width = 3)
{
    const auto n = static_cast<std::int64_t>(values.size());
    return Array::of<double>({n / width, width}, values).as(dtype);
}

/// As many pixels of each value as are given, `ends` of the first and last.
Counts range(std::int64_t from, std::int64_t to, std::int64_t each = 1, std::int64_t ends = 1)
{
    Counts c;
    for (auto v = from; v <= to; ++v)
        c[v] = v == from || v == to ? ends : each;
    return c;
}

} // namespace

class LabelValuesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsEveryType_data()
    {
        QTest::addColumn<int>("dtype");
        for (const auto d : {DType::UInt8, DType::Int8, DType::UInt16, DType::Int16, DType::UInt32, DType::Int32, DType::Int64,
                             DType::Float32, DType::Float64})
            QTest::newRow(std::string(nameOf(d)).c_str()) << static_cast<int>(d);
    }
    void countsEveryType()
    {
        QFETCH(int, dtype);
        QVERIFY((countLabels(page({0, 1, 1, 127, 0, 0}, static_cast<DType>(dtype)), "x") == Counts{{0, 3}, {1, 2}, {127, 1}}));
    }
    void countsToTheEdgesOfTheTypes()
    {
        QVERIFY((countLabels(page({-128, 127, -1}, DType::Int8), "x") == Counts{{-128, 1}, {-1, 1}, {127, 1}}));
        QVERIFY((countLabels(page({-32768, 32767, 0}, DType::Int16), "x") == Counts{{-32768, 1}, {0, 1}, {32767, 1}}));
        QVERIFY((countLabels(page({0, 65535, 65535}, DType::UInt16), "x") == Counts{{0, 1}, {65535, 2}}));
        QVERIFY((countLabels(page({0, 4294967295.0, 1}, DType::UInt32), "x") == Counts{{0, 1}, {1, 1}, {4294967295, 1}}));
        const auto maximum = std::numeric_limits<std::int64_t>::max();
        QVERIFY((countLabels(Array::of<std::int64_t>({1, 2}, std::vector<std::int64_t>{maximum, -maximum - 1}), "x") ==
                 Counts{{maximum, 1}, {-maximum - 1, 1}}));
        QVERIFY((countLabels(page({-0.0, 0.0, 2}, DType::Float32), "x") == Counts{{0, 2}, {2, 1}}));
        QVERIFY(countLabels(Array(DType::UInt8, {0, 3}), "x").empty());
    }
    void onlyWholeNumbersAreLabels()
    {
        EXPECT_ERROR(countLabels(page({0, 1, 0.5}, DType::Float32), "labels.npy: page 0"),
                     "labels.npy: page 0: expected labels that are whole numbers (classes 0, 1, 2, ... or a mask of 0 "
                     "and 255), found "
                     "0.5 at row 0, column 2; set a threshold to turn a map into two classes.");
        EXPECT_ERROR(countLabels(page({0, 1, 2, 3, NAN, 5}, DType::Float32), "x"), "found nan at row 1, column 1.");
        EXPECT_ERROR(countLabels(page({0, 1, INFINITY}, DType::Float64), "x"), "found inf at row 0, column 2");
        EXPECT_ERROR(countLabels(page({0, 1, 1e15}, DType::Float64), "x"), "at row 0, column 2");
    }
    void oneNumberAnObjectIsToldFromClasses()
    {
        std::vector<double> ids(4097);
        for (std::size_t i = 0; i < ids.size(); ++i)
            ids[i] = static_cast<double>(i) * 1000;
        EXPECT_ERROR(countLabels(page(ids, DType::Int32, 1), "labels.tif"),
                     "labels.tif: expected labels of at most 255 classes, found more than 4096 different values; these "
                     "look like instance labels");
        ids.pop_back();
        QCOMPARE(countLabels(page(ids, DType::Int32, 1), "x").size(), std::size_t(4096));
        EXPECT_ERROR(classesOf(range(0, 279), true, "labels.tif"), "found 279 different values; these look like instance labels");
    }

    /// An analysis has no threshold to set.
    void comparingNamesOnlyWhatCanBeDone()
    {
        const auto without = [](const auto &f, const char *way) {
            try {
                f();
            } catch (const Error &e) {
                const std::string text = e.what();
                return text.find("threshold") == std::string::npos && text.find(way) != std::string::npos;
            }
            return false;
        };
        QVERIFY(without(
            [] {
                countLabels(page({0, 1, 0.5}, DType::Float32), "x", LabelUse::Comparing);
            },
            "save the labels as whole numbers"));
        QVERIFY(without([] { comparedClasses(range(0, 300), true, "x"); }, "the analysis instances"));
        QVERIFY(
            without([] { requireSharp(range(0, 255, 1, 1000), "x", LabelUse::Comparing); }, "save the mask without smoothing"));
        std::vector<double> ids(4097);
        for (std::size_t i = 0; i < ids.size(); ++i)
            ids[i] = static_cast<double>(i);
        QVERIFY(without([&] { countLabels(page(ids, DType::Int32, 1), "x", LabelUse::Comparing); }, "the analysis instances"));
        EXPECT_ERROR(classesOf(range(0, 300), true, "x"), "set a threshold");
    }

    void valuesInWords()
    {
        QCOMPARE(valuesText(Counts{}), std::string());
        QCOMPARE(valuesText(Counts{{7, 1}}), std::string("7"));
        QCOMPARE(valuesText(Counts{{0, 1}, {255, 1}}), std::string("0 and 255"));
        QCOMPARE(valuesText(Counts{{0, 1}, {1, 1}, {255, 1}}), std::string("0, 1 and 255"));
        QCOMPARE(valuesText(range(0, 7)), std::string("0, 1, 2, 3, 4, 5, 6 and 7"));
        QCOMPARE(valuesText(range(0, 99)), std::string("0, 1, 2, 3, 4, 5, ... and 99"));
    }
    /// Any two values are a mask, 255 among them or not.
    void masksOfTwoValues()
    {
        for (const auto &[low, high] :
             {std::pair(0, 255), std::pair(0, 1), std::pair(3, 7), std::pair(254, 255), std::pair(0, 65535)}) {
            const Counts counts{{low, 10}, {high, 2}};
            const auto bright = classesOf(counts, true, "x"), dark = classesOf(counts, false, "x");
            QVERIFY(bright.two && dark.two && !bright.ignoring);
            QCOMPARE(bright.names, (Names{"background", "foreground"}));
            QCOMPARE(int(bright.index.at(low)), 0);
            QCOMPARE(int(bright.index.at(high)), 1);
            QCOMPARE(int(dark.index.at(low)), 1);
            QCOMPARE(int(dark.index.at(high)), 0);
            QCOMPARE(bright.text,
                     "labels " + valuesText(counts) + ": two classes (" + std::to_string(high) + " is the foreground)");
            QVERIFY(dark.text.find(std::to_string(low) + " is the foreground") != std::string::npos);
        }
    }
    void classesAndWhatIsIgnored()
    {
        const auto three = classesOf(Counts{{0, 5}, {5, 1}, {9, 1}, {255, 2}}, true, "x");
        QVERIFY(three.ignoring && !three.two);
        QCOMPARE(three.names, (Names{"0", "5", "9"}));
        QCOMPARE(int(three.index.at(9)), 2);
        QCOMPARE(int(three.index.at(255)), int(SegmentationData::ignore));
        QCOMPARE(three.text, std::string("labels 0, 5 and 9: 3 classes, 255 is ignored"));
        const auto two = classesOf(Counts{{0, 5}, {128, 1}, {255, 2}}, false, "x");
        QVERIFY(two.two && two.ignoring);
        QCOMPARE(int(two.index.at(0)), 1);
        QCOMPARE(int(two.index.at(255)), int(SegmentationData::ignore));
        // As many as there can be, with and without 255.
        QCOMPARE(classesOf(range(0, 254, 1), true, "x").names.size(), std::size_t(255));
        const auto all = classesOf(range(0, 255, 1), true, "x");
        QCOMPARE(all.names.size(), std::size_t(255));
        QVERIFY(all.ignoring);
        QCOMPARE(int(all.index.at(254)), 254);
        auto over = range(0, 254);
        over[256] = 1;
        EXPECT_ERROR(classesOf(over, true, "x"), "256 different values");
    }
    void labelsThatTeachNothing()
    {
        EXPECT_ERROR(classesOf(Counts{{7, 10}}, true, "labels.tif"),
                     "labels.tif: expected labels of at least two values, found only 7; these labels mark nothing");
        EXPECT_ERROR(classesOf(Counts{}, true, "x"), "expected labels of at least two values");
        EXPECT_ERROR(classesOf(Counts{{-1, 1}, {0, 1}, {1, 1}}, true, "x"), "expected labels of 0 or more, found -1");
        EXPECT_ERROR(classesOf(Counts{{-1, 1}, {255, 1}}, true, "x"), "expected labels of 0 or more");
    }
    /// Blurred, scaled or saved as JPEG: most pixels at the ends and a few of everything between.
    void softMasksAreToldFromClasses()
    {
        EXPECT_ERROR(classesOf(range(0, 255, 1, 1000), true, "x"),
                     "expected classes 0, 1, 2, ... or a mask of two values, found the values "
                     "0, 1, 2, 3, 4, 5, ... and 255, like a mask with soft edges; set a threshold");
        Counts few = range(0, 8, 1, 1000);
        for (int v = 247; v <= 255; ++v)
            few[v] = v == 255 ? 1000 : 1;
        EXPECT_ERROR(classesOf(few, true, "x"), "like a mask with soft edges");
    }
    /// 21 classes of which the background fills the picture, and 255 between the objects: no soft edges.
    void manyClassesBesideIgnoredPixels()
    {
        Counts many = range(0, 20, 10, 10);
        many[0] = 10000;
        many[255] = 800;
        const auto c = classesOf(many, true, "x");
        QCOMPARE(c.names.size(), std::size_t(21));
        QVERIFY(c.ignoring);
        Counts nineteen = range(0, 18, 100, 5000);
        nineteen[255] = 3000;
        QCOMPARE(classesOf(nineteen, true, "x").names.size(), std::size_t(19));
    }

    void oneValueIsEnoughForComparing()
    {
        const auto none = comparedClasses(Counts{{0, 5}}, true, "x"), all = comparedClasses(Counts{{7, 5}}, true, "x");
        QCOMPARE(int(none.index.at(0)), 0);
        QCOMPARE(none.text, std::string("labels 0: all background"));
        QCOMPARE(int(all.index.at(7)), 1);
        QCOMPARE(all.text, std::string("labels 7: all foreground"));
        QCOMPARE(int(comparedClasses(Counts{{0, 5}}, false, "x").index.at(0)), 1);
        QCOMPARE(int(comparedClasses(Counts{{7, 5}}, false, "x").index.at(7)), 0);
        QVERIFY(comparedClasses(Counts{}, true, "x").two);
        QCOMPARE(comparedClasses(Counts{{-3, 1}, {4, 1}, {9, 1}}, true, "x").names, (Names{"-3", "4", "9"}));
        EXPECT_ERROR(comparedClasses(range(0, 300), true, "x"), "at most 255 classes");
    }
    void areKeptWithAModel()
    {
        for (const auto &c :
             {classesOf(Counts{{0, 5}, {2, 1}}, false, "x"), classesOf(Counts{{0, 5}, {5, 1}, {9, 1}, {255, 2}}, true, "x")}) {
            const auto back = LabelClasses::fromJson(Json::parse(c.toJson().dump()));
            QVERIFY(back.index == c.index && back.names == c.names && back.values == c.values);
            QVERIFY(back.two == c.two && back.ignoring == c.ignoring);
        }
        QCOMPARE(
            classesOf(Counts{{0, 5}, {2, 1}}, false, "x").toJson().dump(),
            std::string(
                R"({"classes":[{"name":"background","values":[2]},{"name":"foreground","values":[0]}],"ignored":[],"threshold":0.0})"));
        for (const char *wrong :
             {"{}", "[]", R"({"classes":[],"ignored":[]})", R"({"classes":[{"name":"a"}],"ignored":[]})",
              R"({"classes":[{"name":"a","values":[]}],"ignored":[]})", R"({"classes":{"a":1},"ignored":[]})"})
            EXPECT_ERROR(LabelClasses::fromJson(Json::parse(wrong)), "labels");
        // An older model says its values in its names, of three classes and more.
        QCOMPARE(classesOfModel({{"classNames", {"0", "1", "3"}}}).values, (std::vector<std::int64_t>{0, 1, 3}));
        QVERIFY(classesOfModel({{"classNames", {"background", "foreground"}}}).names.empty());
        QVERIFY(classesOfModel(Json::object()).names.empty());
    }
    void fitOtherFiles()
    {
        std::string note;
        auto three = comparedClasses(Counts{{0, 1}, {1, 1}, {3, 1}}, true, "x");
        three.owner = "run 2";
        QVERIFY(!three.fitting(Counts{{0, 1}, {3, 1}}, note).index.count(255));
        QCOMPARE(int(three.fitting(Counts{{0, 1}, {3, 1}, {255, 4}}, note).index.at(255)), 255);
        QVERIFY(note.empty());
        // Where there is only one class besides, it may be a mask, which has no place among these classes: 255 is named.
        QCOMPARE(int(three.fitting(Counts{{1, 1}, {255, 1}}, note).index.at(255)), 255);
        QCOMPARE(note, std::string("255 is no class of run 2 (0, 1 and 3). These pixels are not compared."));
        note.clear();
        QVERIFY(!three.fitting(Counts{{255, 1}}, note).index.count(255));
        QVERIFY(note.empty());
        EXPECT_ERROR(three.fitting(Counts{{0, 1}, {7, 1}}, note).classesOf(page({0, 1, 3, 7, 0, 0}), "l.tif"),
                     "l.tif: The value 7 at row 1, column 0 belongs to no class of run 2: 0, 1 and 3.");
        const auto mask = comparedClasses(Counts{{0, 1}, {2, 1}}, true, "x");
        QCOMPARE(int(mask.fitting(Counts{{0, 1}, {255, 1}}, note).index.at(255)), 1);
        QCOMPARE(note, std::string("The file has the values 0 and 255, and the classes have 0 and 2. Reticle treats 255 as 2."));
        QVERIFY(!mask.fitting(Counts{{0, 1}, {7, 1}}, note).index.count(7));
        QVERIFY(!mask.fitting(Counts{{0, 1}, {1, 1}, {2, 1}}, note).index.count(1));
    }
    void classesAndValuesAreExchanged()
    {
        const auto c = comparedClasses(Counts{{0, 1}, {100, 1}, {200, 1}, {255, 1}}, true, "x");
        const auto file = page({0, 100, 200, 255, 100, 0});
        const auto classes = c.classesOf(file, "x");
        QVERIFY(classes == page({0, 1, 2, 255, 1, 0}));
        QVERIFY(c.valuesOf(classes) == file);
        QVERIFY(comparedClasses(Counts{{0, 1}, {65535, 1}}, true, "x").valuesOf(page({0, 1, 0})) ==
                page({0, 65535, 0}, DType::UInt16));
        QVERIFY(comparedClasses(Counts{{0, 1}, {70000, 1}}, true, "x").valuesOf(page({0, 1, 0})) ==
                page({0, 70000, 0}, DType::UInt32));
        QVERIFY(comparedClasses(Counts{{-1, 1}, {1, 1}}, true, "x").valuesOf(page({0, 1, 0})) ==
                page({-1, 1, -1}, DType::Float32));
        EXPECT_ERROR(c.classesOf(page({0, 0.5, 100}, DType::Float32), "x"), "The value 0.5 at row 0, column 1");
    }

    void grayLabelsStayAsTheyAre()
    {
        const Array a = page({0, 1, 2, 3, 4, 5}, DType::UInt16);
        QVERIFY(plainLabels(a, false, 0, "x") == a);
    }
    void coloredLabels()
    {
        Array rgb(DType::UInt8, {2, 3, 3});
        for (std::int64_t i = 0; i < rgb.size(); ++i)
            rgb.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 3 % 2);
        QVERIFY(plainLabels(rgb, false, 0, "x") == page({0, 1, 0, 1, 0, 1}));
        rgb.data<std::uint8_t>()[4 * 3 + 1] = 9;
        EXPECT_ERROR(plainLabels(rgb, false, 0, "labels.png"),
                     "labels.png: expected labels of one channel (a number per pixel), found colors at "
                     "row 1, column 1; save each class as a number: 0, 1, 2, ...");
        // Opacity is no color.
        Array grayAlpha(DType::Int32, {1, 3, 2}), rgba(DType::UInt8, {1, 2, 4});
        for (int i = 0; i < 6; ++i)
            grayAlpha.data<std::int32_t>()[i] = i % 2 ? 255 : i;
        QVERIFY(plainLabels(grayAlpha, true, 0, "x") == page({0, 2, 4}, DType::Int32));
        EXPECT_ERROR(plainLabels(grayAlpha, false, 0, "x"), "colors at row 0, column 0");
        for (int i = 0; i < 8; ++i)
            rgba.data<std::uint8_t>()[i] = i % 4 == 3 ? 200 : 7;
        QVERIFY(plainLabels(rgba, true, 0, "x") == page({7, 7}, DType::UInt8, 2));
    }
    void thresholdsMakeTwoClasses()
    {
        const auto mask = page({0, 255, 0, 255, 255, 0});
        QVERIFY(plainLabels(page({0, 128, 127, 255, 129, 1}), false, 128, "x") == mask);
        QVERIFY(plainLabels(page({0, 0.5, 0.49, 1, 7, -3}, DType::Float32), false, 0.5, "x") == mask);
        EXPECT_ERROR(plainLabels(page({0, NAN, 1}, DType::Float64), false, 0.5, "maps.npy"),
                     "maps.npy: expected labels without NaN, found NaN");
        Array rgb(DType::UInt8, {1, 2, 3});
        std::fill_n(rgb.data<std::uint8_t>() + 3, 3, std::uint8_t(200));
        QVERIFY(plainLabels(rgb, false, 128, "x") == page({0, 255}, DType::UInt8, 2));
    }
};

RETICLE_TEST(LabelValuesTest)
#include "LabelValuesTest.moc"
