#include "data/Augment.h"
#include "foundation/Random.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace reticle;

namespace {

AugmentOptions nothing()
{
    AugmentOptions o;
    o.flip = o.quarterTurns = o.rotate = o.scale = o.elastic = 0;
    o.noise = o.blur = o.brightness = o.contrast = o.lowResolution = o.gamma = o.gammaInverted = 0;
    return o;
}

/// A smooth picture whose label is the picture itself, rounded: where geometry is shared they stay equal.
struct Pattern
{
    Array image, target;
    explicit Pattern(std::int64_t height, std::int64_t width)
        : image(DType::Float32, {1, height, width}), target(DType::UInt8, {height, width})
    {
        for (std::int64_t i = 0; i < height; ++i)
            for (std::int64_t j = 0; j < width; ++j) {
                const double v = 100 + 60 * std::sin(i / 17.0) * std::cos(j / 23.0) + 0.2 * i;
                image.data<float>()[i * width + j] = static_cast<float>(v);
                target.data<std::uint8_t>()[i * width + j] = static_cast<std::uint8_t>(std::lround(v));
            }
    }
};

double meanOf(const Array &a)
{
    double s = 0;
    for (float v : a.span<float>())
        s += v;
    return s / a.size();
}

double deviationOf(const Array &a)
{
    const double m = meanOf(a);
    double s = 0;
    for (float v : a.span<float>())
        s += (v - m) * (v - m);
    return std::sqrt(s / a.size());
}

} // namespace

class AugmentTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void leavesTheCropAloneWhenOff()
    {
        const Pattern p(90, 120);
        AugmentOptions off;
        off.enabled = false;
        for (const auto &options : {off, nothing()}) {
            const auto crop = augmentedCrop(p.image, p.target, 40, 50, 32, options, 3);
            for (int i = 0; i < 32; ++i)
                for (int j = 0; j < 32; ++j) {
                    QCOMPARE(crop.image.data<float>()[i * 32 + j], p.image.data<float>()[(24 + i) * 120 + 34 + j]);
                    QCOMPARE(crop.target.data<std::uint8_t>()[i * 32 + j],
                             p.target.data<std::uint8_t>()[(24 + i) * 120 + 34 + j]);
                }
        }
    }
    void mirrorsBeyondTheBorder()
    {
        Pattern p(3, 4);
        const auto crop = augmentedCrop(p.image, p.target, 1, 2, 10, nothing(), 3);
        // Rows -4..5 of a period of 4: 0 1 2 1 | 0 1 2 | 1 0 1; columns -3..6 of a period of 6: 3 2 1 | 0 1 2 3 | 2 1 0.
        const int rows[] = {0, 1, 2, 1, 0, 1, 2, 1, 0, 1}, columns[] = {3, 2, 1, 0, 1, 2, 3, 2, 1, 0};
        for (int i = 0; i < 10; ++i)
            for (int j = 0; j < 10; ++j)
                QCOMPARE(crop.image.data<float>()[i * 10 + j], p.image.data<float>()[rows[i] * 4 + columns[j]]);
        Pattern dot(1, 1);
        const auto one = augmentedCrop(dot.image, dot.target, 0, 0, 8, AugmentOptions(), 1);
        QCOMPARE(one.target.size(), std::int64_t(64));
        for (float v : one.image.span<float>())
            QVERIFY(std::isfinite(v));
    }
    void laysTheSquareDownInEightExactWays()
    {
        const Pattern p(64, 64);
        auto o = nothing();
        o.flip = o.quarterTurns = 0.5;
        const auto plain = augmentedCrop(p.image, p.target, 32, 32, 64, nothing(), 0);
        auto values = [](const Array &a) {
            std::vector<float> v(a.span<float>().begin(), a.span<float>().end());
            return v;
        };
        std::set<std::vector<float>> seen;
        auto sorted = values(plain.image);
        std::sort(sorted.begin(), sorted.end());
        for (std::uint64_t seed = 0; seed < 80; ++seed) {
            const auto crop = augmentedCrop(p.image, p.target, 32, 32, 64, o, seed);
            auto v = values(crop.image);
            for (std::size_t i = 0; i < v.size(); ++i)
                QCOMPARE(int(crop.target.data<std::uint8_t>()[i]), int(std::lround(v[i])));
            seen.insert(v);
            std::sort(v.begin(), v.end());
            QVERIFY(v == sorted);
        }
        QCOMPARE(seen.size(), std::size_t(8));
        // The eight by their definition: flips of both axes, transposed or not.
        for (int way = 0; way < 8; ++way) {
            std::vector<float> v(64 * 64);
            for (int i = 0; i < 64; ++i)
                for (int j = 0; j < 64; ++j) {
                    const int a = way & 4 ? j : i, b = way & 4 ? i : j;
                    v[i * 64 + j] = p.image.data<float>()[(way & 1 ? 63 - a : a) * 64 + (way & 2 ? 63 - b : b)];
                }
            QVERIFY(seen.count(v) == 1);
        }
    }
    void keepsImageAndLabelAligned()
    {
        const Pattern p(200, 240);
        auto o = nothing();
        o.flip = o.quarterTurns = 0.5;
        o.rotate = o.scale = o.elastic = 0.7;
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
            const auto crop = augmentedCrop(p.image, p.target, 100, 120, 96, o, seed);
            double worst = 0;
            for (std::int64_t i = 0; i < crop.target.size(); ++i)
                worst = std::max(worst, std::abs(double(crop.image.data<float>()[i]) - crop.target.data<std::uint8_t>()[i]));
            // Half a pixel of a picture that rises by at most 5.1 a pixel diagonally, and rounding.
            QVERIFY2(worst < 3.6, qPrintable(QString("seed %1: %2").arg(seed).arg(worst)));
        }
    }
    void resamplingAgreesWithTheExactTurns()
    {
        // A quarter of a degree more than none moves no pixel of a 32 px crop by more than 0.1 px.
        const Pattern p(64, 64);
        auto exact = nothing(), turned = nothing();
        exact.flip = turned.flip = 0.5;
        exact.quarterTurns = turned.quarterTurns = 0.5;
        turned.rotate = 1;
        turned.rotateDegrees = 0.01;
        for (std::uint64_t seed = 0; seed < 24; ++seed) {
            const auto a = augmentedCrop(p.image, p.target, 32, 32, 33, exact, seed);
            const auto b = augmentedCrop(p.image, p.target, 32, 32, 33, turned, seed);
            for (std::int64_t i = 0; i < a.image.size(); ++i)
                QVERIFY(std::abs(a.image.data<float>()[i] - b.image.data<float>()[i]) < 0.05);
        }
    }
    void staysInItsRanges()
    {
        const Pattern p(128, 128);
        const auto plain = augmentedCrop(p.image, p.target, 64, 64, 128, nothing(), 0).image;
        const double mean = meanOf(plain), deviation = deviationOf(plain);
        double low = 9, high = 0;
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            auto o = nothing();
            o.brightness = 1;
            const double factor = meanOf(augmentedCrop(p.image, p.target, 64, 64, 128, o, seed).image) / mean;
            low = std::min(low, factor);
            high = std::max(high, factor);
        }
        QVERIFY(low >= 0.7499 && low < 0.80 && high <= 1.2501 && high > 1.20);
        low = 9, high = 0;
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            auto o = nothing();
            o.noise = 1;
            const auto noisy = augmentedCrop(p.image, p.target, 64, 64, 128, o, seed).image;
            double sum = 0;
            for (std::int64_t i = 0; i < noisy.size(); ++i)
                sum += std::pow(noisy.data<float>()[i] - plain.data<float>()[i], 2);
            const double variance = sum / noisy.size() / (deviation * deviation);
            low = std::min(low, variance);
            high = std::max(high, variance);
        }
        QVERIFY2(low >= 0 && low < 0.01 && high > 0.09 && high < 0.105, qPrintable(QString::number(high)));
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            auto o = nothing();
            o.gamma = 1;
            const auto bent = augmentedCrop(p.image, p.target, 64, 64, 128, o, seed).image;
            QVERIFY(std::abs(meanOf(bent) - mean) < 0.01 && std::abs(deviationOf(bent) - deviation) < 0.01);
            o.gamma = 0;
            o.contrast = 1;
            const double ratio = deviationOf(augmentedCrop(p.image, p.target, 64, 64, 128, o, seed).image) / deviation;
            QVERIFY(ratio > 0.74 && ratio < 1.26);
            o.contrast = 0;
            o.blur = o.lowResolution = 1;
            const auto soft = augmentedCrop(p.image, p.target, 64, 64, 128, o, seed).image;
            QVERIFY(deviationOf(soft) < deviation && deviationOf(soft) > 0.95 * deviation);
            QVERIFY(std::abs(meanOf(soft) - mean) < 0.5);
        }
    }
    void patchesGoOutOfFocus()
    {
        Array stripes(DType::Float32, {1, 256, 256}), label(DType::UInt8, {256, 256});
        for (int i = 0; i < 256 * 256; ++i)
            stripes.data<float>()[i] = static_cast<float>(std::sin(i % 256 * M_PI / 4)); // 8 px, mean 0
        auto o = nothing();
        o.defocus = 1;
        std::set<std::int64_t> sizes;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto crop = augmentedCrop(stripes, label, 128, 128, 256, o, seed);
            QVERIFY(crop.target == label);
            std::int64_t changed = 0;
            double before = 0, after = 0;
            for (int i = 0; i < 256 * 256; ++i) {
                const double a = stripes.data<float>()[i], b = crop.image.data<float>()[i];
                if (a == b)
                    continue;
                ++changed;
                before += a * a;
                after += b * b;
            }
            // One to three discs of 10 to 40 px, some of which reach beyond the border.
            QVERIFY2(changed > 50 && changed < 3 * M_PI * 41 * 41, qPrintable(QString::number(changed)));
            QVERIFY2(after < 0.5 * before, qPrintable(QString("%1 of %2").arg(after).arg(before)));
            sizes.insert(changed);
        }
        QVERIFY(sizes.size() > 15);
        for (const std::int64_t side : {1, 2, 9}) { // patches larger than the crop
            const auto tiny = augmentedCrop(stripes, label, 128, 128, side, o, 3);
            for (const float v : tiny.image.span<float>())
                QVERIFY(std::isfinite(v));
        }
        o.defocusRadius = 8;
        std::int64_t maximum = 0;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto crop = augmentedCrop(stripes, label, 128, 128, 256, o, seed);
            std::int64_t changed = 0;
            for (int i = 0; i < 256 * 256; ++i)
                changed += stripes.data<float>()[i] != crop.image.data<float>()[i];
            maximum = std::max(maximum, changed);
        }
        QVERIFY2(maximum < 3 * M_PI * 9 * 9, qPrintable(QString::number(maximum)));
        o.defocusRadius = 40;
        o.defocus = 0;
        QVERIFY(augmentedCrop(stripes, label, 128, 128, 256, o, 1).image == stripes);
    }
    void repeatsBySeed()
    {
        const Pattern p(100, 100);
        AugmentOptions o;
        o.rotate = o.scale = o.elastic = o.noise = o.gamma = 0.8;
        const auto a = augmentedCrop(p.image, p.target, 50, 40, 48, o, 11);
        const auto b = augmentedCrop(p.image, p.target, 50, 40, 48, o, 11);
        const auto c = augmentedCrop(p.image, p.target, 50, 40, 48, o, 12);
        QVERIFY(a.image == b.image && a.target == b.target);
        QVERIFY(!(a.image == c.image));
        QVERIFY(a.image.dim(1) == 48 && a.target.dim(0) == 48);
    }
};

RETICLE_TEST(AugmentTest)
#include "AugmentTest.moc"
