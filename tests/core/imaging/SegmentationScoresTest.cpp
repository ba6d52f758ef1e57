#include "imaging/SegmentationScores.h"
#include "core/imaging/ImagingReference.h"
#include "files/ImageSource.h"
#include "imaging/Imaging.h"

using namespace reticle;
using namespace reticle::test;

namespace {

const Json &reference()
{
    static const Json j = Json::parse(std::ifstream(source("tests/reference/scores.json")));
    return j;
}

bool near(double a, double b, double tolerance = 1e-9)
{
    return std::abs(a - b) <= tolerance;
}

bool equal(const RegionScores &r, const Json &j, double tolerance = 1e-9)
{
    return near(r.randSplit, j["randSplit"], tolerance) && near(r.randMerge, j["randMerge"], tolerance) &&
           near(r.vRand, j["vRand"], tolerance) && near(r.infoSplit, j["infoSplit"], tolerance) &&
           near(r.infoMerge, j["infoMerge"], tolerance) && near(r.vInfo, j["vInfo"], tolerance) &&
           near(r.variationSplit, j["variationSplit"], tolerance) && near(r.variationMerge, j["variationMerge"], tolerance);
}

/// 6 x 8: two cells, columns 0-2 and 4-7.
Array twoCells()
{
    return mask({"###.####", "###.####", "###.####", "###.####", "###.####", "###.####"});
}

Array flipped(const Array &a)
{
    Array out(a.dtype(), a.shape());
    const auto w = a.dim(1);
    for (std::int64_t i = 0; i < a.size(); ++i)
        std::copy_n(a.raw() + (i / w * w + w - 1 - i % w) * byteSize(a.dtype()), byteSize(a.dtype()),
                    out.raw() + i * byteSize(a.dtype()));
    return out;
}

Array hundredths(const Json &rows)
{
    Array a = plane<float>(rows);
    for (auto &v : a.span<float>())
        v = static_cast<float>(v / 100.0);
    return a;
}

} // namespace

class SegmentationScoresTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsOfANamedClass()
    {
        const Array truth = plane<std::uint8_t>(Json{{0, 1, 1, 2}, {255, 1, 0, 2}});
        const Array said = plane<std::uint8_t>(Json{{0, 1, 0, 2}, {1, 1, 1, 1}});
        const auto c = countPixels(said, truth, 1);
        QCOMPARE(c.tp, 2);
        QCOMPARE(c.fn, 1);
        QCOMPARE(c.fp, 2);
        QCOMPARE(c.tn, 2);
        QCOMPARE(c.pixels(), 7); // one is ignored
        QVERIFY(near(c.pixelError(), 3.0 / 7));
        QVERIFY(near(c.iou(), 0.4));
        QVERIFY(near(c.dice(), 2 * 0.4 / 1.4));
        QVERIFY(near(c.precision(), 0.5));
        QVERIFY(near(c.recall(), 2.0 / 3));
        auto twice = c;
        twice += c;
        QVERIFY(near(twice.iou(), c.iou()));
        EXPECT_ERROR(countPixels(said, said.reshaped({4, 2}), 1), "4 x 2, found 2 x 4");
    }
    void nothingToCountIsNotANumber()
    {
        const Array empty(DType::UInt8, {3, 3});
        const auto c = countPixels(empty, empty, 1);
        QVERIFY(std::isnan(c.iou()) && std::isnan(c.dice()) && std::isnan(c.precision()) && std::isnan(c.recall()));
        QCOMPARE(c.pixelError(), 0.0);
        const auto m = meanOf({0.5, c.dice(), 1.0});
        QCOMPARE(m.mean, 0.75);
        QCOMPARE(m.count, 2);
        QCOMPARE(m.left, 1);
        QVERIFY(near(m.sd, std::sqrt(0.125)));
        QVERIFY(std::isnan(meanOf({}).mean));
        QVERIFY(std::isnan(meanOf({1.0}).sd));
        QVERIFY(std::isnan(regionScores(Array(DType::Int32, {2, 2}), Array(DType::Int32, {2, 2})).vRand));
    }
    void regionGoldens()
    {
        const Array truth = labelComponents(twoCells(), Connectivity::Four);
        auto r = regionScores(truth, truth);
        QCOMPARE(r.vRand, 1.0);
        QVERIFY(near(r.vInfo, 1));
        QVERIFY(near(r.variation(), 0));
        Array all(DType::Int32, {6, 8});
        for (auto &v : all.span<std::int32_t>())
            v = 4;
        r = regionScores(truth, all);
        QVERIFY(near(r.randSplit, 1));
        QVERIFY(near(r.randMerge, 0.510204082));
        QVERIFY(near(r.vRand, 0.675675676));
        QCOMPARE(r.vInfo, 0.0);
        Array cut = truth.clone();
        for (int x = 4; x < 8; ++x)
            cut.data<std::int32_t>()[3 * 8 + x] = 0;
        r = regionScores(truth, labelComponents(cut, Connectivity::Four)); // the second cell is in two parts
        QVERIFY(near(r.randSplit, 0.595555556));
        QVERIFY(near(r.randMerge, 1));
        QVERIFY(near(r.vRand, 0.746518106));
        QVERIFY(near(r.vInfo, 0.657974320));
    }
    void thresholdCurvesAsTheReference()
    {
        for (const auto &c : reference()["cases"]) {
            const Array truth = mask(c["truth"]), probability = hundredths(c["probability"]);
            const auto curve = thresholdCurve(probability, truth, 1, true, standardThresholds());
            QCOMPARE(curve.size(), size_t(10));
            for (int t = 0; t < 10; ++t) {
                const auto &j = c["curve"][t];
                QVERIFY(equal(curve[t].regions, j));
                QCOMPARE(curve[t].pixels.tp, j["tp"].get<std::int64_t>());
                QCOMPARE(curve[t].pixels.fp, j["fp"].get<std::int64_t>());
                QCOMPARE(curve[t].pixels.fn, j["fn"].get<std::int64_t>());
                QCOMPARE(curve[t].pixels.tn, j["tn"].get<std::int64_t>());
                QVERIFY(curve[t].pixels.iou() <= curve[t].pixels.dice());
            }
            // The other way round: the class is what lies between the objects.
            Array between = probability.clone(), membrane = truth.clone();
            for (auto &v : between.span<float>())
                v = 1 - v;
            for (auto &v : membrane.span<std::uint8_t>())
                v = !v;
            const auto other = thresholdCurve(between, membrane, 1, false, {0.495});
            QVERIFY(equal(other[0].regions, equivalent(probability, truth)));
        }
    }
    void agreesWithScikitImageWithoutLines()
    {
        for (const auto &c : reference()["cases"]) {
            const Array truth = labelComponents(mask(c["truth"]), Connectivity::Four);
            const auto r = regionScores(truth, plane<std::int32_t>(c["dense"]));
            QVERIFY(equal(r, c["denseRegions"]));
            QVERIFY(near(1 - r.vRand, c["adaptedRandError"], 1e-3)); // it counts pairs of different pixels
            QVERIFY(near(r.variationSplit, c["variation"][0], 1e-9));
            QVERIFY(near(r.variationMerge, c["variation"][1], 1e-9));
        }
    }
    void invariants()
    {
        const auto &c = reference()["cases"][1];
        const Array truth = labelComponents(mask(c["truth"]), Connectivity::Four);
        const Array dense = plane<std::int32_t>(c["dense"]);
        const auto r = regionScores(truth, dense);
        Array renamed = dense.clone();
        for (auto &v : renamed.span<std::int32_t>())
            v = v ? 1000 - 7 * v : 0;
        QVERIFY(near(regionScores(truth, renamed).vRand, r.vRand));
        QVERIFY(near(regionScores(truth, renamed).vInfo, r.vInfo));
        QVERIFY(near(regionScores(flipped(truth), flipped(dense)).vRand, r.vRand));
        // Split and merge change places with truth and proposal, where neither has zeros.
        Array a = truth.clone();
        for (auto &v : a.span<std::int32_t>())
            v = v + 1;
        const auto forth = regionScores(a, dense), back = regionScores(dense, a);
        QVERIFY(near(forth.randSplit, back.randMerge) && near(forth.randMerge, back.randSplit));
        QVERIFY(near(forth.infoSplit, back.infoMerge) && near(forth.vInfo, back.vInfo));
        QVERIFY(near(forth.variationSplit, back.variationMerge));
    }
    void bestThresholdIsOneForAllSlices()
    {
        std::vector<std::vector<ThresholdScores>> curves(2, std::vector<ThresholdScores>(3));
        const double v[2][3] = {{0.9, 0.5, 0.2}, {0.1, 0.6, 0.9}};
        for (int s = 0; s < 2; ++s)
            for (int t = 0; t < 3; ++t)
                curves[s][t].regions.vRand = v[s][t];
        const auto score = [](const ThresholdScores &s) { return s.regions.vRand; };
        QCOMPARE(bestThreshold(curves, score), 1);
        QCOMPARE(bestThreshold(curves, score, true), 0);
        QCOMPARE(bestThreshold({}, score), -1);
    }
    void realMembranes()
    {
        const auto labelsPath = sharedData("isbi2012/train-labels.tif"), volumePath = sharedData("isbi2012/train-volume.tif");
        if (labelsPath.empty() || volumePath.empty())
            QSKIP("shared/data is absent");
        const auto labels = openImage(labelsPath);
        const Array truth = labels->readPage(0);
        Array membranes = truth.clone();
        for (auto &v : membranes.span<std::uint8_t>())
            v = !v;
        const auto &j = reference()["isbi"];
        const double thinned[] = {0.9985, 0.9977, 0.9950}, raw[] = {0.9507, 0.9033, 0.8484};
        const double pixelErrors[] = {0.064262, 0.124107, 0.189167};
        for (int r = 1; r <= 3; ++r) {
            Array interior = dilate(membranes, r);
            for (auto &v : interior.span<std::uint8_t>())
                v = !v;
            const auto scores = regionScoresThinned(truth, interior);
            QVERIFY(equal(scores, j["thick"][r - 1]["thin"]));
            QVERIFY(near(scores.vRand, thinned[r - 1], 5e-5));
            const auto unthinned =
                regionScores(labelComponents(truth, Connectivity::Four), labelComponents(interior, Connectivity::Four));
            QVERIFY(near(unthinned.vRand, raw[r - 1], 5e-5));
            Array is = truth.clone();
            for (auto &v : is.span<std::uint8_t>())
                v = v != 0;
            QVERIFY(near(countPixels(interior, is, 1).pixelError(), pixelErrors[r - 1], 5e-7));
        }
        QVERIFY(equal(regionScoresThinned(truth, truth), j["self"]));
        QVERIFY(equal(regionScoresThinned(truth, labels->readPage(1)), j["other"]));
        Array all(DType::UInt8, truth.shape());
        std::fill_n(all.data<std::uint8_t>(), all.size(), 1);
        QVERIFY(near(regionScoresThinned(truth, all).vRand, 0.0578, 5e-5));
    }

private:
    static Json equivalent(const Array &probability, const Array &truth)
    {
        Array interior(DType::UInt8, truth.shape());
        for (std::int64_t i = 0; i < interior.size(); ++i)
            interior.data<std::uint8_t>()[i] = !(1 - probability.data<float>()[i] > 0.495f);
        const auto r = regionScoresThinned(truth, interior);
        return {{"randSplit", r.randSplit},           {"randMerge", r.randMerge},          {"vRand", r.vRand},
                {"infoSplit", r.infoSplit},           {"infoMerge", r.infoMerge},          {"vInfo", r.vInfo},
                {"variationSplit", r.variationSplit}, {"variationMerge", r.variationMerge}};
    }
};

RETICLE_TEST(SegmentationScoresTest)
#include "SegmentationScoresTest.moc"
