#include "support/ReconstructionCases.h"

using namespace reticle;
using test::largest;

class L1Test : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isPyTorchs()
    {
        const auto cases = test::reconstructionCases();
        QVERIFY(cases.size() >= 5);
        const auto objective = makeMapObjective({{"name", "l1"}}, {});
        for (const auto &c : cases) {
            const auto a = c.a.clone().requires_grad_();
            const auto loss = objective->loss(a, c.b, {});
            QVERIFY(std::abs(loss.item<double>() / c.expected["l1"].get<double>() - 1) < 1e-12);
            loss.backward();
            QVERIFY(largest(a.grad() - torch::sign(c.a - c.b) / static_cast<double>(c.a.numel())) < 1e-14);
        }
    }
    void isAReconstruction() { test::isAReconstruction("l1"); }
};

RETICLE_TEST(L1Test)
#include "L1Test.moc"
