#include "analysis/wavelet/WaveletPreview.h"

#include "analysis/wavelet/RadialSpectrum.h"

#include "core/analysis/AnalysisFiles.h"
#include "core/analysis/GoldenPictures.h"
#include "files/ImageSource.h"

#include <fmt/format.h>

#include <fstream>

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
        QCOMPARE(p.figure.panels.size(), size_t(4)); // power, Fourier power, both ratios
        QCOMPARE(p.figure.panels[1].title, std::string("Fourier power"));
        const auto &fourier = std::get<XYPanel>(p.figure.panels[1].content);
        const auto power16 = RadialSpectrum(16, 16).power(goldenPicture());
        QCOMPARE(fourier.series[0].y.size(), power16.size());
        QVERIFY(std::abs(fourier.series[0].y[3] - power16[3]) < 1e-12);
        for (const auto &panel : p.figure.panels)
            QCOMPARE(panel.row, 0);
        QCOMPARE(problemsOf({p.figure}), std::string());
        QVERIFY(p.bands.empty()); // of all coefficients only
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
            QCOMPARE(problemsOf({p.figure}), std::string());
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
        // Nothing else is read: what cannot be decoded elsewhere does no harm.
        Array strips(DType::UInt8, {8192, 512});
        Random random(3);
        for (auto &v : strips.span<std::uint8_t>())
            v = static_cast<std::uint8_t>(random.below(256));
        const auto path = m_files.write("strips.tif", {strips});
        {
            std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(4000);
            file << std::string(4000, '\xff');
        }
        QCOMPARE(previewWavelets({{"images", path}}, 0, WaveletPreview::image).pictures[0].value(5),
                 strips.value(3072 * 512 + 5));
    }
    void bandsOfAllCoefficientsAreNamed()
    {
        const auto p = previewWavelets(m_options, 0, WaveletPreview::pyramid);
        QCOMPARE(p.bands.size(), size_t(1 + 3 * 4));
        const Json j = p.toJson()["bands"];
        QCOMPARE(j[0]["orientation"].get<std::string>(), std::string("A"));
        QCOMPARE(j[0]["step"].get<int>(), 16); // of the coarsest level
        const Json &d = j.back();              // D of level 1, bottom right
        QCOMPARE(d["orientation"].get<std::string>(), std::string("D"));
        QCOMPARE(d["level"].get<int>(), 1);
        QCOMPARE(d["y"].get<int>(), 8);
        QCOMPARE(d["x"].get<int>(), 8);
        QCOMPARE(d["rows"].get<int>(), 8);
        QCOMPARE(d["step"].get<int>(), 2);
        QCOMPARE(d["first"].get<int>(), 0); // Haar: pixels 0 and 1
        QCOMPARE(d["last"].get<int>(), 1);
    }
    void theReconstructionFollowsTheSettings()
    {
        Json o = m_options;
        const auto whole = previewWavelets(o, 0, WaveletPreview::reconstruction);
        QVERIFY(whole.pictures[0] == goldenPicture().as(DType::Float32));
        QVERIFY(whole.notes.back().find("Nothing is left out") != std::string::npos);
        o["drop"] = "1:H 3";
        const auto p = decompose(goldenPicture(), waveletFilter("db1"), WaveletMode::Symmetric, 4);
        auto part = p;
        part.coefficients = p.coefficients.clone();
        part.clear(1, Orientation::H);
        for (const auto b : {Orientation::H, Orientation::V, Orientation::D})
            part.clear(3, b);
        const Array wanted = reconstruct(part, waveletFilter("db1"), WaveletMode::Symmetric);
        const auto left = previewWavelets(o, 0, WaveletPreview::reconstruction);
        const auto rest = previewWavelets(o, 0, WaveletPreview::residual);
        QCOMPARE(left.pictures.size(), size_t(2)); // of both sets
        QVERIFY(left.pictures[0] == wanted.as(DType::Float32));
        QVERIFY(!left.diverging && rest.diverging);
        QCOMPARE(rest.black, -rest.white);
        for (std::int64_t i = 0; i < wanted.size(); ++i)
            QVERIFY(std::abs(rest.pictures[0].value(i) - (goldenPicture().value(i) - wanted.value(i))) < 1e-5);
        const Json j = left.toJson()["left-out"];
        QCOMPARE(j["A"].get<bool>(), false);
        QVERIFY(j["1"] == Json({true, false, false}) && j["3"] == Json({true, true, true}));
        QVERIFY(j["2"] == Json({false, false, false}));
        QCOMPARE(j["text"].get<std::string>(), std::string("H of level 1, level 3"));
        o["drop"] = "A";
        QVERIFY(previewWavelets(o, 0, WaveletPreview::reconstruction).diverging);
        QVERIFY(!previewWavelets(o, 0, WaveletPreview::residual).diverging);
        // A threshold is told with its noise: |D| of level 1 has a median of its own in each set.
        Json soft = m_options;
        soft["threshold"] = "soft";
        const auto shrunk = previewWavelets(soft, 0, WaveletPreview::reconstruction);
        const auto noise = noiseOf(p);
        QVERIFY2(shrunk.notes.at(0) == fmt::format("t: threshold {:.4g}, noise of sigma {:.4g}.", noise.threshold, noise.sigma),
                 shrunk.notes.at(0).c_str());
        QCOMPARE(shrunk.notes.size(), size_t(2));
        o["drop"] = "5";
        EXPECT_ERROR(previewWavelets(o, 0, WaveletPreview::image), "level must be 1..4 as there are 4 levels, not 5");
    }
    void onlyWhatChangedIsDoneAnew()
    {
        WaveletPreviews previews;
        previews.show(m_options, 0, WaveletPreview::image);
        QCOMPARE(previews.worked(), std::pair(1, 2)); // two sets
        Json o = m_options;
        o["drop"] = "1";
        for (const auto level : {WaveletPreview::pyramid, WaveletPreview::residual, std::int64_t{2}})
            previews.show(o, 0, level);
        QCOMPARE(previews.worked(), std::pair(1, 2));
        o["wavelet"] = "db2";
        o["levels"] = 2;
        const auto other = previews.show(o, 0, 1);
        QCOMPARE(previews.worked(), std::pair(1, 4));
        QVERIFY(other.pictures[0] == previewWavelets(o, 0, 1).pictures[0]);
        const auto second = previews.show(o, 1, WaveletPreview::image); // another image
        QCOMPARE(previews.worked(), std::pair(1, 6));
        QVERIFY(!(second.pictures[0] == goldenPicture().as(DType::Float32)));
        // A file that was written anew is read anew.
        const Json single{{"images", m_files.write("changes.tif", {Array(DType::UInt8, {8, 8})})}};
        previews.show(single, 0, WaveletPreview::image);
        const auto path = m_files.write("changes.tif", {goldenPicture(32).as(DType::UInt8)});
        QCOMPARE(previews.show(single, 0, WaveletPreview::image).pictures[0].dim(0), 32);
    }
    void levelsAndNoiseAreOfTheWholeImage()
    {
        // 2050 wide: the middle is shown; the noise is all outside of it.
        Array large(DType::Float32, {64, 2100});
        Random random(7);
        for (std::int64_t y = 0; y < 64; ++y)
            for (std::int64_t x = 0; x < 2100; ++x)
                large.data<float>()[y * 2100 + x] = static_cast<float>(random.normal());
        const Json o{{"images", m_files.write("wide.tif", {large})}, {"threshold", "hard"}};
        const auto p = previewWavelets(o, 0, WaveletPreview::reconstruction);
        const auto whole = noiseOf(decompose(large.as(DType::Float64), waveletFilter("db1"), WaveletMode::Symmetric, 1));
        QCOMPARE(whole.n, 64 * 2100);
        const auto said = fmt::format("threshold {:.4g}, noise of sigma {:.4g}.", whole.threshold, whole.sigma);
        QVERIFY(std::ranges::any_of(p.notes, [&](const auto &n) { return n.find(said) != std::string::npos; }));
        // As many levels as the analysis has, which looks at 4096 px: db4 may have 9 of them and not 8.
        Array tall(DType::UInt8, {4096, 4096});
        const Json levels{{"images", m_files.write("tall.tif", {tall})}, {"wavelet", "db4"}, {"levels", 9}};
        QCOMPARE(previewWavelets(levels, 0, WaveletPreview::image).levels.size(), size_t(9));
        Json tooMany = levels;
        tooMany["levels"] = 10;
        EXPECT_ERROR(previewWavelets(tooMany, 0, WaveletPreview::image), "level must be 1..9 for a 4096-pixel side with db4");
        EXPECT_ERROR(analyzed("wavelet-spectrum", tooMany), "level must be 1..9 for a 4096-pixel side with db4");
    }
    void theReconstructionCanBeSaved()
    {
        WaveletPreviews previews;
        Json o = m_options;
        o["drop"] = "1";
        o["output"] = m_files.path("saved.tif");
        previews.save(o, 0);
        QVERIFY(openImage(m_files.path("saved.tif"))->readPage(0) ==
                previews.show(o, 0, WaveletPreview::reconstruction).pictures[0]);
        for (const std::int64_t number : {-1, 1000})
            EXPECT_ERROR(previews.save(o, number), "image: expected the number of an image from 0 to");
        o["output"] = m_files.path("t.tif");
        EXPECT_ERROR(previews.save(o, 0), "output: it would write over");
        QVERIFY(openImage(m_files.path("t.tif"))->readPage(0) == goldenPicture().as(DType::Float32));
    }
    void saysWhatWasMadeOfColors()
    {
        const Json rgb{{"images", m_files.write("rgb.tif", {Array(DType::UInt8, {8, 8, 3})})}};
        QCOMPARE(previewWavelets(rgb, 0, 1).notes, std::vector<std::string>{"rgb has colors; their luma (Rec. 601) is used."});
    }
    void everyImageGetsTheFactorOfTheAnalysis()
    {
        // Image 0 alone would pass for one of 10 bits.
        std::vector<Array> pages, outputs;
        for (const double maximum : {900.0, 3000.0}) {
            Array a = goldenPicture();
            const double largest = std::ranges::max(a.span<double>());
            for (auto &v : a.span<double>())
                v = std::round(v * maximum / largest);
            pages.push_back(a.as(DType::UInt16));
            for (auto &v : a.span<double>())
                v /= 4095;
            outputs.push_back(a.as(DType::Float32));
        }
        const Json o{{"images", m_files.write("camera.tif", pages)}, {"others", m_files.write("net.tif", outputs)}};
        for (const std::int64_t number : {0, 1}) {
            const auto p = previewWavelets(o, number, WaveletPreview::image);
            QCOMPARE(p.notes.size(), size_t(1));
            QVERIFY2(p.notes[0].find("multiplied by 4095") != std::string::npos, p.notes[0].c_str());
            QVERIFY(analyzed("wavelet-spectrum", o).warnings == p.notes);
            QVERIFY(std::abs(p.pictures[1].value(5) - p.pictures[0].value(5)) < 0.01);
        }
    }
    void onePixelIsShownToo()
    {
        const Json one{{"images", m_files.write("one.tif", {Array(DType::UInt16, {1, 1})})}};
        for (const std::int64_t level : {-2, -1, 0, 1}) {
            const auto p = previewWavelets(one, 0, level);
            QVERIFY(p.white > p.black);
            QCOMPARE(p.levels, std::vector<std::string>{"1"});
            QCOMPARE(problemsOf({p.figure}), std::string());
        }
    }
    void refusesWhatTheAnalysisRefuses()
    {
        EXPECT_ERROR(previewWavelets({{"images", m_files.path("t.tif")}, {"wavelet", "db99"}}, 0, 1),
                     "expected one of haar, db1-20, sym2-20");
        Json o = m_options;
        o["levels"] = 5;
        EXPECT_ERROR(previewWavelets(o, 0, 1), "level must be 1..4 for a 16-pixel side with db1");
    }
    void goesIntoAFrame()
    {
        const Json j = previewWavelets(m_options, 0, 1).toJson();
        QVERIFY(Array::fromJson(j["pictures"][1]) == previewWavelets(m_options, 0, 1).pictures[1]);
        QCOMPARE(Figure::fromJson(j["figure"]).panels.size(), size_t(4));
    }
};

RETICLE_TEST(WaveletPreviewTest)
#include "WaveletPreviewTest.moc"
