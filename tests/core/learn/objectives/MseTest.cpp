#include "support/ReconstructionCases.h"

using namespace reticle;
using test::largest;

class MseTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isPyTorchs()
    {
        const auto cases = test::reconstructionCases();
        QVERIFY(cases.size() >= 5);
        const auto objective = makeMapObjective({{"name", "mse"}}, {});
        for (const auto &c : cases) {
            const auto a = c.a.clone().requires_grad_();
            const auto loss = objective->loss(a, c.b, {});
            QVERIFY(std::abs(loss.item<double>() / c.expected["mse"].get<double>() - 1) < 1e-12);
            loss.backward();
            QVERIFY(largest(a.grad() - 2 * (c.a - c.b) / static_cast<double>(c.a.numel())) < 1e-14);
        }
    }
    void isAReconstruction()
    {
        test::isAReconstruction("mse");
        QVERIFY(!makeMapObjective({{"name", "bce"}}, {})->reconstructs());
    }
};

RETICLE_TEST(MseTest)
#include "MseTest.moc"
