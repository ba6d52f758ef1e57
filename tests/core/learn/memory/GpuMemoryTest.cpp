#include "learn/memory/GpuMemory.h"

#include "support/Test.h"

#include <torch/cuda.h>

using namespace reticle;

class GpuMemoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aGpuHasSome()
    {
        QVERIFY(!freeGpuMemory(-1) && !freeGpuMemory(1000));
        QCOMPARE(freeGpuMemory(0).has_value(), torch::cuda::is_available());
        QVERIFY(freeGpuMemory(0).value_or(1) > 0);
    }
};

RETICLE_TEST(GpuMemoryTest)
#include "GpuMemoryTest.moc"
