// LibTorch's memory on the host, in blocks that can be used again. LibTorch asks for aligned blocks, for which glibc before
// 2.38 takes more than asked and gives the surplus back at once: a block that was freed is then too small for the next one
// of its own size, so that the activations of a step do not fit into the holes of the last, and training took 15 to 30 %
// more memory than was ever in use. Here the surplus stays with the block.

#include "learn/TorchCompat_p.h"

#include <c10/core/CPUAllocator.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace reticle {

namespace {

constexpr std::size_t alignment = 64; // LibTorch's own, a cache line and the widest vector
constexpr std::size_t surplus = alignment + sizeof(void *);

/// Where the block begins stands before the data.
void release(void *data)
{
    if (!data)
        return;
    c10::profiledCPUMemoryReporter().Delete(data);
    void *block = nullptr;
    std::memcpy(&block, static_cast<char *>(data) - sizeof(void *), sizeof(void *));
    std::free(block);
}

class ReusableBlocks final : public c10::Allocator
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
        void *block = n < SIZE_MAX - surplus ? std::malloc(n + surplus) : nullptr;
        if (!block) {
            c10::profiledCPUMemoryReporter().OutOfMemory(n);
            throw std::bad_alloc();
        }
        const auto at = (reinterpret_cast<std::uintptr_t>(block) + surplus) / alignment * alignment;
        auto *data = reinterpret_cast<char *>(at);
        std::memcpy(data - sizeof(void *), &block, sizeof(void *));
        c10::profiledCPUMemoryReporter().New(data, n);
        return {data, data, &release, host};
    }
};

/// Before main, and so before any block is taken: libraries give blocks back to the allocator of the day.
const bool installed = [] {
    static ReusableBlocks blocks; // for as long as any tensor may live
    c10::SetAllocator(c10::DeviceType::CPU, &blocks, 1);
    return true;
}();

} // namespace

} // namespace reticle
