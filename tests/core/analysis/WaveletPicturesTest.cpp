#include "analysis/WaveletPictures.h"

#include "base/ColourMap.h"
#include "core/analysis/GoldenPictures.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::test;

class WaveletPicturesTest : public QObject
{
    Q_OBJECT
private:
    static std::array<int, 3> colour(const Array &picture, std::int64_t y, std::int64_t x)
    {
        const auto *p = picture.data<std::uint8_t>() + (y * picture.dim(1) + x) * 3;
        return {p[0], p[1], p[2]};
    }
    static std::array<int, 3> mapped(const char *map, double fraction)
    {
        const auto c = mapColour(colourTable(map), fraction);
        return {static_cast<int>(c >> 16 & 255), static_cast<int>(c >> 8 & 255), static_cast<int>(c & 255)};
    }

private Q_SLOTS:
    void quadrantsStandInTheirPlaces()
    {
        // Rows alternate: only H has anything, and it is at its limit everywhere.
        Array rows(DType::Float64, {8, 12});
        for (std::int64_t i = 0; i < rows.size(); ++i)
            rows.data<double>()[i] = i / 12 % 2 == 0 ? 1 : 0;
        const auto p = decompose(rows, waveletFilter("db1"), WaveletMode::Symmetric, 1);
        const auto limits = detailLimits(p);
        QCOMPARE(limits, std::vector<double>{1.0});
        const Array picture = pyramidPicture(p, {0, 1, limits});
        QCOMPARE(picture.shape(), (std::vector<std::int64_t>{8, 12, 3}));
        QCOMPARE(colour(picture, 1, 1), mapped("grey", 0.5)); // A = 1, divided by 2
        QCOMPARE(colour(picture, 5, 1), mapped("blue-red", 1)); // H bottom left
        QCOMPARE(colour(picture, 1, 8), mapped("blue-red", 0.5)); // V top right
        QCOMPARE(colour(picture, 6, 8), mapped("blue-red", 0.5));
    }
    void levelsNestInTheCorner()
    {
        const auto p = decompose(goldenPicture(), waveletFilter("db1"), WaveletMode::Symmetric, 3);
        const auto limits = detailLimits(p);
        QCOMPARE(limits.size(), size_t(3));
        const Array picture = pyramidPicture(p, {0, 31, limits});
        QCOMPARE(picture.shape(), (std::vector<std::int64_t>{16, 16, 3}));
        const auto band = [&](int level, Orientation o, std::int64_t i) {
            return mapped("blue-red", p.band(level, o).value(i) / limits[static_cast<std::size_t>(level) - 1] / 2 + 0.5);
        };
        QCOMPARE(colour(picture, 8, 0), band(1, Orientation::H, 0));
        QCOMPARE(colour(picture, 0, 4), band(2, Orientation::V, 0));
        QCOMPARE(colour(picture, 2, 3), band(3, Orientation::D, 1));
        QCOMPARE(colour(picture, 1, 0), mapped("grey", p.approximation().value(2) / 8 / 31));
        const auto one = detailLimits(p, true);
        QVERIFY(one[0] == one[2] && one[0] >= limits[1]);
    }
    void oddSizesGetGutters()
    {
        const auto p = decompose(referencePicture(9, 14), waveletFilter("db2"), WaveletMode::Symmetric, 2);
        const Array picture = pyramidPicture(p, {0, 1, detailLimits(p)});
        // Level 1 is 6 x 8, level 2 is 4 x 5: 6 + 1 + 6 rows once 4 + 1 + 4 = 9 stand in the corner.
        QCOMPARE(picture.shape(), (std::vector<std::int64_t>{9 + 1 + 6, 11 + 1 + 8, 3}));
        QCOMPARE(colour(picture, 9, 3), (std::array<int, 3>{224, 224, 224}));
        QCOMPARE(colour(picture, 4, 2), (std::array<int, 3>{224, 224, 224}));
    }
    void levelsAddUp()
    {
        const Array image = referencePicture(21, 17);
        const auto &f = waveletFilter("sym3");
        const auto p = decompose(image, f, WaveletMode::Reflect, 2);
        Array sum(DType::Float64, image.shape());
        for (int level = 0; level <= 2; ++level) {
            const Array alone = levelAlone(p, f, WaveletMode::Reflect, level);
            for (std::int64_t i = 0; i < sum.size(); ++i)
                sum.data<double>()[i] += alone.value(i);
        }
        for (std::int64_t i = 0; i < sum.size(); ++i)
            QVERIFY(std::abs(sum.value(i) - image.value(i)) < 1e-12);
        QVERIFY(std::abs(reconstruct(p, f, WaveletMode::Reflect).value(3) - image.value(3)) < 1e-12); // left as it was
    }
};

RETICLE_TEST(WaveletPicturesTest)
#include "WaveletPicturesTest.moc"
