#include "foundation/Parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace reticle {

int threadCount(int threads)
{
    return std::max(1, threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency()));
}

void inParallel(std::int64_t n, int threads, const std::function<void(std::int64_t, int)> &work)
{
    const int count = static_cast<int>(std::min<std::int64_t>(threadCount(threads), n));
    std::atomic<std::int64_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    const auto loop = [&](int thread) {
        try {
            for (std::int64_t i = next++; i < n; i = next++)
                work(i, thread);
        } catch (...) {
            next = n;
            const std::scoped_lock lock(mutex);
            if (!failure)
                failure = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    others.reserve(static_cast<std::size_t>(std::max(0, count - 1)));
    try {
        for (int t = 1; t < count; ++t)
            others.emplace_back(loop, t);
    } catch (const std::system_error &) { // no more threads are to be had
    }
    loop(0);
    for (auto &t : others)
        t.join();
    if (failure)
        std::rethrow_exception(failure);
}

} // namespace reticle
