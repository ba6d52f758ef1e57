#include "learn/modules/Blocks_p.h"
#include "learn/modules/Kernels_p.h"

#include "support/Test.h"

using namespace reticle;

namespace {

double difference(const torch::Tensor &a, const torch::Tensor &b)
{
    return (a.to(torch::kDouble) - b.to(torch::kDouble)).abs().max().item<double>() /
           std::max(1.0, b.abs().max().item<double>());
}

torch::Tensor images(std::int64_t channels)
{
    return torch::randn({2, channels, 33, 30}).contiguous(torch::MemoryFormat::ChannelsLast);
}

} // namespace

/// Against LibTorch's own ops in double precision.
class ConvolutionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        if (!convolvesFast(images(16), torch::randn({16, 16, 3, 3}), 1))
            QSKIP("the processor lacks AVX-512");
    }
    void init() { torch::manual_seed(5); }

    void hasTheRightGradients_data()
    {
        QTest::addColumn<double>("slope");
        QTest::addColumn<bool>("bias");
        QTest::newRow("plain") << 1.0 << false;
        QTest::newRow("bias") << 1.0 << true;
        QTest::newRow("bias, leaky ReLU") << 0.1 << true;
        QTest::newRow("ReLU") << 0.0 << false;
    }

    void hasTheRightGradients()
    {
        QFETCH(double, slope);
        QFETCH(bool, bias);
        const auto x = images(16).requires_grad_();
        const auto w = torch::randn({20, 16, 3, 3}).contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_();
        const auto b = bias ? torch::randn({20}).requires_grad_() : torch::Tensor();
        const auto x2 = x.detach().to(torch::kDouble).requires_grad_(), w2 = w.detach().to(torch::kDouble).requires_grad_();
        const auto b2 = bias ? b.detach().to(torch::kDouble).requires_grad_() : torch::Tensor();
        const auto y = convolveAndActivate(x, w, b, slope);
        const auto y2 = torch::leaky_relu(torch::conv2d(x2, w2, b2, 1, 1), slope);
        QVERIFY(y.is_contiguous(torch::MemoryFormat::ChannelsLast));
        QVERIFY(difference(y, y2) < 2e-5);
        const auto g = torch::randn_like(y2);
        y.backward(g.to(torch::kFloat));
        y2.backward(g);
        QVERIFY(difference(x.grad(), x2.grad()) < 2e-5);
        QVERIFY(difference(w.grad(), w2.grad()) < 2e-5);
        if (bias)
            QVERIFY(difference(b.grad(), b2.grad()) < 2e-5);
    }

    void leavesOutGradientsThatNobodyNeeds()
    {
        const auto x = images(16);
        auto w = torch::randn({16, 16, 3, 3}).requires_grad_();
        convolveAndActivate(x, w, {}, 0.1).sum().backward();
        QVERIFY(w.grad().defined());
        QVERIFY(!x.grad().defined());
    }

    void foldsFixedStatistics()
    {
        ConvUnit::Options options;
        options.in = 16;
        options.out = 24;
        options.normalisation = Normalisation::Batch;
        ConvUnit unit(options);
        torch::NoGradGuard none;
        unit.gain.uniform_(0.5, 2);
        unit.shift.normal_();
        unit.runningMean.normal_();
        unit.runningVar.uniform_(0.2, 3);
        unit.eval();
        const auto x = images(16);
        const auto wide = [](const torch::Tensor &t) { return t.to(torch::kDouble); };
        const auto expected = torch::leaky_relu(
            torch::batch_norm(torch::conv2d(wide(x), wide(unit.weight), {}, 1, 1), wide(unit.gain), wide(unit.shift),
                              wide(unit.runningMean), wide(unit.runningVar), false, 0.1, 1e-5, false), 0.1);
        QVERIFY(difference(unit.forward(x), expected) < 2e-5);
    }
};

RETICLE_TEST(ConvolutionTest)
#include "ConvolutionTest.moc"
