#include "support/FourPixels.h"
#include "support/Test.h"

using namespace reticle;
using test::fourPixelLoss;
using test::near;

class DiceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reachesKnownValues()
    {
        QVERIFY(near(fourPixelLoss({{"name", "dice"}, {"smooth", 0}}), 0.210526316));
        QVERIFY(near(fourPixelLoss({{"name", "dice"}, {"smooth", 1}}), 0.166666667));
        QVERIFY(near(fourPixelLoss({{"name", "dice"}}), 0.210525762));
    }

    void sumsOverBatchOrImage()
    {
        // One image all found, of another half: 1 - 2 (4 + 2) / (6 + 8), and the mean of 0 and 1 - 2 2 / (2 + 4).
        auto z = torch::full({2, 1, 2, 2}, 1000.0, torch::kDouble);
        z.select(0, 1).select(1, 0).fill_(-1000);
        const auto y = torch::ones({2, 2, 2}, torch::kLong);
        const auto of = [&](const char *over) {
            return makeMapObjective(Json{{"name", "dice"}, {"smooth", 0}, {"dice-over", over}}, {})
                ->loss(z, y, {})
                .item<double>();
        };
        QVERIFY(near(of("batch"), 1 - 12.0 / 14));
        QVERIFY(near(of("image"), (1 - 4.0 / 6) / 2));
    }

    void emptyTargetAndPredictionCostNothing()
    {
        const auto nothing = torch::full({2, 1, 4, 4}, -200.0);
        const auto background = torch::zeros({2, 4, 4}, torch::kLong);
        for (const double smooth : {0.0, 1e-5, 1.0})
            for (const char *over : {"batch", "image"}) {
                const auto dice = makeMapObjective(Json{{"name", "dice"}, {"smooth", smooth}, {"dice-over", over}}, {});
                QCOMPARE(dice->loss(nothing, background, {}).item<double>(), 0.0);
            }
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeMapObjective(Json{{"name", "dice"}, {"smooth", -1}}, {}), "smooth");
        EXPECT_ERROR(makeMapObjective(Json{{"name", "dice"}, {"dice-over", "pixel"}}, {}), "dice-over");
        EXPECT_ERROR(makeMapObjective(Json{{"name", "dice"}}, {})->loss(torch::zeros({1, 3, 2, 2}), test::fourClasses(), {}),
                     "one output");
    }
};

RETICLE_TEST(DiceTest)
#include "DiceTest.moc"
