#include "learn/memory/HostMemory.h"

#include "learn/TorchCompat_p.h"
#include "learn/memory/PageHeap.h"

#include <c10/core/CPUAllocator.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace reticle {

namespace {

constexpr std::size_t alignment = 64; // LibTorch's own, a cache line and the widest vector
constexpr unsigned colors = 31;       // with two cache lines each, less than a page

/// Stands before the data of each block.
struct Header
{
    void *base;
    std::size_t mapped; ///< bytes from `base` in the heap of pages; 0 where it is malloc's
};

void *dataAfter(void *base, std::size_t offset, std::size_t mapped)
{
    const auto at = (reinterpret_cast<std::uintptr_t>(base) + offset + sizeof(Header) + alignment - 1) / alignment * alignment;
    const Header header{base, mapped};
    std::memcpy(reinterpret_cast<char *>(at) - sizeof(Header), &header, sizeof(Header));
    return reinterpret_cast<void *>(at);
}

Header headerOf(void *data)
{
    Header header;
    std::memcpy(&header, static_cast<char *>(data) - sizeof(Header), sizeof(Header));
    return header;
}

/// Below it gaps are small, and to keep book of them costs more than they hold.
constexpr std::size_t large = 256 << 10;

PageHeap &heap()
{
    static auto *const pages = new PageHeap; // for as long as any tensor may live
    return *pages;
}

void *allocateLarge(std::size_t n)
{
    // Blocks that all began at the same place of a page would share the same lines of the cache.
    static std::atomic<unsigned> color = 0;
    const auto offset = color.fetch_add(1, std::memory_order_relaxed) % colors * 2 * alignment;
    const auto size = n + PageHeap::pageSize(); // the same for every offset, so that a gap fits the next block
    void *const base = heap().allocate(size);
    return base ? dataAfter(base, offset, size) : nullptr;
}

void release(void *data)
{
    if (!data)
        return;
    c10::profiledCPUMemoryReporter().Delete(data);
    const auto block = headerOf(data);
    if (block.mapped > 0)
        heap().release(block.base, block.mapped);
    else
        std::free(block.base);
}

/// Small blocks, and all where there is no heap of pages, are malloc's, but not as LibTorch asks for them: for an aligned
/// block glibc before 2.38 takes more than asked and gives the surplus back at once, so that a freed block is too small for
/// the next one of its own size. Here the surplus stays with the block.
void *allocateSmall(std::size_t n)
{
    constexpr std::size_t surplus = alignment + sizeof(Header);
    void *const base = n < SIZE_MAX - surplus ? std::malloc(n + surplus) : nullptr;
    return base ? dataAfter(base, 0, 0) : nullptr;
}

class HostBlocks final : public c10::Allocator
{
public:
#if TORCH_VERSION_MAJOR >= 2
    c10::DataPtr allocate(std::size_t n) override
    {
        return taken(n);
    }
    void copy_data(void *to, const void *from, std::size_t n) const override
    {
        default_copy_data(to, from, n);
    }
#else
    c10::DataPtr allocate(std::size_t n) const override
    {
        return taken(n);
    }
#endif
    c10::DeleterFnPtr raw_deleter() const override
    {
        return &release;
    }

private:
    static c10::DataPtr taken(std::size_t n)
    {
        const c10::Device host(c10::DeviceType::CPU);
        if (n == 0)
            return {nullptr, nullptr, &release, host};
        constexpr std::size_t maximum = PTRDIFF_MAX;
        // What the heap of pages refuses there is no memory for: malloc is not asked after it.
        const bool paged = PageHeap::available && n >= large;
        void *const data = n > maximum ? nullptr : paged ? allocateLarge(n) : allocateSmall(n);
        if (!data) {
            c10::profiledCPUMemoryReporter().OutOfMemory(n);
            throw std::bad_alloc();
        }
        c10::profiledCPUMemoryReporter().New(data, n);
        return {data, data, &release, host};
    }
};

/// Before main, and so before any block is taken: libraries give blocks back to the allocator of the day.
const bool installed = [] {
    static HostBlocks blocks;
    c10::SetAllocator(c10::DeviceType::CPU, &blocks, 1);
    return true;
}();

} // namespace

void releaseIdleMemory()
{
    heap().giveBack();
}

std::int64_t idleMemory()
{
    return static_cast<std::int64_t>(heap().resident()) - static_cast<std::int64_t>(heap().used());
}

} // namespace reticle
