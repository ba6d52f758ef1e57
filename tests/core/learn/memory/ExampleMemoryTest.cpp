#include "learn/memory/ExampleMemory_p.h"

#include "foundation/Error.h"
#include "foundation/FreeMemory.h"
#include "learn/TorchCompat_p.h"
#include "learn/memory/TrainingMemory_p.h"
#include "support/DenseNet.h"
#include "support/Test.h"

#include <QRegularExpression>

using namespace reticle;
using test::DenseNet;
using test::FeatureTask;

namespace {

constexpr std::int64_t mib = std::int64_t(1) << 20;
constexpr std::int64_t kFeatures = 64, kBatch = 20000;

/// With a wide layer, whose gradients are larger than all activations of a few examples.
std::shared_ptr<DenseNet> net(bool tells = true)
{
    torch::manual_seed(1);
    return std::make_shared<DenseNet>(std::vector<std::int64_t>{kFeatures, 1024, 256, 10}, tells);
}

StepSettings settings()
{
    StepSettings s;
    s.objective = std::make_shared<test::ClassLoss>();
    s.input = "features";
    return s;
}

ExampleBatch batches()
{
    return [](std::int64_t n) { return FeatureTask(kFeatures, 1).dummyBatch(n); };
}

bool exampleMemoryNear(std::int64_t found, std::int64_t expected, double part)
{
    return std::abs(static_cast<double>(found - expected)) <= part * static_cast<double>(expected);
}

#define VERIFY_NEAR(found, expected, part)                                                                                       \
    QVERIFY2(exampleMemoryNear(found, expected, part), qPrintable(QString("%1 for %2").arg(found).arg(expected)))

} // namespace

class ExampleMemoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void estimatesWhatALargeBatchTakes_data()
    {
        QTest::addColumn<bool>("tells");
        QTest::newRow("layers that tell of themselves") << true;
        QTest::newRow("layers that tell nothing") << false;
    }
    void estimatesWhatALargeBatchTakes()
    {
        QFETCH(bool, tells);
        const auto module = net(tells);
        StepMemory told;
        {
            const AssumedFreeMemory little(64 * mib); // passes of 4 MiB, of some 800 examples
            told = estimateExamples(*module, batches(), kBatch, settings(), 64 * mib);
        }
        const auto real = measureStep(*module, batches()(kBatch), settings());
        QVERIFY(real.use.kept > 80 * mib);
        VERIFY_NEAR(told.use.kept, real.use.kept, 0.01);
        VERIFY_NEAR(told.use.training, real.use.training, 0.02);
        VERIFY_NEAR(told.use.prediction, real.use.prediction, 0.02);
        VERIFY_NEAR(told.use.trainingOf(kBatch), real.use.totalTraining(), 0.02);
        QCOMPARE(told.use.batch, kBatch);
        QCOMPARE(told.use.input, 4 * kFeatures * kBatch);
        QCOMPARE(told.use.labels, 8 * kBatch);
        QCOMPARE(told.use.simple, real.use.simple);
        QCOMPARE(told.moments.size(), real.moments.size());
        QCOMPARE(told.layers.size(), real.layers.size());
        QCOMPARE(told.layers.size(), std::size_t(tells ? 3 : 0));
        for (std::size_t i = 0; i < told.layers.size(); ++i) {
            QCOMPARE(told.layers[i].input, real.layers[i].input);
            QCOMPARE(told.layers[i].output, real.layers[i].output);
            QCOMPARE(told.layers[i].macs, real.layers[i].macs);
            QCOMPARE(told.layers[i].bytes, real.layers[i].bytes);
        }
    }

    /// Each stretch grows by itself: the gradients of the weights are counted once, whatever the batch.
    void aBatchIsToldFromAnother()
    {
        const auto module = net();
        const auto few = estimateExamples(*module, batches(), 4, settings(), 64 * mib).use;
        const auto many = measureStep(*module, batches()(kBatch), settings()).use;
        VERIFY_NEAR(few.trainingOf(kBatch), many.totalTraining(), 0.02);
        QVERIFY(few.trainingOf(kBatch) < 200 * few.trainingOf(4)); // 5000 times as many examples
    }

    /// Two examples are the fewest that are measured, as batch normalization needs them; one is told from these.
    void smallBatchesAreTold()
    {
        const auto module = net();
        for (const std::int64_t n : {1, 2, 3, 5}) {
            const auto told = estimateExamples(*module, batches(), n, settings(), 64 * mib);
            QCOMPARE(told.use.batch, n);
            QCOMPARE(told.use.input, 4 * kFeatures * n);
            QCOMPARE(told.layers[0].output, (std::vector<std::int64_t>{n, 1024}));
            QCOMPARE(told.layers[0].macs, n * kFeatures * 1024);
        }
        EXPECT_ERROR(estimateExamples(*module, batches(), 4, settings(), 4096), "2 examples");
        EXPECT_ERROR(estimateExamples(*module, batches(), std::int64_t(1) << 60, settings(), 64 * mib), "63 bits");
    }

    void aForecastIsWhatTheLargeBatchTakes()
    {
        const auto module = net();
        const FeatureTask task(kFeatures, kBatch);
        const auto use = measureStep(*module, task.dummyBatch(kBatch), settings()).use;
        const auto expected = trainingLibraries + 6 * (use.input + use.labels) + use.totalTraining() - use.weights;
        const AssumedFreeMemory little(64 * mib);
        VERIFY_NEAR(exampleMemory(*module, task, settings(), false, 4), expected, 0.02);
        VERIFY_NEAR(exampleMemory(*module, task, settings(), false, 1), expected - 3 * (use.input + use.labels), 0.02);
    }

    void takesThePlanWhereItFits()
    {
        const auto module = net();
        const FeatureTask task(kFeatures, kBatch);
        const auto asked = exampleMemory(*module, task, settings(), false, 4);
        for (const auto free : {asked, 3 * asked, std::int64_t(1) << 62}) {
            const auto plan = task.planMemory(*module, settings(), false, free);
            QCOMPARE(plan.ahead, std::int64_t(4));
            QVERIFY(plan.tile == 0 && plan.note.empty());
        }
    }
    void makesFewerBatchesAheadWhereMemoryIsShort()
    {
        torch::manual_seed(1);
        DenseNet wide({4096, 8, 10}); // of which a batch is the larger part
        const FeatureTask task(4096, 4000);
        const auto all = exampleMemory(wide, task, settings(), false, 4), fewer = exampleMemory(wide, task, settings(), false, 1);
        QVERIFY(fewer < all - all / 4);
        QCOMPARE(planExamples(wide, task, settings(), false, fewer).ahead, std::int64_t(1));
    }
    /// The sentence names what is needed, what there is, and a batch that is taken when it is chosen.
    void whatIsOfferedIsTaken()
    {
        const auto module = net();
        const FeatureTask task(kFeatures, kBatch);
        for (const bool proves : {false, true}) {
            auto s = settings();
            s.half = proves;
            const auto asked = exampleMemory(*module, task, s, proves, 4);
            for (const double part : {0.5, 0.7}) {
                const auto free = static_cast<std::int64_t>(part * static_cast<double>(asked));
                QString text;
                try {
                    planExamples(*module, task, s, proves, free);
                } catch (const Error &e) {
                    QVERIFY(e.kind() == Error::Kind::Failed);
                    text = e.what();
                }
                QVERIFY2(text.contains("This training needs about") && text.contains(QString::fromStdString(memoryText(free))),
                         qPrintable(text));
                const auto batch = QRegularExpression("Set train\\.batch to (\\d+) \\(").match(text).captured(1).toInt();
                QVERIFY2(batch > 1000 && batch < kBatch, qPrintable(text));
                planExamples(*module, FeatureTask(kFeatures, batch), s, proves, free);
                EXPECT_ERROR(planExamples(*module, FeatureTask(kFeatures, batch + batch / 3), s, proves, free), "train.batch");
            }
        }
    }
    void refusesWhereNothingFits()
    {
        const auto module = net();
        EXPECT_ERROR(planExamples(*module, FeatureTask(kFeatures, 64), settings(), false, 10 * mib),
                     "No smaller batch fits: one example needs about");
        EXPECT_ERROR(planExamples(*module, FeatureTask(kFeatures, 1), settings(), false, 10 * mib),
                     " are free. Choose a model with fewer weights, or raise the memory limit.");
    }

    void leavesTheModuleAsItWas()
    {
        const auto module = net();
        std::vector<torch::Tensor> before;
        for (const auto &p : module->parameters())
            before.push_back(p.detach().clone());
        const auto random = generatorState();
        planExamples(*module, FeatureTask(kFeatures, 256), settings(), true, std::int64_t(1) << 40);
        exampleMemory(*module, FeatureTask(kFeatures, 256), settings(), true, 4);
        std::size_t i = 0;
        for (const auto &p : module->parameters()) {
            QVERIFY(torch::equal(p.detach(), before[i++]));
            QVERIFY(!p.grad().defined());
        }
        QVERIFY(torch::equal(generatorState(), random));
        QVERIFY(module->is_training());
    }

    /// Of a batch without a tensor of the input's name all counts as input, and tensors that share their numbers count once.
    void aBatchIsCountedByItsTensors()
    {
        const auto module = net();
        auto batch = batches()(4);
        const auto use = measureStep(*module, batch, settings()).use;
        QCOMPARE(use.input, 4 * kFeatures * 4);
        QCOMPARE(use.labels, std::int64_t(8 * 4));
        batch["same"] = batch.at("features").narrow(1, 0, 2);
        QCOMPARE(measureStep(*module, batch, settings()).use.labels, use.labels);
        auto unnamed = settings();
        unnamed.input = "image";
        const auto all = measureStep(*module, batch, unnamed).use;
        QCOMPARE(all.input, use.input + use.labels);
        QCOMPARE(all.labels, std::int64_t(0));
    }

    /// Without an objective the outputs are summed up: the passes of a network are told by themselves.
    void noObjectiveIsNeeded()
    {
        const auto module = net();
        const auto s = measureStep(*module, batches()(256), {});
        QCOMPARE(s.use.objective, std::int64_t(0));
        QVERIFY(s.use.training >= s.use.kept && s.use.kept >= 256 * 4 * (1024 + 256 + 10));
        QCOMPARE(s.layers.size(), std::size_t(3));
    }
};

RETICLE_TEST(ExampleMemoryTest)
#include "ExampleMemoryTest.moc"
