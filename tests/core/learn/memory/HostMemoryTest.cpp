#include "learn/Machine_p.h"

#include "support/ResidentSize.h"
#include "support/Test.h"

#include <torch/torch.h>

#include <malloc.h>

using namespace reticle;

/// LibTorch's memory on the host: core/learn/memory/HostMemory.cpp.
class HostMemoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void blocksAreAligned()
    {
        for (const std::int64_t n : {1, 2, 15, 16, 17, 100, 4096, 1 << 20}) {
            std::vector<torch::Tensor> many;
            for (int i = 0; i < 20; ++i) {
                many.push_back(torch::full({n}, i, torch::kUInt8));
                QCOMPARE(reinterpret_cast<std::uintptr_t>(many.back().data_ptr()) % 64, std::uintptr_t(0));
            }
            for (int i = 0; i < 20; ++i)
                QVERIFY((many[static_cast<std::size_t>(i)] == i).all().item<bool>());
        }
        QCOMPARE(torch::empty({0}).data_ptr(), static_cast<void *>(nullptr));
    }
    /// What one step freed serves the next, whose activations have the same size and stand between others that stay.
    void freedBlocksServeAgain()
    {
        prepareThread(1);
        const auto step = [](std::vector<torch::Tensor> &kept) {
            std::vector<torch::Tensor> freed;
            for (int i = 0; i < 24; ++i) {
                freed.push_back(torch::empty({5 << 18}));
                kept.push_back(torch::empty({50000}));
            }
        };
        std::vector<torch::Tensor> first, later;
        step(first);
        const auto before = mallinfo2();
        for (int i = 0; i < 3; ++i)
            step(later);
        const auto after = mallinfo2();
        const double grown = static_cast<double>(after.arena + after.hblkhd) - static_cast<double>(before.arena + before.hblkhd);
        // What is kept is 14 MB; the blocks freed are 120 MB each time.
        QVERIFY2(grown < 100e6, qPrintable(QString::number(grown)));
    }
    void tooMuchIsAnError()
    {
        bool refused = false;
        try {
            torch::empty({std::int64_t(1) << 60}, torch::kUInt8);
        } catch (const std::exception &e) {
            refused = isOutOfMemory(e);
        }
        QVERIFY(refused);
    }
    /// Also where the addresses could be had.
    void moreThanTheComputerHasIsAnError()
    {
        const auto all = static_cast<std::int64_t>(test::memoryAndSwap());
        QVERIFY(all > 0);
        bool refused = false;
        try {
            torch::empty({all + (std::int64_t(1) << 30)}, torch::kUInt8);
        } catch (const std::exception &e) {
            refused = isOutOfMemory(e);
        }
        QCOMPARE(refused, test::refusesMoreThanThereIs());
    }
};

RETICLE_TEST(HostMemoryTest)
#include "HostMemoryTest.moc"
