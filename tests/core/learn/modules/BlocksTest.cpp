#include "learn/modules/Blocks_p.h"

#include "support/Test.h"

using namespace reticle;

namespace {

torch::Tensor blocksImages(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w)
{
    return torch::randn({n, c, h, w}).contiguous(torch::MemoryFormat::ChannelsLast);
}

bool close(const torch::Tensor &a, const torch::Tensor &b, double tolerance = 1e-5)
{
    return a.sizes() == b.sizes() && torch::allclose(a, b, tolerance, tolerance);
}

} // namespace

class BlocksTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { torch::manual_seed(3); }

    void normalizesByGroups()
    {
        const auto gain = torch::rand({12}), shift = torch::randn({12});
        const auto x = blocksImages(2, 12, 9, 7);
        // 8 does not divide 12: the next below is 6.
        QVERIFY(close(normalizeByGroups(x, Normalization::Group, gain, shift), torch::group_norm(x, 6, gain, shift)));
        QVERIFY(close(normalizeByGroups(x, Normalization::Instance, gain, shift),
                      torch::instance_norm(x, gain, shift, {}, {}, true, 0, 1e-5, false)));
        const auto half = normalizeByGroups(x.to(torch::kBFloat16), Normalization::Group, gain, shift);
        QCOMPARE(half.scalar_type(), torch::kBFloat16);
        QVERIFY(half.is_contiguous(torch::MemoryFormat::ChannelsLast));
        QVERIFY(close(half.to(torch::kFloat), torch::group_norm(x, 6, gain, shift), 0.03));
    }

    void convolvesNormalizesActivates_data()
    {
        QTest::addColumn<QString>("normalization");
        QTest::addColumn<int>("channels"); // from 12 another kernel may take over
        for (const char *name : {"none", "batch", "instance", "group"})
            for (const int channels : {3, 16})
                QTest::addRow("%s %d", name, channels) << QString(name) << channels;
    }

    void convolvesNormalizesActivates()
    {
        QFETCH(QString, normalization);
        QFETCH(int, channels);
        ConvUnit::Options o;
        o.in = channels;
        o.out = 24;
        o.normalization = normalizationFromName(normalization.toStdString());
        o.slope = 0.2;
        ConvUnit unit(o);
        {
            torch::NoGradGuard guard;
            for (auto *t : {&unit.bias, &unit.shift, &unit.runningMean})
                if (t->defined())
                    t->normal_();
            for (auto *t : {&unit.gain, &unit.runningVar})
                if (t->defined())
                    t->uniform_(0.5, 2);
        }
        const auto mean = unit.runningMean.defined() ? unit.runningMean.clone() : torch::Tensor();
        const auto var = unit.runningVar.defined() ? unit.runningVar.clone() : torch::Tensor();
        const auto x = blocksImages(2, channels, 20, 18);
        const auto expected = [&](bool training) {
            auto y = torch::conv2d(x, unit.weight, unit.bias, 1, 1);
            if (o.normalization == Normalization::Batch)
                y = torch::batch_norm(y, unit.gain, unit.shift, training ? torch::Tensor() : mean,
                                      training ? torch::Tensor() : var, training, 0.1, 1e-5, false);
            else if (o.normalization != Normalization::None)
                y = normalizeByGroups(y, o.normalization, unit.gain, unit.shift);
            return torch::leaky_relu(y, 0.2);
        };
        unit.eval();
        QVERIFY(close(unit.forward(x), expected(false), 1e-4));
        {
            torch::NoGradGuard guard;
            QVERIFY(close(unit.forward(x), expected(false), 1e-4));
        }
        unit.train();
        QVERIFY(close(unit.forward(x), expected(true), 1e-4));
        if (mean.defined())
            QVERIFY(!torch::equal(unit.runningMean, mean));
        QCOMPARE(unit.bias.defined(), ConvUnit::hasBias(o.normalization));
        std::int64_t count = 0;
        for (const auto &p : unit.parameters())
            count += p.numel();
        QCOMPARE(static_cast<double>(count), ConvUnit::count(o, channels, 24));
    }

    void lastLayerIsPlain()
    {
        const auto unit = ConvUnit::output(5, 3);
        const auto x = blocksImages(1, 5, 6, 6);
        QVERIFY(close(unit->forward(x), torch::conv2d(x, unit->weight, unit->bias)));
        QVERIFY(unit->forward(x).lt(0).any().item<bool>());
    }

    void changesTheResolution()
    {
        const auto x = blocksImages(2, 6, 8, 10), skip = blocksImages(2, 3, 16, 20);
        QVERIFY(close(pool(x), torch::avg_pool2d(x, 2)));
        QVERIFY(close(pool(x, Pooling::Max), torch::max_pool2d(x, 2)));
        const auto twice = torch::upsample_bilinear2d(x, {16, 20}, false);
        QVERIFY(close(upsample(x), twice));
        QVERIFY(close(upsample(x, 4), torch::upsample_bilinear2d(x, {32, 40}, false)));
        QVERIFY(close(upsampleAndJoin(x, skip), torch::cat({twice, skip}, 1)));
        UpConv up(6, 4);
        QVERIFY(close(up.forward(x), torch::conv_transpose2d(x, up.weight, up.bias, 2)));
    }

    void upTransitionsDifferByOnePixel()
    {
        UpTransition first(5, true), last(5, false);
        {
            torch::NoGradGuard guard;
            first.bias.normal_();
            last.weight.copy_(first.weight);
            last.bias.copy_(first.bias);
        }
        const auto x = blocksImages(2, 5, 7, 6);
        const auto whole = torch::conv_transpose2d(x, first.weight, first.bias, 2); // 15 x 13
        QCOMPARE(whole.sizes().vec(), (std::vector<std::int64_t>{2, 5, 15, 13}));
        const auto a = first.forward(x), b = last.forward(x);
        QVERIFY(close(a, whole.slice(2, 1).slice(3, 1)));
        QVERIFY(close(b, whole.slice(2, 0, 14).slice(3, 0, 12)));
        QVERIFY(close(a.slice(2, 0, 13).slice(3, 0, 11), b.slice(2, 1).slice(3, 1)));
    }

    void dropsOutWholeValuesAndKeepsTheMean()
    {
        const auto x = torch::ones({4, 8, 32, 32});
        const auto y = dropOut(x, 0.25, true);
        QVERIFY(((y == 0) | (y - 1 / 0.75).abs().lt(1e-5)).all().item<bool>());
        QVERIFY(std::abs(y.mean().item<double>() - 1) < 0.1);
        QVERIFY(torch::equal(dropOut(x, 0.25, false), x));
        QVERIFY(torch::equal(dropOut(x, 0, true), x));
    }

    void tracesItsLayers()
    {
        ConvUnit::Options o;
        o.in = 2;
        o.out = 4;
        ConvUnit unit(o);
        LayerTrace trace;
        pool(unit.forward(blocksImages(1, 2, 8, 8)));
        QCOMPARE(trace.layers.size(), std::size_t(2));
        QVERIFY(trace.layers[0].module == &unit);
        QCOMPARE(trace.layers[0].macs, std::int64_t(9 * 2 * 4 * 8 * 8));
        QCOMPARE(trace.layers[1].output, (std::vector<std::int64_t>{1, 4, 4, 4}));
    }
};

RETICLE_TEST(BlocksTest)
#include "BlocksTest.moc"
