#include "learn/PageHeap.h"

#include <algorithm>
#include <iterator>

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

void *PageHeap::allocate(std::size_t bytes)
{
    const auto size = wholePages(bytes);
    if (size < bytes || size == 0)
        return nullptr;
    std::lock_guard lock(m_mutex);
    auto it = m_bySize.lower_bound({size, 0});
    if (it == m_bySize.end()) {
        if (!addRegion(size))
            return nullptr;
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
    removeGap(gap.begin, gap.size);
    m_used += size;
    m_most = std::max(m_most, m_used);
    m_waiting -= size - missing;
    fill(gap.begin, size);
    if (gap.size > size)
        addGap(gap.begin + size, gap.size - size);
    keepWithin(limit());
    return reinterpret_cast<void *>(gap.begin);
}

void PageHeap::release(void *block, std::size_t bytes)
{
    const auto size = wholePages(bytes);
    std::lock_guard lock(m_mutex);
    m_used -= size;
    m_waiting += size;
    addGap(reinterpret_cast<Address>(block), size);
    keepWithin(limit());
}

std::size_t PageHeap::limit() const
{
    return m_most + m_most / 8;
}

void PageHeap::giveBack()
{
    std::lock_guard lock(m_mutex);
    m_most = m_used;
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

bool PageHeap::addRegion(std::size_t bytes)
{
#ifdef __linux__
    const auto size = std::max(bytes, regionSize);
    void *at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    auto got = size;
    if (at == MAP_FAILED && bytes < size) { // a limit on addresses
        got = bytes;
        at = mmap(nullptr, got, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }
    if (at == MAP_FAILED)
        return false;
    const auto begin = reinterpret_cast<Address>(at);
    m_regions.emplace_back(begin, got);
    m_empty.emplace(begin, begin + got); // not joined with a region that happens to lie beside it: gaps are not either
    m_gaps.emplace(begin, got);
    m_bySize.insert({got, begin});
    return true;
#else
    (void)bytes;
    return false;
#endif
}

void PageHeap::addGap(Address begin, std::size_t size)
{
    const auto starts = [this](Address at) {
        return std::any_of(m_regions.begin(), m_regions.end(), [at](const auto &r) { return r.first == at; });
    };
    const auto next = m_gaps.lower_bound(begin);
    if (next != m_gaps.end() && next->first == begin + size && !starts(next->first)) {
        const auto more = next->second;
        m_bySize.erase({more, next->first});
        m_gaps.erase(next);
        size += more;
    }
    const auto after = m_gaps.lower_bound(begin);
    if (after != m_gaps.begin() && !starts(begin)) {
        const auto before = std::prev(after);
        if (before->first + before->second == begin) {
            begin = before->first;
            size += before->second;
            m_bySize.erase({before->second, before->first});
            m_gaps.erase(before);
        }
    }
    m_gaps.emplace(begin, size);
    m_bySize.insert({size, begin});
}

void PageHeap::removeGap(Address begin, std::size_t size)
{
    m_gaps.erase(begin);
    m_bySize.erase({size, begin});
}

/// Bytes of a range that have no pages.
std::size_t PageHeap::empty(Address begin, std::size_t size) const
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

/// The range is about to be written.
void PageHeap::fill(Address begin, std::size_t size)
{
    const auto end = begin + size;
    auto it = m_empty.upper_bound(begin);
    if (it != m_empty.begin())
        --it;
    while (it != m_empty.end() && it->first < end) {
        const auto [from, to] = *it;
        if (to <= begin) {
            ++it;
            continue;
        }
        it = m_empty.erase(it);
        if (from < begin)
            m_empty.emplace(from, begin);
        if (to > end)
            it = m_empty.emplace(end, to).first;
    }
}

/// Gives back the pages of a gap.
void PageHeap::drop(Address begin, std::size_t size)
{
    auto end = begin + size;
#ifdef __linux__
    madvise(reinterpret_cast<void *>(begin), size, MADV_DONTNEED);
#endif
    auto it = m_empty.upper_bound(begin);
    if (it != m_empty.begin() && std::prev(it)->second >= begin)
        --it;
    while (it != m_empty.end() && it->first <= end) {
        begin = std::min(begin, it->first);
        end = std::max(end, it->second);
        it = m_empty.erase(it);
    }
    m_empty.emplace(begin, end);
}

/// Drops pages at the ends of gaps, of the largest first, until at most `bytes` are resident. (The smallest first would
/// take those that fit a later block.)
void PageHeap::keepWithin(std::size_t bytes)
{
    for (auto it = m_bySize.rbegin(); it != m_bySize.rend() && m_used + m_waiting > bytes; ++it) {
        const auto end = it->begin + it->size;
        const auto there = it->size - empty(it->begin, it->size);
        if (there == 0)
            continue;
        const auto excess = wholePages(m_used + m_waiting - bytes);
        auto tail = it->size;
        if (excess < there) // the shortest end with so many pages
            for (tail = excess; tail - empty(end - tail, tail) < excess;)
                tail += excess - (tail - empty(end - tail, tail));
        m_waiting -= tail - empty(end - tail, tail);
        drop(end - tail, tail);
    }
}

} // namespace reticle
