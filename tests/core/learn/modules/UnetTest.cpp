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
        QTest::newRow("unet_demo base 4") << R"({"skips": "add", "slope": 0, "widths": [4, 8, 16, 32, 64, 32, 16, 8, 4]})"
                                          << 109413;
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
                    const Json section{{"name", "unet"},
                                       {"weights", 488417},
                                       {"form", form},
                                       {"normalization", kind},
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
        // Without skip 0 what differs between neighboring pixels comes from the lower levels alone, smoothly.
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

    /// 3 6 12 12 6 3 3 less the 3 x 3 convolutions over what the skips bring: of 3 to 3, 6 to 3 and 12 to 6 channels.
    void skipsCanBeLeftOut_data()
    {
        QTest::addColumn<QString>("without");
        QTest::addColumn<int>("count");
        QTest::addColumn<QString>("names");
        QTest::newRow("none") << "[]" << 3964 << "skip 0, skip 1, skip 2";
        QTest::newRow("0") << "[0]" << 3964 - 9 * 3 * 3 << "skip 1, skip 2";
        QTest::newRow("1") << "[1]" << 3964 - 9 * 6 * 3 << "skip 0, skip 2";
        QTest::newRow("2 and 0") << "[2, 0]" << 3964 - 9 * 12 * 6 - 9 * 3 * 3 << "skip 1";
        QTest::newRow("all") << "[0, 1, 2]" << 3964 - 9 * 12 * 6 - 9 * 6 * 3 - 9 * 3 * 3 << "";
    }

    void skipsCanBeLeftOut()
    {
        QFETCH(QString, without);
        QFETCH(int, count);
        QFETCH(QString, names);
        Json section{{"name", "unet"}, {"widths", {3, 6, 12, 12, 6, 3, 3}}};
        section["without-skips"] = Json::parse(without.toStdString());
        const auto module = makeModule(section, {});
        QCOMPARE(countWeights(*module), std::int64_t(count));
        QStringList left;
        for (const auto &name : module->skips())
            left << QString::fromStdString(name);
        QCOMPARE(left.join(", "), names);
        // Hooks count those that are there.
        std::vector<std::int64_t> rows;
        module->skipHook = [&](int skip, const torch::Tensor &t) {
            if (skip == static_cast<int>(rows.size()))
                rows.push_back(t.size(2));
            return t;
        };
        module->eval();
        QCOMPARE(module->forward(torch::rand({1, 1, 40, 40})).size(3), std::int64_t(40));
        QCOMPARE(rows.size(), static_cast<std::size_t>(left.size()));
        for (std::size_t i = 0; i < rows.size(); ++i)
            QCOMPARE(rows[i], std::int64_t(40) >> left[static_cast<int>(i)].right(1).toInt());
    }

    /// The number of weights asked for is met without them too, in every form.
    void solvesWithoutSkips()
    {
        for (const char *how : {"concatenate", "add"})
            for (const char *upsampling : {"bilinear", "transposed"})
                for (const Json &without : {Json{0}, Json{1}, Json{0, 1, 2}}) {
                    const Json section{{"name", "unet"},
                                       {"weights", 40000},
                                       {"skips", how},
                                       {"upsampling", upsampling},
                                       {"without-skips", without}};
                    QVERIFY(std::abs(static_cast<double>(countWeights(*makeModule(section, {}))) / 40000 - 1) <= 0.01);
                }
        // Sides that no skip ties may differ.
        const auto module =
            makeModule(Json{{"name", "unet"}, {"skips", "add"}, {"depth", 1}, {"widths", {3, 5, 4}}, {"without-skips", {0}}}, {});
        QCOMPARE(countWeights(*module), std::int64_t(30 + 140 + 184 + 5));
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"slope", 2}}, {}), "slope");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"widths", {1, 2, 3}}}, {}), "7 widths");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"weights", 50}}, {}), "nearest");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"form", "classic"}, {"skips", "add"}, {"weights", 20000}}, {}),
                     "model.skips");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"without-skips", {3}}}, {}),
                     "model.without-skips: expected skips from 0 to 2");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"without-skips", {1, 1}}}, {}), "each skip once, found 1 twice");
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"depth", 1}, {"without-skips", {1}}}, {}), "skip 0, the only one");
    }
};

RETICLE_TEST(UnetTest)
#include "UnetTest.moc"
