#include "widgets/views/volume/VolumeData.h"

#include "foundation/Error.h"
#include "support/FakeImages.h"
#include "support/Test.h"
#include "widgets/views/volume/VolumeOptions.h"

#include <limits>

using namespace reticle;
using reticle::test::FakeImages;

namespace {

constexpr std::int64_t plenty = 1 << 24;

auto loaded(const ImageSource &source, std::int64_t maximum = plenty, double per = 1, int channel = -1)
{
    return loadVolume(source, VolumeData::Kind::Image, channel, maximum, {1, 1, per});
}

} // namespace

class VolumeDataTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void smallStacksComeAsTheyAre()
    {
        const FakeImages source(5, 7, 9);
        const auto v = loaded(source);
        QCOMPARE(v->nx(), std::int64_t(9));
        QCOMPARE(v->ny(), std::int64_t(7));
        QCOMPARE(v->nz(), std::int64_t(5));
        QVERIFY(!v->isReduced());
        for (const auto &[x, y, z] : {std::tuple{0, 0, 0}, std::tuple{8, 6, 4}, std::tuple{3, 2, 1}})
            QCOMPARE(v->value(x, y, z), source.value(z, y, x, 0));
    }
    void sixteenBitsAndRealNumbersKeepTheirValues()
    {
        FakeImages wide(3, 8, 8, DType::UInt16);
        wide.value = [](auto z, auto y, auto x, auto) { return static_cast<double>(1000 + z * 20000 + y * 100 + x); };
        const auto v = loaded(wide);
        QCOMPARE(v->minimum, 1000.0);
        QCOMPARE(v->maximum, 1000.0 + 40000 + 707);
        QVERIFY(std::abs(v->value(5, 3, 2) - wide.value(2, 3, 5, 0)) <= v->step);
        FakeImages real(3, 8, 8, DType::Float32);
        real.value = [](auto z, auto y, auto x, auto) { return -0.5 + 0.001 * static_cast<double>(z * 64 + y * 8 + x); };
        const auto r = loaded(real);
        QVERIFY(std::abs(r->value(7, 7, 2) - real.value(2, 7, 7, 0)) <= 1e-5);
        QVERIFY(std::abs(r->minimum + 0.5) < 1e-6);
    }
    void largeStacksAreReducedByBlockMeans()
    {
        FakeImages source(8, 64, 64);
        source.value = [](auto, auto y, auto x, auto) { return static_cast<double>((x + y) % 2 ? 200 : 100); };
        const auto v = loaded(source, 32 * 32 * 8, 4);
        QCOMPARE(v->factor, (std::array<std::int64_t, 3>{2, 2, 1}));
        QCOMPARE(v->values.shape(), (std::vector<std::int64_t>{8, 32, 32}));
        QCOMPARE(v->value(10, 10, 3), 150.0);
        // Slices that lie as close as the pixels are reduced alike.
        const auto even = loaded(source, 32 * 32 * 4, 1);
        QCOMPARE(even->factor, (std::array<std::int64_t, 3>{2, 2, 2}));
        const auto odd = loaded(FakeImages(3, 33, 35), 500, 1);
        QVERIFY(odd->nx() * odd->ny() * odd->nz() <= 500);
    }
    void theFinestAxisIsReducedFirst()
    {
        // Rows twice as far apart as columns: only columns are joined, then both.
        const FakeImages source(8, 64, 64);
        const auto wide = loadVolume(source, VolumeData::Kind::Image, -1, 8 * 64 * 32, {1, 2, 8});
        QCOMPARE(wide->factor, (std::array<std::int64_t, 3>{2, 1, 1}));
        const auto both = loadVolume(source, VolumeData::Kind::Image, -1, 8 * 32 * 16, {1, 2, 8});
        QCOMPARE(both->factor, (std::array<std::int64_t, 3>{4, 2, 1}));
    }
    void memoryIsCountedBeforehand()
    {
        QVERIFY(freeMemory() > 1 << 20);
        // 8 bits: the number and VTK's 3 bytes; 16 bits: 2 and the mean's 4; labels: 4.
        QCOMPARE(voxelsWithin(8000, VolumeData::Kind::Image, DType::UInt8), std::int64_t(1000));
        QCOMPARE(voxelsWithin(12000, VolumeData::Kind::Image, DType::UInt16), std::int64_t(1000));
        QCOMPARE(voxelsWithin(8000, VolumeData::Kind::Labels, DType::UInt8), std::int64_t(1000));
        QCOMPARE(voxelsWithin(0, VolumeData::Kind::Image, DType::UInt8), std::int64_t(1));
        // Far more than any computer has is asked for: what there is decides.
        FakeImages huge(4, 64, 64);
        QVERIFY(!loadVolume(huge, VolumeData::Kind::Image, -1, std::int64_t(1) << 60)->shortOfMemory);
    }
    void timePointsAndPlanesAreVolumes()
    {
        auto source = std::make_shared<FakeImages>(24, 2, 2);
        source->value = [](auto page, auto, auto, auto) { return static_cast<double>(page); };
        source->info().times = 3;
        source->info().planes = 2;
        // Planes run fastest: page = (t * 4 + z) * 2 + c. Page 13 is t 1, z 2, c 1.
        const auto pages = volumePagesOf(source->info(), 13, false);
        QCOMPARE(pages, (VolumePages{9, 2, 4}));
        QCOMPARE(pages.slice(13), std::int64_t(2));
        QCOMPARE(pages.page(3), std::int64_t(15));
        QVERIFY(pages.has(9) && pages.has(15) && !pages.has(10) && !pages.has(17) && !pages.has(7));
        const auto part = sourceOf(source, pages);
        QCOMPARE(part->info().pages, std::int64_t(4));
        QCOMPARE(part->readPage(2).value(0), 13.0);
        const auto v = loaded(*part);
        QCOMPARE(v->nz(), std::int64_t(4));
        QCOMPARE(v->value(0, 0, 0), 9.0);
        QCOMPARE(v->value(1, 1, 3), 15.0);
        QCOMPARE(volumePagesOf(source->info(), 13, true), (VolumePages{0, 1, 24}));
        QCOMPARE(sourceOf(source, {0, 1, 24}).get(), source.get());
        source->info().times = 5; // what does not divide is not believed
        QCOMPARE(volumePagesOf(source->info(), 13, false), (VolumePages{0, 1, 24}));
    }
    void shadesAreToldFromLabels()
    {
        FakeImages source(3, 64, 64);
        source.value = [](auto, auto y, auto x, auto) { return 2.0 * static_cast<double>(x) + static_cast<double>(y % 3); };
        QVERIFY(looksLikeShades(source)); // a ramp
        source.value = [](auto, auto y, auto x, auto) { return x > 30 && y > 20 ? 255.0 : 0.0; };
        QVERIFY(!looksLikeShades(source)); // a mask
        source.value = [](auto, auto y, auto x, auto) {
            return static_cast<double>((y / 8) * 8 + x / 8 + 1) * (x % 8 && y % 8 ? 1 : 0);
        };
        QVERIFY(!looksLikeShades(source)); // 64 objects apart
        source.value = [](auto, auto y, auto x, auto) { return static_cast<double>(((y / 8) * 8 + x / 8) * 101 % 251); };
        QVERIFY(!looksLikeShades(source)); // objects side by side
        FakeImages real(3, 64, 64, DType::Int32);
        QVERIFY(!looksLikeShades(real));
    }
    void sizesOfVoxelsStayWithinTheForm()
    {
        FakeImages source(2, 4, 4);
        source.info().pixelSizeX = 4;
        source.info().pixelSizeY = 6;
        source.info().pixelSizeZ = -50;
        auto schema = volumeSchemaFor(loaded(source).get(), {});
        QCOMPARE(schema.find("pixel-size")->defaultValue.get<double>(), 4.0);
        QCOMPARE(schema.find("pixel-height")->defaultValue.get<double>(), 6.0);
        QCOMPARE(schema.find("slice-distance")->defaultValue.get<double>(), 0.0);
        QVERIFY(!schema.find("depth"));
        QVERIFY(volumeSchemaFor(nullptr, {}, true).find("depth"));
        source.info().pixelSizeY = 4.0000001; // single precision
        source.info().pixelSizeZ = 1e30;
        schema = volumeSchemaFor(loaded(source).get(), {});
        QCOMPARE(schema.find("pixel-height")->defaultValue.get<double>(), 0.0);
        QCOMPARE(schema.find("slice-distance")->defaultValue.get<double>(), 1e9);
        volumeSchema().read(schema.defaults()); // does not throw
        FakeImages tiny(2, 4, 4, DType::Float32);
        tiny.value = [](auto, auto, auto x, auto) { return static_cast<double>(x) * 1e-40; };
        volumeSchema().read(volumeSchemaFor(loaded(tiny).get(), {}).defaults());
    }
    void memoryIsThatOfTheResult()
    {
        // A page of 1.6 GB is never asked for as a whole.
        FakeImages source(2, 40000, 40000);
        source.value = [](auto, auto, auto, auto) { return 7.0; };
        source.info().height = 800; // the test's own patience: 40,000 columns are enough to see the strips
        const auto v = loaded(source, 100000);
        QVERIFY(v->nx() * v->ny() * v->nz() <= 100000);
        QVERIFY2(source.mostPixels <= std::int64_t(17) << 20, qPrintable(QString::number(source.mostPixels.load())));
        QCOMPARE(v->value(0, 0, 0), 7.0);
    }
    void colorsBecomeGrayOrOneChannel()
    {
        FakeImages rgb(2, 4, 4, DType::UInt8, 3);
        rgb.value = [](auto, auto, auto, auto c) { return c == 0 ? 100.0 : c == 1 ? 200.0 : 50.0; };
        QCOMPARE(loaded(rgb)->value(1, 1, 1), std::round(0.299 * 100 + 0.587 * 200 + 0.114 * 50));
        QCOMPARE(loaded(rgb, plenty, 1, 2)->value(1, 1, 1), 50.0);
    }
    void notANumberCountsAsTheLeast()
    {
        FakeImages source(2, 4, 4, DType::Float32);
        source.value = [](auto z, auto, auto x, auto) {
            return x == 0 ? std::numeric_limits<double>::quiet_NaN() : 3.0 + static_cast<double>(z);
        };
        const auto v = loaded(source);
        QVERIFY(v->anyFinite);
        QCOMPARE(v->minimum, 3.0);
        QCOMPARE(v->value(0, 0, 1), 3.0);
        source.value = [](auto, auto, auto, auto) { return std::numeric_limits<double>::quiet_NaN(); };
        QVERIFY(!loaded(source)->anyFinite);
    }
    void constantStacksHaveNoRange()
    {
        FakeImages source(2, 4, 4);
        source.value = [](auto, auto, auto, auto) { return 42.0; };
        const auto v = loaded(source);
        QCOMPARE(v->minimum, 42.0);
        QCOMPARE(v->maximum, 42.0);
        const auto schema = volumeSchemaFor(v.get(), {});
        QVERIFY(!schema.find("threshold")->min);
        QCOMPARE(schema.find("threshold")->defaultValue.get<double>(), 42.0);
    }
    void labelsKeepTheirNumbers()
    {
        FakeImages source(3, 9, 9, DType::Int32);
        source.value = [](auto z, auto, auto x, auto) { return x > 4 ? 70000.0 + static_cast<double>(z) : 0.0; };
        const auto v = loadVolume(source, VolumeData::Kind::Labels, -1, 3 * 3 * 3, {1, 1, 3});
        QCOMPARE(v->values.dtype(), DType::Int32);
        QVERIFY(v->isReduced());
        QCOMPARE(v->value(v->nx() - 1, 0, v->nz() - 1), 70002.0);
        QCOMPARE(v->value(0, 0, 0), 0.0);
    }
    void thresholdPartsTwoGroups()
    {
        FakeImages source(4, 32, 32);
        source.value = [](auto, auto y, auto x, auto) {
            return (x / 8 + y / 8) % 2 ? 180.0 + static_cast<double>(x % 5) : 40.0 + static_cast<double>(y % 5);
        };
        const auto v = loaded(source);
        QVERIFY(v->otsu() > 44 && v->otsu() <= 180);
        QVERIFY(v->percentile(0.25) < 45);
        QVERIFY(v->percentile(0.75) >= 180);
    }
    void brokenPagesAreNamedAndReadingStops()
    {
        FakeImages source(5, 16, 16);
        source.brokenPage = 3;
        EXPECT_ERROR(loaded(source), "page 4");
        source.brokenPage = -1;
        int asked = 0;
        EXPECT_ERROR(loadVolume(source, VolumeData::Kind::Image, -1, plenty, {1, 1, 1}, [&](double) { return ++asked < 3; }),
                     "stopped");
        QCOMPARE(asked, 3);
    }
};

RETICLE_TEST(VolumeDataTest)
#include "VolumeDataTest.moc"
