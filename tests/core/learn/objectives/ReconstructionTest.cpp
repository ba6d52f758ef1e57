#include "learn/objectives/Reconstruction_p.h"

#include "support/Test.h"

using namespace reticle;

class ReconstructionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hasAsManyOutputsAsTheImageChannels()
    {
        for (const char *name : {"mse", "l1", "ssim"}) {
            const auto objective = makeMapObjective({{"name", name}}, {});
            QVERIFY(objective->reconstructs());
            QCOMPARE(objective->outputs(1), std::int64_t(1));
            QCOMPARE(objective->outputs(4), std::int64_t(4));
        }
        QVERIFY(!makeMapObjective({{"name", "bce"}}, {})->reconstructs());
    }
    void anotherShapeIsRefused()
    {
        for (const char *name : {"mse", "l1", "ssim"})
            EXPECT_ERROR(
                makeMapObjective({{"name", name}}, {})->loss(torch::zeros({1, 2, 16, 16}), torch::zeros({1, 3, 16, 16}), {}),
                "expected as many outputs as the image has channels (3), found 2");
    }
};

RETICLE_TEST(ReconstructionTest)
#include "ReconstructionTest.moc"
