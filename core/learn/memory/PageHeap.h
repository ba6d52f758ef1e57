#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace reticle {

/// A heap for large blocks whose holes hold no memory. Like any heap it leaves gaps that fit no later block; here the pages
/// of a gap go back to the system as soon as what is in use and what waits in gaps would be more than the most that was
/// ever in use and an eighth. So a process takes little more than it needs at its worst moment, and a training step, which
/// asks for the same blocks as the last one, still finds most of them with their pages in place.
/// From any thread; nothing throws. Linux; elsewhere every allocation is refused.
class PageHeap
{
public:
#ifdef __linux__
    static constexpr bool available = true;
#else
    static constexpr bool available = false;
#endif

    PageHeap() = default;
    ~PageHeap();
    PageHeap(const PageHeap &) = delete;
    PageHeap &operator=(const PageHeap &) = delete;

    static std::size_t pageSize();

    /// `bytes` on whole pages, at a multiple of the page size, of undefined content. Null where the system refuses, as
    /// Linux does by default for one block of more than memory and swap space together.
    void *allocate(std::size_t bytes) noexcept;
    /// A block of this heap, with the bytes asked for.
    void release(void *block, std::size_t bytes) noexcept;
    /// Gives back every page that no block holds and the addresses of regions without a block, and forgets what was in use
    /// at most.
    void giveBack() noexcept;

    std::size_t used() const;     ///< bytes of blocks
    std::size_t resident() const; ///< with gaps whose pages were not given back, at most

private:
    using Address = std::size_t;
    struct Gap
    {
        std::size_t size;
        Address begin;
        auto operator<=>(const Gap &) const = default;
    };

    using Gaps = std::map<Address, std::size_t>;
    using BySize = std::set<Gap>;
    using Ranges = std::map<Address, Address>;
    /// A gap in the books, or room for one.
    struct Entry
    {
        Gaps::node_type gap;
        BySize::node_type bySize;
    };

    static Entry newEntry();
    bool makeRoom(bool another) noexcept;
    bool addRegion(std::size_t bytes) noexcept;
    void unmapIdle() noexcept;
    void insertGap(Entry entry, Address begin, std::size_t size) noexcept;
    void addGap(Entry entry, Address begin, std::size_t size) noexcept;
    Entry takeGap(Address begin, std::size_t size) noexcept;
    std::size_t empty(Address begin, std::size_t size) const noexcept;
    void fill(Address begin, std::size_t size) noexcept;
    bool drop(const Gap &gap, std::size_t tail) noexcept;
    void keepWithin(std::size_t bytes) noexcept;
    std::size_t limit() const noexcept;

    mutable std::mutex m_mutex;
    std::vector<std::pair<Address, std::size_t>> m_regions; ///< begin, size
    Gaps m_gaps;                                            ///< begin -> size; neighbors in a region are joined
    BySize m_bySize;
    std::vector<Entry> m_spare; ///< one for each block, so that its release needs no memory
    Ranges m_empty;             ///< begin -> end of ranges without pages, each in one gap
    std::size_t m_used = 0, m_waiting = 0, m_most = 0;
};

} // namespace reticle
