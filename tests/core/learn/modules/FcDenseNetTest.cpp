#include "learn/Models.h"
#include "learn/Module_p.h"

#include "support/Test.h"

using namespace reticle;

namespace {

std::shared_ptr<ImageModule> make(const Json &more, ModuleShape shape = {3, 11})
{
    Json section{{"name", "fc-densenet"}};
    section.update(more);
    return makeModule(section, shape);
}

/// Trainable values of the layers whose names begin so.
std::int64_t count(const ImageModule &module, const std::string &stage)
{
    std::int64_t n = 0;
    for (const auto &p : module.named_parameters())
        if (p.key().rfind(stage + "_", 0) == 0 || p.key().rfind(stage + ".", 0) == 0)
            n += p.value().numel();
    return n;
}

} // namespace

/// Counts of the reference program of Jégou et al. 2017 (RGB, 11 classes), stage by stage.
class FcDenseNetTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// Layers of growth 4 before which a skip of 8 + 2 * 4 maps is missing: 3 x 3 weights, gain and shift of each of them.
    void skipsCanBeLeftOut()
    {
        const Json small{{"variant", "own"}, {"growth", 4}, {"blocks", {2, 2, 2, 2, 2}}, {"first-width", 8}};
        Json without = small;
        without["without-skips"] = Json{0};
        const auto whole = make(small), part = make(without);
        // Both layers of the last block and, the whole being seen, the last convolution of 11 outputs.
        QCOMPARE(countWeights(*whole) - countWeights(*part), std::int64_t(2 * 16 * (9 * 4 + 2) + 16 * 11));
        QCOMPARE(part->skips(), (std::vector<std::string>{"skip 1"}));
        part->eval();
        QCOMPARE(part->forward(torch::rand({1, 3, 20, 28})).sizes().vec(), (std::vector<std::int64_t>{1, 11, 20, 28}));
        without["without-skips"] = Json{2};
        EXPECT_ERROR(make(without), "model.without-skips: expected skips from 0 to 1");
    }
    void hasTheWeightsOfTheReference_data()
    {
        QTest::addColumn<QString>("variant");
        QTest::addColumn<QList<int>>("stages");
        QTest::addColumn<int>("total");
        // first, blocks and transitions down, bottleneck, transitions and blocks up, last
        QTest::newRow("56") << "56"
                            << QList<int>{1344, 29088, 9504, 50208, 21168, 71328, 37440, 92448, 58320, 113568, 83808, 134688, 20784,
                                          155808, 20784, 134688, 20784, 113568, 20784, 92448, 20784, 71328, 2123}
                            << 1376795;
        QTest::newRow("67") << "67"
                            << QList<int>{1344, 58480, 16768, 116880, 43888, 175280, 83808, 233680, 136528, 292080, 202048, 350480,
                                          57680, 408880, 57680, 350480, 57680, 292080, 57680, 233680, 57680, 175280, 3179}
                            << 3463243;
        QTest::newRow("103") << "103"
                             << QList<int>{1344, 42112, 12880, 105200, 37440, 245392, 93328, 549120, 216688, 967296, 432304, 1682160,
                                           518640, 1724160, 331968, 1063040, 230560, 523376, 113008, 245360, 57680, 126208, 2827}
                             << 9322091;
    }

    void hasTheWeightsOfTheReference()
    {
        QFETCH(QString, variant);
        QFETCH(QList<int>, stages);
        QFETCH(int, total);
        const auto module = make({{"variant", variant.toStdString()}});
        std::vector<std::string> names{"first"};
        for (int i = 0; i < 5; ++i) {
            names.push_back("down" + std::to_string(i));
            names.push_back("transition_down" + std::to_string(i));
        }
        names.push_back("bottleneck");
        for (int i = 0; i < 5; ++i) {
            names.push_back("transition_up" + std::to_string(i));
            names.push_back("up" + std::to_string(i));
        }
        names.push_back("out");
        QCOMPARE(names.size(), static_cast<std::size_t>(stages.size()));
        for (std::size_t i = 0; i < names.size(); ++i)
            QVERIFY2(count(*module, names[i]) == stages[static_cast<int>(i)], names[i].c_str());
        QCOMPARE(countWeights(*module), total);
        // Every normalised map has a running mean and variance; the paper's totals count them too.
        std::int64_t statistics = 0;
        for (const auto &b : module->buffers())
            statistics += b.numel();
        QCOMPARE(total + statistics, variant == "56" ? 1397963 : variant == "67" ? 3502923 : 9425163);
    }

    void hasTheWeightsWithoutBiases()
    {
        const auto module = make({{"bias", false}, {"whole-last", false}}, {1, 2});
        QCOMPARE(countWeights(*module), 9317074);
    }

    void countsMultiplications_data()
    {
        QTest::addColumn<QString>("variant");
        QTest::addColumn<qint64>("macs");
        QTest::newRow("56") << "56" << qint64(8916982368);
        QTest::newRow("67") << "67" << qint64(20901653248);
        QTest::newRow("103") << "103" << qint64(20072570112);
    }

    void countsMultiplications()
    {
        QFETCH(QString, variant);
        QFETCH(qint64, macs);
        // At 32 x 32, a forty-ninth of 224 x 224.
        const auto d = describeModel({{"name", "fc-densenet"}, {"variant", variant.toStdString()}}, 3, 11, 32, 32);
        QCOMPARE(d.macs * 49, macs);
    }

    void dropsTheRowAskedFor()
    {
        const Json small{{"variant", "own"}, {"growth", 2}, {"blocks", {1, 1, 1}}, {"first-width", 3}, {"dropout", 0}};
        auto last = small;
        last["alignment"] = "last";
        torch::manual_seed(2);
        const auto a = make(small);
        torch::manual_seed(2);
        const auto b = make(last);
        a->eval();
        b->eval();
        const auto x = torch::rand({1, 3, 8, 8});
        QVERIFY(!torch::allclose(a->forward(x), b->forward(x)));
    }

    void refusesBlocksThatDoNotPair()
    {
        EXPECT_ERROR(make({{"variant", "own"}, {"blocks", {4, 4}}}), "model.blocks");
    }

    void namesItsSkips()
    {
        const auto module = make({{"variant", "56"}});
        QCOMPARE(module->skips().size(), std::size_t(5));
        QCOMPARE(module->multiple(), 32);
        std::vector<std::int64_t> sizes;
        module->skipHook = [&](int, const torch::Tensor &x) {
            sizes.push_back(x.size(1));
            return x;
        };
        module->eval();
        torch::NoGradGuard guard;
        module->forward(torch::rand({1, 3, 32, 32}));
        QVERIFY(sizes == std::vector<std::int64_t>({96, 144, 192, 240, 288}));
    }
};

RETICLE_TEST(FcDenseNetTest)
#include "FcDenseNetTest.moc"
