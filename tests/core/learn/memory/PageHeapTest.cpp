#include "learn/memory/PageHeap.h"

#include "support/ResidentSize.h"
#include "support/Test.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>
#include <sys/resource.h>

using namespace reticle;

namespace {

constexpr std::size_t pageHeapMib = 1 << 20;
constexpr std::size_t gib = 1 << 30;

thread_local bool s_noMemory = false;

/// While one lives, new refuses on this thread.
struct NoMemory
{
    NoMemory() { s_noMemory = true; }
    ~NoMemory() { s_noMemory = false; }
};

/// While one lives, the process gets no more than `bytes` addresses beside those that it has.
struct FewAddresses
{
    explicit FewAddresses(std::size_t bytes)
    {
        getrlimit(RLIMIT_AS, &before);
        auto few = before;
        few.rlim_cur = static_cast<rlim_t>(test::residentMib("VmSize") * pageHeapMib) + bytes;
        set = setrlimit(RLIMIT_AS, &few) == 0;
    }
    ~FewAddresses() { setrlimit(RLIMIT_AS, &before); }
    rlimit before{};
    bool set = false;
};

/// Blocks that are written in full and looked at before they go.
class Blocks
{
public:
    explicit Blocks(PageHeap &heap) : m_heap(heap) {}
    bool take(std::size_t bytes)
    {
        auto *const block = static_cast<unsigned char *>(m_heap.allocate(bytes));
        if (!block || reinterpret_cast<std::uintptr_t>(block) % PageHeap::pageSize() != 0)
            return false;
        ++m_mark;
        std::memset(block, m_mark, bytes);
        m_blocks.push_back({block, bytes, m_mark});
        return true;
    }
    bool give(std::size_t index)
    {
        const auto b = m_blocks[index];
        m_blocks.erase(m_blocks.begin() + static_cast<std::ptrdiff_t>(index));
        bool whole = true;
        for (std::size_t i = 0; i < b.bytes; i += 97)
            whole = whole && b.data[i] == b.mark;
        m_heap.release(b.data, b.bytes);
        return whole;
    }
    std::size_t size() const { return m_blocks.size(); }
    std::size_t bytes() const
    {
        std::size_t n = 0;
        for (const auto &b : m_blocks)
            n += (b.bytes + PageHeap::pageSize() - 1) / PageHeap::pageSize() * PageHeap::pageSize();
        return n;
    }

private:
    struct Block
    {
        unsigned char *data;
        std::size_t bytes;
        unsigned char mark;
    };
    PageHeap &m_heap;
    std::vector<Block> m_blocks;
    unsigned char m_mark = 0;
};

} // namespace

// Out of line, so that the compiler does not see malloc meet delete.
[[gnu::noinline]] void *operator new(std::size_t bytes)
{
    void *const block = s_noMemory ? nullptr : std::malloc(std::max<std::size_t>(1, bytes));
    if (!block)
        throw std::bad_alloc();
    return block;
}
[[gnu::noinline]] void operator delete(void *block) noexcept
{
    std::free(block);
}
[[gnu::noinline]] void operator delete(void *block, std::size_t) noexcept
{
    std::free(block);
}

class PageHeapTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsWhatIsUsedAndWhatWaits()
    {
        PageHeap heap;
        Blocks blocks(heap);
        QVERIFY(blocks.take(4 * pageHeapMib) && blocks.take(4 * pageHeapMib));
        QCOMPARE(heap.used(), 8 * pageHeapMib);
        QCOMPARE(heap.resident(), 8 * pageHeapMib);
        QVERIFY(blocks.give(0));
        QCOMPARE(heap.used(), 4 * pageHeapMib);
        QCOMPARE(heap.resident(), 8 * pageHeapMib); // its pages wait for the next block
        QVERIFY(blocks.take(4 * pageHeapMib));
        QCOMPARE(heap.resident(), 8 * pageHeapMib);
        QVERIFY(blocks.give(0) && blocks.give(0));
        heap.giveBack();
        QCOMPARE(heap.used(), std::size_t(0));
        QCOMPARE(heap.resident(), std::size_t(0));
    }
    /// 16 gaps of 1 MiB fit no block of 16 MiB, and their pages go: at most an eighth above the 32 MiB in use stays.
    void gapsThatFitNothingHoldNoMemory()
    {
        PageHeap heap;
        Blocks blocks(heap);
        for (int i = 0; i < 32; ++i)
            QVERIFY(blocks.take(pageHeapMib));
        for (std::size_t i = 0; i < 16; ++i)
            QVERIFY(blocks.give(i)); // every other one
        QVERIFY(blocks.take(16 * pageHeapMib));
        QCOMPARE(heap.used(), 32 * pageHeapMib);
        QVERIFY(heap.resident() <= 36 * pageHeapMib);
        while (blocks.size() > 0)
            QVERIFY(blocks.give(0));
    }
    void neighborsAreJoined()
    {
        PageHeap heap;
        void *const a = heap.allocate(2 * pageHeapMib), *const b = heap.allocate(2 * pageHeapMib),
                    *const c = heap.allocate(2 * pageHeapMib);
        heap.release(a, 2 * pageHeapMib);
        heap.release(c, 2 * pageHeapMib);
        heap.release(b, 2 * pageHeapMib);
        QCOMPARE(heap.allocate(6 * pageHeapMib), a);
        heap.release(a, 6 * pageHeapMib);
    }
    void blocksKeepWhatIsWritten()
    {
        PageHeap heap;
        Blocks blocks(heap);
        std::mt19937 random(3);
        std::size_t maximum = 0;
        for (int i = 0; i < 3000; ++i) {
            if (blocks.size() < 4 || (blocks.size() < 40 && random() % 2))
                QVERIFY(blocks.take(random() % (random() % 8 ? 200'000 : 4'000'000) + 1));
            else
                QVERIFY(blocks.give(random() % blocks.size()));
            maximum = std::max(maximum, blocks.bytes());
            QCOMPARE(heap.used(), blocks.bytes());
            QVERIFY(heap.resident() >= heap.used() && heap.resident() <= maximum + maximum / 8);
        }
        while (blocks.size() > 0)
            QVERIFY(blocks.give(0));
        QCOMPARE(heap.used(), std::size_t(0));
    }
    void moreThanARegionIsOneBlock()
    {
        PageHeap heap;
        void *const a = heap.allocate(std::size_t(3) << 30); // addresses alone
        QVERIFY(a);
        heap.release(a, std::size_t(3) << 30);
    }
    void tooMuchIsRefused()
    {
        PageHeap heap;
        QCOMPARE(heap.allocate(SIZE_MAX), static_cast<void *>(nullptr));
        QCOMPARE(heap.allocate(std::size_t(1) << 60), static_cast<void *>(nullptr));
        QCOMPARE(heap.allocate(0), static_cast<void *>(nullptr));
        QCOMPARE(heap.used(), std::size_t(0));
    }
    /// A block that the computer has not the memory for is refused when it is asked for, and not by the end of the process
    /// when it is written.
    void moreThanTheComputerHasIsRefused()
    {
        QVERIFY(test::memoryAndSwap() > 0);
        PageHeap heap;
        const auto much = test::memoryAndSwap() + gib;
        void *const block = heap.allocate(much); // never written
        QCOMPARE(!block, test::refusesMoreThanThereIs());
        if (block)
            heap.release(block, much);
        QCOMPARE(heap.used(), std::size_t(0));
        void *const little = heap.allocate(pageHeapMib);
        QVERIFY(little);
        heap.release(little, pageHeapMib);
    }
    void regionsWithoutABlockGiveTheirAddressesBack()
    {
        PageHeap heap;
        const double before = test::residentMib("VmSize");
        std::array<void *, 4> blocks{};
        for (auto &b : blocks) {
            b = heap.allocate(gib); // a region each; never written
            QVERIFY(b);
        }
        QVERIFY(test::residentMib("VmSize") >= before + 4096);
        for (std::size_t i = 1; i < blocks.size(); ++i)
            heap.release(blocks[i], gib);
        QVERIFY(test::residentMib("VmSize") >= before + 4096);
        heap.giveBack();
        QVERIFY(test::residentMib("VmSize") < before + 1024 + 64);
        QCOMPARE(heap.resident(), gib); // the one that is left counts as written
        heap.release(blocks[0], gib);
        void *const again = heap.allocate(2 * gib);
        QVERIFY(again);
        heap.release(again, 2 * gib);
        heap.giveBack();
        QCOMPARE(heap.resident(), std::size_t(0));
        QVERIFY(test::residentMib("VmSize") < before + 64);
    }
    /// What lies idle is given back before anything is refused.
    void idleAddressesServeALargerBlock()
    {
        PageHeap heap;
        const FewAddresses few(gib + gib / 2);
        QVERIFY(few.set);
        void *const first = heap.allocate(gib);
        QVERIFY(first);
        QCOMPARE(heap.allocate(gib + gib / 4), static_cast<void *>(nullptr));
        heap.release(first, gib);
        void *const larger = heap.allocate(gib + gib / 4);
        QVERIFY(larger);
        QCOMPARE(heap.used(), gib + gib / 4);
        heap.release(larger, gib + gib / 4);
    }
    /// Where a whole region is not to be had, a part of one serves many blocks.
    void fewAddressesAreEnough()
    {
        PageHeap heap;
        const FewAddresses few(400 * pageHeapMib);
        QVERIFY(few.set);
        Blocks blocks(heap);
        const double before = test::residentMib("VmSize");
        for (int i = 0; i < 100; ++i)
            QVERIFY(blocks.take(pageHeapMib));
        QVERIFY(test::residentMib("VmSize") >= before + 256); // one mapping, not a hundred
        while (blocks.size() > 0)
            QVERIFY(blocks.give(0));
    }
    /// Releasing happens in destructors, where nothing may throw; and without memory nothing is lost.
    void itsBooksNeedNoMemoryToRelease()
    {
        PageHeap heap;
        std::array<void *, 40> blocks{};
        for (auto &b : blocks) {
            b = heap.allocate(pageHeapMib);
            QVERIFY(b);
            std::memset(b, 7, pageHeapMib);
        }
        void *split = nullptr, *whole = nullptr;
        std::size_t used = 0, resident = 0;
        {
            const NoMemory none;
            for (std::size_t i = 0; i < blocks.size(); i += 2)
                heap.release(blocks[i], pageHeapMib);
            split = heap.allocate(pageHeapMib / 2); // would make a gap more
            whole = heap.allocate(pageHeapMib);
            heap.giveBack(); // cannot note what has no pages, so they stay
            used = heap.used();
            resident = heap.resident();
        }
        QCOMPARE(split, static_cast<void *>(nullptr));
        QVERIFY(whole);
        QCOMPARE(used, 21 * pageHeapMib);
        QVERIFY(resident >= used && resident <= 40 * pageHeapMib);
        heap.giveBack();
        QCOMPARE(heap.resident(), 21 * pageHeapMib);
        {
            const NoMemory none;
            heap.release(whole, pageHeapMib);
            for (std::size_t i = 1; i < blocks.size(); i += 2)
                heap.release(blocks[i], pageHeapMib);
            heap.giveBack();
            used = heap.used();
        }
        QCOMPARE(used, std::size_t(0));
        QCOMPARE(heap.resident(), std::size_t(0)); // the region is one gap and went as a whole
        Blocks again(heap);
        for (int i = 0; i < 10; ++i)
            QVERIFY(again.take(3 * pageHeapMib));
        while (again.size() > 0)
            QVERIFY(again.give(0));
    }
};

RETICLE_TEST(PageHeapTest)
#include "PageHeapTest.moc"
