#include "analysis/WaveletPreview.h"

#include "core/analysis/AnalysisFiles.h"
#include "core/analysis/GoldenPictures.h"

using namespace reticle;
using namespace reticle::test;

class WaveletPreviewTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files;
    Json m_options;

private Q_SLOTS:
    void initTestCase()
    {
        const Array t = goldenPicture(), s = boxMean(t);
        Array flat(DType::Float32, {16, 16});
        m_options = {{"images", m_files.write("t.tif", {t.as(DType::Float32), flat})},
                     {"others", m_files.write("s.tif", {s.as(DType::Float32), flat})},
                     {"levels", 4}};
    }
    void showsTheImage()
    {
        const auto p = previewWavelets(m_options, 0, WaveletPreview::image);
        QCOMPARE(p.names, (std::vector<std::string>{"t", "s"}));
        QCOMPARE(p.levels, (std::vector<std::string>{"4", "3", "2", "1"}));
        QCOMPARE(p.images, 2);
        QCOMPARE(p.pictures.size(), size_t(2));
        QVERIFY(p.pictures[0] == goldenPicture().as(DType::Float32));
        QVERIFY(p.white > p.black);
        QCOMPARE(p.figure.panels.size(), size_t(3));
        for (const auto &panel : p.figure.panels)
            QCOMPARE(panel.row, 0);
        QVERIFY2(p.figure.problems().empty(), p.figure.problems().empty() ? "" : p.figure.problems()[0].c_str());
        const auto &power = std::get<XYPanel>(p.figure.panels[0].content);
        QVERIFY(std::abs(power.series[0].y[0] - 0.006444485) < 1e-8); // of image 0 alone
    }
    void showsLevelsAlone()
    {
        Array sum(DType::Float64, {16, 16});
        for (std::int64_t level = 0; level <= 4; ++level) {
            const auto p = previewWavelets(m_options, 0, level);
            QVERIFY(level == 0 || p.black == -p.white);
            for (std::int64_t i = 0; i < sum.size(); ++i)
                sum.data<double>()[i] += p.pictures[0].value(i);
        }
        for (std::int64_t i = 0; i < sum.size(); ++i)
            QVERIFY(std::abs(sum.value(i) - goldenPicture().value(i)) < 1e-4);
        // A level above the coarsest is the coarsest.
        QVERIFY(previewWavelets(m_options, 0, 9).pictures[0] == previewWavelets(m_options, 0, 4).pictures[0]);
        const auto all = previewWavelets(m_options, 0, WaveletPreview::pyramid);
        QCOMPARE(all.pictures[1].shape(), (std::vector<std::int64_t>{16, 16, 3}));
    }
    void aConstantImageIsShownToo()
    {
        for (const std::int64_t level : {-2, -1, 0, 2}) {
            const auto p = previewWavelets(m_options, 7, level); // past the end: the last
            QVERIFY(p.white > p.black);
            QVERIFY(p.figure.problems().empty());
        }
    }
    void ofLargeImagesTheMiddleIsShown()
    {
        Array large(DType::UInt8, {2050, 8});
        large.data<std::uint8_t>()[8] = 200; // row 1 is the first of the middle
        const auto p = previewWavelets({{"images", m_files.write("large.tif", {large})}}, 0, WaveletPreview::image);
        QCOMPARE(p.pictures[0].shape(), (std::vector<std::int64_t>{2048, 8}));
        QCOMPARE(p.pictures[0].value(0), 200.0);
        QCOMPARE(p.notes.size(), size_t(1));
    }
    void refusesWhatTheAnalysisRefuses()
    {
        Json o = m_options;
        o["levels"] = 5;
        EXPECT_ERROR(previewWavelets(o, 0, 1), "level must be 1..4 for a 16-pixel side with db1");
    }
    void goesIntoAFrame()
    {
        const Json j = previewWavelets(m_options, 0, 1).toJson();
        QVERIFY(Array::fromJson(j["pictures"][1]) == previewWavelets(m_options, 0, 1).pictures[1]);
        QCOMPARE(Figure::fromJson(j["figure"]).panels.size(), size_t(3));
    }
};

RETICLE_TEST(WaveletPreviewTest)
#include "WaveletPreviewTest.moc"
