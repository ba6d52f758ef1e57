#include "support/FourPixels.h"
#include "support/Test.h"

using namespace reticle;
using test::fourPixelLoss;
using test::near;

class BceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reachesKnownValues()
    {
        QVERIFY(near(fourPixelLoss({{"name", "bce"}}), 0.236172552));
        QVERIFY(near(fourPixelLoss({{"name", "bce"}, {"positive-weight", 3}}), 0.544265621));
    }

    void weighsPixels()
    {
        // The class weight is 1, the map adds the rest of [[1, 1], [3, 1]].
        const auto map = torch::tensor({0.f, 0.f, 2.f, 0.f}).view({1, 2, 2});
        QVERIFY(near(fourPixelLoss({{"name", "bce"}, {"normalized", false}}, map), 0.491585363));
        QVERIFY(near(fourPixelLoss({{"name", "bce"}}, map), 0.327723576));
    }

    void asksForTheBorderMap()
    {
        QVERIFY(!makeMapObjective(Json{{"name", "bce"}}, {})->wantsBorderMap());
        const auto border = makeMapObjective(Json{{"name", "bce"}, {"border-map", true}, {"border-weight", 4}}, {});
        QVERIFY(border->wantsBorderMap());
        QCOMPARE(border->borderWeight(), 4.0);
        QCOMPARE(border->borderSigma(), 5.0);
    }

    void balancesClasses()
    {
        // The interior fraction of a known stack; weights N / (K n_c).
        const auto objective =
            makeMapObjective(Json{{"name", "bce"}, {"class-weights", "balanced"}, {"normalized", false}}, {219631, 780369});
        const auto z = torch::zeros({1, 1, 1, 1}, torch::kDouble);
        const auto of = [&](int c) {
            return objective->loss(z, torch::full({1, 1, 1}, c, torch::kLong), {}).item<double>() / std::log(2.0);
        };
        QVERIFY(near(of(0), 2.276544, 2e-6));
        QVERIFY(near(of(1), 0.640723, 2e-6));
    }

    void staysFiniteForCertainAnswers()
    {
        auto z = torch::tensor({1000.0, -1000.0}, torch::kDouble).view({1, 1, 1, 2}).requires_grad_();
        const auto objective = makeMapObjective(Json{{"name", "bce"}}, {});
        const auto right = objective->loss(z, torch::tensor({1, 0}, torch::kLong).view({1, 1, 2}), {});
        QCOMPARE(right.item<double>(), 0.0);
        const auto wrong = objective->loss(z, torch::tensor({0, 1}, torch::kLong).view({1, 1, 2}), {});
        QCOMPARE(wrong.item<double>(), 1000.0);
        wrong.backward();
        QVERIFY(torch::allclose(z.grad().flatten(), torch::tensor({0.5, -0.5}, torch::kDouble)));
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeMapObjective(Json{{"name", "bce"}, {"positive-weight", -1}}, {}), "positive-weight");
        EXPECT_ERROR(makeMapObjective(Json{{"name", "bce"}, {"class-weights", "balanced"}}, {}), "class-weights");
        EXPECT_ERROR(makeMapObjective(Json{{"name", "bce"}, {"class-weights", "list"}, {"weight-list", {1, 2, 3}}}, {5, 5}),
                     "weight-list");
        EXPECT_ERROR(makeMapObjective(Json{{"name", "bce"}}, {})->loss(torch::zeros({1, 2, 2, 2}), test::fourClasses(), {}),
                     "one output");
    }
};

RETICLE_TEST(BceTest)
#include "BceTest.moc"
