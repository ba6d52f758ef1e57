#include "base/Imaging.h"
#include "core/base/ImagingReference.h"

using namespace reticle;
using namespace reticle::test;

class ImagingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void labelsAsScikitImage()
    {
        for (const auto &c : imagingReference()["cases"]) {
            const Array m = mask(c["mask"]);
            std::int32_t count = -1;
            const Array four = labelComponents(m, Connectivity::Four, &count);
            QVERIFY(four == plane<std::int32_t>(c["labels4"]));
            const auto span = four.span<std::int32_t>();
            QCOMPARE(count, *std::max_element(span.begin(), span.end()));
            QVERIFY(labelComponents(m, Connectivity::Eight) == plane<std::int32_t>(c["labels8"]));
        }
    }
    void morphologyAsScikitImage()
    {
        for (const auto &c : imagingReference()["cases"]) {
            const Array m = mask(c["mask"]);
            for (const int r : {1, 2, 3, 5}) {
                const auto tag = std::to_string(r);
                QVERIFY(dilate(m, r) == mask(c["dilate" + tag]));
                QVERIFY(erode(m, r) == mask(c["erode" + tag]));
                QVERIFY(opening(m, r) == mask(c["open" + tag]));
                QVERIFY(closing(m, r) == mask(c["close" + tag]));
            }
        }
    }
    void diskSizes()
    {
        Array point(DType::UInt8, {21, 21});
        point.data<std::uint8_t>()[10 * 21 + 10] = 1;
        QCOMPARE(area(dilate(point, 1)), 5);
        QCOMPARE(area(dilate(point, 2)), 13);
        QCOMPARE(area(dilate(point, 3)), 29);
        QCOMPARE(area(dilate(point, 0)), 1);
        QCOMPARE(area(dilate(point, 100000)), 21 * 21);
        QCOMPARE(area(erode(dilate(point, 100000), 100000)), 21 * 21); // outside is foreground for erosion
    }
    void smallObjectsAndHoles()
    {
        for (const auto &c : imagingReference()["cases"]) {
            const Array m = mask(c["mask"]);
            QVERIFY(removeSmallObjects(m, 12, Connectivity::Four) == mask(c["small4"]));
            QVERIFY(removeSmallObjects(m, 12, Connectivity::Eight) == mask(c["small8"]));
            QVERIFY(fillHoles(m, 9, Connectivity::Four) == mask(c["holes4"]));
            QVERIFY(fillHoles(m, 9, Connectivity::Eight) == mask(c["holes8"]));
        }
        QVERIFY(fillHoles(mask({"####", "#.#.", "####"}), 1, Connectivity::Four) == mask({"####", "###.", "####"}));
    }
    void keepsLargest()
    {
        const Array m = mask({"##..#", "#...#", "....#", ".#..#", "....."});
        QVERIFY(keepLargest(m, 1, Connectivity::Four) == mask({"....#", "....#", "....#", "....#", "....."}));
        QVERIFY(keepLargest(m, 2, Connectivity::Four) == mask({"##..#", "#...#", "....#", "....#", "....."}));
        QCOMPARE(area(keepLargest(m, 9, Connectivity::Four)), area(m));
        QCOMPARE(area(keepLargest(m, 0, Connectivity::Four)), 0);
        // Equal areas: the first in raster order.
        QVERIFY(keepLargest(mask({".#.#"}), 1, Connectivity::Four) == mask({".#.."}));
    }
    void medianAsScipy()
    {
        const auto &j = imagingReference()["median"];
        const auto stack = [](const Json &slices) {
            Array a(DType::UInt8, {7, 5, 6});
            for (int z = 0; z < 7; ++z) {
                const Array s = mask(slices[z]);
                std::copy_n(s.data<std::uint8_t>(), 30, a.data<std::uint8_t>() + 30 * z);
            }
            return a;
        };
        const Array in = stack(j["stack"]);
        QVERIFY(medianOverZ(in, 3) == stack(j["3"]));
        QVERIFY(medianOverZ(in, 5) == stack(j["5"]));
        QVERIFY(medianOverZ(in, 1) == in);
        EXPECT_ERROR(medianOverZ(in, 4), "an odd number of slices");
        EXPECT_ERROR(medianOverZ(in.at(0), 3), "a stack");
    }
    void takesAnyNumberType()
    {
        const Array m = mask({"#.#"});
        Array f(DType::Float32, {1, 3});
        f.data<float>()[0] = 0.25f;
        f.data<float>()[2] = -3;
        QVERIFY(labelComponents(f, Connectivity::Four) == labelComponents(m, Connectivity::Four));
        QVERIFY(dilate(f, 1) == dilate(m, 1));
    }
    void refusesOtherRanks()
    {
        EXPECT_ERROR(labelComponents(Array(DType::UInt8, {2, 3, 4}), Connectivity::Four), "2 x 3 x 4");
        EXPECT_ERROR(dilate(Array(DType::UInt8, {4}), 1), "an array of height x width");
    }
};

RETICLE_TEST(ImagingTest)
#include "ImagingTest.moc"
