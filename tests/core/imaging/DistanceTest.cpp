#include "core/imaging/ImagingReference.h"
#include "imaging/Imaging.h"

using namespace reticle;
using namespace reticle::test;

namespace {

Array squared(const Array &distances)
{
    Array a(DType::Int32, distances.shape());
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<std::int32_t>()[i] = static_cast<std::int32_t>(std::lround(distances.value(i) * distances.value(i)));
    return a;
}

/// Two 8 x 5 blocks in 16 x 16: rows 4-11, columns 2-6 and 9-13.
Array blocks()
{
    Array a(DType::Int32, {16, 16});
    for (int y = 4; y <= 11; ++y)
        for (int x = 0; x < 16; ++x)
            a.data<std::int32_t>()[y * 16 + x] = x >= 2 && x <= 6 ? 1 : x >= 9 && x <= 13 ? 2 : 0;
    return a;
}

} // namespace

class DistanceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void distancesAsScipy()
    {
        int checked = 0;
        for (const auto &c : imagingReference()["cases"]) {
            if (!c.contains("edt2"))
                continue;
            QVERIFY(squared(distanceTransform(mask(c["mask"]))) == plane<std::int32_t>(c["edt2"]));
            ++checked;
        }
        QCOMPARE(checked, 3);
    }
    void nearestObjectsAsScipy()
    {
        int checked = 0;
        for (const auto &c : imagingReference()["cases"]) {
            if (!c.contains("first2"))
                continue;
            const auto [first, second] = twoNearestObjects(labelComponents(mask(c["mask"]), Connectivity::Four));
            QVERIFY(squared(first) == plane<std::int32_t>(c["first2"]));
            QVERIFY(squared(second) == plane<std::int32_t>(c["second2"]));
            ++checked;
        }
        QVERIFY(checked >= 2);
    }
    void noBackground()
    {
        const Array d = distanceTransform(mask({"###", "###"}));
        for (int i = 0; i < 6; ++i)
            QVERIFY(std::isinf(d.value(i)));
        QCOMPARE(distanceTransform(mask({"..."})).value(1), 0.0);
        const Array one = distanceTransform(mask({"#####"
                                                  ".",
                                                  "######"}));
        QCOMPARE(one.value(0), 5.0);
        QVERIFY(std::abs(one.value(6) - std::sqrt(26.0)) < 1e-6);
    }
    void borderMapGolden()
    {
        const Array b = borderMap(blocks(), 10, 5);
        const double row[] = {0.889216, 1.978987, 0, 0, 0, 0, 0, 8.352702, 8.352702, 0, 0, 0, 0, 0, 1.978987, 0.889216};
        for (int x = 0; x < 16; ++x)
            QVERIFY2(std::abs(b.value(8 * 16 + x) - row[x]) < 1e-6, qPrintable(QString::number(b.value(8 * 16 + x))));
    }
    void borderMapEqualsItsFormulaEverywhere()
    {
        // The search for objects is bounded; the term must not show it.
        const auto &c = imagingReference()["cases"][2];
        const Array labels = labelComponents(mask(c["mask"]), Connectivity::Four);
        const auto [d1, d2] = twoNearestObjects(labels);
        for (const double sigma : {0.7, 5.0}) {
            const Array b = borderMap(labels, 10, sigma);
            for (std::int64_t i = 0; i < b.size(); ++i) {
                const double d = d1.value(i) + d2.value(i);
                const double expected = labels.value(i) ? 0 : 10 * std::exp(-d * d / (2 * sigma * sigma));
                QVERIFY(std::abs(b.value(i) - expected) <= 1e-5 * expected + 1e-30);
            }
        }
    }
    void fewerThanTwoObjects()
    {
        const Array one = labelComponents(mask({"#...", "...."}), Connectivity::Four);
        for (int i = 0; i < 8; ++i)
            QCOMPARE(borderMap(one, 10, 5).value(i), 0.0);
        const auto [first, second] = twoNearestObjects(one);
        QCOMPARE(first.value(3), 3.0);
        QVERIFY(std::isinf(second.value(3)));
        QVERIFY(std::isinf(twoNearestObjects(Array(DType::Int32, {2, 2})).first.value(0)));
    }
};

RETICLE_TEST(DistanceTest)
#include "DistanceTest.moc"
