#include "analysis/segmentation/ScoreFigures.h"
#include "analysis/wavelet/WaveletPictures.h"
#include "analysis/wavelet/WaveletSpectrum.h"

#include "core/analysis/AnalysisFiles.h"
#include "core/analysis/GoldenMeasurement.h"

#include <fmt/format.h>

using namespace reticle;
using namespace reticle::test;

class WaveletPictureFiguresTest : public QObject
{
    Q_OBJECT
private:
    const Array m_t = goldenPicture(), m_s = boxMean(m_t);

    std::vector<Figure> figures(const WaveletSpectrumOptions &options = {}) const
    {
        return pictureFigures(goldenMeasurement(true, options), {m_t, m_s});
    }
    static const ImagePanel &picture(const Figure &f, std::size_t panel)
    {
        return std::get<ImagePanel>(f.panels.at(panel).content);
    }
    static double gap(const Array &a, const Array &b)
    {
        double maximum = a.shape() == b.shape() ? 0 : 1e9;
        for (std::int64_t i = 0; maximum < 1e9 && i < a.size(); ++i)
            maximum = std::max(maximum, std::abs(a.value(i) - b.value(i)));
        return maximum;
    }

private Q_SLOTS:
    void eachSetIsARowOfThePyramid()
    {
        const auto all = figures();
        QCOMPARE(problemsOf(all), std::string());
        QCOMPARE(all.size(), size_t(2)); // nothing is left out: no third
        const Figure &f = all[0];
        QCOMPARE(f.name, std::string("wavelet-pyramid"));
        QCOMPARE(f.panels.size(), size_t(6));
        QCOMPARE(f.panels[3].row, 1);
        QCOMPARE(f.panels[3].title, std::string("S"));
        QCOMPARE(f.panels[5].letter, std::string("f"));
        QVERIFY(gap(picture(f, 0).image, m_t) < 1e-9);
        // Middle: the first level alone; right: all four. Limits are the originals'.
        const auto one = decompose(m_t, waveletFilter("db1"), WaveletMode::Symmetric, 1);
        const auto four = decompose(m_t, waveletFilter("db1"), WaveletMode::Symmetric, 4);
        const PyramidColors colors{*picture(f, 0).black, *picture(f, 0).white, detailLimits(four)};
        QVERIFY(picture(f, 1).image == pyramidPicture(one, colors));
        QVERIFY(picture(f, 2).image == pyramidPicture(four, colors));
        const auto other = decompose(m_s, waveletFilter("db1"), WaveletMode::Symmetric, 4);
        QVERIFY(picture(f, 5).image == pyramidPicture(other, colors));
    }
    void oneLimitHoldsForAllLevels()
    {
        WaveletSpectrumOptions o;
        o.oneLimit = true;
        const auto f = figures(o)[0];
        QVERIFY(!(picture(f, 2).image == picture(figures()[0], 2).image));
        QVERIFY(f.caption.find("the strongest level") != std::string::npos);
    }
    void levelsStandSideBySide()
    {
        const Figure f = figures()[1];
        const auto &grid = std::get<ImageGridPanel>(f.panels.at(0).content);
        QCOMPARE(grid.columns, 5);
        QCOMPARE(grid.columnTitles, (std::vector<std::string>{"A", "4", "3", "2", "1"}));
        QCOMPARE(grid.rowTitles, (std::vector<std::string>{"T", "S"}));
        QCOMPARE(grid.cells.size(), size_t(10));
        // A row adds up to its image, to the digits kept.
        Array sum(DType::Float64, {16, 16});
        for (std::size_t i = 5; i < 10; ++i)
            for (std::int64_t k = 0; k < sum.size(); ++k)
                sum.data<double>()[k] += grid.cells[i].image.value(k);
        QVERIFY(gap(sum, m_s) < 0.5);
        QVERIFY(gap(sum, m_t) > 2);
        // Details lie about 0, in the originals' range for both sets.
        for (std::size_t i = 1; i < 5; ++i) {
            QCOMPARE(*grid.cells[i].black, -*grid.cells[i].white);
            QCOMPARE(*grid.cells[i].white, *grid.cells[i + 5].white);
            QCOMPARE(grid.cells[i].colorMap, std::string("blue-red"));
        }
        QCOMPARE(grid.cells[0].colorMap, std::string("gray"));
    }
    void whatIsDroppedIsTheResidual()
    {
        WaveletSpectrumOptions o;
        o.drop = "1 2";
        const auto all = figures(o);
        QCOMPARE(problemsOf(all), std::string());
        QCOMPARE(all.size(), size_t(3));
        const Figure &f = all[2];
        QCOMPARE(f.panels.size(), size_t(6));
        const auto p = decompose(m_t, waveletFilter("db1"), WaveletMode::Symmetric, 4);
        Array rest(DType::Float64, {16, 16});
        for (const int level : {1, 2}) {
            const Array alone = levelAlone(p, waveletFilter("db1"), WaveletMode::Symmetric, level);
            for (std::int64_t i = 0; i < rest.size(); ++i)
                rest.data<double>()[i] += alone.value(i);
        }
        QVERIFY(gap(picture(f, 2).image, rest) < 0.2); // rounded to what can be seen
        QVERIFY(f.caption.find("without level 1, level 2 (db1") != std::string::npos);
    }
    void withEverythingDroppedNothingIsLeft()
    {
        WaveletSpectrumOptions o;
        o.levels = 2;
        o.drop = "A 1 2";
        const auto f = pictureFigures(goldenMeasurement(false, o), {m_t}).back();
        QCOMPARE(f.panels.size(), size_t(3));
        for (std::int64_t i = 0; i < 256; ++i)
            QVERIFY(std::abs(picture(f, 1).image.value(i)) < 1e-9);
        QCOMPARE(picture(f, 1).colorMap, std::string("blue-red")); // without its mean it lies about 0
        QVERIFY(gap(picture(f, 2).image, m_t) < 0.2);
    }
    void orientationsAndSmallDetailsCanBeDropped()
    {
        WaveletSpectrumOptions o;
        o.threshold = "soft";
        o.drop = "H";
        const auto f = figures(o).back();
        QVERIFY(f.caption.find("orientation H") != std::string::npos);
        QVERIFY(f.caption.find("universal threshold (soft)") != std::string::npos);
        const auto noise = noiseOf(decompose(m_t, waveletFilter("db1"), WaveletMode::Symmetric, 4));
        const auto said =
            fmt::format("Threshold from the whole image of 256 px: T {:.4g} (sigma {:.4g}); S ", noise.threshold, noise.sigma);
        QVERIFY2(f.caption.find(said) != std::string::npos, f.caption.c_str());
        // Only H is dropped: an image that changes from column to column stays.
        Array columns(DType::Float64, {16, 16});
        for (std::int64_t i = 0; i < columns.size(); ++i)
            columns.data<double>()[i] = i % 2 ? 20 : 10;
        o.threshold = "none";
        const auto kept = pictureFigures(measurementOf({{"c", {columns}}}, o), {columns}).back();
        QVERIFY(gap(picture(kept, 1).image, columns) < 0.2);
        o.drop = "V";
        const auto lost = pictureFigures(measurementOf({{"c", {columns}}}, o), {columns}).back();
        for (std::int64_t i = 0; i < 256; ++i)
            QVERIFY(std::abs(picture(lost, 1).image.value(i) - 15) < 0.2);
    }
    void wholeImagesAreShown()
    {
        Array image = goldenPicture(608); // halves evenly four times
        for (auto &v : image.span<double>())
            v = 1000 + v / 3; // no bytes
        WaveletSpectrumOptions o;
        o.drop = "1:D";
        const auto all = pictureFigures(measurementOf({{"image", {image}}}, o), {image});
        for (const std::size_t figure : {0, 2}) {
            for (const std::size_t i : {0, 1, 2})
                QCOMPARE(picture(all[figure], i).image.dim(1), 608);
            QVERIFY(all[figure].caption.find("middle") == std::string::npos);
        }
        const auto &shown = picture(all[0], 0);
        QVERIFY(gap(shown.image, image) <= (*shown.white - *shown.black) / 512);
        // Whole numbers of a byte are kept as they are, in a byte each.
        const auto bytes = pictureFigures(measurementOf({{"t", {m_t}}}), {m_t});
        QVERIFY(picture(bytes[0], 0).image == m_t.as(DType::UInt8));
    }
    void filesStaySmall()
    {
        // Noise is the worst case: 1.5 bytes a pixel and value.
        Random random(3);
        Array noise(DType::Float64, {512, 512});
        for (auto &v : noise.span<double>())
            v = random.normal();
        WaveletSpectrumOptions o;
        o.drop = "1";
        for (const auto &f : pictureFigures(measurementOf({{"noise", {noise}}}, o), {noise}))
            QVERIFY2(f.toJson().dump().size() < 3.2 * 512 * 512 * 3, f.name.c_str());
    }
    void onlyTheMiddleOfLargeImagesIsShown()
    {
        Array large(DType::Float64, {48, 1200});
        for (std::int64_t i = 0; i < large.size(); ++i)
            large.data<double>()[i] = static_cast<double>(7 * i % 251);
        WaveletSpectrumOptions o;
        o.drop = "1";
        const auto all = pictureFigures(measurementOf({{"large", {large}}}, o), {large});
        QCOMPARE(picture(all[0], 0).image.shape(), (std::vector<std::int64_t>{48, 1024}));
        QVERIFY(picture(all[0], 0).image == middleOf(large, 1024).as(DType::UInt8));
        QVERIFY(all[0].caption.find(", its middle of 1024 x 48 px") != std::string::npos);
        QCOMPARE(picture(all[2], 1).image.shape(), (std::vector<std::int64_t>{48, 1024}));
        const Array square = goldenPicture(300);
        QVERIFY(pictureFigures(measurementOf({{"square", {square}}}), {square})[1].caption.find(
                    "shown is the middle of 128 x 128 px") != std::string::npos);
    }
    void constantImagesAreDrawn()
    {
        Array flat(DType::Float64, {16, 16});
        for (auto &v : flat.span<double>())
            v = 7;
        WaveletSpectrumOptions o;
        o.drop = "1";
        const auto all = pictureFigures(measurementOf({{"flat", {flat}}}, o), {flat});
        QCOMPARE(problemsOf(all), std::string());
        QVERIFY(*picture(all[0], 0).white > *picture(all[0], 0).black);
        for (std::int64_t i = 0; i < 256; ++i)
            QCOMPARE(picture(all[2], 2).image.value(i), 0.0); // nothing was left out
    }
};

RETICLE_TEST(WaveletPictureFiguresTest)
#include "WaveletPictureFiguresTest.moc"
