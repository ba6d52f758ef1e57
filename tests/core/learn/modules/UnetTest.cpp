#include "support/Test.h"
#include "support/Widths.h"

using namespace reticle;
using test::built;

class UnetTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void matchesReference()
    {
        QCOMPARE(built({{"name", "unet"}, {"weights", 4000}}), std::string("3964: 3 6 12 12 6 3 3"));
        QCOMPARE(built({{"name", "unet"}, {"weights", 20000}}), std::string("19973: 7 14 26 27 14 7 7"));
        QCOMPARE(built({{"name", "unet"}, {"weights", 100000}}), std::string("99477: 15 30 61 61 30 15 15"));
    }

    void countsPublishedNets_data()
    {
        QTest::addColumn<QString>("more");
        QTest::addColumn<int>("count");
        QTest::newRow("danifranco 16..256") << R"({"widths": [16, 32, 64, 128, 256, 128, 64, 32, 16]})" << 1940817;
        QTest::newRow("unet_demo base 4") << R"({"skips": "add", "slope": 0, "widths": [4, 8, 16, 32, 64, 32, 16, 8, 4]})" << 109413;
        // zhixuhao/unet has one more convolution, 64 -> 2 with ReLU before the last, which can die and is not offered:
        // 31,031,685 less its 64 * 2 * 9 + 2 weights and 2 + 1 of the last layer, and 64 + 1 of ours.
        QTest::newRow("zhixuhao without its two-filter layer")
            << R"({"widths": [64, 128, 256, 512, 1024, 512, 256, 128, 64]})" << 31031685 - (64 * 2 * 9 + 2) - 3 + 65;
    }

    void countsPublishedNets()
    {
        QFETCH(QString, more);
        QFETCH(int, count);
        auto section = Json::parse(R"({"name": "unet", "form": "classic", "depth": 4, "convolutions": 2,
                                       "upsampling": "transposed", "pooling": "max"})");
        section.update(Json::parse(more.toStdString()));
        QCOMPARE(countWeights(*makeModule(section, {})), std::int64_t(count));
    }

    void solvesEveryForm()
    {
        for (const char *form : {"slim", "classic"})
            for (const char *kind : {"none", "batch", "instance", "group"})
                for (const int convolutions : {1, 2}) {
                    const Json section{{"name", "unet"}, {"weights", 488417}, {"form", form}, {"normalisation", kind},
                                       {"convolutions", convolutions}};
                    QVERIFY(std::abs(static_cast<double>(countWeights(*makeModule(section, {3, 2}))) / 488417 - 1) <= 0.01);
                }
    }

    void namesItsSkips()
    {
        const auto module = makeModule(Json{{"name", "unet"}, {"weights", 20000}, {"depth", 2}}, {});
        QCOMPARE(module->skips(), (std::vector<std::string>{"skip 0", "skip 1"}));
        QCOMPARE(module->multiple(), std::int64_t(4));
    }

    void skipsBringTheFullResolution()
    {
        // Without skip 0 what differs between neighbouring pixels comes from the lower levels alone, smoothly.
        torch::manual_seed(1);
        const auto module = makeModule(Json{{"name", "unet"}, {"weights", 4000}}, {});
        module->eval();
        const auto x = torch::rand({1, 1, 64, 64});
        const auto rough = [&] {
            const auto y = module->forward(x);
            const auto step = y.narrow(3, 1, 63) - y.narrow(3, 0, 63);
            return (step.std() / y.std()).item<double>();
        };
        const double with = rough();
        module->skipHook = [](int, const torch::Tensor &t) { return torch::zeros_like(t); };
        QVERIFY(rough() < 0.6 * with);
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"slope", 2}}, {}), "slope");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"widths", {1, 2, 3}}}, {}), "7 widths");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"weights", 50}}, {}), "nearest");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"form", "classic"}, {"skips", "add"}, {"weights", 20000}}, {}),
                     "model.skips");
    }
};

RETICLE_TEST(UnetTest)
#include "UnetTest.moc"
