#include "analysis/wavelet/WaveletSpectrum.h"

#include "core/analysis/AnalysisFiles.h"
#include "core/analysis/GoldenMeasurement.h"

using namespace reticle;
using namespace reticle::test;

class WaveletTablesTest : public QObject
{
    Q_OBJECT
private:
    static Table powerTable(const WaveletMeasurement &m) { return spectrumTables(m).at(0); }
    static Table longTable(const WaveletMeasurement &m) { return spectrumTables(m).at(1); }
    static std::string word(const Table &t, const char *column, std::size_t row)
    {
        return std::get<std::vector<std::string>>(t.find(column)->values).at(row);
    }
    /// The number of the long table's only row with these words; NaN where there is none.
    static double valueOf(const Table &t, const char *model, const char *level, const char *orientation, const char *measure,
                          const char *column = "value")
    {
        double found = std::numeric_limits<double>::quiet_NaN();
        int rows = 0;
        for (std::size_t i = 0; i < t.rows(); ++i)
            if (word(t, "model", i) == model && word(t, "level", i) == level && word(t, "orientation", i) == orientation &&
                word(t, "measure", i) == measure) {
                found = cell(t, column, i);
                ++rows;
            }
        return rows == 1 ? found : std::numeric_limits<double>::quiet_NaN();
    }

private Q_SLOTS:
    void powerPerLevelHasTheWorkedNumbers()
    {
        const Table t = powerTable(goldenMeasurement());
        QCOMPARE(t.rows(), size_t(8)); // four levels of T from coarse to fine, then of S
        const std::vector<double> energies{140, 368, 2688, 18528, 72, 300, 1032, 1712};
        const std::vector<double> shares{0.006444485, 0.016939790, 0.123734119, 0.852881606};
        for (std::size_t i = 0; i < 8; ++i) {
            QVERIFY(std::abs(cell(t, "energy", i) - energies[i]) < 1e-9);
            QCOMPARE(word(t, "set", i), std::string(i < 4 ? "T" : "S"));
            QCOMPARE(word(t, "level", i), std::to_string(4 - i % 4));
            QCOMPARE(cell(t, "images", i), 1.0);
            QCOMPARE(cell(t, "period from", i), std::pow(2, 4 - i % 4));
            QCOMPARE(cell(t, "to", i), std::pow(2, 5 - i % 4));
            QCOMPARE(cell(t, "coefficients an image", i), 3 * std::pow(4, i % 4));
            if (i < 4)
                QVERIFY(std::abs(cell(t, "energy-share", i) - shares[i]) < 1e-9);
        }
        QCOMPARE(cell(t, "absolute sum", 3), 1493.0);
        QCOMPARE(cell(t, "ratio", 2), 1.0); // the originals to themselves
        QVERIFY(std::abs(cell(t, "ratio", 7) - 0.644195317) < 1e-9);
        QVERIFY(std::abs(cell(t, "raw ratio", 7) - 0.092400691) < 1e-9);
        const double h = 4512, v = 3232;
        QVERIFY(std::abs(cell(t, "anisotropy H/(H+V)", 3) - h / (h + v)) < 1e-12);
        QVERIFY(std::isnan(cell(t, "sd over images", 0)));
        QVERIFY(!t.find("smallest period"));
    }
    void pixelSizeGivesPeriodsALength()
    {
        auto m = goldenMeasurement();
        m.pixelSize = 4;
        const Table t = powerTable(m);
        QCOMPARE(t.find("smallest period")->unit, std::string("nm"));
        QCOMPARE(cell(t, "smallest period", 0), 64.0);
        QCOMPARE(cell(t, "smallest period", 7), 8.0);
    }
    void oneSetHasNoRatios()
    {
        const auto m = goldenMeasurement(false);
        for (const char *column : {"ratio", "raw ratio", "ratio H", "ratio V", "ratio D"})
            QVERIFY(!powerTable(m).find(column));
        QCOMPARE(longTable(m).rows(), size_t(4 * 4 * 4)); // levels x orientations x measures
        QVERIFY(powerTable(m).find("anisotropy H/(H+V)"));
    }
    void oneOrientationIsCountedForItself()
    {
        WaveletSpectrumOptions o;
        o.orientation = "H";
        const Table t = powerTable(goldenMeasurement(true, o));
        QVERIFY(std::abs(cell(t, "energy", 3) - 4512) < 1e-9);
        QCOMPARE(cell(t, "coefficients an image", 3), 64.0);
        QVERIFY(std::abs(cell(t, "energy-share", 3) - 4512.0 / (4512 + 864 + 144 + 100)) < 1e-12);
        QCOMPARE(cell(t, "ratio", 5), cell(t, "ratio H", 5));
    }
    void theApproximationIsARowOfItsOwn()
    {
        WaveletSpectrumOptions o;
        o.includeApproximation = true;
        const auto m = goldenMeasurement(true, o);
        const Table t = powerTable(m);
        QCOMPARE(t.rows(), size_t(10));
        QCOMPARE(word(t, "level", 0), std::string("A"));
        QCOMPARE(word(t, "level", 9), std::string("1"));
        QVERIFY(std::abs(cell(t, "energy", 0) - 246.0 * 246) < 1e-9);
        QCOMPARE(cell(t, "coefficients an image", 0), 1.0);
        QCOMPARE(cell(t, "period from", 0), 32.0);
        QVERIFY(std::isnan(cell(t, "to", 0))); // all that is longer
        double energy = 0, share = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            energy += cell(t, "energy", i);
            share += cell(t, "energy-share", i);
        }
        QVERIFY(std::abs(energy - 82240) < 1e-9); // the image's sum of squares
        QVERIFY(std::abs(share - 1) < 1e-12);
        for (const char *column : {"ratio H", "ratio V", "ratio D", "anisotropy H/(H+V)"}) {
            QVERIFY(std::isnan(cell(t, column, 5))); // it has no orientation
            QVERIFY(std::isfinite(cell(t, column, 6)));
        }
        // Of all orientations together five rows a measure, of each alone four.
        QCOMPARE(longTable(m).rows(), size_t((4 + 6) * 5 + 3 * (4 + 6) * 4));
        // Orientations are details only, with shares of them.
        QVERIFY(std::abs(valueOf(longTable(m), "T", "1", "H", "energy-share") - 4512.0 / 5620) < 1e-12);
    }
    void theLongTableHoldsEveryMeasure()
    {
        const Table t = longTable(goldenMeasurement());
        QVERIFY(t.toCsv().rfind("model,level,orientation,measure,value,sd,n_images\n", 0) == 0);
        QCOMPARE(t.rows(), size_t((4 + 6) * 4 * 4));
        QVERIFY(std::abs(valueOf(t, "T", "1", "all", "energy-share") - 0.852881606) < 1e-9);
        QVERIFY(std::abs(valueOf(t, "T", "1", "all", "energy") - 96.5) < 1e-9);
        QVERIFY(std::abs(valueOf(t, "T", "4", "all", "absolute") - 6) < 1e-9);
        QVERIFY(std::abs(valueOf(t, "S", "4", "all", "ratio") - 3.585475885) < 1e-9);
        QVERIFY(std::abs(valueOf(t, "S", "1", "all", "raw-ratio") - 0.092400691) < 1e-9);
        QVERIFY(std::abs(valueOf(t, "T", "1", "D", "absolute-share") - 691.0 / (691 + 112 + 20 + 6)) < 1e-12);
        QVERIFY(std::isnan(valueOf(t, "T", "1", "all", "ratio"))); // the originals have none
    }
    void spreadsAreOverImages()
    {
        const Array t = goldenPicture(), s = boxMean(t);
        const Table table = longTable(measurementOf({{"both", {t, s}}}));
        // The sd of two numbers is their difference over the root of 2.
        const double sd = (96.5 - 1712 / 192.0) / std::sqrt(2.0);
        QVERIFY(std::abs(valueOf(table, "both", "1", "all", "energy", "sd") - sd) < 1e-9);
        QCOMPARE(valueOf(table, "both", "1", "all", "energy", "n_images"), 2.0);
        QVERIFY(std::isnan(valueOf(longTable(goldenMeasurement()), "T", "1", "all", "energy", "sd")));
    }
    void withoutDetailsThereAreNoRatios()
    {
        const Table t = powerTable(measurementOf({{"flat", {Array(DType::Float64, {16, 16})}}, {"T", {goldenPicture()}}}));
        for (std::size_t i = 0; i < 4; ++i) {
            QCOMPARE(cell(t, "energy-share", i), 0.0);
            for (const char *column : {"ratio", "raw ratio", "ratio D"})
                QVERIFY(std::isnan(cell(t, column, i + 4)));
            QVERIFY(std::isnan(cell(t, "anisotropy H/(H+V)", i)));
        }
    }
    void fourierPowerStandsBesideFrequency()
    {
        const auto m = goldenMeasurement();
        const Table t = spectrumTables(m).at(2);
        QCOMPARE(t.columns.size(), size_t(3));
        QCOMPARE(t.columns[0].unit, std::string("cycles/px"));
        QCOMPARE(t.rows(), size_t(8)); // rings of 16 x 16
        QCOMPARE(cell(t, "frequency", 7), 0.5);
        QCOMPARE(cell(t, "S", 2), m.sets[1].fourier[2]);
        QVERIFY(cell(t, "S", 7) < cell(t, "T", 7)); // a box mean takes the finest away
    }
};

RETICLE_TEST(WaveletTablesTest)
#include "WaveletTablesTest.moc"
