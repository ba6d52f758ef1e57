#include "analysis/wavelet/WaveletSpectrum.h"

#include "core/analysis/AnalysisFiles.h"
#include "core/analysis/GoldenMeasurement.h"

using namespace reticle;
using namespace reticle::test;

class WaveletSpectrumFiguresTest : public QObject
{
    Q_OBJECT
private:
    static const XYPanel &curves(const Figure &f, std::size_t panel) { return std::get<XYPanel>(f.panels.at(panel).content); }
    static std::vector<Series> seriesOf(const XYPanel &p, SeriesKind kind)
    {
        std::vector<Series> found;
        for (const auto &s : p.series)
            if (s.kind == kind)
                found.push_back(s);
        return found;
    }
    static bool near(const std::vector<double> &found, const std::vector<double> &wanted)
    {
        if (found.size() != wanted.size())
            return false;
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (!(std::abs(found[i] - wanted[i]) < 1e-8))
                return false;
        return true;
    }

private Q_SLOTS:
    void curvesRunFromCoarseToFine()
    {
        const auto figures = spectrumFigures(goldenMeasurement());
        QCOMPARE(problemsOf(figures), std::string());
        QCOMPARE(figures.size(), size_t(2));
        QCOMPARE(figures[0].name, std::string("wavelet-spectrum"));
        QCOMPARE(figures[0].panels.size(), size_t(4)); // power, Fourier, two ratios
        const auto &power = curves(figures[0], 0);
        QCOMPARE(power.x.categories, (std::vector<std::string>{"4", "3", "2", "1"}));
        const auto lines = seriesOf(power, SeriesKind::Line);
        QCOMPARE(lines.size(), size_t(2));
        QCOMPARE(lines[0].name, std::string("T"));
        QVERIFY(lines[0].dash == Dash::Dashed && lines[1].dash == Dash::Solid); // originals are dashed
        QVERIFY(near(lines[0].x, {0, 1, 2, 3}));
        QVERIFY(near(lines[0].y, {0.006444485, 0.016939790, 0.123734119, 0.852881606}));
        QCOMPARE(*power.y.min, 0.0);
        QVERIFY(power.y.scale == Axis::Scale::Linear);
        const auto shares = seriesOf(curves(figures[0], 2), SeriesKind::Line);
        QVERIFY(near(shares.at(0).y, {3.585475885, 5.683498912, 2.676657345, 0.644195317}));
        const auto raw = seriesOf(curves(figures[0], 3), SeriesKind::Line);
        QVERIFY(near(raw.at(0).y, {0.514285714, 0.815217391, 0.383928571, 0.092400691}));
        QCOMPARE(raw[0].color, lines[1].color); // one set, one color
    }
    void ratiosAreOnLogAxesAboutOne()
    {
        const auto figures = spectrumFigures(goldenMeasurement());
        for (const std::size_t i : {2, 3}) {
            const auto &p = curves(figures[0], i);
            QVERIFY(p.y.scale == Axis::Scale::Log);
            QCOMPARE(p.references.size(), size_t(1));
            QCOMPARE(p.references[0].value, 1.0);
            for (const auto &line : seriesOf(p, SeriesKind::Line))
                for (const double v : line.y)
                    QVERIFY(v > *p.y.min && v < *p.y.max);
            QVERIFY(*p.y.min <= 0.5 && *p.y.max >= 2); // ratios near 1 look near 1
        }
        QVERIFY(figures[0].caption.find("blind to a change of contrast") != std::string::npos);
    }
    void onlyComparedSetsHaveRatios()
    {
        const auto figures = spectrumFigures(goldenMeasurement(false));
        QCOMPARE(problemsOf(figures), std::string());
        QCOMPARE(figures[0].panels.size(), size_t(2));
        const auto lines = seriesOf(curves(figures[0], 0), SeriesKind::Line);
        QVERIFY(lines.at(0).name.empty() && lines[0].dash == Dash::Solid); // alone it needs no legend
        QCOMPARE(curves(figures[1], 0).y.label, std::string("share of detail energy"));
    }
    void periodsStandWhereLevelsMeet()
    {
        auto m = goldenMeasurement();
        auto scale = curves(spectrumFigures(m)[0], 0).x.second;
        QCOMPARE(scale.unit, std::string("px"));
        QVERIFY(near(scale.positions, {-0.5, 0.5, 1.5, 2.5, 3.5}));
        QCOMPARE(scale.labels, (std::vector<std::string>{"32", "16", "8", "4", "2"}));
        // In the images' unit where that is known; pixels are then named below.
        m.pixelSize = 4.5;
        const auto known = curves(spectrumFigures(m)[0], 0).x;
        QCOMPARE(known.second.unit, std::string("nm"));
        QCOMPARE(known.second.labels, (std::vector<std::string>{"144", "72", "36", "18", "9"}));
        QVERIFY2(known.label.find("1 = 2–4 px") != std::string::npos, known.label.c_str());
        m.pixelSize = 325;
        scale = curves(spectrumFigures(m)[0], 2).x.second;
        QCOMPARE(scale.unit, std::string("µm"));
        QCOMPARE(scale.labels, (std::vector<std::string>{"10.4", "5.2", "2.6", "1.3", "0.65"}));
        m.pixelSize = 2e6;
        QCOMPARE(curves(spectrumFigures(m)[0], 0).x.second.unit, std::string("mm"));
    }
    void theApproximationHasNoPeriod()
    {
        WaveletSpectrumOptions o;
        o.includeApproximation = true;
        const auto x = curves(spectrumFigures(goldenMeasurement(true, o))[0], 0).x;
        QCOMPARE(x.categories.front(), std::string("A"));
        QVERIFY(near(x.second.positions, {0.5, 1.5, 2.5, 3.5, 4.5})); // the coarsest level begins right of it
        QCOMPARE(x.second.labels.front(), std::string("32"));
        // Orientations are of details only.
        QCOMPARE(curves(spectrumFigures(goldenMeasurement(true, o))[1], 0).x.categories.size(), size_t(4));
    }
    void periodsStandAboveFrequencies()
    {
        auto m = goldenMeasurement();
        const auto pixels = curves(spectrumFigures(m)[0], 1);
        QVERIFY(pixels.x.scale == Axis::Scale::Log && pixels.y.scale == Axis::Scale::Log);
        QCOMPARE(pixels.x.second.labels, (std::vector<std::string>{"16", "8", "4", "2"}));
        QVERIFY(near(pixels.x.second.positions, {1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0}));
        m.pixelSize = 4; // periods of 8 to 64 nm
        const auto known = curves(spectrumFigures(m)[0], 1).x.second;
        QCOMPARE(known.labels, (std::vector<std::string>{"50", "20", "10"}));
        QVERIFY(near(known.positions, {4 / 50.0, 4 / 20.0, 4 / 10.0}));
    }
    void smallImagesHaveNoFourierPanel()
    {
        WaveletSpectrumOptions o;
        o.levels = 1;
        const auto m = measurementOf({{"tiny", {goldenPicture(2)}}}, o);
        QVERIFY(m.frequencies.empty());
        const auto figures = spectrumFigures(m);
        QCOMPARE(problemsOf(figures), std::string());
        QCOMPARE(figures[0].panels.size(), size_t(1));
        QVERIFY(figures[0].caption.find("1 level)") != std::string::npos);
    }
    void imagesThatDifferHaveABand()
    {
        const Array t = goldenPicture(), s = boxMean(t);
        const auto both = spectrumFigures(measurementOf({{"a", {t, s}}, {"b", {s, s}}}));
        QCOMPARE(problemsOf(both), std::string());
        const auto band = seriesOf(curves(both[0], 0), SeriesKind::Band);
        QVERIFY(!band.empty());
        const auto line = seriesOf(curves(both[0], 0), SeriesKind::Line).at(0);
        // sd of two shares: their difference over the root of 2; the curve is pooled.
        const double sd = std::abs(0.852881606 - 1712 / 3116.0) / std::sqrt(2.0);
        QVERIFY(std::abs(band[0].upper.back() - line.y.back() - sd) < 1e-8);
        QVERIFY(both[0].caption.find("sd over images") != std::string::npos);
        QVERIFY(both[0].caption.find("sd of the log ratio") != std::string::npos);
        // Of unpaired sets no image has a ratio of its own.
        auto unpaired = measurementOf({{"a", {t, s}}, {"b", {s, s}}});
        unpaired.paired = false;
        QVERIFY(seriesOf(curves(spectrumFigures(unpaired)[0], 3), SeriesKind::Band).empty());
        QVERIFY(seriesOf(curves(spectrumFigures(goldenMeasurement())[0], 0), SeriesKind::Band).empty());
    }
    void logAxesShowNothingBelowZero()
    {
        WaveletSpectrumOptions o;
        o.logPower = true;
        const auto figures =
            spectrumFigures(measurementOf({{"flat", {Array(DType::Float64, {16, 16})}}, {"T", {goldenPicture()}}}, o));
        QCOMPARE(problemsOf(figures), std::string());
        const auto lines = seriesOf(curves(figures[0], 0), SeriesKind::Line);
        const auto ratios = seriesOf(curves(figures[0], 3), SeriesKind::Line);
        for (std::size_t i = 0; i < 4; ++i) {
            QVERIFY(std::isnan(lines.at(0).y.at(i)));  // no power
            QVERIFY(std::isnan(ratios.at(0).y.at(i))); // and nothing to compare with
        }
        QVERIFY(near(lines.at(1).y, {0.006444485, 0.016939790, 0.123734119, 0.852881606}));
    }
    void orientationsShareOneRange()
    {
        const auto f = spectrumFigures(goldenMeasurement())[1];
        QCOMPARE(f.panels.size(), size_t(7)); // H, V, D: ratios of shares, ratios of energies; anisotropy
        for (const std::size_t i : {1, 2, 4, 5}) {
            QVERIFY(*curves(f, i).y.min == *curves(f, i / 3 * 3).y.min);
            QVERIFY(*curves(f, i).y.max == *curves(f, i / 3 * 3).y.max);
        }
        // The last: energy of H over that of H and V, of both sets.
        const auto anisotropy = seriesOf(curves(f, 6), SeriesKind::Line);
        QCOMPARE(anisotropy.size(), size_t(2));
        QVERIFY(std::abs(anisotropy[0].y.back() - 4512.0 / (4512 + 3232)) < 1e-12);
        QCOMPARE(*curves(f, 6).y.max, 1.0);
        QCOMPARE(curves(f, 6).references.at(0).value, 0.5);
        // Panel a: shares of H alone.
        const double t = 4512.0 / (4512 + 864 + 144 + 100);
        const auto m = goldenMeasurement();
        const auto &h = m.sets[1].images[0].levels;
        const double s = h[0].energy[0] / (h[0].energy[0] + h[1].energy[0] + h[2].energy[0] + h[3].energy[0]);
        const auto shares = seriesOf(curves(f, 0), SeriesKind::Line);
        QCOMPARE(shares.size(), size_t(2));
        QVERIFY(std::abs(shares[1].y.back() - s / t) < 1e-12);
        // Its legend is that of all panels: it names the originals too, which only the last draws.
        QCOMPARE(shares[0].name, m.sets[0].name);
        QVERIFY(std::isnan(shares[0].y.at(0)) && shares[0].dash == anisotropy[0].dash);
        for (std::size_t i = 1; i < 7; ++i)
            QVERIFY(curves(f, i).legend == LegendPlace::None);
        // Panels d, e, f: energies of T as worked by hand.
        const double energies[] = {4512, 3232, 10784};
        for (std::size_t o = 0; o < 3; ++o)
            QVERIFY(std::abs(seriesOf(curves(f, 3 + o), SeriesKind::Line).at(0).y.back() - h[0].energy[o] / energies[o]) < 1e-12);
        QCOMPARE(curves(f, 3).y.label, std::string("energy / original"));
    }
    void aSetAloneHasABandByOrientation()
    {
        const Array t = goldenPicture(), s = boxMean(t);
        const auto f = spectrumFigures(measurementOf({{"both", {t, s}}}))[1];
        QCOMPARE(problemsOf({f}), std::string());
        QCOMPARE(f.panels.size(), size_t(4));
        const auto band = seriesOf(curves(f, 0), SeriesKind::Band);
        QCOMPARE(band.size(), size_t(1));
        const auto h = goldenMeasurement().sets[1].images[0].levels;
        const double ofS = h[0].energy[0] / (h[0].energy[0] + h[1].energy[0] + h[2].energy[0] + h[3].energy[0]);
        const double sd = std::abs(4512.0 / 5620 - ofS) / std::sqrt(2.0);
        const auto line = seriesOf(curves(f, 0), SeriesKind::Line).at(0);
        QVERIFY(std::abs(band[0].upper.back() - line.y.back() - sd) < 1e-12);
        QVERIFY(f.caption.find("Band: sd over images.") != std::string::npos);
        QVERIFY(seriesOf(curves(spectrumFigures(goldenMeasurement(false))[1], 0), SeriesKind::Band).empty());
    }
    void captionsSayWhatWasDone()
    {
        WaveletSpectrumOptions o;
        o.orientation = "V";
        o.measure = "absolute";
        o.averaging = "per-image";
        const auto f = spectrumFigures(goldenMeasurement(true, o))[0];
        for (const char *words : {"db1, symmetric border, 4 levels, orientation V", "1 image of 16 x 16 px of T",
                                  "compared with S", "mean absolute value by level, mean over images"})
            QVERIFY2(f.caption.find(words) != std::string::npos, f.caption.c_str());
        QCOMPARE(curves(f, 0).y.label, std::string("mean absolute value"));
    }
};

RETICLE_TEST(WaveletSpectrumFiguresTest)
#include "WaveletSpectrumFiguresTest.moc"
