#include "learn/memory/PageHeap.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace reticle {

namespace {

/// Addresses asked of the system at a time; they hold no memory until they are used.
constexpr std::size_t regionSize = std::size_t(1) << 30;
/// Gaps looked at for one that has its pages.
constexpr int candidates = 8;

std::size_t wholePages(std::size_t bytes)
{
    return (bytes + PageHeap::pageSize() - 1) / PageHeap::pageSize() * PageHeap::pageSize();
}

} // namespace

std::size_t PageHeap::pageSize()
{
#ifdef __linux__
    static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return size;
#else
    return 4096;
#endif
}

PageHeap::~PageHeap()
{
#ifdef __linux__
    for (const auto &[begin, size] : m_regions)
        munmap(reinterpret_cast<void *>(begin), size);
#endif
}

void *PageHeap::allocate(std::size_t bytes) noexcept
{
    const auto size = wholePages(bytes);
    if (size < bytes || size == 0)
        return nullptr;
    std::lock_guard lock(m_mutex);
    auto it = m_bySize.lower_bound({size, 0});
    if (it == m_bySize.end()) {
        if (!addRegion(size)) {
            unmapIdle(); // their addresses may be what is missing
            if (!addRegion(size))
                return nullptr;
        }
        it = m_bySize.lower_bound({size, 0});
    }
    // The tightest gap, but rather a wider one whose pages are there.
    auto best = it;
    auto missing = empty(it->begin, size);
    for (int i = 1; i < candidates && missing > 0 && ++it != m_bySize.end(); ++i)
        if (const auto n = empty(it->begin, size); n < missing) {
            missing = n;
            best = it;
        }
    const auto gap = *best;
    if (!makeRoom(gap.size > size))
        return nullptr;
    auto entry = takeGap(gap.begin, gap.size);
    m_used += size;
    m_most = std::max(m_most, m_used);
    m_waiting -= size - missing;
    fill(gap.begin, size);
    if (gap.size > size)
        insertGap(std::move(entry), gap.begin + size, gap.size - size);
    else
        m_spare.push_back(std::move(entry));
    keepWithin(limit());
    return reinterpret_cast<void *>(gap.begin);
}

void PageHeap::release(void *block, std::size_t bytes) noexcept
{
    const auto size = wholePages(bytes);
    std::lock_guard lock(m_mutex);
    m_used -= size;
    m_waiting += size;
    auto entry = std::move(m_spare.back());
    m_spare.pop_back();
    addGap(std::move(entry), reinterpret_cast<Address>(block), size);
    keepWithin(limit());
}

std::size_t PageHeap::limit() const noexcept
{
    return m_most + m_most / 8;
}

void PageHeap::giveBack() noexcept
{
    std::lock_guard lock(m_mutex);
    m_most = m_used;
    unmapIdle();
    keepWithin(m_used);
}

std::size_t PageHeap::used() const
{
    std::lock_guard lock(m_mutex);
    return m_used;
}

std::size_t PageHeap::resident() const
{
    std::lock_guard lock(m_mutex);
    return m_used + m_waiting;
}

PageHeap::Entry PageHeap::newEntry()
{
    Gaps gaps;
    BySize bySize;
    return {gaps.extract(gaps.emplace().first), bySize.extract(bySize.emplace().first)};
}

/// Room for the spare entry of one more block, and such an entry if it takes `another`.
bool PageHeap::makeRoom(bool another) noexcept
{
    try {
        if (m_spare.size() == m_spare.capacity())
            m_spare.reserve(2 * m_spare.size() + 16);
        if (another)
            m_spare.push_back(newEntry());
        return true;
    } catch (const std::bad_alloc &) {
        return false;
    }
}

bool PageHeap::addRegion(std::size_t bytes) noexcept
{
#ifdef __linux__
    try {
        auto entry = newEntry();
        Ranges ranges;
        auto range = ranges.extract(ranges.emplace().first);
        m_regions.reserve(m_regions.size() + 1);
        // Without MAP_NORESERVE: with it the system never says that it has not so much memory, and ends the process later.
        const auto map = [](std::size_t n) {
            return mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        };
        auto size = std::max(bytes, regionSize);
        void *at = map(size);
        while (at == MAP_FAILED && size > bytes) { // a limit on addresses, or a small computer
            size = std::max(bytes, wholePages(size / 2));
            at = map(size);
        }
        if (at == MAP_FAILED)
            return false;
        const auto begin = reinterpret_cast<Address>(at);
        m_regions.emplace_back(begin, size);
        range.key() = begin;
        range.mapped() = begin + size;
        m_empty.insert(std::move(range));
        insertGap(std::move(entry), begin, size);
        return true;
    } catch (const std::bad_alloc &) {
        return false;
    }
#else
    (void)bytes;
    return false;
#endif
}

