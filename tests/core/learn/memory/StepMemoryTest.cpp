#include "learn/memory/StepMemory_p.h"

#include "core/learn/ModuleVariants.h"
#include "learn/Optimizer_p.h"
#include "learn/memory/ImagePasses_p.h"
#include "support/ResidentSize.h"
#include "support/Test.h"

#include <ATen/record_function.h>

#include <set>

using namespace reticle;

namespace {

/// Bytes handed out, whether they were given back or not; small ones apart, which are statistics and lists.
struct HandedOut : AllocationObserver
{
    void changed(std::int64_t bytes) override { all += bytes > 0 ? bytes : 0; }
    std::int64_t all = 0;
};

std::shared_ptr<ImageModule> stepMemoryMake(const Json &section, ModuleShape shape = {2, 3})
{
    torch::manual_seed(1);
    return makeModule(section, shape);
}

/// A small pass, whose convolutions all go to LibTorch.
constexpr std::int64_t kSide = 16;

/// Multiplications that LibTorch's own operators make, told by its profiler's hook.
thread_local std::int64_t s_multiplications = 0;

std::int64_t multiplications(const c10::ArrayRef<const c10::IValue> &in, const std::string &name, const torch::Tensor &out)
{
    const auto weight = in[1].toTensor();
    if (name == "aten::linear")
        return out.numel() * weight.size(1);
    const auto each = weight.numel() / weight.size(0); // (K, C, k, k), transposed (C, K, k, k)
    return name == "aten::conv2d" ? out.numel() * each : in[0].toTensor().numel() * each;
}

std::unique_ptr<at::ObserverContext> nothing(const at::RecordFunction &)
{
    return nullptr;
}

void stepMemoryCount(const at::RecordFunction &f, at::ObserverContext *)
{
    const std::string name = f.name();
    if (name == "aten::conv2d" || name == "aten::linear" || name == "aten::conv_transpose2d")
        s_multiplications += multiplications(f.inputs(), name, f.outputs().at(0).toTensor());
}

/// Conv2d(1 -> 16, k 3, p 5) then Conv2d(16 -> 32, k 3), whose numbers were told by the programs that the simple estimate
/// comes from.
class TwoLayers : public ImageModule
{
public:
    TwoLayers()
    {
        for (const auto &[name, shape] :
             {std::pair{"conv0", std::vector<std::int64_t>{16, 1, 3, 3}}, {"conv1", {32, 16, 3, 3}}}) {
            m_weights.push_back(register_parameter(std::string(name) + "_weight", torch::rand(shape)));
            m_biases.push_back(register_parameter(std::string(name) + "_bias", torch::rand({shape[0]})));
        }
    }
    std::int64_t multiple() const override { return 1; }

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        auto y = x;
        for (std::size_t i = 0; i < 2; ++i) {
            auto z = torch::conv2d(y, m_weights[i], m_biases[i], 1, i == 0 ? 5 : 0);
            LayerTrace::note({.module = this,
                              .type = "convolution",
                              .input = y,
                              .output = z,
                              .macsPerValue = m_weights[i].numel() / m_weights[i].size(0),
                              .weights = {m_weights[i], m_biases[i]}});
            y = z;
        }
        return y.narrow(2, 3, x.size(2)).narrow(3, 3, x.size(3));
    }

private:
    std::vector<torch::Tensor> m_weights, m_biases;
};

void stepMemoryRows()
{
    QTest::addColumn<QString>("key");
    for (const auto &[key, section] : test::variants())
        QTest::newRow(key.c_str()) << QString::fromStdString(key);
}

bool stepMemoryNear(std::int64_t found, std::int64_t expected, double part)
{
    return std::abs(static_cast<double>(found - expected)) <= part * static_cast<double>(expected);
}

/// Whether oneDNN 2.6 convolves by unfolding the image: layers of the atrous network with a dilation above 3 (their names end
/// in it), on processors without AVX-512, for which it has no direct kernel.
bool unfolds(const torch::nn::Module &net, const TracedLayer &layer)
{
    if (__builtin_cpu_supports("avx512f"))
        return false;
    for (const auto &child : net.named_children())
        if (child.value().get() == layer.module && child.key().size() > 3 && child.key()[0] == 'b' && child.key()[2] == 'r')
            return std::stoi(child.key().substr(3)) > 3;
    return false;
}

