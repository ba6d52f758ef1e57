#include "analysis/wavelet/RadialSpectrum.h"

#include "foundation/Random.h"
#include "support/Test.h"

#include <numbers>

using namespace reticle;

namespace {

using Complex = std::complex<double>;

std::vector<Complex> slowly(const std::vector<Complex> &x)
{
    const auto n = x.size();
    std::vector<Complex> out(n);
    for (std::size_t k = 0; k < n; ++k)
        for (std::size_t j = 0; j < n; ++j)
            out[k] += x[j] * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(j * k % n) / static_cast<double>(n));
    return out;
}

/// The rings' means by the definition.
std::vector<double> slowPower(const Array &image)
{
    const std::int64_t h = image.dim(0), w = image.dim(1), shorter = std::min(h, w);
    const double pi = std::numbers::pi;
    double mean = 0, kept = 0;
    for (const double v : image.span<double>())
        mean += v / static_cast<double>(h * w);
    std::vector<double> x(static_cast<std::size_t>(h * w));
    for (std::int64_t i = 0; i < h * w; ++i) {
        const double fade = std::pow(std::sin(pi * (static_cast<double>(i / w) + 0.5) / static_cast<double>(h)), 2) *
                            std::pow(std::sin(pi * (static_cast<double>(i % w) + 0.5) / static_cast<double>(w)), 2);
        x[static_cast<std::size_t>(i)] = (image.value(i) - mean) * fade;
        kept += fade * fade;
    }
    std::vector<double> sum(static_cast<std::size_t>(shorter / 2)), count(sum);
    for (std::int64_t u = -((h - 1) / 2); u <= h / 2; ++u)
        for (std::int64_t v = -((w - 1) / 2); v <= w / 2; ++v) {
            const double r =
                std::hypot(static_cast<double>(u) / static_cast<double>(h), static_cast<double>(v) / static_cast<double>(w)) *
                static_cast<double>(shorter);
            const auto ring = std::lround(r);
            if (ring < 1 || ring > shorter / 2)
                continue;
            Complex f = 0;
            for (std::int64_t i = 0; i < h * w; ++i)
                f += x[static_cast<std::size_t>(i)] *
                     std::polar(1.0, -2 * pi *
                                         (static_cast<double>(u * (i / w)) / static_cast<double>(h) +
                                          static_cast<double>(v * (i % w)) / static_cast<double>(w)));
            sum[static_cast<std::size_t>(ring - 1)] += std::norm(f) / kept;
            ++count[static_cast<std::size_t>(ring - 1)];
        }
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] /= count[i];
    return sum;
}

} // namespace

class RadialSpectrumTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void threadsChangeNothing()
    {
        for (const auto &[rows, columns] : {std::pair{200, 333}, {256, 130}}) {
            const RadialSpectrum radial(rows, columns);
            Array image(DType::Float64, {rows, columns});
            Random random(11);
            for (auto &v : image.span<double>())
                v = random.normal();
            QVERIFY(radial.power(image) == radial.power(image, 3));
        }
    }
    void transformsAnyLength()
    {
        Random random(6);
        for (const std::int64_t n : {1, 2, 3, 7, 8, 12, 31, 64, 100}) {
            std::vector<Complex> x;
            for (std::int64_t i = 0; i < n; ++i)
                x.push_back({random.uniform(-1, 1), random.uniform(-1, 1)});
            const auto wanted = slowly(x);
            FourierPlan(n).forward(x.data());
            for (std::size_t k = 0; k < x.size(); ++k)
                QVERIFY(std::abs(x[k] - wanted[k]) < 1e-11);
        }
    }
    void ringsAreThoseOfTheDefinition()
    {
        Random random(7);
        for (const auto &[h, w] : std::vector<std::pair<std::int64_t, std::int64_t>>{{16, 16}, {15, 22}, {9, 6}}) {
            Array image(DType::Float64, {h, w});
            for (auto &v : image.span<double>())
                v = random.uniform(3, 5);
            const auto found = RadialSpectrum(h, w).power(image), wanted = slowPower(image);
            QCOMPARE(found.size(), wanted.size());
            for (std::size_t i = 0; i < found.size(); ++i)
                QVERIFY(std::abs(found[i] - wanted[i]) < 1e-10);
        }
    }
    void aWaveIsInItsRing()
    {
        const std::int64_t side = 64;
        Array image(DType::Float64, {side, side});
        for (std::int64_t i = 0; i < side * side; ++i)
            image.data<double>()[i] = 100 + std::sin(2 * std::numbers::pi * 12 * static_cast<double>(i / side) / side);
        const RadialSpectrum radial(side, side);
        const auto p = radial.power(image);
        const auto maximum = std::max_element(p.begin(), p.end()) - p.begin();
        QVERIFY(std::abs(radial.frequencies()[static_cast<std::size_t>(maximum)] - 12.0 / 64) < 1e-12);
        QVERIFY(p[20] < 1e-12 * p[static_cast<std::size_t>(maximum)]);
    }
    void whiteNoiseIsFlatAtItsVariance()
    {
        Random random(8);
        Array image(DType::Float64, {128, 96});
        for (auto &v : image.span<double>())
            v = 3 * random.normal();
        const auto p = RadialSpectrum(128, 96).power(image);
        double mean = 0;
        for (std::size_t i = 8; i < p.size(); ++i)
            mean += p[i] / static_cast<double>(p.size() - 8);
        QVERIFY(std::abs(mean / 9 - 1) < 0.1);
    }
    void smallSidesHaveNone()
    {
        const RadialSpectrum radial(3, 40);
        QVERIFY(radial.frequencies().empty());
        QVERIFY(radial.power(Array(DType::Float64, {3, 40})).empty());
    }
};

RETICLE_TEST(RadialSpectrumTest)
#include "RadialSpectrumTest.moc"
