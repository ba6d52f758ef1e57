#pragma once

// Every difference between LibTorch 1.13 and 2.x that the code meets.

#include <torch/torch.h>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <mutex>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#endif

#include <torch/csrc/api/include/torch/version.h>

namespace reticle {

/// Whether `device` has bfloat16 arithmetic.
inline bool hasBfloat16(const torch::Device &device)
{
    if (device.is_cuda())
        return true;
#if defined(__x86_64__) && defined(__GNUC__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

/// Whether bfloat16 is faster than float32 there. A processor needs AMX: with AVX-512 alone oneDNN's bfloat16
/// convolutions take 1.4 to 1.9 times as long as its float32 ones (2.6.3, Sapphire Rapids with AMX masked).
inline bool hasFastBfloat16(const torch::Device &device)
{
    if (device.is_cuda())
        return true;
#if defined(__x86_64__) && defined(__GNUC__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned osxsave = 1u << 27, amxBf16 = 1u << 22, amxTile = 1u << 24, tileState = 3u << 17;
    if (!hasBfloat16(device) || !__get_cpuid(1, &a, &b, &c, &d) || !(c & osxsave) || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
        !(d & amxBf16) || !(d & amxTile))
        return false;
    unsigned low = 0, high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & tileState) == tileState;
#else
    return false;
#endif
}

/// Sees every block of memory that LibTorch takes (bytes above 0) and gives back (below 0) on a thread while it is that
/// thread's c10::DebugInfoKind::PROFILER_STATE.
class AllocationObserver : public c10::MemoryReportingInfoBase
{
public:
#if TORCH_VERSION_MAJOR >= 2
    using Total = std::size_t;
#else
    using Total = std::int64_t;
#endif
    virtual void changed(std::int64_t bytes) = 0;
    /// The same with the block that it is about.
    virtual void blockChanged(void *, std::int64_t bytes)
    {
        changed(bytes);
    }

    bool memoryProfilingEnabled() const override
    {
        return true;
    }
    void reportMemoryUsage(void *block, std::int64_t bytes, Total, Total, c10::Device) override
    {
        blockChanged(block, bytes);
    }
    void reportOutOfMemory(std::int64_t, Total, Total, c10::Device) override {}
};

/// State of the device's default random generator.
inline torch::Tensor generatorState(const torch::Device &device = torch::Device(torch::kCPU))
{
    auto generator = at::globalContext().defaultGenerator(device);
    std::lock_guard lock(generator.mutex());
    return generator.get_state();
}
inline void setGeneratorState(const torch::Tensor &state, const torch::Device &device = torch::Device(torch::kCPU))
{
    auto generator = at::globalContext().defaultGenerator(device);
    std::lock_guard lock(generator.mutex());
    generator.set_state(state);
}

} // namespace reticle
