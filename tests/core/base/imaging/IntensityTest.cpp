#include "base/imaging/Intensity.h"
#include "support/Test.h"

#include <cmath>
#include <vector>

using namespace reticle;
using namespace reticle::imaging;

namespace {

std::vector<float> noisyPlane(std::int64_t height, std::int64_t width)
{
    Random random(5);
    std::vector<float> v(static_cast<std::size_t>(height * width));
    for (float &x : v)
        x = static_cast<float>(3 + 2 * random.normal());
    return v;
}

/// The definition, in float64: every pixel of the kernel cut at ceil(3 sigma), mirrored places.
double blurredAt(const std::vector<float> &v, std::int64_t height, std::int64_t width, double sigma, std::int64_t y,
                 std::int64_t x)
{
    const auto radius = static_cast<std::int64_t>(std::ceil(3 * sigma));
    double sum = 0, weights = 0;
    for (std::int64_t i = -radius; i <= radius; ++i)
        for (std::int64_t j = -radius; j <= radius; ++j) {
            const double w = std::exp(-0.5 * static_cast<double>(i * i + j * j) / (sigma * sigma));
            sum += w * v[static_cast<std::size_t>(mirrored(y + i, height) * width + mirrored(x + j, width))];
            weights += w;
        }
    return sum / weights;
}

} // namespace

class IntensityTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void momentsAreThoseOfTheDefinition()
    {
        for (const std::int64_t n : {1, 2, 15, 16, 17, 1000, 4097}) {
            const auto v = noisyPlane(1, n);
            double sum = 0, squares = 0;
            for (const double x : v)
                sum += x;
            for (const double x : v)
                squares += (x - sum / n) * (x - sum / n);
            const auto m = momentsOf(v.data(), n);
            QVERIFY(std::abs(m.mean - sum / n) < 1e-6 * std::abs(sum / n));
            QVERIFY(std::abs(m.deviation - std::sqrt(squares / n)) < 1e-5);
            QCOMPARE(m.low, *std::min_element(v.begin(), v.end()));
            QCOMPARE(m.high, *std::max_element(v.begin(), v.end()));
        }
    }

    void noiseIsNormal()
    {
        constexpr std::int64_t n = 1 << 20;
        std::vector<float> v(n, 0.0f);
        Random random(3);
        addNoise(v.data(), n, 2, random);
        double sums[5] = {}, neighbors = 0;
        std::int64_t within = 0, beyondFour = 0;
        for (std::int64_t i = 0; i < n; ++i) {
            const double z = v[static_cast<std::size_t>(i)] / 2;
            double p = 1;
            for (double &s : sums)
                s += p *= z;
            within += std::abs(z) < 1;
            beyondFour += std::abs(z) > 4;
            neighbors += i > 0 ? z * v[static_cast<std::size_t>(i - 1)] / 2 : 0;
        }
        // Five standard errors of each estimate: sqrt of 1, 2, 15, 96 over n.
        const double root = std::sqrt(static_cast<double>(n));
        QVERIFY(std::abs(sums[0] / n) < 5 / root);
        QVERIFY(std::abs(sums[1] / n - 1) < 5 * std::sqrt(2.0) / root);
        QVERIFY(std::abs(sums[2] / n) < 5 * std::sqrt(15.0) / root);
        QVERIFY(std::abs(sums[3] / n - 3) < 5 * std::sqrt(96.0) / root);
        QVERIFY(std::abs(neighbors / n) < 5 / root);
        QVERIFY(std::abs(static_cast<double>(within) / n - 0.682689492) < 5 * 0.466 / root);
        // 6.334e-5 of all: 66.4 here.
        QVERIFY2(beyondFour > 30 && beyondFour < 110, qPrintable(QString::number(beyondFour)));
    }

    void noiseOfALengthIsTheBeginningOfALongerOne()
    {
        for (const std::int64_t n : {1, 2, 511, 512, 513, 1000}) {
            std::vector<float> some(static_cast<std::size_t>(n), 1.0f), more(2000, 1.0f);
            Random a(7), b(7);
            addNoise(some.data(), n, 0.5f, a);
            addNoise(more.data(), 2000, 0.5f, b);
            QVERIFY(std::equal(some.begin(), some.end(), more.begin()));
        }
        std::vector<float> none(10, 1.0f);
        Random random(1);
        addNoise(none.data(), 10, 0, random);
        QVERIFY(none == std::vector<float>(10, 1.0f));
    }

    void blurIsTheGaussianInAnyBox()
    {
        for (const auto &[height, width] : {std::pair<std::int64_t, std::int64_t>{40, 31}, {5, 64}, {1, 9}, {3, 2}}) {
            const auto v = noisyPlane(height, width);
            for (const double sigma : {0.5, 1.0, 3.7}) {
                for (const Box box : {Box{0, 0, height, width}, Box{height / 2, width / 3, height, width},
                                      Box{0, width - 1, 1, width}}) {
                    std::vector<float> out(static_cast<std::size_t>((box.bottom - box.top) * (box.right - box.left)));
                    blur(v.data(), height, width, sigma, box, out.data());
                    const float *at = out.data();
                    for (auto y = box.top; y < box.bottom; ++y)
                        for (auto x = box.left; x < box.right; ++x)
                            QVERIFY(std::abs(*at++ - blurredAt(v, height, width, sigma, y, x)) < 2e-5);
                }
                auto inPlace = v;
                std::vector<float> apart(v.size());
                blur(v.data(), height, width, sigma, {0, 0, height, width}, apart.data());
                blur(inPlace.data(), height, width, sigma, {0, 0, height, width}, inPlace.data());
                QVERIFY(inPlace == apart);
            }
        }
    }

    void gammaBendsAndKeepsMeanAndDeviation()
    {
        for (const bool inverted : {false, true})
            for (const double gamma : {0.7, 1.0, 1.5}) {
                auto v = noisyPlane(20, 30);
                const auto before = momentsOf(v.data(), 600);
                const auto original = v;
                bendGamma(v.data(), 600, gamma, inverted);
                const auto after = momentsOf(v.data(), 600);
                QVERIFY(std::abs(after.mean - before.mean) < 1e-4 && std::abs(after.deviation - before.deviation) < 1e-4);
                // The curve itself, up to the straight line that keeps mean and deviation: order stays, bends as x^gamma.
                double worst = 0;
                std::vector<double> bent;
                for (const float x : original) {
                    const double p = (x - before.low) / (before.high - before.low);
                    bent.push_back(inverted ? 1 - std::pow(1 - p, gamma) : std::pow(p, gamma));
                }
                double sum = 0, squares = 0;
                for (const double b : bent)
                    sum += b;
                for (const double b : bent)
                    squares += (b - sum / 600) * (b - sum / 600);
                for (std::size_t i = 0; i < 600; ++i)
                    worst = std::max(worst, std::abs(v[i] - (before.mean + (bent[i] - sum / 600) * before.deviation /
                                                                                std::sqrt(squares / 600))));
                QVERIFY2(worst < 2e-3, qPrintable(QString::number(worst)));
            }
        std::vector<float> flat(50, 4.0f);
        bendGamma(flat.data(), 50, 0.5, false);
        QVERIFY(flat == std::vector<float>(50, 4.0f));
    }

    void lowerResolutionKeepsStraightLines()
    {
        constexpr std::int64_t side = 64;
        std::vector<float> v(side * side);
        for (std::int64_t i = 0; i < side * side; ++i)
            v[static_cast<std::size_t>(i)] = static_cast<float>(2 * (i / side) - 3 * (i % side));
        auto same = v;
        lowerResolution(same.data(), side, 1);
        QVERIFY(same == v);
        lowerResolution(v.data(), side, 0.5);
        // The picked pixel lies half a pixel from the middle of its square, so that a slope is moved by as much.
        for (std::int64_t i = 4; i < side - 4; ++i)
            for (std::int64_t j = 4; j < side - 4; ++j)
                QVERIFY(std::abs(v[static_cast<std::size_t>(i * side + j)] - static_cast<float>(2 * i - 3 * j)) <= 2.5f);
        std::vector<float> dot(1, 7.0f);
        lowerResolution(dot.data(), 1, 0.5);
        QCOMPARE(dot.front(), 7.0f);
    }
};

RETICLE_TEST(IntensityTest)
#include "IntensityTest.moc"
