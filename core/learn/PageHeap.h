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
/// From any thread. Linux; elsewhere every allocation is refused.
class PageHeap
{
public:
    PageHeap() = default;
    ~PageHeap();
    PageHeap(const PageHeap &) = delete;
    PageHeap &operator=(const PageHeap &) = delete;

    static std::size_t pageSize();

    /// `bytes` on whole pages, at a multiple of the page size, of undefined content. Null where the system refuses.
    void *allocate(std::size_t bytes);
    /// A block of this heap, with the bytes asked for.
    void release(void *block, std::size_t bytes);
    /// Gives back every page that no block holds, and forgets what was in use at most.
    void giveBack();

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

    bool addRegion(std::size_t bytes);
    void addGap(Address begin, std::size_t size);
    void removeGap(Address begin, std::size_t size);
    std::size_t empty(Address begin, std::size_t size) const;
    void fill(Address begin, std::size_t size);
    void drop(Address begin, std::size_t size);
    void keepWithin(std::size_t bytes);
    std::size_t limit() const;

    mutable std::mutex m_mutex;
    std::vector<std::pair<Address, std::size_t>> m_regions; ///< begin, size
    std::map<Address, std::size_t> m_gaps;                  ///< begin -> size; neighbours in a region are joined
    std::set<Gap> m_bySize;
    std::map<Address, Address> m_empty; ///< begin -> end of ranges without pages; neighbours are joined
    std::size_t m_used = 0, m_waiting = 0, m_most = 0;
};

} // namespace reticle
