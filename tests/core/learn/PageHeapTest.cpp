#include "learn/PageHeap.h"

#include "support/Test.h"

#include <cstring>
#include <random>

using namespace reticle;

namespace {

constexpr std::size_t mib = 1 << 20;

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

class PageHeapTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsWhatIsUsedAndWhatWaits()
    {
        PageHeap heap;
        Blocks blocks(heap);
        QVERIFY(blocks.take(4 * mib) && blocks.take(4 * mib));
        QCOMPARE(heap.used(), 8 * mib);
        QCOMPARE(heap.resident(), 8 * mib);
        QVERIFY(blocks.give(0));
        QCOMPARE(heap.used(), 4 * mib);
        QCOMPARE(heap.resident(), 8 * mib); // its pages wait for the next block
        QVERIFY(blocks.take(4 * mib));
        QCOMPARE(heap.resident(), 8 * mib);
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
            QVERIFY(blocks.take(mib));
        for (std::size_t i = 0; i < 16; ++i)
            QVERIFY(blocks.give(i)); // every other one
        QVERIFY(blocks.take(16 * mib));
        QCOMPARE(heap.used(), 32 * mib);
        QVERIFY(heap.resident() <= 36 * mib);
        while (blocks.size() > 0)
            QVERIFY(blocks.give(0));
    }
    void neighboursAreJoined()
    {
        PageHeap heap;
        void *const a = heap.allocate(2 * mib), *const b = heap.allocate(2 * mib), *const c = heap.allocate(2 * mib);
        heap.release(a, 2 * mib);
        heap.release(c, 2 * mib);
        heap.release(b, 2 * mib);
        QCOMPARE(heap.allocate(6 * mib), a);
        heap.release(a, 6 * mib);
    }
    void blocksKeepWhatIsWritten()
    {
        PageHeap heap;
        Blocks blocks(heap);
        std::mt19937 random(3);
        std::size_t most = 0;
        for (int i = 0; i < 3000; ++i) {
            if (blocks.size() < 4 || (blocks.size() < 40 && random() % 2))
                QVERIFY(blocks.take(random() % (random() % 8 ? 200'000 : 4'000'000) + 1));
            else
                QVERIFY(blocks.give(random() % blocks.size()));
            most = std::max(most, blocks.bytes());
            QCOMPARE(heap.used(), blocks.bytes());
            QVERIFY(heap.resident() >= heap.used() && heap.resident() <= most + most / 8);
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
};

RETICLE_TEST(PageHeapTest)
#include "PageHeapTest.moc"
