#include "analysis/wavelet/WaveletPower.h"

#include "core/analysis/GoldenPictures.h"
#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::test;

namespace {

constexpr int levels = 4;

WaveletPyramid pyramidOf(const Array &image, const char *filter = "db1")
{
    return decompose(image, waveletFilter(filter), WaveletMode::Symmetric, levels);
}

WaveletSums sumsOf(const Array &image)
{
    const auto p = pyramidOf(image);
    return reticle::sumsOf(p.layout, p.coefficients.data<double>());
}

Array scaled(const Array &a, double by)
{
    Array b = a.clone();
    for (auto &v : b.span<double>())
        v *= by;
    return b;
}

/// Coarsest level first, as the worked numbers are written.
bool near(std::vector<double> found, std::vector<double> wanted, double tolerance = 1e-8)
{
    std::reverse(found.begin(), found.end());
    if (found.size() != wanted.size())
        return false;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (!(std::abs(found[i] - wanted[i]) < tolerance))
            return false;
    return true;
}

} // namespace

class WaveletPowerTest : public QObject
{
    Q_OBJECT
private:
    const Array m_t = goldenPicture(), m_s = boxMean(m_t);
    const WaveletLayout m_layout = pyramidOf(m_t).layout;

    std::vector<double> power(const Array &image, PowerMeasure measure, PowerBands bands = PowerBands::All) const
    {
        return powerOf(sumsOf(image), m_layout, measure, bands, false);
    }

private Q_SLOTS:
    void sharesHaveTheWorkedNumbers()
    {
        const auto t = power(m_t, PowerMeasure::EnergyShare), s = power(m_s, PowerMeasure::EnergyShare);
        QVERIFY(near(t, {0.006444485, 0.016939790, 0.123734119, 0.852881606}, 1e-9));
        QVERIFY(near(ratioOf(s, t), {3.585475885, 5.683498912, 2.676657345, 0.644195317}));
        const auto a = power(m_t, PowerMeasure::AbsoluteShare), b = power(m_s, PowerMeasure::AbsoluteShare);
        QVERIFY(near(ratioOf(b, a), {1.811890838, 2.508771930, 1.579283231, 0.822814460}));
        QVERIFY(near(power(m_t, PowerMeasure::Energy), {140 / 3.0, 368 / 12.0, 56, 96.5}));
        QVERIFY(near(power(m_t, PowerMeasure::Absolute), {18 / 3.0, 52 / 12.0, 296 / 48.0, 1493 / 192.0}));
        const auto raw = ratioOf(power(m_s, PowerMeasure::Energy), power(m_t, PowerMeasure::Energy));
        QVERIFY(near(raw, {0.514285714, 0.815217391, 0.383928571, 0.092400691}));
        double whole = 0;
        for (const double p : t)
            whole += p;
        QVERIFY(std::abs(whole - 1) < 1e-12);
    }
    void averagesHaveTheWorkedNumbers()
    {
        const std::vector<WaveletSums> both{sumsOf(m_t), sumsOf(scaled(m_s, 10))};
        const auto of = [&](bool pooled) {
            return powerOfSet(both, m_layout, PowerMeasure::EnergyShare, PowerBands::All, false, pooled);
        };
        QVERIFY(near(of(true).value, {0.022020617, 0.091106551, 0.317672895, 0.569199938}));
        QVERIFY(near(of(false).value, {0.014775516, 0.056608534, 0.227463979, 0.701151971}));
        // The sd of two numbers is their difference over the root of 2.
        const auto t = power(m_t, PowerMeasure::EnergyShare), s = power(m_s, PowerMeasure::EnergyShare);
        for (std::size_t i = 0; i < t.size(); ++i)
            QVERIFY(std::abs(of(true).sd[i] - std::abs(t[i] - s[i]) / std::sqrt(2.0)) < 1e-12);
        const auto one = powerOfSet({sumsOf(m_t)}, m_layout, PowerMeasure::Energy, PowerBands::All, false, true);
        QVERIFY(std::isnan(one.sd[0]));
    }
    void approximationCountsWhenAskedFor()
    {
        const auto p = powerOf(sumsOf(m_t), m_layout, PowerMeasure::EnergyShare, PowerBands::All, true);
        QCOMPARE(p.size(), size_t(levels + 1));
        QVERIFY(std::abs(p.back() - 246.0 * 246 / 82240) < 1e-12); // energy is kept, so the whole is the sum of squares
    }
    void orientationsAreTakenForThemselves()
    {
        double all = 0;
        for (const auto b : {PowerBands::H, PowerBands::V, PowerBands::D})
            all += sumsOf(m_t).levels[0].energy[static_cast<int>(b)];
        QVERIFY(std::abs(all - 18528) < 1e-9);
        const auto h = power(m_t, PowerMeasure::EnergyShare, PowerBands::H);
        QVERIFY(std::abs(h[0] - 4512.0 / (4512 + 864 + 144 + 100)) < 1e-12);
        QCOMPARE(coefficientsOf(m_layout, 0, PowerBands::All), 192.0);
        QCOMPARE(coefficientsOf(m_layout, 3, PowerBands::D), 1.0);
    }
    void nothingHasNoShares()
    {
        for (const char *filter : {"db1", "db3", "bior4.4"}) {
            Array flat(DType::Float64, {16, 16});
            for (auto &v : flat.span<double>())
                v = 173.3;
            const auto p = pyramidOf(flat, filter);
            const auto none = reticle::sumsOf(p.layout, p.coefficients.data<double>());
            QVERIFY2(!none.hasDetails(), filter);
            for (const double v : powerOf(none, p.layout, PowerMeasure::EnergyShare, PowerBands::All, false))
                QCOMPARE(v, 0.0);
        }
        QVERIFY(std::isnan(ratioOf({1}, {0})[0]));
        // An image without details changes neither mean nor sd of the others.
        Array flat(DType::Float64, {16, 16});
        const auto with = powerOfSet({sumsOf(m_t), sumsOf(m_s), sumsOf(flat)}, m_layout, PowerMeasure::EnergyShare,
                                     PowerBands::All, false, false);
        const auto without =
            powerOfSet({sumsOf(m_t), sumsOf(m_s)}, m_layout, PowerMeasure::EnergyShare, PowerBands::All, false, false);
        QVERIFY(with.value == without.value);
        QVERIFY(with.sd == without.sd);
    }
    void sharesOfOneOrientationAddUpToOne()
    {
        // Columns alternate: V alone has anything. Its shares are no news of H.
        Array columns(DType::Float64, {16, 16});
        for (std::int64_t i = 0; i < columns.size(); ++i)
            columns.data<double>()[i] = i % 2 ? 20 : 10;
        const std::vector<WaveletSums> images{sumsOf(m_t), sumsOf(columns)};
        for (const auto b : {PowerBands::H, PowerBands::V, PowerBands::D, PowerBands::All})
            for (const bool pooled : {false, true})
                for (const auto measure : {PowerMeasure::EnergyShare, PowerMeasure::AbsoluteShare}) {
                    const auto s = powerOfSet(images, m_layout, measure, b, false, pooled);
                    double whole = 0;
                    for (const double v : s.value)
                        whole += v;
                    QVERIFY(std::abs(whole - 1) < 1e-12);
                    QCOMPARE(s.count, b == PowerBands::H || b == PowerBands::D ? 1 : 2);
                }
        // So the mean of H is that of the one image that has it, and it has no spread.
        const auto h = powerOfSet(images, m_layout, PowerMeasure::EnergyShare, PowerBands::H, false, false);
        QVERIFY(std::abs(h.value[0] - 4512.0 / 5620) < 1e-12);
        QVERIFY(std::isnan(h.sd[0]));
        const auto v = powerOfSet(images, m_layout, PowerMeasure::EnergyShare, PowerBands::V, false, false);
        QVERIFY(std::abs(v.value[0] - (1 + 3232.0 / (3232 + 672 + 80 + 4)) / 2) < 1e-12);
        // Means over coefficients are of all images.
        QCOMPARE(powerOfSet(images, m_layout, PowerMeasure::Energy, PowerBands::H, false, false).count, 2);
    }
    void imagesWithoutDetailsCountWithTheirApproximation()
    {
        Array flat(DType::Float64, {16, 16});
        for (auto &v : flat.span<double>())
            v = 7;
        const std::vector<WaveletSums> images{sumsOf(m_t), sumsOf(flat)};
        const auto s = powerOfSet(images, m_layout, PowerMeasure::EnergyShare, PowerBands::All, true, false);
        QCOMPARE(s.count, 2);
        QVERIFY(std::abs(s.value.back() - (246.0 * 246 / 82240 + 1) / 2) < 1e-12);
        QCOMPARE(powerOfSet(images, m_layout, PowerMeasure::EnergyShare, PowerBands::All, false, false).count, 1);
    }
    void ratiosHaveASpread()
    {
        const std::vector<WaveletSums> originals{sumsOf(m_t), sumsOf(m_t)}, models{sumsOf(m_t), sumsOf(m_s)};
        const auto sd = logRatioSd(models, originals, m_layout, PowerMeasure::Energy, PowerBands::All, false);
        QVERIFY(std::abs(sd[0] - std::abs(std::log(0.0924006908)) / std::sqrt(2.0)) < 1e-8);
        QVERIFY(std::isnan(logRatioSd({models[0]}, {originals[0]}, m_layout, PowerMeasure::Energy, PowerBands::All, false)[0]));
        const auto same = logRatioSd(originals, originals, m_layout, PowerMeasure::Energy, PowerBands::All, false);
        QCOMPARE(same[2], 0.0);
    }
    void unknownMeasuresAreRefused()
    {
        EXPECT_ERROR(powerMeasure("power"), "energy-share");
        for (const auto &name : powerMeasureNames())
            QCOMPARE(powerMeasureNames()[static_cast<std::size_t>(powerMeasure(name))], name);
    }
};

RETICLE_TEST(WaveletPowerTest)
#include "WaveletPowerTest.moc"