#define VERIFY_NEAR(found, expected, part)                                                                                       \
    QVERIFY2(stepMemoryNear(found, expected, part), qPrintable(QString("%1 for %2").arg(found).arg(expected)))

} // namespace

class StepMemoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void layersMakeWhatLibTorchHandsOut_data() { stepMemoryRows(); }
    void layersMakeWhatLibTorchHandsOut()
    {
        QFETCH(QString, key);
        const auto module = stepMemoryMake(test::variants().at(key.toStdString()));
        module->train();
        // With several threads convolutions take a workspace for each, which is no layer's.
        const struct OneThread
        {
            int before = at::get_num_threads();
            OneThread() { at::set_num_threads(1); }
            ~OneThread() { at::set_num_threads(before); }
        } oneThread;
        const auto pass = [&](int h, int w) {
            const auto x = torch::rand({2, 2, h, w});
            const auto handed = std::make_shared<HandedOut>();
            LayerTrace trace;
            {
                c10::DebugInfoGuard watch(c10::DebugInfoKind::PROFILER_STATE, handed);
                module->forward(x);
            }
            std::int64_t made = 0;
            for (const auto &layer : trace.layers) {
                made += layer.made;
                // LibTorch's workspace, given back at once: one image unfolded for the nine taps, and a map of ones.
                if (layer.type == "transposed convolution" && layer.weights[0].size(2) == 3)
                    made += 4 * (9 * layer.input[1] * layer.input[2] * layer.input[3] + layer.output[2] * layer.output[3]);
                // oneDNN's, likewise: one image unfolded, and the same image with its channels last.
                if (unfolds(*module, layer))
                    made += 4 * (9 + 1) * layer.input[1] * layer.input[2] * layer.input[3];
            }
            return std::pair{made, handed->all};
        };
        // Between two sizes: copies of the weights in another order, as oneDNN makes them, are the same for both. The second
        // pair has its border mirrored on.
        for (const int w : {96, 90}) {
            const auto small = pass(w - 32, w), large = pass(w + 32, w);
            VERIFY_NEAR(large.first - small.first, large.second - small.second, 0.02);
        }
    }

    void keptIsToldLayerByLayer_data() { stepMemoryRows(); }
    void keptIsToldLayerByLayer()
    {
        QFETCH(QString, key);
        const auto module = stepMemoryMake(test::variants().at(key.toStdString()));
        const auto s = measureStep(*module, {2, 2, 64, 96});
        std::int64_t sum = 0;
        for (const auto kept : s.kept)
            sum += kept;
        QCOMPARE(sum, s.use.kept);
        QVERIFY(s.kept.back() < s.use.kept / 100); // nothing of size beside the layers
        module->train();
        MemoryWatch watch;
        const auto y = module->forward(torch::zeros({2, 2, 64, 96}));
        VERIFY_NEAR(watch.now(), s.use.kept, 0.02);
        // A layer keeps no more than it makes, but for small lists.
        for (std::size_t i = 0; i < s.layers.size(); ++i)
            QVERIFY2(s.kept[i] <= s.layers[i].made + 4096, s.layers[i].type.c_str());
    }

    /// A layer that tells nothing of itself shows here: its weights or its multiplications are missing.
    void noLayerIsForgotten_data() { stepMemoryRows(); }
    void noLayerIsForgotten()
    {
        QFETCH(QString, key);
        const auto module = stepMemoryMake(test::variants().at(key.toStdString()));
        module->eval();
        const auto callback = at::addThreadLocalCallback(at::RecordFunctionCallback(nothing, stepMemoryCount)
                                                             .needsInputs(true)
                                                             .needsOutputs(true)
                                                             .scopes({at::RecordScope::FUNCTION}));
        s_multiplications = 0;
        LayerTrace trace;
        {
            torch::NoGradGuard guard;
            module->forward(torch::rand({1, 2, kSide, kSide}));
        }
        at::removeCallback(callback);
        std::int64_t macs = 0, weights = 0;
        std::set<const void *> seen;
        for (const auto &layer : trace.layers) {
            macs += layer.macs;
            for (const auto &w : layer.weights)
                if (seen.insert(w.unsafeGetTensorImpl()).second)
                    weights += w.numel();
        }
        QVERIFY(macs > 0);
        QCOMPARE(macs, s_multiplications);
        QCOMPARE(weights, countWeights(*module));
    }

    void estimatesWhatALargePassTakes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("width");
        const auto row = [](const char *name, const Json &model, int batch, int height, int width) {
            QTest::newRow(name) << QString::fromStdString(model.dump()) << batch << height << width;
        };
        row("U-Net", {{"name", "unet"}, {"weights", 20000}}, 2, 320, 384);
        row("wide U-Net, batch normalization",
            {{"name", "unet"},
             {"form", "classic"},
             {"convolutions", 2},
             {"normalization", "batch"},
             {"widths", {16, 32, 64, 128, 64, 32, 16}}},
            1, 160, 256);
        row("group normalization", {{"name", "unet"}, {"weights", 20000}, {"normalization", "group"}}, 1, 256, 320);
        row("atrous", {{"name", "atrous"}, {"weights", 20000}}, 3, 256, 192);
        row("four-layer", {{"name", "four-layer"}}, 4, 256, 320);
        row("FC-DenseNet 56", {{"name", "fc-densenet"}, {"variant", "56"}}, 2, 96, 96);
        row("FC-DenseNet 56, group normalization", {{"name", "fc-densenet"}, {"variant", "56"}, {"normalization", "group"}}, 1,
            96, 128);
        row("FC-DenseNet 56, instance normalization", {{"name", "fc-densenet"}, {"variant", "56"}, {"normalization", "instance"}},
            1, 128, 96);
        row("its border mirrored on", {{"name", "unet"}, {"weights", 20000}}, 2, 317, 381);
    }
    void estimatesWhatALargePassTakes()
    {
        QFETCH(QString, text);
        QFETCH(int, batch);
        QFETCH(int, height);
        QFETCH(int, width);
        const auto module = stepMemoryMake(Json::parse(text.toStdString()), {1, 2});
        const PassShape shape{batch, 1, height, width};
        const auto told = estimateStep(*module, shape), real = measureStep(*module, shape);
        std::int64_t made = 0;
        for (const auto &layer : real.layers)
            made += layer.made;
        QVERIFY2(made > std::int64_t(32) << 20, qPrintable(QString::number(made))); // too large to be measured as it is
        VERIFY_NEAR(told.use.kept, real.use.kept, 0.01);
        VERIFY_NEAR(told.use.training, real.use.training, 0.02);
        VERIFY_NEAR(told.use.prediction, real.use.prediction, 0.02);
        QCOMPARE(told.use.input, real.use.input);
        QCOMPARE(told.use.labels, real.use.labels);
        QCOMPARE(told.use.simple, real.use.simple);
        QCOMPARE(told.layers.size(), real.layers.size());
        for (std::size_t i = 0; i < told.layers.size(); ++i) {
            QCOMPARE(told.layers[i].input, real.layers[i].input);
            QCOMPARE(told.layers[i].output, real.layers[i].output);
            QCOMPARE(told.layers[i].macs, real.layers[i].macs);
            QCOMPARE(told.layers[i].bytes, real.layers[i].bytes);
            QCOMPARE(told.layers[i].made, real.layers[i].made);
        }
        QCOMPARE(told.moments.size(), real.moments.size());
    }

    /// Whatever trains is described, down to maps of a single pixel: of every module, with every normalization and with
    /// dropout, the passes that an estimate is made from have the same layers.
    void whateverTrainsIsDescribed_data() { stepMemoryRows(); }
    void whateverTrainsIsDescribed()
    {
        QFETCH(QString, key);
        const Json section = test::variants().at(key.toStdString());
        const auto &fields = Registry<ModuleFactory>::instance().get(section["name"].get<std::string>()).schema.fields;
        const auto choices = [&](const std::string &name) {
            for (const auto &f : fields)
                if (f.name == name)
                    return f.choices;
            return std::vector<std::string>();
        };
        const bool drops = std::any_of(fields.begin(), fields.end(), [](const Field &f) { return f.name == "dropout"; });
        auto kinds = choices("normalization");
        if (kinds.empty())
            kinds = {""};
        for (const auto &kind : kinds)
            for (const double rate : drops ? std::vector<double>{0, 0.4} : std::vector<double>{0}) {
                Json one = section;
                if (!kind.empty())
                    one["normalization"] = kind;
                if (drops)
                    one["dropout"] = rate;
                const auto module = stepMemoryMake(one);
                const auto m = module->multiple();
                std::vector<StepMemory> passes;
                for (const auto &[stepMemoryRows, columns] : {std::pair{1, 2}, {2, 2}, {3, 4}})
                    passes.push_back(measureStep(*module, {1, 2, stepMemoryRows * m, columns * m}));
                for (const auto &pass : passes) {
                    QVERIFY2(pass.layers.size() == passes[0].layers.size(), one.dump().c_str());
                    QVERIFY2(pass.moments.size() == passes[0].moments.size(), one.dump().c_str());
                    QVERIFY2(pass.predicting.size() == passes[0].predicting.size(), one.dump().c_str());
                }
                for (const auto side : {m, 2 * m, 2 * m - 1})
                    QVERIFY(estimateStep(*module, {1, 2, side, side}).use.training > 0);
            }
    }

    /// Another batch is told from the same passes, with the gradients counted once.
    void gradientsDoNotGrowWithTheBatch()
    {
        const auto module = stepMemoryMake({{"name", "unet"}, {"form", "classic"}, {"weights", 2000000}}, {1, 1});
        const auto one = estimateStep(*module, {1, 1, 32, 32}).use, forty = measureStep(*module, {40, 1, 32, 32}).use;
        QVERIFY(forty.fixed() + forty.input + forty.labels + forty.training > forty.checkpointing());
        VERIFY_NEAR(one.trainingOf(40), forty.totalTraining(), 0.02);
        QVERIFY(one.trainingOf(40) < 10 * one.trainingOf(1)); // weights are most of it
        const auto fits = one.batchThatFits(forty.totalTraining());
        QVERIFY2(fits >= 38 && fits <= 42, qPrintable(QString::number(fits)));
    }

    void anySizeIsToldInLittleMemory()
    {
        const auto module = stepMemoryMake({{"name", "fc-densenet"}}, {3, 11});
        QVERIFY2(test::forgetLargestResident(), "expected Linux, which keeps the largest resident size in /proc");
        const double before = test::residentMib("VmRSS");
        const auto s = estimateStep(*module, {64, 3, 8192, 8192});
        const double grown = test::residentMib("VmHWM") - before;
        QVERIFY2(grown < 400, qPrintable(QString("%1 MiB").arg(grown)));
        QVERIFY(s.use.training > std::int64_t(1) << 40); // more than a TiB
        QCOMPARE(s.layers.back().output, (std::vector<std::int64_t>{64, 11, 8192, 8192}));
        std::int64_t macs = 0;
        for (const auto &layer : s.layers)
            macs += layer.macs;
        // 20,072,570,112 at 224 x 224, of which 8192 x 8192 is 65536 / 49 times as much.
        QCOMPARE(macs, std::int64_t(20072570112) / 49 * 65536 * 64);
        EXPECT_ERROR(estimateStep(*module, {1000000, 3, 32000000, 32000000}), "63 bits");
    }

    /// At 64 x 64 px, the second smallest pass, its layers make some 100 MB: told by one that takes little.
    void networksWhosePassesDoNotFitAreRefused()
    {
        const auto module = stepMemoryMake({{"name", "fc-densenet"}}, {3, 11});
        QVERIFY2(test::forgetLargestResident(), "expected Linux, which keeps the largest resident size in /proc");
        const double before = test::residentMib("VmRSS");
        EXPECT_ERROR(estimateStep(*module, {1, 3, 512, 512}, {}, 0), "at most 64 MiB of 64 \u00d7 64 px");
        const double grown = test::residentMib("VmHWM") - before;
        QVERIFY2(grown < 150, qPrintable(QString("%1 MiB").arg(grown)));
        QVERIFY(estimateStep(*module, {1, 3, 512, 512}, {}, std::int64_t(1) << 30).use.training > 0);
        QVERIFY(estimateStep(*stepMemoryMake({{"name", "four-layer"}}, {1, 1}), {1, 1, 512, 512}, {}, 0).use.training > 0);
    }

    void agreesWithTheTwoLayerDemo()
    {
        TwoLayers module;
        const auto one = measureStep(module, {1, 1, 256, 256});
        QCOMPARE(one.layers.size(), std::size_t(3));
        QCOMPARE(one.layers[1].output, (std::vector<std::int64_t>{1, 16, 264, 264}));
        QCOMPARE(one.layers[2].output, (std::vector<std::int64_t>{1, 32, 262, 262}));
        QCOMPARE(one.layers[1].macs, std::int64_t(10036224));
        QCOMPARE(one.layers[2].macs, std::int64_t(316311552));
        // Beside the result, which the loss looks at, autograd keeps the inputs of both.
        QCOMPARE(one.use.kept - one.layers[2].bytes, std::int64_t(4722688));
        QCOMPARE(one.kept[0] + one.kept[1], std::int64_t(4722688));
        QCOMPARE(measureStep(module, {16, 1, 256, 256}).use.simple / 1048576.0, 408.283935546875);
        QCOMPARE(measureStep(module, {1, 1, 32, 32}).use.simple, std::int64_t(4782080 / 8));
    }

    /// 88.98 MB by the rule of what autograd keeps, 89.39 MB kept by PyTorch's own, whose dropout silences whole maps: its
    /// masks are a value a map, those here a value a pixel.
    void keepsWhatTheReferenceKeeps()
    {
        const auto module = stepMemoryMake({{"name", "fc-densenet"}, {"bias", false}, {"whole-last", false}}, {1, 2});
        const auto s = measureStep(*module, {1, 1, 64, 64});
        std::int64_t masks = 0;
        for (const auto &layer : s.layers)
            masks += layer.type == "dropout" ? layer.bytes : 0;
        VERIFY_NEAR(s.use.kept - masks, 88980000, 0.02);
    }

    void theStepIsToldInItsOrder()
    {
        const auto module = stepMemoryMake({{"name", "unet"}, {"depth", 1}, {"widths", {2, 3, 4}}}, {1, 1});
        const auto s = measureStep(*module, {1, 1, 32, 32});
        using Part = StepMoment::Part;
        std::vector<Part> parts;
        std::vector<int> layers;
        for (const auto &m : s.moments) {
            parts.push_back(m.part);
            layers.push_back(m.layer);
            QVERIFY(m.maximum >= m.after);
        }
        // The input's copy has no gradient.
        QCOMPARE(layers, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, -1, 6, 5, 4, 3, 2, 1, -1}));
        QVERIFY(std::all_of(parts.begin(), parts.begin() + 7, [](Part p) { return p == Part::Forward; }));
        QVERIFY(parts[7] == Part::Loss && parts[8] == Part::Backward && parts[13] == Part::Backward &&
                parts[14] == Part::Optimizer);
        QCOMPARE(s.moments[6].after, s.use.kept);
    }

    void theOptimizerDecides()
    {
        const auto module = stepMemoryMake({{"name", "unet"}, {"weights", 4000}}, {1, 1});
        const auto with = [&](const EntryOptions &optimizer, bool averaging) {
            StepSettings settings;
            settings.optimizer = optimizer;
            settings.averaging = averaging;
            return measureStep(*module, {1, 1, 16, 16}, settings).use;
        };
        const auto adam = with("adam", true);
        QCOMPARE(adam.optimizer, 4 * adam.gradients);
        QCOMPARE(with("adamw", false).optimizer, 3 * adam.gradients);
        QCOMPARE(with("sgd", true).optimizer, 3 * adam.gradients);
        QCOMPARE(with("sgd", false).optimizer, 2 * adam.gradients);
        QCOMPARE(with("sgd", false).optimizerName, std::string("SGD"));
        QCOMPARE(with("adamw", true).optimizerName, std::string("AdamW, averaged weights"));
        QCOMPARE(with({"adam", {{"amsgrad", true}}}, false).optimizer, 4 * adam.gradients);
        QCOMPARE(with("adadelta", false).optimizer, 3 * adam.gradients);
        QCOMPARE(with("rmsprop", false).optimizer, 2 * adam.gradients);
        QCOMPARE(with({"rmsprop", {{"centered", true}, {"momentum", 0.9}}}, false).optimizer, 4 * adam.gradients);
    }

    void theOptimizersStepTakesWhatIsTold_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &[name, entry] : Registry<OptimizerFactory>::instance().entries())
            QTest::newRow(name.c_str()) << QString::fromStdString(Json(name).dump());
        QTest::newRow("AMSGrad") << R"({"name": "adam", "amsgrad": true})";
        QTest::newRow("RMSprop with all") << R"({"name": "rmsprop", "centered": true, "momentum": 0.9})";
    }
    void theOptimizersStepTakesWhatIsTold()
    {
        QFETCH(QString, name);
        const auto module = stepMemoryMake({{"name", "unet"}, {"weights", 200000}}, {1, 1});
        StepSettings settings;
        settings.optimizer = Json::parse(name.toStdString()).get<EntryOptions>();
        const auto told = measureStep(*module, {1, 1, 16, 16}, settings);
        Optimizer optimizer(module->parameters(), {.rule = settings.optimizer, .averaging = 0.995});
        for (auto &p : module->parameters())
            p.mutable_grad() = torch::ones_like(p).detach();
        MemoryWatch watch;
        optimizer.step(1e-3);
        QVERIFY(told.moments.back().part == StepMoment::Part::Optimizer);
        VERIFY_NEAR(told.moments.back().maximum, told.use.gradients + watch.peak(), 0.03);
    }

    /// Those that train: an image that is its own target takes no more, and a border map is handed over with the classes.
    void labelsAreWhatTrainingHandsOver()
    {
        const auto module = stepMemoryMake({{"name", "unet"}, {"weights", 4000}}, {1, 1});
        const auto labels = [&](const Json &objective, const PassShape &shape) {
            StepSettings settings;
            settings.objective = makeObjective(objective, {});
            return estimateStep(*module, shape, settings).use.labels;
        };
        for (const PassShape &shape : {PassShape{2, 1, 32, 48}, PassShape{8, 1, 1024, 512}}) {
            const auto pixels = shape.batch * shape.height * shape.width;
            QCOMPARE(labels({{"name", "bce"}}, shape), 8 * pixels);
            QCOMPARE(labels({{"name", "bce"}, {"border-map", true}}, shape), 12 * pixels);
            QCOMPARE(labels({{"name", "mse"}}, shape), std::int64_t(0));
        }
    }

    void leavesTheModuleAsItWas()
    {
        const auto module =
            stepMemoryMake({{"name", "unet"}, {"weights", 20000}, {"normalization", "batch"}, {"dropout", 0.3}}, {1, 1});
        module->train();
        std::vector<torch::Tensor> before;
        for (const auto &list : {module->parameters(), module->buffers()})
            for (const auto &t : list)
                before.push_back(t.detach().clone());
        const auto random = generatorState();
        const auto first = estimateStep(*module, {8, 1, 512, 512}), second = estimateStep(*module, {8, 1, 512, 512});
        std::size_t i = 0;
        for (const auto &list : {module->parameters(), module->buffers()})
            for (const auto &t : list)
                QVERIFY(torch::equal(t.detach(), before[i++]));
        for (const auto &p : module->parameters())
            QVERIFY(!p.grad().defined());
        QVERIFY(torch::equal(generatorState(), random));
        QVERIFY(module->is_training());
        QCOMPARE(first.kept, second.kept);
        QCOMPARE(first.use.training, second.use.training);
    }
};

RETICLE_TEST(StepMemoryTest)
#include "StepMemoryTest.moc"
