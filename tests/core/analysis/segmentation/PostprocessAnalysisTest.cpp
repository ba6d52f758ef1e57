#include "analysis/segmentation/PostprocessAnalysis.h"

#include "core/analysis/AnalysisFiles.h"
#include "files/ImageSource.h"

using namespace reticle;
using namespace reticle::test;

class PostprocessAnalysisTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files;

private Q_SLOTS:
    void cleansAndCompares()
    {
        const auto output = m_files.path("clean.tif");
        const Result r = analyzed(
            "postprocess",
            m_files.options(
                {{"remove-small", true}, {"small-area", 4}, {"fill-holes", true}, {"hole-area", 1}, {"output", output}}));
        QVERIFY(r.values["before"]["Dice"].get<double>() < 1);
        QCOMPARE(r.values["after"]["Dice"].get<double>(), 1.0);
        QCOMPARE(r.values["after"]["pixel error"].get<double>(), 0.0);
        QCOMPARE(cell(r.tables[1], "objects before", 0), 13.0);
        QCOMPARE(cell(r.tables[1], "objects after", 0), 12.0);
        QVERIFY(r.summary.find("1.0000") != std::string::npos);
        QCOMPARE(problemsOf(r.figures), std::string());
        const auto written = openImage(output);
        QCOMPARE(written->info().pages, 4);
        for (int z = 0; z < 4; ++z)
            QVERIFY(written->readPage(z) == m_files.labels()[z]);
    }
    /// A map of one channel is that of the foreground, whichever class is cleaned.
    void classZeroIsNotExchangedForTheOther()
    {
        Array p(DType::Float32, {1, 4}), l(DType::UInt8, {1, 4});
        for (int i = 0; i < 4; ++i) {
            p.data<float>()[i] = i < 2 ? 0.9f : 0.1f;
            l.data<std::uint8_t>()[i] = i < 2 ? 255 : 0;
        }
        const auto prediction = m_files.write("zero-p.tif", {p}), labels = m_files.write("zero-l.tif", {l});
        for (const int chosen : {0, 1}) {
            const auto output = m_files.path("zero-o.tif");
            const Json same{{"prediction", prediction}, {"labels", labels}, {"class", chosen}};
            Json options = same;
            options["output"] = output;
            const Result r = analyzed("postprocess", options), e = analyzed("evaluate", same);
            for (const char *when : {"before", "after"}) {
                QCOMPARE(r.values[when]["pixel error"].get<double>(), 0.0);
                QCOMPARE(r.values[when]["Dice"].get<double>(), 1.0);
            }
            QCOMPARE(e.values["dice"].get<double>(), 1.0);
            QVERIFY(openImage(output)->readPage(0) == l);
        }
        // The threshold is one of the class: of class 0 here 0.1 of the foreground.
        const Result all =
            analyzed("postprocess", {{"prediction", prediction}, {"labels", labels}, {"class", 0}, {"threshold", 0.05}});
        QCOMPARE(all.values["before"]["pixel error"].get<double>(), 0.5);
        const auto preview = previewPostprocess(p, nullptr, {{"class", 0}});
        for (int i = 0; i < 4; ++i)
            QCOMPARE(preview.labels.value(i), i < 2 ? 1.0 : 0.0);
    }
    void labelsAreWrittenWithTheirValues()
    {
        for (const auto &[low, high] : {std::pair{0, 2}, {1, 2}, {0, 1}, {0, 40000}}) {
            std::vector<Array> pages;
            for (const auto &l : m_files.labels()) {
                Array page(DType::UInt16, l.shape());
                for (std::int64_t i = 0; i < l.size(); ++i)
                    page.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(l.value(i) > 0 ? high : low);
                pages.push_back(page.as(high < 256 ? DType::UInt8 : DType::UInt16));
            }
            const auto labels = m_files.write("valued.tif", pages), output = m_files.path("valued-o.tif");
            for (const char *foreground : {"bright", "dark"}) {
                const Result r = analyzed(
                    "postprocess", {{"prediction", labels}, {"labels", labels}, {"foreground", foreground}, {"output", output}});
                QCOMPARE(r.values["after"]["Dice"].get<double>(), 1.0);
                for (int z = 0; z < 4; ++z)
                    QVERIFY(openImage(output)->readPage(z) == pages[z]);
            }
            // A prediction in probabilities gets the values of the labels.
            analyzed("postprocess", {{"prediction", m_files.path("prediction.tif")},
                                     {"labels", labels},
                                     {"remove-small", true},
                                     {"small-area", 4},
                                     {"fill-holes", true},
                                     {"hole-area", 1},
                                     {"output", output}});
            for (int z = 0; z < 4; ++z)
                QVERIFY(openImage(output)->readPage(z) == pages[z]);
        }
    }
    void nothingOnIsSaid()
    {
        const Result r = analyzed("postprocess", m_files.options());
        QVERIFY(!r.warnings.empty());
        QVERIFY(r.values["before"] == r.values["after"]);
    }
    void withoutLabelsObjectsAreCounted()
    {
        const Result r =
            analyzed("postprocess", {{"prediction", m_files.path("prediction.tif")}, {"remove-small", true}, {"small-area", 4}});
        QCOMPARE(r.values["before"].size(), size_t(1));
        QCOMPARE(r.values["after"]["objects"].get<double>(), 12.0);
        QCOMPARE(r.figures.size(), size_t(1));
        EXPECT_ERROR(analyzed("postprocess", {{"prediction", m_files.path("prediction.tif")}, {"largest-rule", true}}), "labels");
    }
    void largestIsKeptOnlyIfItHelps()
    {
        // Twelve discs: keeping one of them is a loss.
        const Result loss = analyzed("postprocess", m_files.options({{"largest-rule", true}}));
        QCOMPARE(loss.values["largest-rule"]["kept"].get<bool>(), false);
        QVERIFY(loss.values["before"] == loss.values["after"]);
        // One disc and a speck: a gain.
        Array truth(DType::UInt8, {20, 20}), p(DType::Float32, {20, 20});
        for (int y = 4; y < 12; ++y)
            for (int x = 4; x < 12; ++x) {
                truth.data<std::uint8_t>()[y * 20 + x] = 255;
                p.data<float>()[y * 20 + x] = 0.9f;
            }
        p.data<float>()[0] = 0.9f;
        const Result gain = analyzed("postprocess", {{"prediction", m_files.write("one-p.tif", {p})},
                                                     {"labels", m_files.write("one-l.tif", {truth})},
                                                     {"largest-rule", true}});
        QCOMPARE(gain.values["largest-rule"]["kept"].get<bool>(), true);
        QCOMPARE(gain.values["after"]["Dice"].get<double>(), 1.0);
    }
    void previewEqualsTheAnalysis()
    {
        Array truth = m_files.labels()[1].clone();
        for (auto &v : truth.span<std::uint8_t>())
            v = v != 0;
        const Json options = {{"fill-holes", true}, {"hole-area", 1}, {"remove-small", true}, {"small-area", 4}};
        const auto p = previewPostprocess(m_files.predictions()[1], &truth, options);
        QVERIFY(p.labels == truth);
        QCOMPARE(p.after["Dice"].get<double>(), 1.0);
        QVERIFY(p.before["Dice"].get<double>() < 1);
        QCOMPARE(p.steps, std::string("holes up to 1 px filled, objects below 4 px removed"));
        // With a dark foreground the rest has the objects, as it has for the whole stack.
        Array rest = truth.clone();
        for (auto &v : rest.span<std::uint8_t>())
            v = 1 - v;
        for (const char *objects : {"auto", "class"}) {
            Json dark = options;
            dark["foreground"] = "dark";
            dark["objects"] = objects;
            const auto one = previewPostprocess(m_files.predictions()[1], &rest, dark);
            dark["slices"] = {1};
            const Result r = analyzed("postprocess", m_files.options(dark));
            for (const char *score : {"V_Rand", "V_Info", "objects"}) {
                QCOMPARE(one.before[score].get<double>(), r.values["before"][score].get<double>());
                QCOMPARE(one.after[score].get<double>(), r.values["after"][score].get<double>());
            }
        }
        // Of three classes each has objects of its own.
        Array three(DType::Float32, {3, m_files.height, m_files.width});
        for (std::int64_t i = 0; i < truth.size(); ++i)
            three.data<float>()[(truth.value(i) > 0 ? 2 : 0) * truth.size() + i] = 1;
        QCOMPARE(previewPostprocess(three, nullptr, {{"class", 2}}).after["objects"].get<int>(), 12);
        const auto alone = previewPostprocess(m_files.predictions()[1], nullptr, options);
        QCOMPARE(alone.after["objects"].get<int>(), 12);
        EXPECT_ERROR(previewPostprocess(m_files.predictions()[1], nullptr, {{"closing-radius", -1}}), "closing-radius");
        const Array other(DType::UInt8, {2, 2});
        EXPECT_ERROR(previewPostprocess(m_files.predictions()[1], &other, options), "64 x 48");
    }
};

RETICLE_TEST(PostprocessAnalysisTest)
#include "PostprocessAnalysisTest.moc"
