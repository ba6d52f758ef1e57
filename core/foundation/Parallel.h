#pragma once

#include <cstdint>
#include <functional>

namespace reticle {

/// `threads`, or the number of cores for 0; at least 1.
int threadCount(int threads);

/// Calls work(i, thread) for i = 0 .. n - 1 on up to `threads` threads (0 = all cores; thread = 0 .. threads - 1, 0 being
/// the caller's), in no order. The first exception ends it and is thrown on once all have come back. Where the system
/// gives fewer threads the others do the work.
void inParallel(std::int64_t n, int threads, const std::function<void(std::int64_t i, int thread)> &work);

} // namespace reticle
