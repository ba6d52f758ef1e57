#include "learn/memory/GpuMemory.h"

#include <torch/cuda.h>

#ifdef __unix__
#include <dlfcn.h>
#endif

namespace reticle {

std::optional<std::int64_t> freeGpuMemory(int index)
{
#ifdef __unix__
    if (!torch::cuda::is_available() || index < 0 || index >= static_cast<int>(torch::cuda::device_count()))
        return {};
    // LibTorch's headers tell it only where CUDA's own are installed; the library itself is loaded.
    const auto choose = reinterpret_cast<int (*)(int)>(dlsym(RTLD_DEFAULT, "cudaSetDevice"));
    const auto chosen = reinterpret_cast<int (*)(int *)>(dlsym(RTLD_DEFAULT, "cudaGetDevice"));
    const auto ask = reinterpret_cast<int (*)(std::size_t *, std::size_t *)>(dlsym(RTLD_DEFAULT, "cudaMemGetInfo"));
    int before = 0;
    std::size_t free = 0, total = 0;
    if (!choose || !chosen || !ask || chosen(&before) != 0 || choose(index) != 0)
        return {};
    const bool told = ask(&free, &total) == 0;
    choose(before);
    if (told)
        return static_cast<std::int64_t>(free);
#else
    (void)index;
#endif
    return {};
}

} // namespace reticle
