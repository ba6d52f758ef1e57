#include "imaging/Intensity.h"
#include "imaging/Mirror_p.h"
#include "support/Test.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using namespace reticle;

namespace {

std::vector<float> waves(std::int64_t height, std::int64_t width)
{
    std::vector<float> v(static_cast<std::size_t>(height * width));
    for (std::int64_t i = 0; i < height; ++i)
        for (std::int64_t j = 0; j < width; ++j)
            v[static_cast<std::size_t>(i * width + j)] =
                static_cast<float>(std::sin(i * 0.7) + 0.3 * std::cos(j * 1.9) + 0.01 * static_cast<double>(i * j % 7));
    return v;
}

/// The definition, in double and pixel by pixel.
std::vector<double> blurred(const std::vector<float> &v, std::int64_t height, std::int64_t width, double sigma)
{
    const auto radius = static_cast<std::int64_t>(std::ceil(3 * sigma));
    double sum = 0;
    for (auto k = -radius; k <= radius; ++k)
        sum += std::exp(-0.5 * static_cast<double>(k * k) / (sigma * sigma));
    std::vector<double> out(v.size());
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
            for (auto a = -radius; a <= radius; ++a)
                for (auto b = -radius; b <= radius; ++b)
                    out[static_cast<std::size_t>(y * width + x)] +=
                        std::exp(-0.5 * static_cast<double>(a * a + b * b) / (sigma * sigma)) / (sum * sum) *
                        v[static_cast<std::size_t>(mirrored(y + a, height) * width + mirrored(x + b, width))];
    return out;
}

} // namespace

class IntensityTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void momentsAreThoseOfTheNumbers()
    {
        for (const std::int64_t n : {1, 2, 15, 16, 17, 1000, 65536}) {
            std::vector<float> v = waves(1, n);
            for (float &x : v)
                x += 1e4f; // far from 0, where squares would cancel
            const double mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(n);
            double squares = 0;
            for (const float x : v)
                squares += (x - mean) * (x - mean);
            const auto m = momentsOf(v.data(), n);
            QVERIFY(std::abs(m.mean - mean) < 1e-3);
            QVERIFY2(std::abs(m.deviation - std::sqrt(squares / static_cast<double>(n))) < 1e-6, qPrintable(QString::number(n)));
            QCOMPARE(m.low, *std::min_element(v.begin(), v.end()));
            QCOMPARE(m.high, *std::max_element(v.begin(), v.end()));
        }
    }
    void noiseIsNormal()
    {
        constexpr std::int64_t n = 1 << 20;
        std::vector<float> v(n, 5.0f);
        Random random(4);
        addNoise(v.data(), n, 2.0f, random);
        double moment[5] = {};
        std::int64_t within1 = 0, within2 = 0, beyond4 = 0;
        double neighbors = 0, before = 0;
        for (const float x : v) {
            const double z = (x - 5.0) / 2.0;
            for (int k = 1; k <= 4; ++k)
                moment[k] += std::pow(z, k) / n;
            within1 += std::abs(z) < 1;
            within2 += std::abs(z) < 2;
            beyond4 += std::abs(z) > 4;
            neighbors += z * before / n;
            before = z;
        }
        // Bounds of five standard errors: sqrt(1, 2, 15, 96) / 1024.
        QVERIFY(std::abs(moment[1]) < 0.005);
        QVERIFY(std::abs(moment[2] - 1) < 0.007);
        QVERIFY(std::abs(moment[3]) < 0.019);
        QVERIFY(std::abs(moment[4] - 3) < 0.048);
        QVERIFY(std::abs(neighbors) < 0.005);
        QVERIFY(std::abs(static_cast<double>(within1) / n - 0.682689) < 0.0023);
        QVERIFY(std::abs(static_cast<double>(within2) / n - 0.954500) < 0.0011);
        QVERIFY(beyond4 > 20 && beyond4 < 120); // 66 are expected
    }
    void noiseIsBoxAndMuller()
    {
        // Of every bit pattern that matters: the largest and the least radius, and angles around each eighth of a turn.
        Random random(9), again(9);
        for (const std::int64_t n : {1, 2, 3, 1023, 1024, 1025, 4000}) {
            std::vector<float> v(static_cast<std::size_t>(n));
            addNoise(v.data(), n, 1, random);
            for (std::int64_t i = 0; i < n; i += 2) {
                const auto bits = again.next();
                const double u = (static_cast<double>(bits >> 40) + 1) * 0x1p-24,
                             turn = static_cast<double>(bits & 0xffffff) * 0x1p-24 * 2 * M_PI, r = std::sqrt(-2 * std::log(u));
                QVERIFY(std::abs(v[static_cast<std::size_t>(i)] - r * std::cos(turn)) < 3e-6);
                if (i + 1 < n)
                    QVERIFY(std::abs(v[static_cast<std::size_t>(i + 1)] - r * std::sin(turn)) < 3e-6);
            }
        }
    }
    void blursByTheDefinition()
    {
        for (const auto &[height, width] : {std::pair(1, 1), {1, 40}, {40, 1}, {2, 3}, {17, 33}, {64, 48}})
            for (const double sigma : {0.5, 1.0, 2.3, 6.0}) {
                auto v = waves(height, width);
                const auto expected = blurred(v, height, width, sigma);
                blur(v.data(), height, width, sigma);
                for (std::size_t i = 0; i < v.size(); ++i)
                    QVERIFY2(std::abs(v[i] - expected[i]) < 2e-6,
                             qPrintable(QString("%1 x %2, %3").arg(height).arg(width).arg(sigma)));
            }
    }
    void stretchesAndHolds()
    {
        std::vector<float> v{0, 1, 2, 3, 10, -5};
        stretch(v.data(), 6, 1, 2, 5, 0, 12);
        QCOMPARE(v, (std::vector<float>{3, 5, 7, 9, 12, 0}));
    }
    void samplesDownAndUp()
    {
        // Of a plane of equal rows half of the pixels stay, the first of each pair being the second: (k + 1/2) 2 = 1, 3, 5, ...
        constexpr std::int64_t side = 8;
        std::vector<float> v(side * side);
        for (std::int64_t i = 0; i < side * side; ++i)
            v[static_cast<std::size_t>(i)] = static_cast<float>(i % side);
        auto w = v;
        lowerResolution(w.data(), side, 0.5);
        const std::vector<float> row{1, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7};
        for (std::int64_t i = 0; i < side * side; ++i)
            QCOMPARE(w[static_cast<std::size_t>(i)], row[static_cast<std::size_t>(i % side)]);
        w = v;
        lowerResolution(w.data(), side, 1);
        QCOMPARE(w, v);
        lowerResolution(w.data(), side, 0.01); // one pixel is left
        for (const float x : w)
            QCOMPARE(x, v[static_cast<std::size_t>(4 * side + 4)]);
    }
    void bendsByThePower()
    {
        const auto v = waves(40, 40);
        const auto m = momentsOf(v.data(), 1600);
        for (const bool inverted : {false, true})
            for (const double gamma : {0.7, 1.0, 1.5}) {
                auto w = v;
                bendGamma(w.data(), 1600, gamma, inverted);
                std::vector<double> p;
                double mean = 0, squares = 0;
                for (const float x : v) {
                    const double t = (x - m.low) / (static_cast<double>(m.high) - m.low);
                    p.push_back(inverted ? 1 - std::pow(1 - t, gamma) : std::pow(t, gamma));
                    mean += p.back() / 1600;
                }
                for (const double x : p)
                    squares += (x - mean) * (x - mean) / 1600;
                for (std::size_t i = 0; i < p.size(); ++i)
                    QVERIFY(std::abs(w[i] - ((p[i] - mean) / std::sqrt(squares) * m.deviation + m.mean)) < 4e-3);
            }
        std::vector<float> flat(9, 3.0f);
        bendGamma(flat.data(), 9, 1.4, false);
        QCOMPARE(flat, std::vector<float>(9, 3.0f));
    }
};

RETICLE_TEST(IntensityTest)
#include "IntensityTest.moc"
