#include "analysis/wavelet/WaveletEdit.h"

#include "core/analysis/GoldenPictures.h"
#include "foundation/Error.h"
#include "foundation/Random.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::test;

class WaveletEditTest : public QObject
{
    Q_OBJECT
private:
    using Bands = std::array<bool, 3>;

    static EditedImage edited(const Array &image, const std::string &drop, const std::string &threshold = "none")
    {
        const auto &f = waveletFilter("db1");
        const auto p = decompose(image, f, WaveletMode::Symmetric, 4);
        return withoutDropped(image, p, f, WaveletMode::Symmetric, waveletEdit(drop, threshold, 4), noiseOf(p));
    }
    static double energy(const Array &a)
    {
        double sum = 0;
        for (const double v : a.span<double>())
            sum += v * v;
        return sum;
    }

private Q_SLOTS:
    void readsLevelsBandsAndOrientations()
    {
        const auto e = waveletEdit("1:H; 2, A 3:D 3:V", "none", 3);
        QVERIFY(e.approximation);
        QVERIFY((e.dropped == std::vector<Bands>{{true, false, false}, {true, true, true}, {false, true, true}}));
        QCOMPARE(e.text(), std::string("the approximation, H of level 1, level 2, V and D of level 3"));
        const auto v = waveletEdit("V", "soft", 2);
        QVERIFY((v.dropped == std::vector<Bands>{{false, true, false}, {false, true, false}}));
        QCOMPARE(v.text(), std::string("orientation V, details below the universal threshold (soft)"));
        QCOMPARE(waveletEdit("1:H V", "none", 2).text(), std::string("orientation V, H of level 1"));
        QCOMPARE(waveletEdit("1 2", "none", 2).text(), std::string("all details"));
        QCOMPARE(waveletEdit("1", "none", 1).text(), std::string("level 1"));
        QVERIFY(waveletEdit("0", "none", 1).approximation);
        QVERIFY(!waveletEdit("", "none", 5).anything() && !waveletEdit(" ; ", "none", 5).anything());
        QVERIFY(waveletEdit("", "hard", 5).anything());
    }
    void refusesWhatIsNotThere()
    {
        EXPECT_ERROR(waveletEdit("6", "none", 5), "drop: level must be 1..5 as there are 5 levels, not 6.");
        EXPECT_ERROR(waveletEdit("2:H", "none", 1), "level must be 1 as there is 1 level, not 2.");
        EXPECT_ERROR(waveletEdit("-1", "none", 5), "level must be 1..5");
        for (const char *odd : {"1:X", "1:", "1:HV", "x", "1.5", ":H", "99999999999"})
            EXPECT_ERROR(waveletEdit(odd, "none", 5), std::string("\"") + odd + "\" is no level (2)");
    }
    void whatIsLeftOutHasTheEnergyOfItsBands()
    {
        // Haar keeps energy, so the residual has that of the bands, which the specification works out.
        const Array t = goldenPicture();
        for (const auto &[drop, wanted] : std::vector<std::pair<std::string, double>>{{"1:H", 4512},
                                                                                      {"2:V", 672},
                                                                                      {"1:H 2:V", 4512 + 672},
                                                                                      {"1", 18528},
                                                                                      {"H", 4512 + 864 + 144 + 100},
                                                                                      {"A", 246 * 246},
                                                                                      {"A 1 2 3 4", 82240},
                                                                                      {"", 0}}) {
            const auto e = edited(t, drop);
            QVERIFY2(std::abs(energy(e.residual) - wanted) < 1e-8, drop.c_str());
            QVERIFY2(std::abs(energy(e.image) - (82240 - wanted)) < 1e-8, drop.c_str());
            for (std::int64_t i = 0; i < t.size(); ++i)
                QVERIFY(std::abs(e.image.value(i) + e.residual.value(i) - t.value(i)) < 1e-12);
        }
    }
    void theThresholdDoesNotDependOnWhatIsDropped()
    {
        const Array t = goldenPicture();
        const Array soft = edited(t, "", "soft").image, both = edited(t, "4:V", "soft").image;
        // V of level 4 is one coefficient of 2 (4 / 2 = 2): under the threshold it is gone either way.
        const auto p = decompose(t, waveletFilter("db1"), WaveletMode::Symmetric, 4);
        QVERIFY(noiseOf(p).threshold > 2);
        for (std::int64_t i = 0; i < t.size(); ++i)
            QVERIFY(std::abs(soft.value(i) - both.value(i)) < 1e-12);
    }
    void shrinksNoise()
    {
        Random random(4);
        Array noise(DType::Float64, {128, 128});
        for (auto &v : noise.span<double>())
            v = 2 * random.normal();
        auto p = decompose(noise, waveletFilter("db2"), WaveletMode::Periodization, 2);
        const auto of = noiseOf(p);
        const double t = of.threshold;
        QCOMPARE(of.n, 128 * 128);
        QVERIFY(std::abs(of.sigma - 2) < 0.1);
        QVERIFY(std::abs(t / (2 * std::sqrt(2 * std::log(128.0 * 128))) - 1) < 0.05);
        auto soft = p;
        soft.coefficients = p.coefficients.clone();
        const auto first = static_cast<std::size_t>(p.layout.approximationRows * p.layout.approximationColumns);
        const double before = p.coefficients.value(static_cast<std::int64_t>(first));
        shrinkDetails(soft, 0.5, true);
        const double after = soft.coefficients.value(static_cast<std::int64_t>(first));
        QVERIFY(std::abs(std::abs(before) - std::abs(after) - 0.5) < 1e-12 || after == 0);
        QCOMPARE(soft.coefficients.value(0), p.coefficients.value(0)); // the approximation stays
        shrinkDetails(p, t, false);
        std::int64_t kept = 0;
        for (std::size_t i = first; i < p.coefficients.span<double>().size(); ++i)
            kept += p.coefficients.span<double>()[i] != 0;
        QVERIFY(kept < 10);
    }
};

RETICLE_TEST(WaveletEditTest)
#include "WaveletEditTest.moc"
