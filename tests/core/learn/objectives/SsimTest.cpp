#include "learn/Similarity_p.h"
#include "support/ReconstructionCases.h"

using namespace reticle;
using test::largest;

class SsimTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void lossAndGradientArePyTorchs()
    {
        int with = 0;
        for (const auto &c : test::reconstructionCases()) {
            if (!c.expected.contains("gradient"))
                continue;
            ++with;
            const auto objective = makeMapObjective({{"name", "ssim"}, {"structure", c.expected["structure"]}}, {});
            objective->setRange(c.expected["range"]);
            const auto a = c.a.clone().requires_grad_();
            const auto loss = objective->loss(a, c.b, {});
            QVERIFY2(std::abs(loss.item<double>() - c.expected["loss"].get<double>()) < 1e-10,
                     qPrintable(QString::number(loss.item<double>(), 'g', 15)));
            loss.backward();
            QVERIFY(largest(a.grad() - c.numbers("gradient")) < 1e-10);
        }
        QVERIFY(with >= 2);
    }
    void structureAlone()
    {
        torch::manual_seed(2);
        const auto objective = makeMapObjective({{"name", "ssim"}, {"structure", 1}}, {});
        const auto x = torch::rand({1, 1, 20, 20}), y = torch::rand({1, 1, 20, 20});
        QVERIFY(std::abs(objective->loss(x, y, {}).item<double>() - (1 - structuralSimilarity(x, y, 1).item<double>())) < 1e-6);
    }
    void isAReconstruction() { test::isAReconstruction("ssim"); }
};

RETICLE_TEST(SsimTest)
#include "SsimTest.moc"
