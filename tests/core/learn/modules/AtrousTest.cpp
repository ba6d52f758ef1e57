#include "support/Test.h"
#include "support/Widths.h"

using namespace reticle;
using test::built;

class AtrousTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void matchesReference()
    {
        QCOMPARE(built({{"name", "atrous"}, {"weights", 4000}}), std::string("4016: 5 5 5 4 5 4"));
        QCOMPARE(built({{"name", "atrous"}, {"weights", 20000}}), std::string("19833: 10 10 11 10 10 10"));
        QCOMPARE(built({{"name", "atrous"}, {"weights", 100000}}), std::string("100465: 23 23 23 23 23 23"));
    }

    void countsEveryBranch()
    {
        // Stem 1 -> 2 -> 3, two branches of 4, three of 5, three of 6, last of 7, output of 2.
        const auto conv = [](std::int64_t in, std::int64_t out) { return 9 * in * out + out; };
        const auto module = makeModule(Json{{"name", "atrous"}, {"widths", {2, 3, 4, 5, 6, 7}}}, {1, 2});
        QCOMPARE(countWeights(*module),
                 conv(1, 2) + conv(2, 3) + 2 * conv(3, 4) + 3 * conv(8, 5) + 3 * conv(15, 6) + conv(18, 7) + 7 * 2 + 2);
        QCOMPARE(module->multiple(), std::int64_t(2));
    }

    void seesAsFarAsItsDilations()
    {
        // 1 px of the first convolution, 2 (1 + 2 + 4 + 6) of those at half resolution, 1 to 3 of its changes, 1 of the last.
        torch::manual_seed(1);
        const auto module = makeModule(Json{{"name", "atrous"}, {"weights", 4000}}, {});
        auto x = torch::rand({1, 1, 96, 96}).requires_grad_();
        module->forward(x).select(2, 48).select(2, 48).sum().backward();
        const auto seen = x.grad()[0][0].abs().sum(0).nonzero().flatten();
        const auto near = 48 - seen[0].item<std::int64_t>(), far = seen[-1].item<std::int64_t>() - 48;
        QVERIFY2(near >= 28 && near <= 33 && far >= 28 && far <= 33, qPrintable(QString("%1 %2").arg(near).arg(far)));
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeModule(Json{{"name", "atrous"}, {"widths", {1, 2, 3, 4, 5, 6, 7}}}, {}), "6 widths");
        EXPECT_ERROR(makeModule(Json{{"name", "atrous"}, {"block-slope", 2}}, {}), "block-slope");
    }
};

RETICLE_TEST(AtrousTest)
#include "AtrousTest.moc"
