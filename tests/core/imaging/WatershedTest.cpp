#include "core/imaging/ImagingReference.h"
#include "imaging/Imaging.h"

using namespace reticle;
using namespace reticle::test;

class WatershedTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void floodsAsScikitImage_data()
    {
        QTest::addColumn<int>("neighbors");
        QTest::addColumn<bool>("line");
        QTest::newRow("4") << 4 << false;
        QTest::newRow("4 with line") << 4 << true;
        QTest::newRow("8") << 8 << false;
        QTest::newRow("8 with line") << 8 << true;
    }
    void floodsAsScikitImage()
    {
        QFETCH(int, neighbors);
        QFETCH(bool, line);
        const auto connectivity = neighbors == 4 ? Connectivity::Four : Connectivity::Eight;
        const std::string tag = std::to_string(neighbors) + (line ? "line" : "");
        for (const auto &c : imagingReference()["watersheds"]) {
            const Array relief = plane<float>(c["relief"]), inside = mask(c["mask"]);
            QVERIFY(watershed(relief, plane<std::int32_t>(c["seeds"]), nullptr, line, connectivity) ==
                    plane<std::int32_t>(c["seeds" + tag]));
            QVERIFY(watershed(relief, plane<std::int32_t>(c["wide"]), &inside, line, connectivity) ==
                    plane<std::int32_t>(c["masked" + tag]));
        }
    }
    void hMaximaAsScikitImage()
    {
        for (const auto &c : imagingReference()["watersheds"]) {
            const Array relief = plane<float>(c["relief"]);
            for (const int h : {1, 2}) {
                const auto tag = "h" + std::to_string(h);
                QVERIFY(hMaxima(relief, h, Connectivity::Four) == plane<std::int32_t>(c["hmaxima4" + tag]));
                QVERIFY(hMaxima(relief, h, Connectivity::Eight) == plane<std::int32_t>(c["hmaxima8" + tag]));
            }
        }
    }
    void twoDiscsArePartedWhereTheyMeet()
    {
        const Array discs = twoDiscs();
        QCOMPARE(area(discs), 2277);
        std::int32_t count = 0;
        labelComponents(discs, Connectivity::Four, &count);
        QCOMPARE(count, 1);
        const Array distance = distanceTransform(discs);
        Array relief = distance.clone();
        for (auto &v : relief.span<float>())
            v = -v;
        const Array parts = watershed(relief, hMaxima(distance, 1, Connectivity::Eight), &discs, false, Connectivity::Four);
        std::map<std::int32_t, int> areas;
        for (const auto l : parts.span<std::int32_t>())
            ++areas[l];
        QCOMPARE(areas[1], 1153);
        QCOMPARE(areas[2], 1124);
        QCOMPARE(checksum(parts), imagingReference()["discs"]["checksum"].get<std::string>());
    }
    void noMarkersNoLabels()
    {
        const Array parts =
            watershed(Array(DType::Float32, {3, 4}), Array(DType::Int32, {3, 4}), nullptr, true, Connectivity::Four);
        QCOMPARE(area(parts), 0);
        EXPECT_ERROR(watershed(Array(DType::Float32, {3, 4}), Array(DType::Int32, {4, 3}), nullptr, false, Connectivity::Four),
                     "3 x 4, found 4 x 3");
    }
};

RETICLE_TEST(WatershedTest)
#include "WatershedTest.moc"
