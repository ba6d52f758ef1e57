#include "analysis/wavelet/WaveletEdit.h"
#include "core/analysis/AnalysisFiles.h"
#include "files/ImageSource.h"
#include "foundation/Random.h"

using namespace reticle;
using namespace reticle::test;

class WaveletReconstructionTest : public QObject
{
    Q_OBJECT
    AnalysisFiles m_files;
    std::string m_noise; ///< 3 slices of 48 x 64, uint8

    static Result spectrum(const Json &options) { return analyzed("wavelet-spectrum", options); }

private Q_SLOTS:
    void initTestCase() { m_noise = m_files.writeNoise("noise.tif"); }
    void theReconstructionIsWritten()
    {
        const auto path = m_files.path("left.tif");
        Json o{{"images", m_noise}, {"drop", "1:H 3"}, {"threshold", "hard"}, {"output", path}, {"output-images", "all"}};
        const Result r = spectrum(o);
        const auto written = openImage(path), source = openImage(m_noise);
        QCOMPARE(written->info().pages, 3);
        QVERIFY(written->info().dtype == DType::Float32);
        QVERIFY(std::abs(written->info().pixelSizeX - 4) < 1e-3);
        const auto &f = waveletFilter("db1");
        for (std::int64_t i = 0; i < 3; ++i) {
            const Array image = source->readPage(i).as(DType::Float64);
            const auto p = decompose(image, f, WaveletMode::Symmetric, 5);
            const auto wanted = withoutDropped(image, p, f, WaveletMode::Symmetric, waveletEdit("1:H 3", "hard", 5), noiseOf(p));
            QVERIFY(written->readPage(i) == wanted.image.as(DType::Float32));
        }
        // The threshold's value stands in a table.
        const auto noise = noiseOf(decompose(source->readPage(0).as(DType::Float64), f, WaveletMode::Symmetric, 1));
        QCOMPARE(r.tables.size(), size_t(4));
        QCOMPARE(cell(r.tables[3], "threshold", 0), noise.threshold);
        QCOMPARE(cell(r.tables[3], "sigma", 0), noise.sigma);
        QCOMPARE(cell(r.tables[3], "pixels", 0), 48.0 * 64);
        o["output-images"] = "shown";
        o["shown"] = 2;
        spectrum(o);
        QCOMPARE(openImage(path)->info().pages, 1);
        o["output"] = m_noise;
        EXPECT_ERROR(spectrum(o), "output: it would write over");
        QCOMPARE(openImage(m_noise)->info().pages, 3);
        o["output"] = m_files.path("nowhere/left.tif");
        EXPECT_ERROR(spectrum(o), "output: there is no folder");
    }
};

RETICLE_TEST(WaveletReconstructionTest)
#include "WaveletReconstructionTest.moc"
