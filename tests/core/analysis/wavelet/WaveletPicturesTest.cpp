#include "analysis/wavelet/WaveletPictures.h"

#include "core/analysis/GoldenPictures.h"
#include "figure/ColorMap.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::test;

class WaveletPicturesTest : public QObject
{
    Q_OBJECT
private:
    static std::array<int, 3> color(const Array &picture, std::int64_t y, std::int64_t x)
    {
        const auto *p = picture.data<std::uint8_t>() + (y * picture.dim(1) + x) * 3;
        return {p[0], p[1], p[2]};
    }
    static std::array<int, 3> mapped(const char *map, double fraction)
    {
        const auto c = mapColor(colorTable(map), fraction);
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
        QCOMPARE(color(picture, 1, 1), mapped("gray", 0.5));     // A = 1, divided by 2
        QCOMPARE(color(picture, 5, 1), mapped("blue-red", 1));   // H bottom left
        QCOMPARE(color(picture, 1, 8), mapped("blue-red", 0.5)); // V top right
        QCOMPARE(color(picture, 6, 8), mapped("blue-red", 0.5));
    }
    void sparseImagesAreNotBlank()
    {
        // Six small squares on an even ground: of level 1 far fewer than one coefficient in 200 is above 0.
        for (const char *filter : {"db1", "db2", "sym8"}) {
            Array discs(DType::Float64, {256, 256});
            for (auto &v : discs.span<double>())
                v = 173.3;
            for (std::int64_t n = 0; n < 6; ++n)
                for (std::int64_t i = 0; i < 9; ++i)
                    discs.data<double>()[(31 + 33 * n + i / 3) * 256 + 41 * n + 15 + i % 3] = 220;
            const auto p = decompose(discs, waveletFilter(filter), WaveletMode::Periodization, 3);
            const auto limits = detailLimits(p);
            const Array picture = pyramidPicture(p, {0, 255, limits});
            for (const auto &b : pyramidBands(p.layout)) {
                if (b.level == 0)
                    continue;
                QVERIFY2(limits[static_cast<std::size_t>(b.level) - 1] > 0.01, filter); // not a rounding, of 1e-14
                std::int64_t strong = 0, empty = 0;
                for (std::int64_t i = 0; i < b.rows * b.columns; ++i) {
                    const auto c = color(picture, b.y + i / b.columns, b.x + i % b.columns);
                    strong += std::abs(c[0] - c[2]) > 40;
                    empty += std::abs(c[0] - c[2]) < 10; // white, on whichever side of 0 a rounding lies
                }
                QVERIFY2(strong > 0, filter);
                QVERIFY2(b.level > 1 || empty > b.rows * b.columns / 2, filter); // coarser ones are not sparse
            }
        }
        const auto none = decompose(Array(DType::Float64, {8, 8}), waveletFilter("db1"), WaveletMode::Symmetric, 1);
        QCOMPARE(detailLimits(none), std::vector<double>{0.0});
        QCOMPARE(color(pyramidPicture(none, {0, 1, {0}}), 6, 6), mapped("blue-red", 0.5));
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
        QCOMPARE(color(picture, 8, 0), band(1, Orientation::H, 0));
        QCOMPARE(color(picture, 0, 4), band(2, Orientation::V, 0));
        QCOMPARE(color(picture, 2, 3), band(3, Orientation::D, 1));
        QCOMPARE(color(picture, 1, 0), mapped("gray", p.approximation().value(2) / 8 / 31));
        const auto one = detailLimits(p, true);
        QVERIFY(one[0] == one[2] && one[0] >= limits[1]);
    }
    void oddSizesGetGutters()
    {
        const auto p = decompose(referencePicture(9, 14), waveletFilter("db2"), WaveletMode::Symmetric, 2);
        const Array picture = pyramidPicture(p, {0, 1, detailLimits(p)});
        // Level 1 is 6 x 8, level 2 is 4 x 5: 6 + 1 + 6 rows once 4 + 1 + 4 = 9 stand in the corner.
        QCOMPARE(picture.shape(), (std::vector<std::int64_t>{9 + 1 + 6, 11 + 1 + 8, 3}));
        QCOMPARE(color(picture, 9, 3), (std::array<int, 3>{224, 224, 224}));
        QCOMPARE(color(picture, 4, 2), (std::array<int, 3>{224, 224, 224}));
    }
    void everyPixelOfABandIsItsCoefficient()
    {
        // Even sizes and odd ones, with gutters.
        for (const auto &[image, filter] : {std::pair{goldenPicture(), "db1"}, std::pair{referencePicture(19, 30), "db2"}}) {
            const auto p = decompose(image, waveletFilter(filter), WaveletMode::Symmetric, 2);
            const auto bands = pyramidBands(p.layout);
            QCOMPARE(bands.size(), size_t(1 + 3 * 2));
            QCOMPARE(bands[0].level, 0);
            QCOMPARE(bands.back().level, 1);
            const auto limits = detailLimits(p);
            const Array picture = pyramidPicture(p, {0, 31, limits});
            std::int64_t coefficients = 0;
            for (const auto &b : bands) {
                coefficients += b.rows * b.columns;
                if (b.level == 0)
                    continue;
                const double limit = limits[static_cast<std::size_t>(b.level) - 1];
                for (const std::int64_t i : {std::int64_t{0}, b.rows * b.columns - 1}) {
                    const double c = p.band(b.level, b.orientation).value(i);
                    QCOMPARE(color(picture, b.y + i / b.columns, b.x + i % b.columns), mapped("blue-red", c / limit / 2 + 0.5));
                }
            }
            QCOMPARE(coefficients, p.layout.size);
        }
    }
    void supportIsWhatACoefficientIsComputedFrom()
    {
        const Array line = referencePicture(64, 1); // down the rows
        for (const char *name : {"db1", "db3", "sym4"})
            for (const auto mode : {WaveletMode::Symmetric, WaveletMode::Periodization})
                for (const int level : {1, 2, 3}) {
                    const auto &f = waveletFilter(name);
                    const auto [first, last] = supportOf(f, mode, level);
                    QCOMPARE(last - first + 1, (f.length() - 1) * ((1 << level) - 1) + 1);
                    const auto coefficient = [&](const Array &x, std::int64_t k) {
                        std::vector<double> v(x.span<double>().begin(), x.span<double>().end());
                        return decomposeLine<double>(v, f, mode, level)[1][static_cast<std::size_t>(k)];
                    };
                    // One that lies inside: it hears the first and last sample of its support, and none beside them.
                    std::int64_t k = 0;
                    while (first + (k << level) < 1)
                        ++k;
                    const std::int64_t from = first + (k << level), to = last + (k << level);
                    if (to > 62)
                        continue; // longer than the line
                    const double plain = coefficient(line, k);
                    for (const std::int64_t at : {from - 1, from, to, to + 1}) {
                        Array touched = line.clone();
                        touched.data<double>()[at] += 1000;
                        const bool heard = std::abs(coefficient(touched, k) - plain) > 1e-9;
                        QVERIFY2(heard == (at >= from && at <= to), name);
                    }
                }
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
