#include "imaging/Postprocess.h"
#include "core/imaging/ImagingReference.h"

using namespace reticle;
using namespace reticle::test;

namespace {

struct Options : PostprocessOptions
{
};

Array probability(const Array &mask, float high = 0.9f, float low = 0.2f)
{
    Array p(DType::Float32, mask.shape());
    for (std::int64_t i = 0; i < p.size(); ++i)
        p.data<float>()[i] = mask.data<std::uint8_t>()[i] ? high : low;
    return p;
}

} // namespace

class PostprocessTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingOnChangesNothing()
    {
        const Array m = mask({"##..#", "#.#..", "....."});
        PostprocessOptions o;
        QVERIFY(!o.anything());
        QVERIFY(postprocessSlice(probability(m), o) == m);
        QVERIFY(postprocessSlice(m, o) == m); // a label map
        QCOMPARE(describeSteps(o), std::string("nothing"));
    }
    void stepsRunInOrder()
    {
        const Array m = mask({"#.#...#"});
        PostprocessOptions o;
        o.closing = o.removeSmall = true;
        o.closingRadius = 1;
        o.smallArea = 2;
        QCOMPARE(area(postprocessSlice(m, o)), 3); // closed to three in a row, then the lone pixel goes
        o.order = "remove,closing";
        QCOMPARE(area(postprocessSlice(m, o)), 0);
        QCOMPARE(describeSteps(o), std::string("objects below 2 px removed, closing by 1 px"));
        o.order = "remove";
        EXPECT_ERROR(postprocessSlice(m, o), "no \"closing\"");
        o.order = "remove, closing, polish";
        EXPECT_ERROR(postprocessSlice(m, o), "\"polish\"");
        o.order = "remove, closing, remove";
        EXPECT_ERROR(postprocessSlice(m, o), "twice");
    }
    void eachStepAlone()
    {
        const Array m = mask({"######", "#.##.#", "######", "......", ".##..#"});
        PostprocessOptions o;
        o.fillHoles = true;
        o.holeArea = 1;
        QVERIFY(postprocessSlice(m, o) == fillHoles(m, 1, Connectivity::Eight));
        o = {};
        o.keepLargest = true;
        QCOMPARE(area(postprocessSlice(m, o)), 16);
        o.keepCount = 2;
        QCOMPARE(area(postprocessSlice(m, o)), 18);
        o = {};
        o.opening = true;
        QVERIFY(postprocessSlice(m, o) == opening(m, 1));
        o = {};
        o.removeSmall = true;
        o.smallArea = 2;
        o.connectivity = "8";
        QVERIFY(postprocessSlice(m, o) == removeSmallObjects(m, 2, Connectivity::Eight));
    }
    void medianOverSlices()
    {
        const Array on = mask({"#"}), off = mask({"."});
        PostprocessOptions o;
        o.median = true;
        o.medianSize = 3;
        const auto out = postprocessStack({on, off, on, on, off, off}, o);
        const int expected[] = {1, 1, 1, 1, 0, 0};
        for (int z = 0; z < 6; ++z)
            QCOMPARE(int(out[z].value(0)), expected[z]);
        o.medianSize = 4;
        EXPECT_ERROR(postprocessStack({on, off}, o), "an odd number");
        o.medianSize = 3;
        EXPECT_ERROR(postprocessStack({on, mask({".."})}, o), "one size");
        EXPECT_ERROR(postprocessStack({on, off}, o, [](double) { return false; }), "cancelled");
    }
    void theOtherClassTakesWhatIsLost()
    {
        // Three classes; class 1 loses its lone pixel, which goes to the next likely class there.
        Array p(DType::Float32, {3, 1, 4});
        const float v[] = {0.1f, 0.1f, 0.7f, 0.1f, 0.6f, 0.6f, 0.2f, 0.5f, 0.3f, 0.3f, 0.1f, 0.4f};
        std::copy_n(v, 12, p.data<float>());
        PostprocessOptions o;
        o.removeSmall = true;
        o.smallArea = 2;
        QVERIFY(predictedLabels(p, o) == plane<std::uint8_t>(Json{{1, 1, 0, 1}}));
        QVERIFY(postprocessSlice(p, o) == plane<std::uint8_t>(Json{{1, 1, 0, 2}}));
        o.classIndex = 3;
        EXPECT_ERROR(postprocessSlice(p, o), "a class below 3");
        EXPECT_ERROR(postprocessSlice(Array(DType::Float32, {4}), o), "height x width");
    }
    void thresholdIsStrict()
    {
        PostprocessOptions o;
        Array p(DType::Float32, {1, 2});
        p.data<float>()[0] = 0.5f;
        p.data<float>()[1] = 0.50001f;
        QVERIFY(predictedLabels(p, o) == plane<std::uint8_t>(Json{{0, 1}}));
        // One plane is the probability of everything but class 0.
        o.classIndex = 0;
        p.data<float>()[0] = 0.9f;
        p.data<float>()[1] = 0.1f;
        QVERIFY(predictedLabels(p, o) == plane<std::uint8_t>(Json{{1, 0}}));
        o.classIndex = 2; // of one class of several
        QVERIFY(predictedLabels(p, o) == plane<std::uint8_t>(Json{{2, 0}}));
        o.classIndex = 1;
        // Two planes: the class' own probability counts.
        Array two(DType::Float32, {2, 1, 1});
        two.data<float>()[0] = 0.4f;
        two.data<float>()[1] = 0.6f;
        o.threshold = 0.7;
        QCOMPARE(predictedLabels(two, o).value(0), 0.0);
    }
    void scoresBeforeAndAfter()
    {
        const Array truth = mask({"##.##", "##.##", "##.##"});
        PostprocessOptions o;
        o.removeSmall = true;
        o.smallArea = 2;
        Array p = truth.clone();
        p.data<std::uint8_t>()[0] = 0;
        const Json before = labelScores(p, &truth, 1), perfect = labelScores(truth, &truth, 1);
        QCOMPARE(perfect["Dice"].get<double>(), 1.0);
        QCOMPARE(perfect["V_Rand"].get<double>(), 1.0);
        QCOMPARE(perfect["pixel error"].get<double>(), 0.0);
        QCOMPARE(perfect["objects"].get<int>(), 2);
        QVERIFY(before["Dice"].get<double>() < 1);
        const Json alone = labelScores(p, nullptr, 1);
        QCOMPARE(alone.size(), size_t(1));
        const Array empty(DType::UInt8, {3, 5});
        QVERIFY(labelScores(empty, &empty, 1)["Dice"].is_null());
        // Objects are what lies between the class.
        QCOMPARE(labelScores(truth, nullptr, 0, false)["objects"].get<int>(), 2);
    }
    void schemaHasEveryField()
    {
        Schema<Options> s("probe", "A probe");
        addPostprocessFields(s);
        const auto o = s.read(Json{{"closing", true}, {"closing-radius", 2}, {"class", 0}});
        QVERIFY(o.closing && o.closingRadius == 2 && o.classIndex == 0);
        EXPECT_ERROR(s.read(Json{{"connectivity", "6"}}), "4, 8");
    }
};

RETICLE_TEST(PostprocessTest)
#include "PostprocessTest.moc"
