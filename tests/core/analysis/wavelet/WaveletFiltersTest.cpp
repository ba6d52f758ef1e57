#include "analysis/wavelet/Wavelet.h"

#include "core/analysis/GoldenPictures.h"
#include "foundation/Error.h"
#include "foundation/Json.h"
#include "support/Test.h"

#include <fstream>
#include <map>
#include <numbers>
#include <numeric>

using namespace reticle;
using namespace reticle::test;

class WaveletFiltersTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void allFamiliesAreThere()
    {
        const auto names = waveletNames();
        QCOMPARE(names.size(), size_t(75));
        for (const auto &n : {"haar", "db1", "db20", "sym2", "sym20", "coif5", "bior6.8", "rbio1.1", "rbio5.5"})
            QVERIFY2(std::find(names.begin(), names.end(), n) != names.end(), n);
        QCOMPARE(waveletFilter("db20").length(), 40);
        QCOMPARE(waveletFilter("sym4").length(), 8);
        QCOMPARE(waveletFilter("coif3").length(), 18);
    }
    void agreeWithPyWavelets()
    {
        const Json r = Json::parse(std::ifstream(source("tests/reference/wavelets.json")));
        for (const auto &name : waveletNames()) {
            const auto &f = waveletFilter(name);
            const auto &sums = r["filters"][name];
            const double found[] = {notice(f.decLow), notice(f.decHigh), notice(f.recLow), notice(f.recHigh)};
            for (std::size_t i = 0; i < 4; ++i) // PyWavelets' sym are good to 1e-11
                QVERIFY2(std::abs(found[i] - sums[i].get<double>()) < 1e-10, name.c_str());
        }
        const std::vector<double> low{-0.12940952255126037, 0.2241438680420134, 0.8365163037378079, 0.48296291314453416};
        const std::vector<double> high{-0.48296291314453416, 0.8365163037378079, -0.2241438680420134, -0.12940952255126037};
        for (std::size_t k = 0; k < 4; ++k) {
            QVERIFY(std::abs(waveletFilter("db2").decLow[k] - low[k]) < 1e-15);
            QVERIFY(std::abs(waveletFilter("db2").decHigh[k] - high[k]) < 1e-15);
        }
    }
    void sumsAndShifts()
    {
        for (const auto &name : waveletNames()) {
            const auto &f = waveletFilter(name);
            const double tolerance = name[0] == 'c' ? 1e-10 : f.orthogonal ? 1e-14 : 1e-11;
            QCOMPARE(f.length() % 2, 0);
            QVERIFY(std::abs(std::accumulate(f.decLow.begin(), f.decLow.end(), 0.0) - std::numbers::sqrt2) < tolerance);
            QVERIFY(std::abs(std::accumulate(f.decHigh.begin(), f.decHigh.end(), 0.0)) < tolerance);
            // Shifted by an even number of samples, the two sides are at right angles: sum dec_lo[k] rec_lo[L-1-k+2s].
            const int n = f.length();
            for (int s = -n / 2 + 1; s < n / 2; ++s) {
                double product = 0;
                for (int k = 0; k < n; ++k)
                    if (const int at = n - 1 - k + 2 * s; at >= 0 && at < n)
                        product += f.decLow[static_cast<std::size_t>(k)] * f.recLow[static_cast<std::size_t>(at)];
                QVERIFY2(std::abs(product - (s == 0)) < tolerance, name.c_str());
            }
        }
    }
    void dbHasItsVanishingMoments()
    {
        for (const int moments : {1, 2, 4, 7}) {
            const auto &f = waveletFilter("db" + std::to_string(moments));
            std::vector<double> x(120);
            for (std::size_t i = 0; i < x.size(); ++i)
                x[i] = std::pow((static_cast<double>(i) - 60) / 60, moments - 1) + 1;
            const auto [low, high] = waveletSplit<double>(x, f, WaveletMode::Symmetric);
            const auto border = static_cast<std::size_t>(moments);
            for (std::size_t k = border; k + border < high.size(); ++k)
                QVERIFY(std::abs(high[k]) < 1e-11);
            const auto power = std::pow(0.5, moments); // one degree more does not vanish
            for (std::size_t i = 0; i < x.size(); ++i)
                x[i] = std::pow((static_cast<double>(i) - 60) / 2, moments);
            QVERIFY(std::abs(waveletSplit<double>(x, f, WaveletMode::Symmetric).second[30]) > 1e-3 * power);
        }
    }
    void largestLevels()
    {
        const std::map<const char *, int> of512{{"db1", 9},  {"db2", 7},   {"db4", 6},     {"db8", 5},    {"db20", 3},
                                                {"sym4", 6}, {"coif3", 4}, {"bior2.2", 6}, {"bior6.8", 4}};
        for (const auto &[name, levels] : of512)
            QVERIFY2(maxWaveletLevel(512, waveletFilter(name)) == levels, name);
        QCOMPARE(maxWaveletLevel(256, waveletFilter("db1")), 8);
        QCOMPARE(maxWaveletLevel(1, waveletFilter("db1")), 0);
        QCOMPARE(maxWaveletLevel(2, waveletFilter("db4")), 0);
    }
    void unknownNamesAreRefused()
    {
        EXPECT_ERROR(waveletFilter("db99"), "unknown wavelet 'db99'; families are haar, db1-20, sym2-20, coif1-5, bior, rbio");
        EXPECT_ERROR(waveletMode("mirror"), "periodization");
        QCOMPARE(waveletModeNames().size(), size_t(9));
        for (const auto &name : waveletModeNames())
            QCOMPARE(nameOf(waveletMode(name)), name);
    }
};

RETICLE_TEST(WaveletFiltersTest)
#include "WaveletFiltersTest.moc"
