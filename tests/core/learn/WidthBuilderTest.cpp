#include "learn/WidthBuilder.h"

#include "learn/Module_p.h"
#include "support/Test.h"

using namespace reticle;

using Widths = std::vector<std::int64_t>;

class WidthBuilderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void matchesReference_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("target");
        QTest::addColumn<int>("count");
        QTest::addColumn<QList<int>>("widths");
        QTest::newRow("unet 4000") << "unet" << 4000 << 3964 << QList<int>{3, 6, 12, 12, 6, 3, 3};
        QTest::newRow("unet 20000") << "unet" << 20000 << 19973 << QList<int>{7, 14, 26, 27, 14, 7, 7};
        QTest::newRow("fcn 4000") << "fcn" << 4000 << 3996 << QList<int>{2, 7, 14, 14, 7, 3, 3};
        QTest::newRow("fcn 20000") << "fcn" << 20000 << 19952 << QList<int>{8, 15, 31, 31, 15, 8, 8};
        QTest::newRow("fcn 100000") << "fcn" << 100000 << 100060 << QList<int>{17, 35, 69, 69, 35, 17, 17};
        QTest::newRow("atrous 4000") << "atrous" << 4000 << 4016 << QList<int>{5, 5, 5, 4, 5, 4};
        QTest::newRow("atrous 20000") << "atrous" << 20000 << 19833 << QList<int>{10, 10, 11, 10, 10, 10};
        QTest::newRow("atrous 100000") << "atrous" << 100000 << 100465 << QList<int>{23, 23, 23, 23, 23, 23};
        QTest::newRow("unet 100000") << "unet" << 100000 << 99477 << QList<int>{15, 30, 61, 61, 30, 15, 15};
    }

    void matchesReference()
    {
        QFETCH(QString, model);
        QFETCH(int, target);
        QFETCH(int, count);
        QFETCH(QList<int>, widths);
        const auto module = makeModule(Json{{"name", model.toStdString()}, {"weights", target}}, {});
        const auto solved = module->widths();
        QCOMPARE(QList<int>(solved.begin(), solved.end()), widths);
        QCOMPARE(reticle::countWeights(*module), std::int64_t(count));
    }

    void countsPublishedNets_data()
    {
        QTest::addColumn<QString>("section");
        QTest::addColumn<int>("outputs");
        QTest::addColumn<int>("count");
        QTest::newRow("four-layer") << R"({"name": "four-layer"})" << 2 << 10642;
        QTest::newRow("six-layer") << R"({"name": "four-layer", "layers": 6})" << 2 << 55506;
        QTest::newRow("danifranco 16..256")
            << R"({"name": "unet", "form": "classic", "depth": 4, "convolutions": 2, "upsampling": "transposed",
                   "pooling": "max", "widths": [16, 32, 64, 128, 256, 128, 64, 32, 16]})"
            << 1 << 1940817;
        QTest::newRow("unet_demo base 4")
            << R"({"name": "unet", "form": "classic", "depth": 4, "convolutions": 2, "upsampling": "transposed",
                   "pooling": "max", "skips": "add", "slope": 0, "widths": [4, 8, 16, 32, 64, 32, 16, 8, 4]})"
            << 1 << 109413;
        // zhixuhao/unet has one more convolution, 64 -> 2 with ReLU before the last, which can die and is not offered:
        // 31,031,685 less its 64 * 2 * 9 + 2 weights and 2 + 1 of the last layer, and 64 + 1 of ours.
        QTest::newRow("zhixuhao without its two-filter layer")
            << R"({"name": "unet", "form": "classic", "depth": 4, "convolutions": 2, "upsampling": "transposed",
                   "pooling": "max", "widths": [64, 128, 256, 512, 1024, 512, 256, 128, 64]})"
            << 1 << 31031685 - (64 * 2 * 9 + 2) - 3 + 65;
    }

    void countsPublishedNets()
    {
        QFETCH(QString, section);
        QFETCH(int, outputs);
        QFETCH(int, count);
        QCOMPARE(reticle::countWeights(*makeModule(Json::parse(section.toStdString()), {1, outputs})), std::int64_t(count));
    }

    void solvesEveryForm()
    {
        for (const char *form : {"slim", "classic"})
            for (const char *kind : {"none", "batch", "instance", "group"})
                for (const int convolutions : {1, 2}) {
                    const auto module = makeModule(Json{{"name", "unet"},
                                                        {"weights", 488417},
                                                        {"form", form},
                                                        {"normalisation", kind},
                                                        {"convolutions", convolutions}},
                                                   {3, 2});
                    QVERIFY(std::abs(static_cast<double>(reticle::countWeights(*module)) / 488417 - 1) <= 0.01);
                }
    }

    void saysTheNearestCount()
    {
        WidthFamily family;
        family.name = "squares";
        family.nominal = {1};
        family.count = [](const std::vector<double> &w) { return 1000 * w[0] * w[0]; };
        EXPECT_ERROR(solveWidths(family, 5500), "nearest 4,000");
        QCOMPARE(solveWidths(family, 8950), Widths{3});
        EXPECT_ERROR(makeModule(Json{{"name", "unet"}, {"weights", 50}}, {}), "nearest");
    }

    void keepsTiedWidthsEqual()
    {
        WidthFamily family;
        family.nominal = {1, 2, 1};
        family.tied = {{0, 2}};
        family.count = [](const std::vector<double> &w) { return 9 * (w[0] * w[1] + w[1] * w[2]) + w[2]; };
        for (const int target : {508, 5000, 77777}) {
            const auto w = solveWidths(family, target);
            QCOMPARE(w[0], w[2]);
            QVERIFY(std::abs(static_cast<double>(countWeights(family, w) - target)) <= 0.01 * target);
        }
    }

    void writesThousands()
    {
        QCOMPARE(withThousands(0), std::string("0"));
        QCOMPARE(withThousands(999), std::string("999"));
        QCOMPARE(withThousands(31031685), std::string("31,031,685"));
        QCOMPARE(withThousands(-1000), std::string("-1,000"));
    }
};

RETICLE_TEST(WidthBuilderTest)
#include "WidthBuilderTest.moc"
