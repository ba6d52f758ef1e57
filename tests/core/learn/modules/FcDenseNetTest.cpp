#include "learn/Models.h"
#include "learn/Module_p.h"

#include "support/Test.h"

#include <fstream>

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

/// The numbers of tests/reference/fcdensenet.py, from -1 to 1.
torch::Tensor formula(const std::string &name, const torch::Tensor &like)
{
    std::int64_t start = 0;
    for (const char letter : name)
        start = (start * 31 + letter) % 10007;
    const auto i = torch::arange(like.numel(), torch::kLong);
    return ((i * i * 31 + i * 7919 + start * 104729 + 13) % 10007).to(torch::kDouble).div(10007).mul(2).sub(1).view(like.sizes());
}

/// Every tensor of the module by the formula, scaled as the script scales it.
void fill(ImageModule &module)
{
    torch::NoGradGuard guard;
    for (auto &p : module.named_parameters()) {
        auto &t = p.value();
        const auto kind = p.key().substr(p.key().rfind('.') + 1);
        const double scale = t.dim() == 4     ? std::sqrt(6.0 / static_cast<double>(t.numel() / t.size(0)))
                             : kind == "gain" ? 0.2
                                              : 0.1;
        t.copy_(formula(p.key(), t) * scale + (kind == "gain" ? 1.0 : 0.0));
    }
    for (auto &b : module.named_buffers()) {
        const bool var = b.key().ends_with("running_var");
        b.value().copy_(formula(b.key(), b.value()) * (var ? 0.3 : 0.1) + (var ? 1.0 : 0.0));
    }
}

} // namespace

