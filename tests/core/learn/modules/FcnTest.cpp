#include "support/Test.h"
#include "support/Widths.h"

using namespace reticle;
using test::built;

class FcnTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void matchesReference()
    {
        QCOMPARE(built({{"name", "fcn"}, {"weights", 4000}}), std::string("3996: 2 7 14 14 7 3 3"));
        QCOMPARE(built({{"name", "fcn"}, {"weights", 20000}}), std::string("19952: 8 15 31 31 15 8 8"));
        QCOMPARE(built({{"name", "fcn"}, {"weights", 100000}}), std::string("100060: 17 35 69 69 35 17 17"));
    }

    void countsEveryConvolution()
    {
        const std::vector<std::int64_t> widths = {1, 2, 3, 4, 5, 6, 7};
        std::int64_t in = 3, count = 0;
        for (const auto out : widths) {
            count += 9 * in * out + out;
            in = out;
        }
        const auto module = makeModule(Json{{"name", "fcn"}, {"widths", widths}}, {3, 2});
        QCOMPARE(countWeights(*module), count + 7 * 2 + 2);
        QVERIFY(module->skips().empty());
        QCOMPARE(module->multiple(), std::int64_t(8));
    }

    void keepsNothingFinerThanItsBottleneck()
    {
        // With layers that are linear, a chess board stays one and the first mean of 2 x 2 px ends it (but for the edges).
        torch::manual_seed(1);
        const auto module = makeModule(Json{{"name", "fcn"}, {"weights", 4000}, {"slope", 1}}, {});
        module->eval();
        const auto at = [](std::int64_t n) { return torch::arange(n, torch::kLong); };
        const auto board = ((at(96).view({96, 1}) + at(96)) % 2).to(torch::kFloat).view({1, 1, 96, 96}) - 0.5;
        const auto flat = module->forward(torch::zeros({1, 1, 96, 96}));
        const auto inner = (module->forward(board) - flat).narrow(2, 40, 16).narrow(3, 40, 16);
        QVERIFY(inner.abs().max().item<float>() < 1e-5f);
    }

    void refusesWhatDoesNotFit()
    {
        EXPECT_ERROR(makeModule(Json{{"name", "fcn"}, {"widths", {1, 2, 3}}}, {}), "7 widths");
        EXPECT_ERROR(makeModule(Json{{"name", "fcn"}, {"weights", 60}}, {}), "nearest");
        EXPECT_ERROR(makeModule(Json{{"name", "fcn"}, {"skips", "add"}}, {}), "skips");
    }
};

RETICLE_TEST(FcnTest)
#include "FcnTest.moc"
