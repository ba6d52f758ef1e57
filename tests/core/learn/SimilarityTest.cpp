#include "learn/Similarity_p.h"

#include "support/ReconstructionCases.h"

using namespace reticle;
using test::largest;

class SimilarityTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void isScikitImages()
    {
        const auto cases = test::reconstructionCases();
        QVERIFY(cases.size() >= 5);
        for (const auto &c : cases) {
            const auto expected = torch::tensor(c.expected["similarity"].get<std::vector<double>>(), torch::kDouble);
            const double range = c.expected["range"];
            const double far = largest(structuralSimilarity(c.a, c.b, range) - expected);
            QVERIFY2(far < 1e-9, qPrintable(QString("%1: %2").arg(c.a.numel()).arg(far)));
            const auto single = structuralSimilarity(c.a.to(torch::kFloat), c.b.to(torch::kFloat), range).to(torch::kDouble);
            QVERIFY2(largest(single - expected) < 2e-4, qPrintable(QString::number(largest(single - expected))));
        }
    }
    void anImageIsLikeItself()
    {
        torch::manual_seed(2);
        for (const auto &[h, w] : {std::pair{40, 30}, {11, 11}, {1, 1}, {3, 25}}) {
            const auto x = torch::rand({2, 3, h, w});
            QVERIFY(largest(structuralSimilarity(x, x, 1) - 1) < 1e-5);
            const auto flat = torch::full({1, 1, h, w}, 0.4); // no contrast: the constants decide
            QVERIFY(largest(structuralSimilarity(flat, flat, 1) - 1) < 1e-5);
        }
    }
};

RETICLE_TEST(SimilarityTest)
#include "SimilarityTest.moc"
