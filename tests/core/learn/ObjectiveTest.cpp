#include "learn/Objective_p.h"

#include "support/Test.h"

using namespace reticle;

namespace {

/// The four pixels of the specification: probabilities, classes, weights.
torch::Tensor logits()
{
    return torch::logit(torch::tensor({0.9, 0.2, 0.6, 0.1}, torch::kDouble)).view({1, 1, 2, 2}).requires_grad_();
}
torch::Tensor target()
{
    return torch::tensor({1, 0, 1, 0}, torch::kLong).view({1, 2, 2});
}

double lossOf(const Json &section, const torch::Tensor &weights = {})
{
    return makeObjective(section, {})->loss(logits(), target(), weights).item<double>();
}

} // namespace

class ObjectiveTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bce()
    {
        QVERIFY(std::abs(lossOf(Json{{"name", "bce"}}) - 0.236172552) < 1e-7);
        QVERIFY(std::abs(lossOf(Json{{"name", "bce"}, {"positive-weight", 3}}) - 0.544265621) < 1e-7);
    }

    void ignoredPixelsCountForNothing()
    {
        auto z = logits();
        const auto all = torch::full({1, 2, 2}, 255, torch::kLong);
        const auto loss = makeObjective(Json{{"name", "bce"}}, {})->loss(z, all, {});
        QCOMPARE(loss.item<double>(), 0.0);
        loss.backward();
        QCOMPARE(z.grad().abs().max().item<double>(), 0.0);
    }
};

RETICLE_TEST(ObjectiveTest)
#include "ObjectiveTest.moc"
