#include "support/Test.h"
#include "support/Widths.h"

using namespace reticle;
using test::built;

class FourLayerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsPublishedNets()
    {
        QCOMPARE(built({{"name", "four-layer"}}, {1, 2}), std::string("10642: 8 16 16"));
        QCOMPARE(built({{"name", "four-layer"}, {"layers", 6}}, {1, 2}), std::string("55506: 8 16 32 32 16"));
    }

    void keepsItsProportions()
    {
        const auto module = makeModule(Json{{"name", "four-layer"}, {"weights", 100000}}, {1, 2});
        QVERIFY(std::abs(static_cast<double>(countWeights(*module)) - 100000) <= 1000);
        const auto w = module->widths();
        QCOMPARE(w.size(), std::size_t(3));
        QVERIFY(std::abs(static_cast<double>(w[1]) / static_cast<double>(w[0]) - 2) < 0.2);
    }

    void dropsOutInTrainingOnly()
    {
        torch::manual_seed(1);
        const auto module = makeModule(Json{{"name", "four-layer"}, {"dropout", 0.5}}, {1, 2});
        const auto x = torch::rand({1, 1, 32, 32});
        QVERIFY(!torch::equal(module->forward(x), module->forward(x)));
        module->eval();
        QVERIFY(torch::equal(module->forward(x), module->forward(x)));
        const auto sure = makeModule(Json{{"name", "four-layer"}, {"dropout", 0}}, {1, 2});
        QVERIFY(torch::equal(sure->forward(x), sure->forward(x)));
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeModule(Json{{"name", "four-layer"}, {"layers", 5}}, {}), "4 or 6");
        EXPECT_ERROR(makeModule(Json{{"name", "four-layer"}, {"widths", {8, 16}}}, {}), "3 widths");
        EXPECT_ERROR(makeModule(Json{{"name", "four-layer"}, {"layers", 6}, {"widths", {8, 16, 16}}}, {}), "5 widths");
    }
};

RETICLE_TEST(FourLayerTest)
#include "FourLayerTest.moc"
