#pragma once

// Every difference between LibTorch 1.13 and 2.x that the code meets.

#include <torch/torch.h>

#include <mutex>

#include <torch/csrc/api/include/torch/version.h>

namespace reticle {

/// Whether `device` multiplies bfloat16 faster than float32.
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
