#pragma once

#include <torch/torch.h>

#include <string>

namespace reticle {

/// "auto", "cpu", "cuda" or "cuda:N". Throws Error when the device is not to be had.
torch::Device chooseDevice(const std::string &name);

/// Once per process and thread: large blocks stay with the allocator instead of going back to the system after each
/// layer, denormal numbers count as zero, and `threads` > 0 cores are used.
void prepareThread(std::int64_t threads);

/// Whether the exception says that memory ran out.
bool isOutOfMemory(const std::exception &e);

} // namespace reticle