/// Which side of a ReLU a value takes that is 0 but for rounding differs from one kind of processor to the next, and a gradient
/// of this deep a net shows it: tests/CMakeLists.txt has it run with the convolutions and products of one kind everywhere.
///
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
                            << QList<int>{1344,  29088,  9504,  50208,  21168, 71328,  37440, 92448, 58320, 113568, 83808, 134688,
                                          20784, 155808, 20784, 134688, 20784, 113568, 20784, 92448, 20784, 71328,  2123}
                            << 1376795;
        QTest::newRow("67") << "67" << QList<int>{1344,   58480,  16768,  116880, 43888, 175280, 83808, 233680,
                                                  136528, 292080, 202048, 350480, 57680, 408880, 57680, 350480,
                                                  57680,  292080, 57680,  233680, 57680, 175280, 3179}
                            << 3463243;
        QTest::newRow("103") << "103" << QList<int>{1344,   42112,  12880,  105200,  37440,  245392,  93328,  549120,
                                                    216688, 967296, 432304, 1682160, 518640, 1724160, 331968, 1063040,
                                                    230560, 523376, 113008, 245360,  57680,  126208,  2827}
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
        // Every normalized map has a running mean and variance; the paper's totals count them too.
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

    void agreesWithPyTorch_data()
    {
        QTest::addColumn<int>("index");
        QTest::newRow("56") << 0;
        QTest::newRow("67") << 1;
        QTest::newRow("103") << 2;
    }

    /// Logits and gradients of the independent program.
    void agreesWithPyTorch()
    {
        QFETCH(int, index);
        std::ifstream file(test::source("tests/reference/fcdensenet.json"));
        const auto all = Json::parse(file);
        const auto &c = all["cases"][static_cast<std::size_t>(index)];
        const auto channels = all["channels"].get<std::int64_t>(), classes = all["classes"].get<std::int64_t>();
        const auto h = all["height"].get<std::int64_t>(), w = all["width"].get<std::int64_t>();
        const auto module = make({{"variant", c["variant"]}}, {channels, classes});
        fill(*module);
        module->eval();
        const auto y = module->forward(formula("image", torch::empty({1, channels, h, w})).to(torch::kFloat));
        const auto expected = torch::tensor(c["logits"].get<std::vector<double>>());
        const auto found = y.detach().slice(2, 0, h, 3).slice(3, 0, w, 3).flatten().to(torch::kDouble);
        QCOMPARE(found.numel(), expected.numel());
        const auto difference = (found - expected).abs().max().item<double>();
        QVERIFY2(difference < 1e-4, qPrintable(QString::number(difference)));
        const auto target = (torch::arange(h * w) * 7 % classes).view({1, h, w});
        torch::nn::functional::cross_entropy(y, target).backward();
        QCOMPARE(module->named_parameters().size(), c["gradients"].size());
        // To 1e-4 of the whole gradient, and to 1e-3 in each tensor: where a value before a ReLU is 0 but for rounding, the
        // two programs may take either side.
        double off = 0, projectedOff = 0, whole = 0;
        for (const auto &p : module->named_parameters()) {
            const auto &told = c["gradients"].at(p.key());
            const double length = std::stod(told[0].get<std::string>()), projection = std::stod(told[1].get<std::string>());
            const auto g = p.value().grad().to(torch::kDouble).contiguous();
            const double lengthOff = std::abs(g.norm().item<double>() - length);
            const auto other = (g.flatten() * formula(p.key() + "?", g.flatten())).sum().item<double>();
            const double otherOff = std::abs(other - projection) / std::sqrt(static_cast<double>(g.numel()) / 3);
            QVERIFY2(lengthOff <= 1e-3 * length && otherOff <= 1e-3 * length,
                     qPrintable(QString("%1: %2, %3 of %4").arg(p.key().c_str()).arg(lengthOff).arg(otherOff).arg(length)));
            off += lengthOff * lengthOff;
            projectedOff += otherOff * otherOff;
            whole += length * length;
        }
        QVERIFY2(std::sqrt(off / whole) < 1e-4, qPrintable(QString::number(std::sqrt(off / whole))));
        QVERIFY2(std::sqrt(projectedOff / whole) < 1e-4, qPrintable(QString::number(std::sqrt(projectedOff / whole))));
    }

    void startsAsThePaperSays()
    {
        const auto module = make({{"variant", "56"}});
        for (const auto &p : module->named_parameters()) {
            const auto &t = p.value();
            if (t.dim() == 4) { // He's uniform distribution: up to the root of 6 over the inputs of a value
                const double bound = std::sqrt(6.0 / static_cast<double>(t.numel() / t.size(0)));
                const auto largest = t.abs().max().item<double>();
                QVERIFY2(largest < 1.000001 * bound && largest > 0.95 * bound, p.key().c_str());
            } else {
                QVERIFY2((t == (p.key().ends_with("gain") ? 1 : 0)).all().item<bool>(), p.key().c_str());
            }
        }
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
        EXPECT_ERROR(make({{"variant", "own"}, {"blocks", {4, 4, 4, 4, 4, 4, 4, 4, 4, 4}}}),
                     "model.blocks: expected 11 block sizes, found 10");
        EXPECT_ERROR(make({{"variant", "own"}}), "expected 3 block sizes, found 0");
    }

    void refusesWhatAVariantDoesNotTake()
    {
        EXPECT_ERROR(make({{"variant", "103"}, {"growth", 12}}), "expected 16 with variant 103, found 12");
        EXPECT_ERROR(make({{"variant", "56"}, {"growth", 8}}), "choose variant own");
        EXPECT_ERROR(make({{"variant", "67"}, {"blocks", {4, 4, 4}}}), "none with variant 67");
        QCOMPARE(countWeights(*make({{"variant", "67"}, {"growth", 16}, {"blocks", {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}}})),
                 3463243);
        QCOMPARE(countWeights(*make({{"variant", "own"}, {"blocks", {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}}})), 3463243);
    }

    void refusesSizesWhereTold()
    {
        const auto module = make({{"variant", "56"}, {"strict-size", true}});
        EXPECT_ERROR(module->forward(torch::zeros({1, 3, 500, 512})), "height 500 is not a multiple of 32");
        EXPECT_ERROR(module->forward(torch::zeros({1, 3, 32, 33})), "width 33 is not a multiple of 32");
        module->eval();
        torch::NoGradGuard guard;
        QCOMPARE(module->forward(torch::zeros({1, 3, 32, 64})).sizes().vec(), (std::vector<std::int64_t>{1, 11, 32, 64}));
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
