#include "learn/Models_p.h"

#include "core/learn/ModuleVariants.h"
#include "learn/ModelFigures.h"
#include "learn/modules/Blocks_p.h"
#include "support/ResidentSize.h"
#include "support/Test.h"

#include <numeric>

using namespace reticle;

namespace {

const std::vector<std::int64_t> &modelsWhole(const Table &table, const char *name)
{
    return std::get<std::vector<std::int64_t>>(table.find(name)->values);
}

const std::vector<std::string> &modelsText(const Table &table, const char *name)
{
    return std::get<std::vector<std::string>>(table.find(name)->values);
}

using Numbers = std::vector<std::int64_t>;

/// The words of a column, with commas between.
QString words(const Table &table, const char *name)
{
    QStringList all;
    for (const auto &w : modelsText(table, name))
        all << QString::fromStdString(w);
    return all.join(", ");
}

/// One convolution called twice, and after it another that shares its weights.
class Shared : public ImageModule
{
public:
    Shared()
    {
        m_first = register_module("first", ConvUnit::output(2, 2, 3));
        m_second = register_module("second", ConvUnit::output(2, 2, 3));
        m_second->weight = m_first->weight;
    }
    std::int64_t multiple() const override { return 1; }
    std::shared_ptr<ConvUnit> m_first, m_second;

protected:
    torch::Tensor logits(const torch::Tensor &x) override { return m_second->forward(m_first->forward(m_first->forward(x))); }
};

class WithoutWeights : public ImageModule
{
public:
    std::int64_t multiple() const override { return 2; }

protected:
    torch::Tensor logits(const torch::Tensor &x) override { return upsample(pool(x)); }
};

} // namespace

class ModelsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithCountsByHand()
    {
        const Json model{{"name", "unet"}, {"depth", 1}, {"widths", {2, 3, 4}}};
        const auto d = describeModel(model, 1, 1, 8, 6);
        QCOMPARE(words(d.layers, "name"), ", e0, , bottom, , d0, out, total");
        QCOMPARE(words(d.layers, "type"),
                 "input, convolution, average pool, convolution, bilinear, joined with skip, convolution, convolution, ");
        QCOMPARE(modelsText(d.layers, "input")[4], std::string("3 \u00d7 4 \u00d7 3"));
        QCOMPARE(modelsText(d.layers, "output")[4], std::string("5 \u00d7 8 \u00d7 6"));
        // 3 * 3 * in * out + out
        QCOMPARE(modelsWhole(d.layers, "weights"), (Numbers{0, 20, 0, 57, 0, 184, 5, 266}));
        // 3 * 3 * in * out * pixels
        QCOMPARE(modelsWhole(d.layers, "MACs"), (Numbers{0, 18 * 48, 0, 54 * 12, 0, 180 * 48, 4 * 48, 10344}));
        // 4 bytes * out * pixels
        QCOMPARE(modelsWhole(d.layers, "activation"),
                 (Numbers{4 * 48, 4 * 96, 4 * 24, 4 * 36, 4 * 240, 4 * 192, 4 * 48, 4 * 684}));
        QCOMPARE(d.weights, std::int64_t(266));
        QCOMPARE(d.macs, std::int64_t(864 + 648 + 8640 + 192));
        QCOMPARE(d.activationBytes, std::int64_t(4 * (48 + 96 + 24 + 36 + 240 + 192 + 48)));
        // The usual estimate: weights, twice the outputs of all layers, the input.
        QCOMPARE(d.memory.simple, std::int64_t(4 * (266 + 2 * 636 + 48)));
        QCOMPARE(d.widths, (Numbers{2, 3, 4}));
        QVERIFY(d.summary.starts_with("U-Net, 266 weights, widths 2 3 4"));
    }

    void countsTheBatchAndTheMirroredBorder()
    {
        const Json model{{"name", "unet"}, {"depth", 1}, {"widths", {2, 3, 4}}};
        const auto one = describeModel(model, 1, 1, 8, 6), four = describeModel(model, 1, 1, 8, 6, 4);
        QCOMPARE(four.macs, 4 * one.macs);
        QCOMPARE(describeModel(model, 1, 1, 7, 5).macs, one.macs);
    }

    void weightsCountOnce()
    {
        const auto module = std::make_shared<Shared>();
        const auto d = describeModule(*module, {1, 2, 8, 8}, {}, "Shared");
        QCOMPARE(words(d.layers, "name"), ", first, first, second, total");
        QCOMPARE(modelsText(d.layers, "type")[2], std::string("convolution (shared with first)"));
        QCOMPARE(modelsText(d.layers, "type")[3], std::string("convolution (shared with first)"));
        QCOMPARE(modelsWhole(d.layers, "weights"), (Numbers{0, 38, 0, 2, 40})); // 3 * 3 * 2 * 2 + 2, and the other bias
        QCOMPARE(modelsWhole(d.layers, "MACs")[4], std::int64_t(3 * 36 * 64));
    }

    void frozenWeightsAreNotTrainable()
    {
        const auto module = std::make_shared<Shared>();
        module->m_first->bias.set_requires_grad(false);
        const auto d = describeModule(*module, {1, 2, 8, 8}, {}, "Shared");
        QCOMPARE(modelsWhole(d.layers, "weights"), (Numbers{0, 38, 0, 2, 40}));
        QCOMPARE(modelsWhole(d.layers, "trainable"), (Numbers{0, 36, 0, 2, 38}));
    }

    void aModuleMayHaveNoWeights()
    {
        const auto module = std::make_shared<WithoutWeights>();
        const auto d = describeModule(*module, {1, 2, 8, 8}, {}, "Nothing");
        QCOMPARE(modelsWhole(d.layers, "weights").back(), std::int64_t(0));
        QCOMPARE(d.macs, std::int64_t(0));
        QCOMPARE(d.summary, std::string("Nothing, 0 weights, 0 multiplications for 1 \u00d7 2 \u00d7 8 \u00d7 8"));
        for (const auto &f : d.figures)
            QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems().front().c_str());
    }

    void multiplicationsGrowWithPixelsAndImages_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("U-Net") << R"({"name": "unet", "weights": 4000})";
        QTest::newRow("FC-DenseNet") << R"({"name": "fc-densenet", "variant": "56"})";
    }
    void multiplicationsGrowWithPixelsAndImages()
    {
        QFETCH(QString, text);
        const auto model = Json::parse(text.toStdString());
        const auto one = describeModel(model, 1, 2, 32, 64);
        QCOMPARE(describeModel(model, 1, 2, 96, 128).macs, 6 * one.macs);
        QCOMPARE(describeModel(model, 1, 2, 32, 64, 5).macs, 5 * one.macs);
        QCOMPARE(describeModel(model, 1, 2, 3200, 6400, 7).macs, 70000 * one.macs); // told from smaller passes
    }

    void describingTwiceTellsTheSame()
    {
        const Json model{{"name", "unet"}, {"weights", 4000}, {"dropout", 0.2}};
        torch::manual_seed(3);
        const auto before = generatorState();
        const auto first = describeModel(model, 1, 1, 64, 64).result().toJson();
        QVERIFY(torch::equal(before, generatorState()));
        QVERIFY(first == describeModel(model, 1, 1, 64, 64).result().toJson());
    }

    void theObjectiveDecidesTheOutputs()
    {
        ModelQuestion q;
        q.model = {{"name", "fc-densenet"}, {"bias", false}, {"whole-last", false}};
        q.height = q.width = 32;
        const auto one = describeModel(q).weights;
        q.objective = {{"name", "cross-entropy"}};
        const auto two = describeModel(q);
        QCOMPARE(two.weights, std::int64_t(9317074)); // as published for two classes
        QCOMPARE(two.weights - one, std::int64_t(4 * 16 + 1));
        q.model = {{"name", "unet"}, {"widths", {2, 3, 4}}, {"depth", 1}};
        q.objective = {{"name", "mse"}}; // an image of three channels, seen with a neighbor on either side
        q.channels = 9;
        q.planes = 3;
        const auto &layers = describeModel(q).layers;
        QCOMPARE(modelsText(layers, "output").back(), std::string());
        QCOMPARE(modelsText(layers, "output")[layers.rows() - 2], std::string("3 \u00d7 32 \u00d7 32"));
        q.objective = {{"name", "bce"}, {"class-weights", "balanced"}};
        QVERIFY(describeModel(q).weights > 0);
    }

    void theTrainingDecidesTheMemory()
    {
        ModelQuestion q;
        q.model = {{"name", "unet"}, {"weights", 100000}};
        const auto adam = describeModel(q).memory;
        q.train = {{"optimiser", "sgd"}, {"averaging", 0}, {"threads", 3}};
        const auto sgd = describeModel(q).memory;
        QCOMPARE(adam.optimizer, 2 * sgd.optimizer);
        QCOMPARE(sgd.threads, std::int64_t(3));
        const auto table = sgd.table();
        QVERIFY(modelsText(table, "what")[3].find("SGD") != std::string::npos);
    }

    void tellsTheBatchThatFits()
    {
        ModelQuestion q;
        q.model = {{"name", "unet"}, {"weights", 4000}};
        const auto d = describeModel(q);
        const auto table = d.fits({{"free now", d.memory.trainingOf(5)}});
        QCOMPARE(modelsText(table, "memory")[0], std::string("free now"));
        QCOMPARE(modelsWhole(table, "batch")[0], std::int64_t(5));
        const auto &batches = modelsWhole(table, "batch");
        QVERIFY(std::is_sorted(batches.begin() + 1, batches.end()));
        for (const auto &[name, bytes] : memoryOfThisMachine())
            QVERIFY(bytes > 0);
        QVERIFY(!memoryOfThisMachine().empty());
    }

    void figuresAreFitToDraw()
    {
        const auto d = describeModel(Json{{"name", "fc-densenet"}, {"variant", "56"}}, 3, 11, 64, 64);
        QCOMPARE(d.figures.size(), std::size_t(2));
        for (const auto &f : d.figures)
            QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems().front().c_str());
        const auto &bars = std::get<XYPanel>(d.figures[0].panels[0].content);
        QCOMPARE(bars.y.categories.size(), std::size_t(23)); // the stages of the paper's table
        QCOMPARE(bars.y.categories[1], std::string("down0"));
        QCOMPARE(bars.series[0].x[1], 29088.0);
        double sum = 0;
        for (const double v : bars.series[0].x)
            sum += v;
        QCOMPARE(sum, 1376795.0);
        const auto &curve = std::get<XYPanel>(d.figures[1].panels[0].content);
        const auto &maximum = curve.series[0].y;
        const auto highest = *std::max_element(maximum.begin(), maximum.end());
        QCOMPARE(highest * 1048576, double(d.memory.fixed() + d.memory.input + d.memory.labels + d.memory.training));
        QVERIFY(curve.references.back().axis == 'y' && curve.references.back().value == highest);
        QCOMPARE(blockOf("e1b"), std::string("e1"));
        QCOMPARE(blockOf("b2r4"), std::string("b2"));
        QCOMPARE(blockOf("transition_down3"), std::string("transition_down3"));
        QCOMPARE(blockOf("bottleneck_layer11"), std::string("bottleneck"));
        QCOMPARE(blockOf("encoder.layer0"), std::string("encoder"));
    }

    void blocksHaveAllWeights_data()
    {
        QTest::addColumn<QString>("key");
        for (const auto &[key, section] : test::variants())
            QTest::newRow(key.c_str()) << QString::fromStdString(key);
    }
    void blocksHaveAllWeights()
    {
        QFETCH(QString, key);
        const auto module = makeModule(test::variants().at(key.toStdString()), {2, 3});
        const auto d = describeModule(*module, {1, 2, 32, 32}, {}, "Net");
        const auto &bars = std::get<XYPanel>(d.figures[0].panels[0].content).series[0].x;
        QCOMPARE(std::accumulate(bars.begin(), bars.end(), 0.0), static_cast<double>(d.weights));
    }

    /// The processor measures, whatever the training will run on.
    void anyPrecisionIsTold()
    {
        ModelQuestion q;
        q.model = {{"name", "unet"}, {"weights", 4000}};
        q.height = q.width = 32;
        q.train = {{"precision", "bfloat16"}};
        const std::string precision = hasBfloat16(torch::kCPU) ? "bfloat16" : "float32";
        const auto d = describeModel(q);
        QCOMPARE(d.precision, precision);
        QCOMPARE(modelsText(d.fits({{"free on its GPU", std::int64_t(1) << 30}}), "memory")[0],
                 "free on its GPU, in " + precision);
        QCOMPARE(describeModel(q.model, 1, 1, 32, 32).precision, std::string("float32"));
    }

    void givesIdleMemoryBack()
    {
        const Json model{{"name", "unet"}, {"weights", 4000}};
        describeModel(model, 1, 1, 64, 64);
        torch::ones({100 << 20}); // 400 MiB, which wait for the next tensor
        const double before = test::residentMib("VmRSS");
        QVERIFY2(before > 400, "expected Linux, which tells the resident size in /proc");
        describeModel(model, 1, 1, 64, 64);
        const double after = test::residentMib("VmRSS");
        QVERIFY2(after < before - 300, qPrintable(QString("%1 MiB, then %2").arg(before).arg(after)));
    }

    void absurdQuestionsAreAnsweredOrRefused()
    {
        const Json unet{{"name", "unet"}, {"weights", 4000}};
        QVERIFY(describeModel(unet, 1, 1, 100000, 100000).memory.training > std::int64_t(1) << 40);
        EXPECT_ERROR(describeModel(unet, 1, 1, 10000000, 10000000), "at most");
        EXPECT_ERROR(describeModel(unet, 1, 1, 256, 256, std::int64_t(1) << 60), "batch");
        EXPECT_ERROR(describeModel(Json{{"name", "fc-densenet"},
                                        {"variant", "own"},
                                        {"growth", 512},
                                        {"blocks", {100, 100, 100}},
                                        {"first-width", 4096}},
                                   1, 1, 32, 32),
                     "million weights");
        EXPECT_ERROR(describeModel(Json{{"name", "fc-densenet"}, {"strict-size", true}}, 1, 1, 500, 512),
                     "height 500 is not a multiple of 32");
    }

    void saysWhatIsMissing()
    {
        EXPECT_ERROR(describeModel(Json{{"name", "unet"}}, 0, 1, 8, 8), "channels");
        EXPECT_ERROR(describeModel(Json{{"name", "nothing"}}, 1, 1, 8, 8), "unet");
    }
};

RETICLE_TEST(ModelsTest)
#include "ModelsTest.moc"
