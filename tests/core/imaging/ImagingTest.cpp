#include "imaging/Imaging.h"
#include "core/imaging/ImagingReference.h"
#include "files/ImageSource.h"

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
    void realSliceAsScikitImage()
    {
        const auto path = sharedData("isbi2012/train-labels.tif");
        if (path.empty())
            QSKIP("shared/data is absent");
        const auto source = openImage(path);
        const auto &j = imagingReference()["isbi"];
        for (std::int64_t z = 0; z < source->info().pages; ++z) {
            std::int32_t count = 0;
            labelComponents(source->readPage(z), Connectivity::Four, &count);
            QCOMPARE(count, j["components"][z].get<std::int32_t>());
        }
        const Array interior = source->readPage(0);
        const Array labels = labelComponents(interior, Connectivity::Four);
        QCOMPARE(checksum(labels), j["labels"].get<std::string>());
        Array membranes = interior.clone();
        for (auto &v : membranes.span<std::uint8_t>())
            v = !v;
        for (int r = 0; r <= 3; ++r)
            QCOMPARE(area(closing(membranes, r)), j["closed"][r].get<std::int64_t>());
        QCOMPARE(j["closed"].get<std::vector<int>>(), (std::vector<int>{57492, 58153, 59284, 61121}));
        const Array thin = watershed(membranes.as(DType::Float32), labels, nullptr, true, Connectivity::Four);
        QCOMPARE(checksum(thin), j["thin"].get<std::string>());
        const Array distance = distanceTransform(interior);
        Array square = distance.clone(), relief = distance.clone();
        for (std::int64_t i = 0; i < square.size(); ++i) {
            square.data<float>()[i] *= square.data<float>()[i];
            relief.data<float>()[i] *= -1;
        }
        QCOMPARE(checksum(square), j["edt2"].get<std::string>());
        const Array peaks = hMaxima(distance, 1, Connectivity::Eight);
        QCOMPARE(checksum(peaks), j["peaks"].get<std::string>());
        QCOMPARE(checksum(watershed(relief, peaks, &interior, false, Connectivity::Four)), j["cells"].get<std::string>());
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
