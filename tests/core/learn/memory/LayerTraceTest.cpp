#include "learn/memory/LayerTrace_p.h"

#include "support/Test.h"

using namespace reticle;

class LayerTraceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsWhatLayersTell()
    {
        QVERIFY(!LayerTrace::active());
        const auto x = torch::zeros({2, 3, 4, 5}), y = torch::zeros({2, 6, 4, 5});
        const auto w = torch::zeros({6, 3, 1, 1});
        LayerTrace::note({.type = "nobody listens", .input = x, .output = y});
        LayerTrace trace;
        QVERIFY(LayerTrace::active());
        std::size_t told = 0;
        trace.noted = [&](std::size_t i, const torch::Tensor &output) { told += i == 0 && output.is_same(y); };
        LayerTrace::note({.type = "convolution", .input = x, .output = y, .macsPerValue = 3, .weights = {w, torch::Tensor()}});
        QCOMPARE(told, std::size_t(1));
        QCOMPARE(trace.layers.size(), std::size_t(1));
        const auto &layer = trace.layers[0];
        QCOMPARE(layer.type, std::string("convolution"));
        QVERIFY((layer.input == std::vector<std::int64_t>{2, 3, 4, 5}));
        QVERIFY((layer.output == std::vector<std::int64_t>{2, 6, 4, 5}));
        QCOMPARE(layer.macs, std::int64_t(2 * 6 * 4 * 5 * 3));
        QCOMPARE(layer.bytes, std::int64_t(2 * 6 * 4 * 5 * 4));
        QCOMPARE(layer.weights.size(), std::size_t(1));
    }
    void theInnerOneListens()
    {
        const auto x = torch::zeros({1, 1, 2, 2});
        LayerTrace outer;
        {
            LayerTrace inner;
            LayerTrace::note({.type = "a", .input = x, .output = x.clone()});
            QCOMPARE(inner.layers.size(), std::size_t(1));
        }
        QCOMPARE(outer.layers.size(), std::size_t(0));
        LayerTrace::noteCopy("copy", x, x); // the same tensor is no copy
        QCOMPARE(outer.layers.size(), std::size_t(0));
        LayerTrace::noteCopy("copy", x, x.clone());
        QCOMPARE(outer.layers.size(), std::size_t(1));
        QVERIFY(outer.layers[0].copies);
    }
};

RETICLE_TEST(LayerTraceTest)
#include "LayerTraceTest.moc"
