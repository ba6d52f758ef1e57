#include "files/PredictionValues.h"

#include "foundation/Error.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace reticle;
using namespace reticle::files;

namespace {

using Counts = std::map<std::int64_t, std::int64_t>;

Counts counts(const std::vector<std::int64_t> &values)
{
    Counts c;
    for (const auto v : values)
        c[v] = 10;
    return c;
}

PredictionValues of(const std::vector<double> &values, DType dtype = DType::UInt8)
{
    return predictionValues(
        *imageFromArray(Array::of<double>({1, static_cast<std::int64_t>(values.size())}, values).as(dtype), "p.tif"));
}

PredictionValues steps(double low, double high, int n, DType dtype = DType::UInt8)
{
    std::vector<double> values;
    for (int i = 0; i < n; ++i)
        values.push_back(std::round(low + (high - low) * i / (n - 1)));
    return of(values, dtype);
}

PredictionReading read(const PredictionValues &p, const std::vector<std::int64_t> &truth, const LabelClasses *known = nullptr,
                       PredictionMeaning meaning = {})
{
    return readingOf(p, counts(truth), known, meaning, "p.tif", "l.tif");
}

int classOf(const LabelClasses &classes, std::int64_t value)
{
    const auto it = classes.index.find(value);
    return it == classes.index.end() ? -1 : it->second;
}

} // namespace

class PredictionValuesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findsTheValues()
    {
        const auto p = of({0, 0, 7, 255});
        QVERIFY(p.whole && !p.real && !p.many);
        QVERIFY((p.counts == Counts{{0, 2}, {7, 1}, {255, 1}}));
        QVERIFY(!of({0, 0.25, 1}, DType::Float32).whole);
        QVERIFY(of({-3, 4, 1}, DType::Int16).low == -3);
        EXPECT_ERROR(of({0, NAN}, DType::Float32), "p.tif: expected finite numbers, found nan at row 0, column 1");
        EXPECT_ERROR(of({0, 1, 1 / 0.0}, DType::Float64), "inf at row 0, column 2");
    }
    void aFileIsAlwaysItself_data()
    {
        QTest::addColumn<std::vector<std::int64_t>>("values");
        using V = std::vector<std::int64_t>;
        for (const V &v : {V{0, 1}, V{0, 255}, V{0, 2}, V{1, 2}, V{0, 254}, V{0, 65535}, V{0, 1, 3}, V{0, 100, 200}, V{5}, V{0},
                           V{255}, V{-1, 1}, V{254, 255}, V{0, 1, 2, 200, 254}, V{0, 300, 70000}})
            QTest::newRow(valuesText(counts(v)).c_str()) << v;
    }
    void aFileIsAlwaysItself()
    {
        QFETCH(std::vector<std::int64_t>, values);
        for (const auto dtype : {DType::Int32, DType::Float32, DType::Float64}) {
            const auto r = read(of({values.begin(), values.end()}, dtype), values);
            if (r.probabilities) { // of 0 and 1 alone, which say the same either way
                QVERIFY(values.back() <= 1);
                continue;
            }
            QVERIFY(r.notes.empty());
            std::set<int> seen;
            for (const auto v : values) {
                QCOMPARE(classOf(r.prediction, v), classOf(r.truth, v));
                QVERIFY(seen.insert(classOf(r.truth, v)).second);
                QVERIFY(classOf(r.truth, v) >= 0);
            }
        }
    }
    void oneMappingIsMadeOfBoth()
    {
        // Classes that one of both lacks keep their number.
        const auto r = read(of({0, 200}), {0, 100});
        QCOMPARE(classOf(r.truth, 100), 1);
        QCOMPARE(classOf(r.prediction, 200), 2);
        QCOMPARE(r.truth.names, (std::vector<std::string>{"0", "100", "200"}));
        QVERIFY(r.notes.at(0).find("different values") != std::string::npos);
        const auto more = read(of({0, 100, 200}), {0, 100});
        QCOMPARE(classOf(more.prediction, 200), 2);
        QVERIFY(!more.probabilities);
        // An empty truth and an empty prediction are those of a mask.
        QCOMPARE(classOf(read(of({0, 9}), {0}).truth, 0), 0);
        QCOMPARE(classOf(read(of({0, 9}), {0}).prediction, 9), 1);
        QCOMPARE(classOf(read(of({0}), {0, 9}).prediction, 0), 0);
        // Values of one file alone.
        QCOMPARE(classOf(read(of({5}), {5}).truth, 5), 1);
        QCOMPARE(classOf(read(of({0}), {0}).truth, 0), 0);
        QCOMPARE(classOf(read(of({255}), {255}).truth, 255), 1);
        QCOMPARE(classOf(read(of({5}), {5}, nullptr, {"auto", 0, false}).truth, 5), 0);
        QCOMPARE(classOf(read(of({0}), {0}, nullptr, {"auto", 0, false}).truth, 0), 1);
    }
    void masksOfOtherValuesAreTheSameMask()
    {
        using V = std::vector<std::int64_t>;
        const std::vector<std::tuple<std::vector<double>, V>> pairs{
            {{0, 255}, {0, 1}}, {{0, 1}, {0, 255}},     {{0, 255}, {0, 2}}, {{0, 230}, {0, 255}},   {{255}, {0, 1}},
            {{0, 255}, {1}},    {{0, 65535}, {0, 255}}, {{1, 2}, {0, 255}}, {{0, 255}, {0, 1, 255}}};
        for (const auto &[p, t] : pairs) {
            const auto r = read(of(p, DType::Int32), t);
            QVERIFY(!r.probabilities);
            QCOMPARE(r.truth.names.size(), std::size_t(2));
            QCOMPARE(classOf(r.prediction, static_cast<std::int64_t>(p.back())), 1);
            if (p.size() == 2)
                QCOMPARE(classOf(r.prediction, static_cast<std::int64_t>(p[0])), 0);
            QCOMPARE(classOf(r.truth, t.size() > 2 ? t[1] : t.back()), 1);
            QCOMPARE(r.notes.size(), std::size_t(1));
        }
        const auto ignored = read(of({0, 255}, DType::Int32), {0, 1, 255});
        QCOMPARE(classOf(ignored.truth, 255), 255);
        const auto dark = read(of({0, 255}), {0, 1}, nullptr, {"auto", 0, false});
        QCOMPARE(classOf(dark.prediction, 255), 0);
        QCOMPARE(classOf(dark.truth, 0), 1);
    }
    void ignoredPixelsAreThoseOfTheLabels()
    {
        const auto r = read(of({0, 1, 255}), {0, 1});
        QCOMPARE(classOf(r.prediction, 255), 255);
        QCOMPARE(r.truth.names.size(), std::size_t(2));
        QVERIFY(r.notes.at(0).find("no class") != std::string::npos);
        QVERIFY(read(of({0, 1, 2}), {0, 1, 2, 255}).truth.ignoring);
        QVERIFY(!read(of({0, 1, 2}), {0, 255}).truth.ignoring);
    }
    void mapsOf8And16BitAreProbabilities()
    {
        for (const auto &truth : {std::vector<std::int64_t>{0, 255}, {0, 1}, {0}, {255}, {}}) {
            const auto r = read(steps(0, 251, 60), truth);
            QVERIFY(r.probabilities);
            QCOMPARE(r.white, 255.0);
            QVERIFY(r.notes.at(0).find("divided by 255") != std::string::npos);
            const auto wide = read(steps(13, 65001, 60, DType::UInt16), truth);
            QVERIFY(wide.probabilities);
            QCOMPARE(wide.white, 65535.0);
            QCOMPARE(read(steps(0, 251, 60, DType::Float32), truth).white, 255.0); // as whole floating point numbers
        }
        // Few values between those of a mask.
        QVERIFY(read(of({26, 26, 230}), {0, 255}).probabilities);
        QVERIFY(read(of({0, 26, 230, 255}), {0, 255}).probabilities);
        // Labels of many classes are none.
        std::vector<std::int64_t> many;
        for (int i = 0; i < 200; ++i)
            many.push_back(i);
        QVERIFY(!read(steps(0, 199, 200), many).probabilities);
        QVERIFY(!read(steps(0, 20, 21), {}).probabilities);
        QVERIFY(!read(of({0, 100, 200}), {}).probabilities);
    }
    void floatingPointIsProbabilitiesUnlessItIsLabels()
    {
        QVERIFY(read(of({0, 0.5, 1}, DType::Float32), {0, 255}).probabilities);
        QVERIFY(read(of({0, 1}, DType::Float32), {0, 255}).probabilities);
        QVERIFY(read(of({1}, DType::Float32), {0, 255}).probabilities);
        QVERIFY(!read(of({0, 2}, DType::Float32), {0, 2}).probabilities);
        QVERIFY(!read(of({1}, DType::Float32), {1, 2}).probabilities); // class 0 of these labels
        QVERIFY(!read(of({0, 1}, DType::Float32), {0, 1, 3}).probabilities);
    }
    /// With a dark foreground the lower value of a mask is what the higher probability is.
    void floatingPointMasksOfADarkForegroundAreLabels()
    {
        const PredictionMeaning dark{"auto", 0, false};
        for (const auto &values : {std::vector<double>{0, 1}, {0}, {1}}) {
            const auto r = read(of(values, DType::Float32), {0, 1}, nullptr, dark);
            QVERIFY(!r.probabilities && r.notes.empty());
            QCOMPARE(classOf(r.prediction, static_cast<std::int64_t>(values[0])),
                     classOf(r.truth, static_cast<std::int64_t>(values[0])));
        }
        const auto other = read(of({0, 1}, DType::Float32), {0, 255}, nullptr, dark); // either would do
        QVERIFY(other.probabilities);
        QVERIFY(other.notes.at(0).find("set prediction-is to labels") != std::string::npos);
        QVERIFY(read(of({0, 0.5, 1}, DType::Float32), {0, 1}, nullptr, dark).notes.empty());
        auto known = comparedClasses(counts({0, 1}), false, "x");
        QVERIFY(!read(of({0, 1}, DType::Float32), {0, 1}, &known, dark).probabilities);
    }
    void valuesThatTheLabelsDoNotHaveAreNamed()
    {
        const auto named = [](const PredictionReading &r, const char *values) {
            return r.notes.size() == 1 && r.notes[0] == std::string("The labels do not have these values of the prediction: ") +
                                                            values +
                                                            ". Each is a class of its own, so its pixels count as wrong.";
        };
        QVERIFY(named(read(of({0, 1, 3}), {0, 1, 2}), "3"));
        QVERIFY(named(read(of({0, 1, 2}), {0, 100, 200}), "1 and 2"));
        QVERIFY(named(read(of({0, 1, 3}), {0, 1, 2, 255}), "3"));
        QVERIFY(read(of({0, 2}), {0, 1, 2}).notes.empty());
        // 255 is no class, which has a sentence of its own.
        const auto none = read(of({0, 1, 255}), {0, 1, 2});
        QCOMPARE(classOf(none.prediction, 255), 255);
        QCOMPARE(none.truth.names.size(), std::size_t(3));
        QCOMPARE(none.notes.size(), std::size_t(1));
        QVERIFY(none.notes[0].find("255 belongs to no class, and the prediction has it in 1 px.") == 0);
        // A mask against one with soft edges.
        Counts soft;
        for (int v = 0; v < 256; ++v)
            soft[v] = 10;
        const auto r = readingOf(of({0, 255}), soft, nullptr, {}, "p.tif", "l.tif");
        QVERIFY(std::ranges::any_of(r.notes,
                                    [](const auto &n) { return n.find("like a mask with soft edges") != std::string::npos; }));
    }
    void numbersOfObjectsAreUsedAsTheyAre()
    {
        const PredictionMeaning objects{"auto", 0, true, true}, others{"auto", 0, true, false};
        const auto few = steps(0, 15, 16), many = steps(0, 199, 200);
        for (const auto &p : {few, many, steps(0, 15, 16, DType::Float32)})
            for (const auto &truth : {std::vector<std::int64_t>{}, {0, 255}, {0, 1, 255}}) {
                const auto r = read(p, truth, nullptr, objects);
                QVERIFY(r.objects && !r.probabilities);
                QCOMPARE(r.truth.names.size(), std::size_t(2));
                QVERIFY(r.notes.at(0).find("looks like one number per object") != std::string::npos);
                QVERIFY(!read(p, truth, nullptr, {}).objects); // of another analysis
                QVERIFY(read(p, truth, nullptr, {"instances", 0, true}).notes.empty());
            }
        PredictionValues more = many;
        more.many = true;
        more.high = 5000;
        QVERIFY(read(more, {}, nullptr, objects).objects);
        EXPECT_ERROR(read(more, {}, nullptr, others), "set prediction-is to instances");
        EXPECT_ERROR(read(more, {}, nullptr, {"labels", 0, true, false}), "p.tif: expected labels of at most 255 classes");
        EXPECT_ERROR(read(steps(0, 399, 400, DType::UInt16), {}, nullptr, {"labels", 0, true}),
                     "p.tif: expected labels of at most 255");
        EXPECT_ERROR(read(of({0, 0.5}, DType::Float32), {}, nullptr, {"instances", 0, true}),
                     "whole numbers, as prediction-is is instances");
        // Two values are a mask, and a truth that has the values as classes makes them classes; both are said.
        QVERIFY(!read(of({0, 7}), {}, nullptr, objects).objects);
        QVERIFY(!read(of({0, 1, 255}), {}, nullptr, objects).objects);
        const auto classes = read(of({0, 1, 2}), {0, 1, 2}, nullptr, objects);
        QVERIFY(!classes.objects);
        QVERIFY(classes.notes.at(0).find("are read as classes") != std::string::npos);
        QVERIFY(read(of({0, 1, 2}), {0, 1, 2}, nullptr, others).notes.empty());
        QVERIFY(!read(of({0, 1, 2}), {}, nullptr, others).notes.empty());
        QVERIFY(read(of({0, 1, 2}), {}, nullptr, {"labels", 0, true, false}).notes.empty());
        // Classes of a run stay classes; other values are objects where the truth numbers objects.
        const auto known = comparedClasses(counts({0, 1, 3}), true, "x");
        QVERIFY(!read(of({0, 1, 3}), {}, &known, {"auto", 0, true, true, true}).objects);
        QVERIFY(read(few, {}, &known, {"auto", 0, true, true, true}).objects);
        QVERIFY(!read(few, {}, &known, objects).objects);
        // A map is still divided, with both ways out.
        const auto map = read(steps(0, 251, 60), {}, nullptr, others);
        QVERIFY(map.probabilities && map.notes.at(0).find("set prediction-is to instances") != std::string::npos);
    }
    void whatIsNeitherForCertainIsAsked()
    {
        EXPECT_ERROR(read(of({12, 37.5, 99}, DType::Float32), {0, 255}).white,
                     "p.tif: The prediction has values from 12 to 37.5, and");
        EXPECT_ERROR(read(of({37.5, 99}, DType::Float32), {0, 255}).white, "prediction-white");
        EXPECT_ERROR(read(of({-0.5, 1}, DType::Float32), {0, 255}).white, "prediction-white");
        EXPECT_ERROR(read(steps(0, 100, 60), {0, 255}), "100 for percent");
        EXPECT_ERROR(read(steps(0, 20000, 60, DType::UInt16), {0, 255}), "prediction-white");
        EXPECT_ERROR(read(steps(0, 251, 60), {0, 1, 3}), "prediction-is");
        const auto percent = read(steps(0, 100, 60), {0, 255}, nullptr, {"auto", 100, true});
        QVERIFY(percent.probabilities && percent.white == 100);
        QVERIFY(!read(steps(0, 251, 60), {0, 255}, nullptr, {"labels", 0, true}).probabilities);
        QCOMPARE(read(steps(0, 251, 60), {0, 1, 3}, nullptr, {"probabilities", 0, true}).white, 255.0);
        EXPECT_ERROR(read(of({0.5}, DType::Float32), {0, 1}, nullptr, {"labels", 0, true}), "whole numbers");
    }
    void classesOfARunHoldForBoth()
    {
        auto known = comparedClasses(counts({0, 1, 3}), true, "x");
        known.owner = "run 2";
        const auto r = read(of({0, 3}), {0, 3}, &known);
        QCOMPARE(classOf(r.truth, 3), 2);
        QCOMPARE(classOf(r.prediction, 3), 2);
        const auto other = read(of({0, 7}), {0, 1, 255}, &known);
        QCOMPARE(classOf(other.truth, 255), 255);
        EXPECT_ERROR(other.prediction.classesOf(Array::of<std::uint8_t>({1, 2}, std::vector<std::uint8_t>{0, 7}), "p.tif"),
                     "p.tif: The value 7 at row 0, column 1 belongs to no class of run 2: 0, 1 and 3.");
        // 255 is ignored in the labels and no class in the prediction, next to a single class too.
        const auto masked = read(of({1, 255}), {0, 255}, &known);
        QCOMPARE(classOf(masked.truth, 255), 255);
        QCOMPARE(classOf(masked.prediction, 255), 255);
        QCOMPARE(masked.notes,
                 (std::vector<std::string>{"Labels: 255 is no class of run 2 (0, 1 and 3). These pixels are not compared.",
                                           "255 belongs to no class, and the prediction has it in 1 px. These count as wrong "
                                           "where the labels have the class."}));
        auto mask = comparedClasses(counts({0, 2}), true, "x");
        const auto old = read(of({0, 255}), {0, 2}, &mask); // as Reticle wrote labels before
        QCOMPARE(classOf(old.prediction, 255), 1);
        QVERIFY(!old.notes.empty());
        auto ignoring = comparedClasses(counts({0, 1, 255}), true, "x");
        QCOMPARE(classOf(read(of({0, 255}), {0, 1, 255}, &ignoring).prediction, 255), 1);
    }
};

RETICLE_TEST(PredictionValuesTest)
#include "PredictionValuesTest.moc"
