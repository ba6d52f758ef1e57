#include "support/FourPixels.h"
#include "support/Test.h"

using namespace reticle;
using test::fourPixelLoss;
using test::near;

class BceDiceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isTheSumOfBoth()
    {
        constexpr double bce = 0.236172552, weighted = 0.544265621, dice = 0.210525762, smooth = 0.166666667;
        QVERIFY(near(fourPixelLoss({{"name", "bce-dice"}}), bce + dice, 4e-9));
        QVERIFY(near(fourPixelLoss({{"name", "bce-dice"}, {"bce", 0.5}, {"dice", 3}}), 0.5 * bce + 3 * dice, 4e-9));
        QVERIFY(near(fourPixelLoss({{"name", "bce-dice"}, {"positive-weight", 3}, {"smooth", 1}}), weighted + smooth, 4e-9));
        QVERIFY(near(fourPixelLoss({{"name", "bce-dice"}, {"dice", 0}}), bce));
        QVERIFY(near(fourPixelLoss({{"name", "bce-dice"}, {"bce", 0}}), dice));
    }

    void weighsThePixelsOfTheCrossEntropyAlone()
    {
        const auto map = torch::tensor({0.f, 0.f, 2.f, 0.f}).view({1, 2, 2});
        QVERIFY(near(fourPixelLoss({{"name", "bce-dice"}}, map), 0.327723576 + 0.210525762, 4e-9));
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeMapObjective(Json{{"name", "bce-dice"}, {"bce", -1}}, {}), "bce");
        EXPECT_ERROR(makeMapObjective(Json{{"name", "bce-dice"}}, {})->loss(torch::zeros({1, 2, 2, 2}), test::fourClasses(), {}),
                     "one output");
    }
};

RETICLE_TEST(BceDiceTest)
#include "BceDiceTest.moc"
