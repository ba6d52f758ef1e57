#include "widgets/views/VolumeData.h"

#include "base/Error.h"
#include "support/FakeImages.h"
#include "support/Test.h"
#include "widgets/views/VolumeOptions.h"

#include <limits>

using namespace reticle;
using reticle::test::FakeImages;

namespace {

constexpr std::int64_t plenty = 1 << 24;

auto load(const ImageSource &source, std::int64_t most = plenty, double per = 1, int channel = -1)
{
    return loadVolume(source, VolumeData::Kind::Image, channel, most, per);
}

} // namespace

class VolumeDataTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void smallStacksComeAsTheyAre()
    {
        const FakeImages source(5, 7, 9);
        const auto v = load(source);
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
        const auto v = load(wide);
        QCOMPARE(v->least, 1000.0);
        QCOMPARE(v->most, 1000.0 + 40000 + 707);
        QVERIFY(std::abs(v->value(5, 3, 2) - wide.value(2, 3, 5, 0)) <= v->step);
        FakeImages real(3, 8, 8, DType::Float32);
        real.value = [](auto z, auto y, auto x, auto) { return -0.5 + 0.001 * static_cast<double>(z * 64 + y * 8 + x); };
        const auto r = load(real);
        QVERIFY(std::abs(r->value(7, 7, 2) - real.value(2, 7, 7, 0)) <= 1e-5);
        QVERIFY(std::abs(r->least + 0.5) < 1e-6);
    }
    void largeStacksAreReducedByBlockMeans()
    {
        FakeImages source(8, 64, 64);
        source.value = [](auto, auto y, auto x, auto) { return static_cast<double>((x + y) % 2 ? 200 : 100); };
        const auto v = load(source, 32 * 32 * 8, 4);
        QCOMPARE(v->factor, (std::array<std::int64_t, 3>{2, 2, 1}));
        QCOMPARE(v->values.shape(), (std::vector<std::int64_t>{8, 32, 32}));
        QCOMPARE(v->value(10, 10, 3), 150.0);
        // Slices that lie as close as the pixels are reduced alike.
        const auto even = load(source, 32 * 32 * 4, 1);
        QCOMPARE(even->factor, (std::array<std::int64_t, 3>{2, 2, 2}));
        const auto odd = load(FakeImages(3, 33, 35), 500, 1);
        QVERIFY(odd->nx() * odd->ny() * odd->nz() <= 500);
    }
    void memoryIsThatOfTheResult()
    {
        // A page of 1.6 GB is never asked for as a whole.
        FakeImages source(2, 40000, 40000);
        source.value = [](auto, auto, auto, auto) { return 7.0; };
        source.info().height = 800; // the test's own patience: 40,000 columns are enough to see the strips
        const auto v = load(source, 100000);
        QVERIFY(v->nx() * v->ny() * v->nz() <= 100000);
        QVERIFY2(source.mostPixels <= std::int64_t(17) << 20, qPrintable(QString::number(source.mostPixels.load())));
        QCOMPARE(v->value(0, 0, 0), 7.0);
    }
    void coloursBecomeGreyOrOneChannel()
    {
        FakeImages rgb(2, 4, 4, DType::UInt8, 3);
        rgb.value = [](auto, auto, auto, auto c) { return c == 0 ? 100.0 : c == 1 ? 200.0 : 50.0; };
        QCOMPARE(load(rgb)->value(1, 1, 1), std::round(0.299 * 100 + 0.587 * 200 + 0.114 * 50));
        QCOMPARE(load(rgb, plenty, 1, 2)->value(1, 1, 1), 50.0);
    }
    void notANumberCountsAsTheLeast()
    {
        FakeImages source(2, 4, 4, DType::Float32);
        source.value = [](auto z, auto, auto x, auto) { return x == 0 ? std::numeric_limits<double>::quiet_NaN() : 3.0 + static_cast<double>(z); };
        const auto v = load(source);
        QVERIFY(v->anyFinite);
        QCOMPARE(v->least, 3.0);
        QCOMPARE(v->value(0, 0, 1), 3.0);
        source.value = [](auto, auto, auto, auto) { return std::numeric_limits<double>::quiet_NaN(); };
        QVERIFY(!load(source)->anyFinite);
    }
    void constantStacksHaveNoRange()
    {
        FakeImages source(2, 4, 4);
        source.value = [](auto, auto, auto, auto) { return 42.0; };
        const auto v = load(source);
        QCOMPARE(v->least, 42.0);
        QCOMPARE(v->most, 42.0);
        const auto schema = volumeSchemaFor(v.get(), {});
        QVERIFY(!schema.find("threshold")->min);
        QCOMPARE(schema.find("threshold")->defaultValue.get<double>(), 42.0);
    }
    void labelsKeepTheirNumbers()
    {
        FakeImages source(3, 9, 9, DType::Int32);
        source.value = [](auto z, auto, auto x, auto) { return x > 4 ? 70000.0 + static_cast<double>(z) : 0.0; };
        const auto v = loadVolume(source, VolumeData::Kind::Labels, -1, 3 * 3 * 3, 3);
        QCOMPARE(v->values.dtype(), DType::Int32);
        QVERIFY(v->isReduced());
        QCOMPARE(v->value(v->nx() - 1, 0, v->nz() - 1), 70002.0);
        QCOMPARE(v->value(0, 0, 0), 0.0);
    }
    void thresholdPartsTwoGroups()
    {
        FakeImages source(4, 32, 32);
        source.value = [](auto, auto y, auto x, auto) { return (x / 8 + y / 8) % 2 ? 180.0 + static_cast<double>(x % 5) : 40.0 + static_cast<double>(y % 5); };
        const auto v = load(source);
        QVERIFY(v->otsu() > 44 && v->otsu() <= 180);
        QVERIFY(v->percentile(0.25) < 45);
        QVERIFY(v->percentile(0.75) >= 180);
    }
    void brokenPagesAreNamedAndReadingStops()
    {
        FakeImages source(5, 16, 16);
        source.brokenPage = 3;
        EXPECT_ERROR(load(source), "page 4");
        source.brokenPage = -1;
        int asked = 0;
        EXPECT_ERROR(loadVolume(source, VolumeData::Kind::Image, -1, plenty, 1, [&](double) { return ++asked < 3; }), "stopped");
        QCOMPARE(asked, 3);
    }
};

RETICLE_TEST(VolumeDataTest)
#include "VolumeDataTest.moc"
