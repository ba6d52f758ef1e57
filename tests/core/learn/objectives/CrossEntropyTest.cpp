#include "support/FourPixels.h"
#include "support/Test.h"

using namespace reticle;
using test::near;

namespace {

double lossOf(const Json &more, const torch::Tensor &z, const torch::Tensor &y)
{
    Json section{{"name", "cross-entropy"}};
    section.update(more);
    return makeMapObjective(section, {1, 1, 1})->loss(z, y, {}).item<double>();
}

} // namespace

class CrossEntropyTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void equalLogitsCostTheLogarithmOfTheClasses()
    {
        for (const int classes : {2, 3, 11})
            QVERIFY(near(lossOf(Json::object(), torch::zeros({1, classes, 2, 2}, torch::kDouble), test::fourClasses()),
                         std::log(classes)));
    }

    void twoClassesAreBinaryCrossEntropy()
    {
        // Logits 0 and z of a softmax are logit z of a sigmoid.
        const auto z = test::fourLogits().detach();
        QVERIFY(near(lossOf(Json::object(), torch::cat({torch::zeros_like(z), z}, 1), test::fourClasses()), 0.236172552));
    }

    void addsDiceOfTheClasses()
    {
        // Certain answers: classes 1 1 0 2 of 1 0 0 2. Dice of 0: 2/3, of 1: 2/3, of 2: 1.
        const auto y = torch::tensor({1, 0, 0, 2}, torch::kLong).view({1, 2, 2});
        const auto z = torch::full({1, 3, 2, 2}, -1000.0, torch::kDouble);
        for (const auto &[row, column, c] : {std::tuple{0, 0, 1}, {0, 1, 1}, {1, 0, 0}, {1, 1, 2}})
            z[0][c][row][column] = 1000;
        const Json only{{"cross-entropy", 0}, {"dice", 1}, {"smooth", 0}};
        auto all = only;
        all["dice-background"] = true;
        QVERIFY(near(lossOf(only, z, y), (1.0 / 3 + 0) / 2));
        QVERIFY(near(lossOf(all, z, y), (1.0 / 3 + 1.0 / 3 + 0) / 3));
    }

    void asksForAnOutputOfEachClass()
    {
        const auto objective = makeMapObjective(Json{{"name", "cross-entropy"}}, {});
        QCOMPARE(objective->outputs(2), std::int64_t(2));
        QCOMPARE(objective->outputs(7), std::int64_t(7));
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeMapObjective(Json{{"name", "cross-entropy"}, {"dice", -1}}, {}), "dice");
        EXPECT_ERROR(
            makeMapObjective(Json{{"name", "cross-entropy"}, {"class-weights", "list"}, {"weight-list", {1, 2}}}, {5, 5, 5}),
            "weight-list");
    }
};

RETICLE_TEST(CrossEntropyTest)
#include "CrossEntropyTest.moc"
