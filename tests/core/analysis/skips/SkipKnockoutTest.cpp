#include "analysis/skips/SkipKnockout.h"

#include "core/analysis/SkipNet.h"
#include "foundation/FreeMemory.h"
#include "learn/prediction/ImagePredictor.h"

#include <cstring>
#include <set>

using namespace reticle;
using namespace reticle::test;

class SkipKnockoutTest : public QObject
{
    Q_OBJECT
private:
    AnalysisFiles m_files;
    std::string m_images;
    std::vector<Array> m_pages;

    static PredictOptions options(std::int64_t tile = 256)
    {
        PredictOptions o;
        o.device = "cpu";
        o.precision = "float32";
        o.tile = tile;
        return o;
    }
    std::filesystem::path run(const Json &model)
    {
        registerSkipNet();
        auto project = Project::openOrCreate(m_files.path("P.reticle"));
        return project.runFolder(keepRun(project, model, {{"name", "segmentation"}, {"images", m_images}}));
    }
    static double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }
    static double farthest(const Array &a, const Array &b)
    {
        double maximum = a.size() == b.size() ? 0 : 1;
        for (std::int64_t i = 0; i < std::min(a.size(), b.size()); ++i)
            maximum = std::max(maximum, std::abs(a.value(i) - b.value(i)));
        return maximum;
    }

