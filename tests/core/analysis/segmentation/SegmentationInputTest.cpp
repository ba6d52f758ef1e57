#include "analysis/segmentation/SegmentationInput.h"
#include "core/analysis/AnalysisFiles.h"
#include "files/LabelValues.h"
#include "foundation/AtomicFile.h"
#include "project/ModelFiles.h"
#include "project/Project.h"
#include "support/TiffPages.h"

using namespace reticle;
using namespace reticle::test;

namespace {

SegmentationInputOptions from(const AnalysisFiles &f, const std::string &prediction = "prediction.tif")
{
    SegmentationInputOptions o;
    o.prediction = f.path(prediction);
    o.labels = f.path("labels.tif");
    return o;
}

} // namespace

class SegmentationInputTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files;

private Q_SLOTS:
    void readsProbabilitiesAndTruth()
    {
        SegmentationInput in(from(m_files), {});
        QCOMPARE(in.slices().size(), size_t(4));
        QVERIFY(in.hasTruth() && in.hasProbabilities() && in.objectsAreClass());
        QCOMPARE(in.classes(), 2);
        QVERIFY(std::abs(in.pixelSize() - 4) < 0.01);
        const auto s = in.slice(1);
        QCOMPARE(s.index, 1);
        QVERIFY(s.image.empty());
        QVERIFY(s.prediction == m_files.predictions()[1]);
        QCOMPARE(int(s.truth.value(8 * 64 + 8)), 1);
        QCOMPARE(int(s.truth.value(0)), 0);
        const Array p = classProbability(s.prediction, 0);
        QVERIFY(std::abs(p.value(0) - 0.9) < 1e-6);
    }
    void readsLabelsAsPrediction()
    {
        SegmentationInput in(from(m_files, "labels.tif"), {});
        QVERIFY(!in.hasProbabilities());
        const auto s = in.slice(0);
        QVERIFY(s.prediction == s.truth);
        QCOMPARE(classProbability(s.prediction, 1).value(8 * 64 + 8), 1.0);
        QCOMPARE(classProbability(s.prediction, 0).value(8 * 64 + 8), 0.0);
    }
    /// However a file shows its numbers, compared with itself it is itself.
    void predictionsAreTheNumbersOfTheFile_data()
    {
        QTest::addColumn<int>("photometric");
        QTest::addColumn<int>("bits");
        QTest::newRow("gray of 2 bits") << int(PHOTOMETRIC_MINISBLACK) << 2;
        QTest::newRow("white is zero") << int(PHOTOMETRIC_MINISWHITE) << 8;
        QTest::newRow("white is zero of 2 bits") << int(PHOTOMETRIC_MINISWHITE) << 2;
        QTest::newRow("colors") << int(PHOTOMETRIC_PALETTE) << 8;
        QTest::newRow("shades of gray") << int(PHOTOMETRIC_PALETTE) << 8;
    }
    void predictionsAreTheNumbersOfTheFile()
    {
        QFETCH(int, photometric);
        QFETCH(int, bits);
        TiffPage page{.pixels = Array(DType::UInt8, {6, 8}), .photometric = photometric, .bits = bits};
        for (std::int64_t i = 0; i < 48; ++i)
            page.pixels.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 8 % 3);
        if (photometric == PHOTOMETRIC_PALETTE) {
            const bool gray = QByteArray(QTest::currentDataTag()) == "shades of gray";
            page.red = {0, 65535, 30000};
            page.green = gray ? page.red : std::vector<std::uint16_t>{0, 0, 65535};
            page.blue = gray ? page.red : std::vector<std::uint16_t>{0, 20000, 0};
            for (auto *table : {&page.red, &page.green, &page.blue})
                table->resize(256);
        }
        std::filesystem::create_directories(m_files.path("numbers"));
        writeTiff(m_files.path("numbers.tif"), {page});
        writeTiff(m_files.path("numbers/a.tif"), {page});
        for (const char *name : {"numbers.tif", "numbers"}) {
            SegmentationInputOptions o;
            o.prediction = o.labels = m_files.path(name);
            o.classIndex = 2;
            SegmentationInput in(o, {});
            QCOMPARE(in.classes(), 3);
            const auto s = in.slice(0);
            QVERIFY(s.prediction == page.pixels);
            QVERIFY(s.truth == page.pixels);
        }
    }
    void opacityIsNoColor()
    {
        for (const int channels : {2, 4}) {
            TiffPage page{.pixels = Array(DType::UInt8, {48, 64, channels}),
                          .photometric = channels == 4 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK,
                          .opacity = true};
            for (std::int64_t i = 0; i < page.pixels.size(); ++i)
                page.pixels.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(10 + 90 * (i % channels));
            writeTiff(m_files.path("opacity.tif"), {page, page, page, page});
            auto o = from(m_files);
            o.images = m_files.path("opacity.tif");
            const Array image = SegmentationInput(o, {}).slice(1).image;
            QCOMPARE(image.rank(), channels == 4 ? 3 : 2);
            QCOMPARE(image.value(0), 10.0);
            QCOMPARE(image.value(1), channels == 4 ? 100.0 : 10.0);
            QCOMPARE(image.size(), std::int64_t(48 * 64 * (channels - 1)));
        }
    }
    /// A run that was trained on soft masks reads others as it read those.
    void theThresholdOfARunHoldsForLabels()
    {
        auto project = Project::openOrCreate(m_files.path("threshold.reticle"));
        const auto run = project.createRun(Recipe(Json{{"recipe", 1}, {"title", "Soft"}, {"seed", 1}}));
        auto classes = files::comparedClasses({{0, 1}, {255, 1}}, true, "x");
        classes.threshold = 100;
        writeFileAtomically(project.runFolder(run.id) / modelfiles::description, Json{{"labels", classes.toJson()}}.dump());
        std::vector<Array> soft;
        for (const auto &l : m_files.labels()) {
            soft.push_back(l.clone());
            for (std::int64_t i = 0; i < l.size(); ++i)
                soft.back().data<std::uint8_t>()[i] = static_cast<std::uint8_t>(l.value(i) > 0 ? 255 - i % 150 : i % 100);
        }
        auto o = from(m_files, "labels.tif");
        o.labels = m_files.write("soft.tif", soft);
        SegmentationInput in(o, {&project, run.id, {}});
        const auto s = in.slice(2);
        QVERIFY(s.prediction == s.truth);
        QCOMPARE(in.notes(),
                 (std::vector<std::string>{"Labels: values of 100 and above became 255 and all others 0, as in the training "
                                           "of run 1."}));
    }
    void darkForegroundPartsTheObjects()
    {
        auto o = from(m_files);
        o.foreground = "dark";
        QVERIFY(!SegmentationInput(o, {}).objectsAreClass());
        QCOMPARE(int(SegmentationInput(o, {}).slice(0).truth.value(0)), 1); // outside the discs is class 1
        o.classIndex = 0;
        QVERIFY(SegmentationInput(o, {}).objectsAreClass());
        o.objects = "rest";
        QVERIFY(!SegmentationInput(o, {}).objectsAreClass());
    }
    void choosesSlices()
    {
        auto o = from(m_files);
        o.slices = {2, 0};
        SegmentationInput in(o, {});
        QCOMPARE(in.slices().size(), size_t(2));
        QCOMPARE(in.slice(0).index, 2);
        o.slices = {4};
        EXPECT_ERROR(SegmentationInput(o, {}), "slices");
    }
    void namesWhatIsWrong()
    {
        EXPECT_ERROR(SegmentationInput({}, {}), "a run of a project, or a stack of predictions");
        auto o = from(m_files);
        o.prediction = m_files.path("nothing.tif");
        EXPECT_ERROR(SegmentationInput(o, {}), "nothing.tif");
        o = from(m_files);
        o.labels = m_files.write("few.tif", {m_files.labels()[0]});
        EXPECT_ERROR(SegmentationInput(o, {}), "few.tif");
        o = from(m_files);
        o.classIndex = 2;
        EXPECT_ERROR(SegmentationInput(o, {}), "class");
        o = from(m_files);
        o.images = m_files.write("one.tif", {m_files.labels()[0]});
        EXPECT_ERROR(SegmentationInput(o, {}), "one.tif");
        Array wrong = m_files.predictions()[0].clone();
        wrong.data<float>()[5] = 7;
        o = from(m_files);
        o.prediction = m_files.write("wrong.tif", {wrong, wrong, wrong, wrong});
        SegmentationInput in(o, {});
        EXPECT_ERROR(in.slice(0), "probabilities from 0 to 1");
    }
    void progressStopsAndCancels()
    {
        Events events;
        RunControl control;
        SliceProgress progress(events, control, 3, "probe", 4);
        QVERIFY(progress.at(1));
        QCOMPARE(events.all.back().value, 0.25);
        QCOMPARE(events.all.back().total, 4);
        QCOMPARE(events.all.back().run, 3);
        QVERIFY(progress.within(1)(0.5));
        QCOMPARE(events.all.back().value, 0.375);
        control.end(RunControl::End::Stop);
        QVERIFY(!progress.at(2));
        RunControl second;
        SliceProgress other(events, second, 3, "probe", 4);
        second.end(RunControl::End::Cancel);
        EXPECT_ERROR(other.at(0), "cancelled");
        EXPECT_ERROR(other.beside(), "cancelled");
    }
    void otherThreadsWaitAndEndToo()
    {
        Events events;
        RunControl control;
        SliceProgress progress(events, control, 3, "probe", 4);
        progress.beside(); // goes on
        control.pause();
        std::atomic<bool> waiting{false}, through{false}, ended{false};
        std::thread other([&] {
            try {
                waiting = true;
                progress.beside();
                through = true;
                control.pause();
                progress.beside(); // a pause is ended by cancel
            } catch (const Error &) {
                ended = true;
            }
        });
        while (!waiting)
            std::this_thread::yield();
        QVERIFY(!through);
        control.resume();
        while (!control.pausing())
            std::this_thread::yield();
        control.end(RunControl::End::Cancel);
        other.join();
        QVERIFY(through && ended);
        QVERIFY(events.all.empty()); // events are the caller's
    }
};

RETICLE_TEST(SegmentationInputTest)
#include "SegmentationInputTest.moc"
