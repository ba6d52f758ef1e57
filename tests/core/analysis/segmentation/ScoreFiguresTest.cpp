#include "analysis/segmentation/ScoreFigures.h"
#include "support/Test.h"

using namespace reticle;

class ScoreFiguresTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsProbabilitiesByTruth()
    {
        const float p[] = {0, 0.019f, 0.5f, 1, 0.99f, 0.3f};
        const std::uint8_t t[] = {0, 1, 1, 1, 0, 255};
        ProbabilityCounts c;
        c.add(Array::of<float>({2, 3}, p), Array::of<std::uint8_t>({2, 3}, t), 1);
        QCOMPARE(c.ofClass[0], 1.0);
        QCOMPARE(c.ofClass[25], 1.0);
        QCOMPARE(c.ofClass[49], 1.0); // 1 belongs to the last bin
        QCOMPARE(c.ofOthers[0], 1.0);
        QCOMPARE(c.ofOthers[49], 1.0);
        QCOMPARE(c.ofOthers[15], 0.0); // ignored
        ProbabilityCounts sum;
        sum.add(c);
        sum.add(c);
        QCOMPARE(sum.ofClass[25], 2.0);
    }
    void showsTheImageOrElseTheProbability()
    {
        SegmentedSlice s;
        const float p[] = {0.25f, 0.5f};
        s.prediction = Array::of<float>({1, 2}, p);
        auto panel = imagePanel(s, 0, 4);
        QCOMPARE(panel.image.value(0), 0.75);
        QCOMPARE(*panel.white, 1.0);
        s.image = Array(DType::UInt16, {1, 2});
        panel = imagePanel(s, 0, 4);
        QVERIFY(panel.image.dtype() == DType::UInt16);
        QCOMPARE(panel.pixelSize, 4.0);
    }
    void showsTheMiddleOfLargeSlices()
    {
        SegmentedSlice s;
        s.image = Array(DType::UInt8, {6, 4, 3});
        s.prediction = Array(DType::Float32, {2, 6, 4});
        s.truth = Array(DType::UInt8, {6, 4});
        for (int i = 0; i < 24; ++i) {
            s.image.data<std::uint8_t>()[3 * i + 2] = static_cast<std::uint8_t>(i);
            s.prediction.data<float>()[24 + i] = static_cast<float>(i);
            s.truth.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i);
        }
        const auto m = middleOf(s, 2);
        QVERIFY(m.image.shape() == (std::vector<std::int64_t>{2, 2, 3}));
        QVERIFY(m.prediction.shape() == (std::vector<std::int64_t>{2, 2, 2}));
        QCOMPARE(m.truth.value(0), 9.0); // row 2, column 1
        QCOMPARE(m.image.value(2), 9.0);
        QCOMPARE(m.prediction.value(4), 9.0);
        QCOMPARE(m.truth.value(3), 14.0);
        QCOMPARE(shownPart(s, 2), std::string(", its middle of 2 x 2 px"));
        QCOMPARE(shownPart(s), std::string());
        QVERIFY(middleOf(s).truth == s.truth);
    }
    void tellsMissedFromTooMuch()
    {
        const std::uint8_t said[] = {1, 0, 1, 0, 1}, truth[] = {1, 1, 0, 0, 255};
        const Array e = errorLabels(Array::of<std::uint8_t>({1, 5}, said), Array::of<std::uint8_t>({1, 5}, truth), 1);
        const int expected[] = {0, 1, 2, 0, 0};
        for (int i = 0; i < 5; ++i)
            QCOMPARE(int(e.value(i)), expected[i]);
        QCOMPARE(classLabels(Array::of<std::uint8_t>({1, 5}, truth), 0).value(2), 1.0);
    }
    void meansLeaveOutWhatIsNotANumber()
    {
        std::vector<std::vector<ThresholdScores>> curves(2, std::vector<ThresholdScores>(2));
        curves[0][0].pixels = {1, 0, 0, 3};
        curves[1][0].pixels = {1, 0, 1, 2};
        curves[1][1].pixels = {0, 0, 1, 3};
        const auto [mean, sd] = meansOverSlices(curves, [](const auto &s) { return s.pixels.recall(); });
        QCOMPARE(mean[0], 0.75);
        QCOMPARE(mean[1], 0.0); // one slice alone has any
        QVERIFY(std::isnan(sd[1]));
    }
};

RETICLE_TEST(ScoreFiguresTest)
#include "ScoreFiguresTest.moc"
