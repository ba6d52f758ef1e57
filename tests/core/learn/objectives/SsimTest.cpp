#include "learn/Similarity_p.h"
#include "support/ReconstructionCases.h"

using namespace reticle;
using test::most;

class SsimTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void similarityIsScikitImages()
    {
        const auto cases = test::reconstructionCases();
        QVERIFY(cases.size() >= 5);
        for (const auto &c : cases) {
            const auto expected = torch::tensor(c.expected["similarity"].get<std::vector<double>>(), torch::kDouble);
            const double range = c.expected["range"];
            const double far = most(structuralSimilarity(c.a, c.b, range) - expected);
            QVERIFY2(far < 1e-9, qPrintable(QString("%1: %2").arg(c.a.numel()).arg(far)));
            const auto single =
                structuralSimilarity(c.a.to(torch::kFloat), c.b.to(torch::kFloat), range).to(torch::kDouble);
            QVERIFY2(most(single - expected) < 2e-4, qPrintable(QString::number(most(single - expected))));
        }
    }
    void lossAndGradientArePyTorchs()
    {
        int with = 0;
        for (const auto &c : test::reconstructionCases()) {
            if (!c.expected.contains("gradient"))
                continue;
            ++with;
            const auto objective = makeObjective({{"name", "ssim"}, {"structure", c.expected["structure"]}}, {});
            objective->setRange(c.expected["range"]);
            const auto a = c.a.clone().requires_grad_();
            const auto loss = objective->loss(a, c.b, {});
            QVERIFY2(std::abs(loss.item<double>() - c.expected["loss"].get<double>()) < 1e-10,
                     qPrintable(QString::number(loss.item<double>(), 'g', 15)));
            loss.backward();
            QVERIFY(most(a.grad() - c.numbers("gradient")) < 1e-10);
        }
        QVERIFY(with >= 2);
    }
    void anImageIsLikeItself()
    {
        torch::manual_seed(2);
        for (const auto &[h, w] : {std::pair{40, 30}, {11, 11}, {1, 1}, {3, 25}}) {
            const auto x = torch::rand({2, 3, h, w});
            QVERIFY(most(structuralSimilarity(x, x, 1) - 1) < 1e-5);
            const auto flat = torch::full({1, 1, h, w}, 0.4); // no contrast: the constants decide
            QVERIFY(most(structuralSimilarity(flat, flat, 1) - 1) < 1e-5);
        }
    }
    void structureAlone()
    {
        torch::manual_seed(2);
        const auto objective = makeObjective({{"name", "ssim"}, {"structure", 1}}, {});
        const auto x = torch::rand({1, 1, 20, 20}), y = torch::rand({1, 1, 20, 20});
        QVERIFY(std::abs(objective->loss(x, y, {}).item<double>() -
                         (1 - structuralSimilarity(x, y, 1).item<double>())) < 1e-6);
    }
    void isAReconstruction() { test::isAReconstruction("ssim"); }
};

RETICLE_TEST(SsimTest)
#include "SsimTest.moc"
