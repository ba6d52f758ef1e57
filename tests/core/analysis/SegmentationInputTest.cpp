#include "analysis/SegmentationInput.h"
#include "core/analysis/AnalysisFiles.h"

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
