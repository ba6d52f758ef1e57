#include "learn/modules/Kernels_p.h"

#include "support/Test.h"

using namespace reticle;

namespace {

double difference(const torch::Tensor &a, const torch::Tensor &b)
{
    return (a.to(torch::kDouble) - b.to(torch::kDouble)).abs().max().item<double>();
}

torch::Tensor channelsLast(std::vector<std::int64_t> shape, torch::ScalarType type)
{
    return torch::randn(shape).to(type).contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_();
}

} // namespace

/// Against LibTorch's own ops in double precision.
class KernelsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { torch::manual_seed(3); }

    void rows()
    {
        QTest::addColumn<int>("channels");
        QTest::addColumn<bool>("half");
        for (const int channels : {1, 3, 16, 70})
            for (const bool half : {false, true})
                QTest::addRow("%d channels%s", channels, half ? ", bfloat16" : "") << channels << half;
    }

    void normalizes_data() { rows(); }
    void normalizes()
    {
        QFETCH(int, channels);
        QFETCH(bool, half);
        const double tolerance = half ? 0.03 : 2e-5;
        for (const bool training : {true, false}) {
            auto x = channelsLast({3, channels, 13, 9}, half ? torch::kBFloat16 : torch::kFloat);
            auto gain = (torch::rand({channels}) + 0.5).requires_grad_(), shift = torch::randn({channels}).requires_grad_();
            auto mean = torch::randn({channels}) * 0.1, var = torch::rand({channels}) + 0.5;
            auto x2 = x.detach().to(torch::kDouble).requires_grad_();
            auto gain2 = gain.detach().to(torch::kDouble).requires_grad_();
            auto shift2 = shift.detach().to(torch::kDouble).requires_grad_();
            auto mean2 = mean.to(torch::kDouble), var2 = var.to(torch::kDouble);
            const auto y = normalizeAndActivate(x, gain, shift, mean, var, training, 0.1);
            const auto y2 = torch::leaky_relu(torch::batch_norm(x2, gain2, shift2, mean2, var2, training, 0.1, 1e-5, false), 0.1);
            QVERIFY(y.is_contiguous(torch::MemoryFormat::ChannelsLast));
            QCOMPARE(y.scalar_type(), x.scalar_type());
            QVERIFY(difference(y, y2) < tolerance);
            QVERIFY(difference(mean, mean2) < 1e-5 && difference(var, var2) < 1e-5);
            const auto g = torch::randn_like(y2);
            y.backward(g.to(y.scalar_type()));
            y2.backward(g);
            QVERIFY(difference(x.grad(), x2.grad()) < 2 * tolerance);
            QVERIFY(difference(gain.grad(), gain2.grad()) < 20 * tolerance);
            QVERIFY(difference(shift.grad(), shift2.grad()) < 20 * tolerance);
        }
    }

    void doublesAndJoins_data() { rows(); }
    void doublesAndJoins()
    {
        QFETCH(int, channels);
        QFETCH(bool, half);
        const double tolerance = half ? 0.03 : 1e-5;
        for (const auto &[h, w] : {std::pair{1, 1}, {1, 5}, {4, 1}, {7, 6}})
            for (const bool joins : {false, true}) {
                const auto type = half ? torch::kBFloat16 : torch::kFloat;
                auto x = channelsLast({2, channels, h, w}, type);
                auto skip = joins ? channelsLast({2, 5, 2 * h, 2 * w}, type) : torch::Tensor();
                auto x2 = x.detach().to(torch::kDouble).requires_grad_();
                auto skip2 = joins ? skip.detach().to(torch::kDouble).requires_grad_() : torch::Tensor();
                const auto y = doubleAndJoin(x, skip);
                auto y2 = torch::upsample_bilinear2d(x2, {2 * h, 2 * w}, false);
                if (joins)
                    y2 = torch::cat({y2, skip2}, 1);
                QCOMPARE(y.sizes().vec(), y2.sizes().vec());
                QVERIFY(difference(y, y2) < tolerance);
                const auto g = torch::randn_like(y2);
                y.backward(g.to(type));
                y2.backward(g);
                QVERIFY(difference(x.grad(), x2.grad()) < 3 * tolerance);
                if (joins)
                    QVERIFY(difference(skip.grad(), skip2.grad()) < tolerance);
            }
    }

    void keepsWhatIsNotANumber()
    {
        auto x = torch::zeros({1, 1, 2, 2}, torch::kBFloat16);
        x.fill_(std::numeric_limits<float>::quiet_NaN());
        QVERIFY(torch::isnan(doubleAndJoin(x, {})).all().item<bool>());
    }

    void threadsChangeNothing()
    {
        const auto threads = torch::get_num_threads();
        std::vector<torch::Tensor> results;
        for (const int n : {1, 2}) {
            torch::set_num_threads(n);
            torch::manual_seed(4);
            auto x = channelsLast({4, 16, 64, 64}, torch::kFloat);
            auto gain = torch::rand({16}).requires_grad_();
            auto y = normalizeAndActivate(x, gain, torch::zeros({16}), torch::zeros({16}), torch::ones({16}), true, 0.1);
            y.square().sum().backward();
            results.push_back(torch::cat({y.detach().flatten(), x.grad().flatten(), gain.grad()}));
        }
        torch::set_num_threads(threads);
        QVERIFY(torch::equal(results[0], results[1]));
    }
};

RETICLE_TEST(KernelsTest)
#include "KernelsTest.moc"
