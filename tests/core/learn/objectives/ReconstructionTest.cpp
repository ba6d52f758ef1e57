#include "learn/objectives/Reconstruction_p.h"

#include "base/Json.h"
#include "support/Test.h"

#include <fstream>

using namespace reticle;

namespace {

torch::Tensor numbers(const Json &list, const Json &shape)
{
    return torch::tensor(list.get<std::vector<double>>(), torch::kDouble).view(shape.get<std::vector<std::int64_t>>());
}

double most(const torch::Tensor &t)
{
    return t.abs().max().item<double>();
}

} // namespace

/// Objectives whose target is the image itself, held to scikit-image and PyTorch.
class ReconstructionTest : public QObject
{
    Q_OBJECT
    Json m_cases;

    static torch::Tensor loss(const Json &section, const torch::Tensor &a, const torch::Tensor &b, double range = 1)
    {
        const auto objective = makeObjective(section, {});
        objective->setRange(range);
        return objective->loss(a, b, {});
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(test::source("tests/reference/reconstruction.json"));
        m_cases = Json::parse(file)["cases"];
        QVERIFY(m_cases.size() >= 5);
    }
    void similarityIsScikitImages()
    {
        for (const auto &c : m_cases) {
            const auto a = numbers(c["a"], c["shape"]), b = numbers(c["b"], c["shape"]);
            const auto expected = torch::tensor(c["similarity"].get<std::vector<double>>(), torch::kDouble);
            const double range = c["range"];
            const double far = most(structuralSimilarity(a, b, range) - expected);
            QVERIFY2(far < 1e-9, qPrintable(QString("%1: %2").arg(QString::fromStdString(c["shape"].dump())).arg(far)));
            const auto single =
                structuralSimilarity(a.to(torch::kFloat), b.to(torch::kFloat), range).to(torch::kDouble);
            QVERIFY2(most(single - expected) < 2e-4, qPrintable(QString::number(most(single - expected))));
        }
    }
    void lossesAndGradients()
    {
        for (const auto &c : m_cases) {
            const auto a = numbers(c["a"], c["shape"]).requires_grad_(), b = numbers(c["b"], c["shape"]);
            QVERIFY(std::abs(loss({{"name", "mse"}}, a, b).item<double>() / c["mse"].get<double>() - 1) < 1e-12);
            QVERIFY(std::abs(loss({{"name", "l1"}}, a, b).item<double>() / c["l1"].get<double>() - 1) < 1e-12);
            if (!c.contains("gradient"))
                continue;
            const auto l = loss({{"name", "ssim"}, {"structure", c["structure"]}}, a, b, c["range"]);
            QVERIFY2(std::abs(l.item<double>() - c["loss"].get<double>()) < 1e-10,
                     qPrintable(QString::number(l.item<double>(), 'g', 15)));
            l.backward();
            QVERIFY(most(a.grad() - numbers(c["gradient"], c["shape"])) < 1e-10);
        }
    }
    void anImageIsLikeItself()
    {
        torch::manual_seed(2);
        for (const auto &[h, w] : {std::pair{40, 30}, {11, 11}, {1, 1}, {3, 25}}) {
            const auto x = torch::rand({2, 3, h, w});
            QVERIFY(most(structuralSimilarity(x, x, 1) - 1) < 1e-5);
            QVERIFY(loss({{"name", "ssim"}}, x, x).item<double>() < 1e-5);
            QCOMPARE(loss({{"name", "mse"}}, x, x).item<double>(), 0.0);
            const auto flat = torch::full({1, 1, h, w}, 0.4); // no contrast: the constants decide
            QVERIFY(most(structuralSimilarity(flat, flat, 1) - 1) < 1e-5);
        }
        const auto shares = makeObjective({{"name", "ssim"}, {"structure", 1}}, {});
        const auto x = torch::rand({1, 1, 20, 20}), y = torch::rand({1, 1, 20, 20});
        QVERIFY(std::abs(shares->loss(x, y, {}).item<double>() - (1 - structuralSimilarity(x, y, 1).item<double>())) <
                1e-6);
    }
    void outputsAreChannels()
    {
        for (const char *name : {"mse", "l1", "ssim"}) {
            const auto o = makeObjective({{"name", name}}, {});
            QVERIFY(o->reconstructs() && !o->wantsBorderMap());
            QCOMPARE(o->outputs(3), std::int64_t(3));
            EXPECT_ERROR(o->loss(torch::zeros({1, 1, 16, 16}), torch::zeros({1, 3, 16, 16}), {}), "as many outputs");
        }
        QVERIFY(!makeObjective({{"name", "bce"}}, {})->reconstructs());
    }
};

RETICLE_TEST(ReconstructionTest)
#include "ReconstructionTest.moc"
