#include "analysis/PatchClassifier_p.h"

#include "learn/Module_p.h"
#include "learn/memory/LayerTrace_p.h"
#include "support/Test.h"

using namespace reticle;

class PatchClassifierTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// Sides 32, 16, 8, 4 with 16, 32 and 64 maps; 64 x 4 x 4 to 100 to 2.
    void weightsAreThoseCountedByHand()
    {
        PatchClassifier net(1, 2, 32);
        QCOMPARE(countWeights(net), std::int64_t(160 + 4640 + 18496 + 102500 + 202));
        torch::NoGradGuard guard;
        LayerTrace trace;
        const auto y = net.forward(torch::zeros({3, 1, 32, 32}));
        QVERIFY((y.sizes() == torch::IntArrayRef{3, 2, 1, 1}));
        std::int64_t macs = 0;
        for (const auto &layer : trace.layers)
            macs += layer.macs;
        const std::int64_t one = 9 * 16 * 32 * 32 + 9 * 16 * 32 * 16 * 16 + 9 * 32 * 64 * 8 * 8 + 1024 * 100 + 100 * 2;
        QCOMPARE(macs, 3 * one);
    }
    void smallAndOddPatches()
    {
        torch::NoGradGuard guard;
        for (const std::int64_t side : {1, 2, 3, 5, 9, 17}) {
            PatchClassifier net(3, 5, side);
            QVERIFY((net.forward(torch::rand({2, 3, side, side})).sizes() == torch::IntArrayRef{2, 5, 1, 1}));
        }
    }
};

RETICLE_TEST(PatchClassifierTest)
#include "PatchClassifierTest.moc"