/// Gives back the regions that are one gap, addresses and all.
void PageHeap::unmapIdle() noexcept
{
#ifdef __linux__
    std::erase_if(m_regions, [this](const auto &region) {
        const auto [begin, size] = region;
        const auto gap = m_gaps.find(begin);
        if (gap == m_gaps.end() || gap->second != size || munmap(reinterpret_cast<void *>(begin), size) != 0)
            return false;
        m_waiting -= size - empty(begin, size);
        fill(begin, size);
        takeGap(begin, size);
        return true;
    });
#endif
}

void PageHeap::insertGap(Entry entry, Address begin, std::size_t size) noexcept
{
    entry.gap.key() = begin;
    entry.gap.mapped() = size;
    entry.bySize.value() = {size, begin};
    m_gaps.insert(std::move(entry.gap));
    m_bySize.insert(std::move(entry.bySize));
}

/// Joined with the gaps beside it; those of a region that happens to lie beside this one are left alone.
void PageHeap::addGap(Entry entry, Address begin, std::size_t size) noexcept
{
    const auto starts = [this](Address at) {
        return std::any_of(m_regions.begin(), m_regions.end(), [at](const auto &r) { return r.first == at; });
    };
    const auto next = m_gaps.lower_bound(begin);
    if (next != m_gaps.end() && next->first == begin + size && !starts(next->first)) {
        const auto more = next->second;
        takeGap(next->first, more);
        size += more;
    }
    const auto after = m_gaps.lower_bound(begin);
    if (after != m_gaps.begin() && !starts(begin)) {
        const auto [before, more] = *std::prev(after);
        if (before + more == begin) {
            takeGap(before, more);
            begin = before;
            size += more;
        }
    }
    insertGap(std::move(entry), begin, size);
}

PageHeap::Entry PageHeap::takeGap(Address begin, std::size_t size) noexcept
{
    return {m_gaps.extract(begin), m_bySize.extract({size, begin})};
}

/// Bytes of a range that have no pages.
std::size_t PageHeap::empty(Address begin, std::size_t size) const noexcept
{
    const auto end = begin + size;
    std::size_t n = 0;
    auto it = m_empty.upper_bound(begin);
    if (it != m_empty.begin())
        --it;
    for (; it != m_empty.end() && it->first < end; ++it)
        if (it->second > begin)
            n += std::min(it->second, end) - std::max(it->first, begin);
    return n;
}

/// The first `size` bytes of a gap are about to be written. No range without pages reaches into a gap from before it.
void PageHeap::fill(Address begin, std::size_t size) noexcept
{
    const auto end = begin + size;
    auto it = m_empty.lower_bound(begin);
    while (it != m_empty.end() && it->first < end) {
        if (it->second > end) {
            auto rest = m_empty.extract(it);
            rest.key() = end;
            m_empty.insert(std::move(rest));
            return;
        }
        it = m_empty.erase(it);
    }
}

/// Gives back the pages of the last `tail` bytes of a gap. False where there is no memory to note it, and nothing is done.
bool PageHeap::drop(const Gap &gap, std::size_t tail) noexcept
{
    auto end = gap.begin + gap.size;
    auto begin = end - tail;
    auto it = m_empty.upper_bound(begin);
    if (it != m_empty.begin())
        if (const auto before = std::prev(it); before->second >= begin && before->first >= gap.begin)
            it = before;
    Ranges::node_type range;
    if (it == m_empty.end() || it->first >= end) {
        try {
            Ranges ranges;
            range = ranges.extract(ranges.emplace().first);
        } catch (const std::bad_alloc &) {
            return false;
        }
    }
    while (it != m_empty.end() && it->first < end) {
        begin = std::min(begin, it->first);
        end = std::max(end, it->second);
        range = m_empty.extract(it++);
    }
    range.key() = begin;
    range.mapped() = end;
    m_empty.insert(std::move(range));
#ifdef __linux__
    madvise(reinterpret_cast<void *>(gap.begin + gap.size - tail), tail, MADV_DONTNEED);
#endif
    return true;
}

/// Drops pages at the ends of gaps, of the largest first, until at most `bytes` are resident. (The smallest first would
/// take those that fit a later block.)
void PageHeap::keepWithin(std::size_t bytes) noexcept
{
    for (auto it = m_bySize.rbegin(); it != m_bySize.rend() && m_used + m_waiting > bytes; ++it) {
        const auto end = it->begin + it->size;
        const auto present = it->size - empty(it->begin, it->size);
        if (present == 0)
            continue;
        const auto excess = wholePages(m_used + m_waiting - bytes);
        auto tail = it->size;
        if (excess < present) // the shortest end with so many pages
            for (tail = excess; tail - empty(end - tail, tail) < excess;)
                tail += excess - (tail - empty(end - tail, tail));
        const auto gone = tail - empty(end - tail, tail);
        if (!drop(*it, tail))
            return;
        m_waiting -= gone;
    }
}

} // namespace reticle
