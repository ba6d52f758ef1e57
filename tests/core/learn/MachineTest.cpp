#include "learn/Machine_p.h"

#include "foundation/Error.h"
#include "learn/TorchCompat_p.h"
#include "support/Test.h"

#include <ATen/Parallel.h>

#include <atomic>
#include <dlfcn.h>

using namespace reticle;

class MachineTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { prepareThread(0); }

    void choosesTheDevice()
    {
        const bool cuda = torch::cuda::is_available();
        QCOMPARE(chooseDevice("auto").is_cuda(), cuda);
        QCOMPARE(chooseDevice("").is_cuda(), cuda);
        QVERIFY(chooseDevice("cpu").is_cpu());
        if (cuda)
            EXPECT_ERROR(chooseDevice("cuda:99"), "a GPU numbered below");
        else
            EXPECT_ERROR(chooseDevice("cuda"), "without a CUDA GPU");
        EXPECT_ERROR(chooseDevice("abacus"), "auto, cpu, cuda or cuda:N");
    }

    void choosesThePrecision()
    {
        const torch::Device cpu(torch::kCPU);
        QVERIFY(!chooseBfloat16("float32", cpu, "train.precision"));
        QCOMPARE(chooseBfloat16("auto", cpu, "train.precision"), hasFastBfloat16(cpu));
        QVERIFY(hasBfloat16(cpu) || !hasFastBfloat16(cpu));
        if (hasBfloat16(cpu))
            QVERIFY(chooseBfloat16("bfloat16", cpu, "train.precision"));
        else
            EXPECT_ERROR(chooseBfloat16("bfloat16", cpu, "train.precision"), "train.precision");
        QVERIFY(!preferBfloat16("float32", cpu));
        QCOMPARE(preferBfloat16("auto", cpu), hasFastBfloat16(cpu));
        QCOMPARE(preferBfloat16("bfloat16", cpu), hasBfloat16(cpu));
    }

    void usesTheCoresItIsGiven()
    {
        for (const int threads : {1, 2, 3}) {
            prepareThread(threads);
            QCOMPARE(at::get_num_threads(), threads);
        }
    }

    void takesTinyNumbersForZero()
    {
        prepareThread(2);
        std::atomic<int> kept = 0;
        at::parallel_for(0, 2, 1, [&](std::int64_t, std::int64_t) {
            volatile float tiny = 1e-38f, half = 0.01f;
            const float product = tiny * half;
            kept += product != 0;
        });
        QCOMPARE(kept.load(), 0);
    }

    void openBlasLeavesTheCoresToLibTorch()
    {
        const auto kind = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_parallel"));
        const auto threads = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
        prepareThread(2);
        // 1: threads of its own. A LibTorch with another BLAS has nothing to be told.
        if (kind && threads && kind() == 1)
            QCOMPARE(threads(), 1);
    }

    void tellsWhenMemoryRanOut()
    {
        QVERIFY(isOutOfMemory(std::bad_alloc()));
        QVERIFY(isOutOfMemory(std::runtime_error("CUDA out of memory. Tried to allocate 2.00 GiB")));
        QVERIFY(!isOutOfMemory(std::runtime_error("shape")));
        bool thrown = false;
        try {
            torch::empty({std::int64_t(1) << 60}, torch::kFloat);
        } catch (const std::exception &e) { // what this LibTorch really says
            thrown = true;
            QVERIFY2(isOutOfMemory(e), e.what());
        }
        QVERIFY(thrown);
    }
};

RETICLE_TEST(MachineTest)
#include "MachineTest.moc"
