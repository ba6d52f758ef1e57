#include "learn/Machine_p.h"

#include "foundation/Error.h"
#include "learn/TorchCompat_p.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#include <sys/resource.h>
#endif

#ifdef __GLIBC__
#include <dlfcn.h>
#include <malloc.h>
#endif

namespace reticle {

torch::Device chooseDevice(const std::string &name)
{
    const bool cuda = torch::cuda::is_available();
    if (name.empty() || name == "auto")
        return cuda ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
    if (name == "cpu")
        return torch::Device(torch::kCPU);
    if (name.rfind("cuda", 0) == 0) {
        if (!cuda)
            throw Error({"device", "a device of this machine: auto or cpu", "\"" + name + "\" without a CUDA GPU or driver", {}});
        try {
            const torch::Device device(name);
            const auto index = device.has_index() ? device.index() : 0;
            if (index >= static_cast<int>(torch::cuda::device_count()))
                throw Error({"device", "a GPU numbered below " + std::to_string(torch::cuda::device_count()), name, {}});
            return {torch::kCUDA, static_cast<torch::DeviceIndex>(index)};
        } catch (const c10::Error &) {
        }
    }
    throw Error({"device", "auto, cpu, cuda or cuda:N", "\"" + name + "\"", {}});
}

bool chooseBfloat16(const std::string &precision, const torch::Device &device, const std::string &where)
{
    if (precision == "float32")
        return false;
    if (precision == "auto")
        return hasFastBfloat16(device);
    if (!hasBfloat16(device))
        throw Error({where, "auto or float32 on this processor", "bfloat16, which it lacks", {}});
    return true;
}

bool preferBfloat16(const std::string &precision, const torch::Device &device)
{
    return precision == "bfloat16" ? hasBfloat16(device) : chooseBfloat16(precision, device, {});
}

namespace {

/// OpenBLAS takes a buffer for each thread that computes a product, when the first one comes, and asks for it again
/// without end where there is no memory. With a limit of addresses they are taken here, where what is missing can be
/// said, and stay with OpenBLAS.
void takeBlasBuffers(int threads)
{
#ifdef __linux__
    rlimit limit{};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    const auto take = reinterpret_cast<void *(*)(int)>(dlsym(RTLD_DEFAULT, "blas_memory_alloc"));
    const auto release = reinterpret_cast<void (*)(void *)>(dlsym(RTLD_DEFAULT, "blas_memory_free"));
    if (!take || !release)
        return;
    constexpr std::size_t room = std::size_t(256) << 20; // its buffer of 128 MiB, and what malloc takes with it
    static std::mutex mutex;
    static int taken = 0;
    const std::lock_guard lock(mutex);
    std::vector<void *> buffers;
    const struct Release
    {
        ~Release()
        {
            for (void *buffer : all)
                give(buffer);
        }
        std::vector<void *> &all;
        void (*give)(void *);
    } after{buffers, release};
    for (int i = 0; i < threads; ++i) {
        if (i >= taken) {
            void *probe = mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (probe == MAP_FAILED)
                throw Error(Error::Kind::Input, "",
                            "The address space of this process is limited, and too little is left for " +
                                std::to_string(threads) + (threads == 1 ? " thread" : " threads") +
                                ". Raise the limit (ulimit -v), use fewer threads (OMP_NUM_THREADS), or limit the memory by "
                                "a control group instead.");
            munmap(probe, room);
        }
        buffers.push_back(take(0));
    }
    taken = std::max(taken, threads);
#else
    (void)threads;
#endif
}

} // namespace

void prepareThread(std::int64_t threads)
{
#ifdef __GLIBC__
    static const bool once = [] {
        // Large tensors are not malloc's (HostMemory.cpp), but crops, pages of images and what libraries take for
        // themselves are: by default glibc maps and unmaps such a block each time, and the kernel zeroes its pages again
        // and again. A threshold above 32 MB glibc does not take.
        mallopt(M_MMAP_MAX, 0);
        mallopt(M_TRIM_THRESHOLD, 1 << 30);
        mallopt(M_TOP_PAD, 64 << 20);
        // OpenBLAS with threads of its own (1; 2 is OpenMP, whose threads are LibTorch's too) keeps them calling for the
        // processor long after each product, which takes it from the convolutions: half of a step on two cores.
        const auto kind = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_parallel"));
        const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
        if (kind && set && kind() == 1)
            set(1);
        return true;
    }();
    (void)once;
#endif
    // Left to itself Debian's LibTorch starts with one thread on some machines, whatever OpenMP sees.
    if (threads > 0)
        at::set_num_threads(static_cast<int>(threads));
    else if (!std::getenv("OMP_NUM_THREADS"))
        at::set_num_threads(std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
    // The mode belongs to a thread, so it is set on each of the pool's.
    at::globalContext().setFlushDenormal(true);
    const auto n = at::get_num_threads();
    takeBlasBuffers(n);
    at::parallel_for(0, n, 1, [](std::int64_t, std::int64_t) { at::globalContext().setFlushDenormal(true); });
}

bool isOutOfMemory(const std::exception &e)
{
    if (dynamic_cast<const std::bad_alloc *>(&e))
        return true;
    const char *what = e.what();
    return std::strstr(what, "out of memory") || std::strstr(what, "not enough memory") ||
           std::strstr(what, "can't allocate memory") || std::strstr(what, "std::bad_alloc") ||
           std::strstr(what, "could not create a memory") || std::strstr(what, "Cannot allocate memory");
}

} // namespace reticle