private Q_SLOTS:
    /// Bands give what the whole gives.
    void scoresOfImages()
    {
        for (const std::int64_t height : {5, 11, 21, 22, 23, 33, 34, 100}) {
            Random random(static_cast<std::uint64_t>(height));
            Array a(DType::Float32, {2, height, 40}), b(DType::Float32, {2, height, 40});
            double squares = 0;
            for (std::int64_t i = 0; i < a.size(); ++i) {
                a.data<float>()[i] = static_cast<float>(random.uniform(0, 1));
                b.data<float>()[i] = static_cast<float>(0.8 * a.data<float>()[i] + random.uniform(0, 0.1));
                squares += std::pow(double(a.data<float>()[i]) - b.data<float>()[i], 2);
            }
            const auto whole = imageScores(a, b, 1), bands = imageScores(a, b, 1, 1);
            QVERIFY(std::abs(whole.rmse - std::sqrt(squares / a.size())) < 1e-6);
            QVERIFY(std::abs(bands.rmse - whole.rmse) < 1e-6);
            QVERIFY2(std::abs(bands.similarity - whole.similarity) < 1e-5, qPrintable(QString::number(height)));
            QVERIFY(whole.similarity < 0.999);
            QVERIFY(std::abs(imageScores(a, a, 1).similarity - 1) < 1e-5);
        }
    }
    void initTestCase()
    {
        Random random(5);
        for (int z = 0; z < 2; ++z) {
            Array page(DType::UInt8, {256, 256});
            for (auto &v : page.span<std::uint8_t>())
                v = static_cast<std::uint8_t>(random.below(200) + 50 * z);
            m_pages.push_back(page);
        }
        m_images = m_files.write("random.tif", m_pages);
    }
    void everySliceGetsAnotherOne()
    {
        for (const std::size_t n : {2, 3, 7, 30})
            for (const std::uint64_t seed : {0, 1, 2}) {
                const auto to = derangement(n, seed);
                QCOMPARE(std::set<std::size_t>(to.begin(), to.end()).size(), n);
                for (std::size_t i = 0; i < n; ++i)
                    QVERIFY(to[i] != i && to[i] < n);
                QVERIFY(to == derangement(n, seed));
            }
        QVERIFY(derangement(30, 0) != derangement(30, 1));
    }
    /// One tile a page: each way's output follows from the net's formula.
    void changesDoWhatTheirNamesSay()
    {
        ImagePredictor predictor(run({{"name", "skip-net"}}), options());
        SkipKnockout net(predictor, "run 1");
        QCOMPARE(net.names(), (std::vector<std::string>{"skip 0", "skip 1"}));
        const auto source = openImage(m_images);
        double sum = 0;
        for (int z = 0; z < 2; ++z) {
            net.addToMeans(*source, z);
            for (const auto v : m_pages[static_cast<std::size_t>(z)].span<std::uint8_t>())
                sum += v / 255.0;
        }
        const double mean = sum / (2 * 256 * 256);
        QCOMPARE(net.means(0).size(), std::size_t(1));
        QVERIFY(std::abs(net.means(0)[0] - mean) < 1e-6);
        QVERIFY(std::abs(net.means(1)[0] - mean) < 1e-6);

        const auto p = net.predict(*source, 0, 1,
                                   {{},
                                    {SkipWay::Ablated, {0}},
                                    {SkipWay::Shuffled, {0}},
                                    {SkipWay::Mean, {0}},
                                    {SkipWay::Ablated, {1}},
                                    {SkipWay::Shuffled, {1}},
                                    {SkipWay::Mean, {1}},
                                    {SkipWay::Shuffled, {0, 1}}});
        QCOMPARE(p.size(), std::size_t(8));
        QCOMPARE(p[0].shape(), (std::vector<std::int64_t>{2, 256, 256}));
        const auto whole = predictor.predictRegion(*source, 0, 0, 0, 256, 256);
        const auto other = predictor.predictRegion(*source, 1, 0, 0, 256, 256);
        QVERIFY(p[0] == whole);
        for (std::int64_t i = 0; i < 256 * 256; i += 97) {
            const double x = m_pages[0].value(i) / 255;
            QVERIFY(std::abs(p[0].at(1).value(i) - sigmoid(20 * (x - 0.47))) < 1e-5);
            QVERIFY(std::abs(p[1].at(1).value(i) - sigmoid(20 * (0 - 0.47))) < 1e-5);
            QVERIFY(std::abs(p[3].at(1).value(i) - sigmoid(20 * (mean - 0.47))) < 1e-5);
        }
        QVERIFY(p[2] == other);
        for (const int unused : {4, 5, 6})
            QVERIFY(p[static_cast<std::size_t>(unused)] == whole);
        QVERIFY(p[7] == other);
        // The predictor itself is as before.
        QVERIFY(predictor.predictRegion(*source, 0, 0, 0, 256, 256) == whole);
    }
    void aHookThatReturnsItsInputChangesNothing_data()
    {
        QTest::addColumn<QString>("text");
        const auto row = [](const char *name, const Json &model) { QTest::newRow(name) << QString::fromStdString(model.dump()); };
        row("concatenated", {{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}});
        row("added", {{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}, {"skips", "add"}});
        row("transposed",
            {{"name", "unet"}, {"widths", {4, 8, 8, 8, 8, 4, 4}}, {"upsampling", "transposed"}, {"normalization", "batch"}});
        row("dense",
            {{"name", "fc-densenet"}, {"variant", "own"}, {"growth", 4}, {"blocks", {2, 2, 2, 2, 2}}, {"first-width", 8}});
    }
    void aHookThatReturnsItsInputChangesNothing()
    {
        QFETCH(QString, text);
        const Json model = Json::parse(text.toStdString());
        torch::manual_seed(1);
        const auto module = makeModule(model, {1, 1});
        module->eval();
        c10::InferenceMode mode;
        const auto x = torch::rand({2, 1, 40, 56});
        const auto whole = module->forward(x);
        std::vector<int> order;
        std::vector<std::int64_t> rows;
        module->skipHook = [&](int skip, const torch::Tensor &t) {
            order.push_back(skip);
            rows.push_back(t.size(2));
            return t;
        };
        QVERIFY(torch::equal(module->forward(x), whole));
        // Every named skip is asked about once, each at half the size of the one before.
        QCOMPARE(order.size(), module->skips().size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            QCOMPARE(order[i], static_cast<int>(i));
            QCOMPARE(rows[i], std::int64_t(40) >> i);
        }
        for (std::size_t i = 0; i < order.size(); ++i) { // and each has a say
            module->skipHook = [&](int skip, const torch::Tensor &t) {
                return skip == static_cast<int>(i) ? torch::zeros_like(t) : t;
            };
            QVERIFY(!torch::equal(module->forward(x), whole));
        }
    }
    /// Several tiles, weighted and averaged: a study of no change is the plain prediction, bit for bit.
    void nothingChangedIsThePlainPrediction()
    {
        ImagePredictor predictor(run({{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}}), options(96));
        SkipKnockout net(predictor, "run 1");
        const auto source = openImage(m_images);
        const auto whole = predictor.predictRegion(*source, 0, 0, 0, 256, 256);
        net.addToMeans(*source, 0);
        const auto p =
            net.predict(*source, 0, 1, {{}, {SkipWay::Shuffled, {}}, {SkipWay::Mean, {0, 1}}, {SkipWay::Shuffled, {0}}});
        QVERIFY(p[0] == whole && p[1] == whole);
        QVERIFY(farthest(p[2], whole) > 1e-4 && farthest(p[3], whole) > 1e-4);
        // A slice that is its own donor loses nothing.
        const auto self = net.predict(*source, 0, 0, {{SkipWay::Shuffled, {0, 1}}});
        QVERIFY(farthest(self[0], whole) < 1e-6);
    }
    /// Scaled by 0 is ablated and by 1 nothing changed, both bit for bit, in a network whose skips have values of
    /// either sign; in between the output follows from the formula.
    void scalingIsADose()
    {
        const auto source = openImage(m_images);
        {
            ImagePredictor predictor(run({{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}}), options(96));
            SkipKnockout net(predictor, "run 1");
            const auto p = net.predict(*source, 0, 0,
                                       {{},
                                        {SkipWay::Scaled, {0}, 1},
                                        {SkipWay::Scaled, {0, 1}, 1},
                                        {SkipWay::Ablated, {0}},
                                        {SkipWay::Scaled, {0}, 0},
                                        {SkipWay::Ablated, {0, 1}},
                                        {SkipWay::Scaled, {0, 1}, 0},
                                        {SkipWay::Scaled, {0}, 0.5}});
            const auto same = [](const Array &a, const Array &b) {
                return a.size() == b.size() && std::memcmp(a.raw(), b.raw(), static_cast<std::size_t>(a.size()) * 4) == 0;
            };
            QVERIFY(same(p[0], predictor.predictRegion(*source, 0, 0, 0, 256, 256)));
            QVERIFY(same(p[1], p[0]) && same(p[2], p[0]));
            QVERIFY(same(p[4], p[3]) && same(p[6], p[5]));
            QVERIFY(farthest(p[3], p[0]) > 1e-4 && farthest(p[7], p[0]) > 1e-5 && farthest(p[7], p[3]) > 1e-5);
        }
        ImagePredictor predictor(run({{"name", "skip-net"}}), options());
        SkipKnockout net(predictor, "run 2");
        const auto p = net.predict(*source, 0, 0, {{SkipWay::Scaled, {0}, 0.25}, {SkipWay::Scaled, {1}, 0.25}, {}});
        for (std::int64_t i = 0; i < 256 * 256; i += 97)
            QVERIFY(std::abs(p[0].at(1).value(i) - sigmoid(20 * (0.25 * m_pages[0].value(i) / 255 - 0.47))) < 1e-5);
        QVERIFY(p[1] == p[2]); // what counts for nothing counts for nothing at any strength
    }
    /// What each change comes to does not depend on how many are predicted at once, and their number fits the memory.
    void changesInBatches()
    {
        ImagePredictor predictor(run({{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}}), options(96));
        SkipKnockout net(predictor, "run 1");
        const auto source = openImage(m_images);
        net.addToMeans(*source, 0);
        const std::vector<SkipChange> changes{{},
                                              {SkipWay::Ablated, {0}},
                                              {SkipWay::Shuffled, {0}},
                                              {SkipWay::Mean, {1}},
                                              {SkipWay::Shuffled, {0, 1}},
                                              {SkipWay::Scaled, {0}, 0.5}};
        const auto whole = net.predict(*source, 0, 1, changes);
        for (const std::size_t many : {1, 4})
            for (std::size_t first = 0; first < changes.size(); first += many) {
                const auto end = std::min(first + many, changes.size());
                const auto part = net.predict(
                    *source, 0, 1,
                    {changes.begin() + static_cast<std::ptrdiff_t>(first), changes.begin() + static_cast<std::ptrdiff_t>(end)});
                for (std::size_t i = first; i < end; ++i)
                    QVERIFY(part[i - first] == whole[i]);
            }
        // Of a mask: one plane of sums and two of classes, 4 bytes a pixel.
        QCOMPARE(net.atOnce(8192, 8192, std::int64_t(1) << 30), std::int64_t(1));
        QCOMPARE(net.atOnce(1024, 1024, std::int64_t(1) << 30), std::int64_t(85));
        QCOMPARE(net.atOnce(100000, 100000, 1), std::int64_t(1));
    }
    /// A network without any, trained so, can be measured as it is where that is asked for.
    void anyNumberOfSkips()
    {
        ImagePredictor predictor(run({{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}, {"without-skips", {0, 1}}}),
                                 options(96));
        EXPECT_ERROR(SkipKnockout(predictor, "run 7"), "a network with skip connections");
        SkipKnockout net(predictor, "run 7", SkipKnockout::Skips::AnyNumber);
        QVERIFY(net.names().empty());
        const auto source = openImage(m_images);
        QVERIFY(net.predict(*source, 0, 0, {{}})[0] == predictor.predictRegion(*source, 0, 0, 0, 256, 256));
    }
    void takesSmallerTilesWhereMemoryIsShort()
    {
        const auto model = run({{"name", "unet"}, {"widths", {4, 8, 8, 4, 4}}, {"depth", 2}});
        const auto source = openImage(m_images);
        const std::vector<SkipChange> some{{}, {SkipWay::Ablated, {0}}, {SkipWay::Shuffled, {1}}};
        {
            const AssumedFreeMemory little(std::int64_t(130) << 20);
            ImagePredictor predictor(model, options(2048));
            SkipKnockout net(predictor, "run 1");
            QCOMPARE(net.predict(*source, 0, 1, some)[0].shape(), (std::vector<std::int64_t>{2, 256, 256}));
            QCOMPARE(predictor.notes().size(), std::size_t(1));
            QVERIFY2(predictor.notes().front().find("in place of 2048 px") != std::string::npos,
                     predictor.notes().front().c_str());
            net.predict(*source, 1, 0, some);
            QCOMPARE(predictor.notes().size(), std::size_t(1)); // said once
        }
        // The predictions of many changes at once count.
        {
            const AssumedFreeMemory little(std::int64_t(200) << 20);
            ImagePredictor predictor(model, options());
            SkipKnockout net(predictor, "run 1");
            QVERIFY(net.predict(*source, 0, 0, {{}})[0] == predictor.predictRegion(*source, 0, 0, 0, 256, 256));
            QVERIFY(predictor.notes().empty());
            EXPECT_ERROR(net.fitMemory(256, 256, 300, false), "Predicting a page of 256 x 256 px needs about");
            EXPECT_ERROR(net.predict(*source, 0, 0, std::vector<SkipChange>(300)), "200 MiB are free");
        }
        const AssumedFreeMemory none(std::int64_t(40) << 20);
        ImagePredictor predictor(model, options());
        SkipKnockout net(predictor, "run 1");
        for (int time = 0; time < 2; ++time) {
            EXPECT_ERROR(net.addToMeans(*source, 0), "raise the memory limit");
            EXPECT_ERROR(net.predict(*source, 0, 1, some), "raise the memory limit");
        }
    }
    void canBeEnded()
    {
        ImagePredictor predictor(run({{"name", "skip-net"}}), options());
        SkipKnockout net(predictor, "run 1");
        EXPECT_ERROR(net.predict(*openImage(m_images), 0, 0, {{}}, [](double) { return false; }), "stopped");
    }
    void aNetworkWithoutSkipsIsRefused()
    {
        ImagePredictor predictor(run({{"name", "fcn"}, {"weights", 1000}}), options());
        EXPECT_ERROR(SkipKnockout(predictor, "run 7"), "run 7: expected a network with skip connections");
        EXPECT_ERROR(SkipKnockout(predictor, "run 7"), "fcn, which has none");
    }
};

RETICLE_TEST(SkipKnockoutTest)
#include "SkipKnockoutTest.moc"
