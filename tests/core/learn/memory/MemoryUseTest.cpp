#include "learn/memory/MemoryUse_p.h"

#include "learn/Machine_p.h"
#include "learn/Objective_p.h"
#include "learn/Optimizer_p.h"
#include "learn/TrainOptions.h"
#include "learn/memory/HostMemory.h"
#include "support/ResidentSize.h"
#include "support/Test.h"

#include <malloc.h>

using namespace reticle;

namespace {

std::shared_ptr<ImageModule> memoryUseMake(const Json &section)
{
    torch::manual_seed(1);
    return makeModule(section, {1, 1});
}

const Json memoryUseUnet{
    {"name", "unet"}, {"weights", 20000}, {"form", "classic"}, {"convolutions", 2}, {"normalization", "batch"}};

} // namespace

class MemoryUseTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// Two layers whose tensors can be counted by hand.
    void agreesWithACountByHand()
    {
        const auto module = memoryUseMake({{"name", "four-layer"}, {"dropout", 0}, {"widths", {2, 3, 4}}});
        const auto use = measureMemory(*module, 2, 1, 16, 16);
        const std::int64_t pixels = 2 * 16 * 16;
        QCOMPARE(use.input, 4 * pixels);
        QCOMPARE(use.labels, 8 * pixels);
        // 5 x 5 convolutions 1 -> 2 -> 3 -> 4 -> 1 with biases
        QCOMPARE(use.weights, std::int64_t(4 * (50 + 2 + 150 + 3 + 300 + 4 + 100 + 1)));
        QCOMPARE(use.gradients, use.weights);
        QCOMPARE(use.statistics, std::int64_t(0));
        // Kept: the input's copy, c0's 2 maps, their pooled quarter, c1's 3 maps on a quarter, pooled to a sixteenth, c2's 4
        // maps on a sixteenth, the 4 maps enlarged; and the result.
        const double kept = 4.0 * pixels * (1 + 2 + 2 / 4.0 + 3 / 4.0 + 3 / 16.0 + 4 / 16.0 + 4 + 1);
        QVERIFY2(std::abs(use.kept / kept - 1) < 0.1, qPrintable(QString("%1 of %2").arg(use.kept).arg(kept)));
        QVERIFY(use.training >= use.kept);
    }

    void growsWithTheBatch()
    {
        const auto module = memoryUseMake(memoryUseUnet);
        const auto one = measureMemory(*module, 1, 1, 128, 128), four = measureMemory(*module, 4, 1, 128, 128);
        QCOMPARE(four.fixed(), one.fixed());
        QVERIFY(std::abs(four.training / (4.0 * static_cast<double>(one.training)) - 1) < 0.1);
        QVERIFY(std::abs(four.prediction / (4.0 * static_cast<double>(one.prediction)) - 1) < 0.1);
        QVERIFY(std::abs(four.kept / (4.0 * static_cast<double>(one.kept)) - 1) < 0.02);
    }

    void findsTheBatchThatFits()
    {
        const auto use = measureMemory(*memoryUseMake(memoryUseUnet), 1, 1, 64, 64);
        QCOMPARE(use.batchThatFits(use.totalTraining()), std::int64_t(1));
        QCOMPARE(use.batchThatFits(use.totalTraining() - 1), std::int64_t(0));
        QVERIFY(use.prediction < use.kept && use.kept < use.training);
        const auto seven = use.withSlack(use.fixed() + 7 * (use.input + use.labels + use.training));
        QCOMPARE(use.batchThatFits(seven), std::int64_t(7));
        QCOMPARE(use.batchThatFits(seven - 1), std::int64_t(6));
        auto other = use;
        other.threads = 0; // a GPU
        QCOMPARE(other.totalTraining(), use.fixed() + use.input + use.labels + use.training);
        QCOMPARE(use.batchThatFits(0), std::int64_t(0));
    }

    void leavesTheModuleAsItWas()
    {
        const auto module = memoryUseMake(memoryUseUnet);
        module->train();
        module->forward(torch::rand({2, 1, 32, 32})).mean().backward();
        std::vector<torch::Tensor> before, after;
        const auto state = [&](std::vector<torch::Tensor> &to) {
            for (const auto &b : module->buffers())
                to.push_back(b.clone());
            for (const auto &p : module->parameters()) {
                to.push_back(p.detach().clone());
                to.push_back(p.grad().clone());
            }
            to.push_back(torch::rand({4})); // the random state
        };
        torch::manual_seed(9);
        state(before);
        torch::manual_seed(9);
        const auto first = measureMemory(*module, 1, 1, 32, 32);
        state(after);
        QCOMPARE(before.size(), after.size());
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(torch::equal(before[i], after[i]));
        QVERIFY(module->is_training());
        const auto second = measureMemory(*module, 1, 1, 32, 32);
        QCOMPARE(second.training, first.training);
        QCOMPARE(second.kept, first.kept);
    }

    /// The growth of the largest resident size over some steps of training, with the optimizer and the loss that belong
    /// to them, is what was told, within a tenth.
    void isWhatTrainingTakes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("side");
        const auto row = [](const char *name, const Json &model, int batch, int side) {
            QTest::newRow(name) << QString::fromStdString(model.dump()) << batch << side;
        };
        const Json wide{{"name", "unet"},
                        {"form", "classic"},
                        {"convolutions", 2},
                        {"normalization", "batch"},
                        {"widths", {16, 32, 64, 128, 64, 32, 16}}};
        row("wide U-Net", wide, 4, 256);
        row("wide U-Net, one image", wide, 1, 512);
        row("U-Net", {{"name", "unet"}}, 8, 192);
        row("plain net", {{"name", "fcn"}}, 8, 256);
        row("atrous net", {{"name", "atrous"}, {"weights", 100000}}, 4, 192);
        row("narrow atrous net", {{"name", "atrous"}, {"weights", 20000}}, 8, 192);
        row("four layers", {{"name", "four-layer"}}, 8, 256);
        row("dense net", {{"name", "fc-densenet"}, {"variant", "own"}, {"growth", 8}, {"blocks", {3, 3, 3, 3, 3}}}, 3, 192);
        row("FC-DenseNet56", {{"name", "fc-densenet"}, {"variant", "56"}}, 1, 96);
    }
    void isWhatTrainingTakes()
    {
        QFETCH(QString, text);
        QFETCH(int, batch);
        QFETCH(int, side);
        prepareThread(0);
        const Json model = Json::parse(text.toStdString());
        const auto objective = makeMapObjective(Json{{"name", "bce"}}, {});
        const auto train = [&](int n, int pixels, int steps) {
            const auto module = memoryUseMake(model);
            Optimizer optimizer(module->parameters(), optimizerOptions({}));
            const auto x = torch::rand({n, 1, pixels, pixels});
            const auto y = torch::zeros({n, pixels, pixels}, torch::kLong);
            for (int i = 0; i < steps; ++i) {
                objective->loss(module->forward(x), y, {}).backward();
                optimizer.step(1e-3);
            }
        };
        train(1, 32, 1); // code, threads and their buffers are there before what is measured
        releaseIdleMemory();
        malloc_trim(0);
        QVERIFY2(test::forgetLargestResident(), "expected Linux, which keeps the largest resident size in /proc");
        const double before = test::residentMib("VmRSS");
        train(batch, side, 3);
        const double measured = test::residentMib("VmHWM") - before;
        const double told =
            static_cast<double>(measureMemory(*memoryUseMake(model), batch, 1, side, side).totalTraining()) / 1048576;
        QVERIFY2(measured > 30, "too little to be measured");
        QVERIFY2(told / measured > 0.9 && told / measured < 1.1,
                 qPrintable(QString("told %1 MiB, measured %2 MiB").arg(told).arg(measured)));
    }
    /// A checkpoint copies the optimizer's state, which of a network of many weights and small crops is more than a step.
    void aCheckpointCountsToo()
    {
        MemoryUse use;
        use.threads = 2;
        use.weights = use.gradients = 4 << 20;
        use.optimizer = 16 << 20;
        use.training = 12 << 20;
        const auto told = use.withSlack((4 + 16 + 24) << 20);
        QCOMPARE(use.totalTraining(), told);
        QCOMPARE(use.trainingOf(1), told);
        QCOMPARE(use.batchThatFits(told - 1), std::int64_t(0));
        QCOMPARE(use.trainingOf(3), use.withSlack((4 + 16 + 36) << 20));
        use.threads = 0; // a GPU, beside which the copy lies
        QCOMPARE(use.totalTraining(), std::int64_t((4 + 16 + 12) << 20));
    }
    void isATable()
    {
        MemoryUse use;
        use.weights = 3 << 20;
        use.training = 5 << 20;
        const auto table = use.table();
        QCOMPARE(table.rows(), std::size_t(12));
        QCOMPARE(std::get<std::vector<double>>(table.find("memory")->values)[0], 3.0);
        QCOMPARE(std::get<std::vector<double>>(table.find("memory")->values)[10], 8.0);
    }
};

RETICLE_TEST(MemoryUseTest)
#include "MemoryUseTest.moc"
