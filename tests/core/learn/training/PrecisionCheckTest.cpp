#include "learn/training/PrecisionCheck_p.h"

#include "foundation/Error.h"
#include "learn/Machine_p.h"
#include "learn/TorchCompat_p.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

/// A network whose numbers in bfloat16 are off: by a factor, or not finite.
class Faulty : public ImageModule
{
public:
    explicit Faulty(double factor) : m_factor(factor)
    {
        weight = register_parameter("weight", torch::full({1, 1, 1, 1}, 0.5));
        seen = register_buffer("seen", torch::zeros({1}));
    }
    std::int64_t multiple() const override { return 1; }
    torch::Tensor weight, seen;

protected:
    torch::Tensor logits(const torch::Tensor &x) override
    {
        seen.add_(1);
        const auto y = x.to(torch::kFloat) * weight + 0 * torch::rand({1});
        return x.scalar_type() == torch::kBFloat16 ? y * m_factor : y;
    }

private:
    double m_factor;
};

Tensors stepData()
{
    torch::manual_seed(3);
    Tensors batch{{"image", torch::rand({4, 1, 32, 32})}};
    batch["target"] = torch::randint(0, 2, {4, 32, 32}, torch::kLong);
    return batch;
}

} // namespace

class PrecisionCheckTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyNetworkIsNearInBothPrecisions_data()
    {
        QTest::addColumn<QString>("model");
        for (const char *model :
             {R"({"name": "unet", "weights": 4000})", R"({"name": "unet", "weights": 4000, "dropout": 0.5})",
              R"({"name": "unet", "weights": 4000, "normalization": "batch"})", R"({"name": "fcn", "weights": 4000})",
              R"({"name": "atrous", "weights": 4000})",
              R"({"name": "fc-densenet", "variant": "own", "growth": 4, "blocks": [2, 2, 2], "first-width": 8})"})
            QTest::newRow(model) << QString(model);
    }
    void everyNetworkIsNearInBothPrecisions()
    {
        if (!hasBfloat16(torch::kCPU)) {
            EXPECT_ERROR(chooseBfloat16("bfloat16", torch::kCPU, "train.precision"), "which it lacks");
            return;
        }
        QFETCH(QString, model);
        torch::manual_seed(1);
        const auto module = makeModule(Json::parse(model.toStdString()), {1, 1});
        const auto objective = makeObjective(Json{{"name", "bce"}}, {1, 1});
        const auto data = stepData();
        const auto random = generatorState();
        const auto buffers = module->buffers().empty() ? torch::zeros({1}) : module->buffers().front().clone();
        const auto c = comparePrecision(*module, *objective, data);
        QVERIFY2(c.near() && c.gradient > 0 && c.difference < 0.3 * c.gradient,
                 qPrintable(QString::fromStdString(c.text()) + QString(", difference %1").arg(c.difference)));
        QVERIFY(torch::equal(random, generatorState()));
        if (!module->buffers().empty())
            QVERIFY(torch::equal(buffers, module->buffers().front()));
        for (const auto &p : module->parameters())
            QVERIFY(!p.grad().defined());
    }
    void wrongNumbersAreNotNear_data()
    {
        QTest::addColumn<double>("factor");
        QTest::addColumn<bool>("near");
        QTest::newRow("right") << 1.0 << true;
        QTest::newRow("rounded") << 1.02 << true;
        QTest::newRow("wrong") << 30.0 << false;
        QTest::newRow("reversed") << -1.0 << false;
        QTest::newRow("infinite") << double(INFINITY) << false;
        QTest::newRow("no number") << double(NAN) << false;
    }
    void wrongNumbersAreNotNear()
    {
        if (!hasBfloat16(torch::kCPU)) {
            EXPECT_ERROR(chooseBfloat16("bfloat16", torch::kCPU, "train.precision"), "which it lacks");
            return;
        }
        QFETCH(double, factor);
        QFETCH(bool, near);
        Faulty module(factor);
        const auto objective = makeObjective(Json{{"name", "bce"}}, {1, 1});
        auto data = stepData();
        data["target"] = torch::ones_like(data["target"]); // of as many of either class a reversed sign would change nothing
        const auto c = comparePrecision(module, *objective, data);
        QCOMPARE(c.near(), near);
        QCOMPARE(module.seen.item<float>(), 0.0f);
        QVERIFY(c.text().find("instead of") != std::string::npos);
    }
    void float32ThatIsNotFiniteIsNotThePrecisionsFault()
    {
        PrecisionComparison c{.lossHalf = 1, .loss = NAN};
        QVERIFY(c.near());
    }
    void namesTheMachine()
    {
        QVERIFY(machineText(torch::kCPU).find("LibTorch") != std::string::npos);
        QCOMPARE(machineText(torch::kCPU), machineText(torch::kCPU));
    }
};

RETICLE_TEST(PrecisionCheckTest)
#include "PrecisionCheckTest.moc"
