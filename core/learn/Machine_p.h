#pragma once

#include <torch/torch.h>

#include <string>

namespace reticle {

/// "auto", "cpu", "cuda" or "cuda:N". Throws Error when the device is not to be had.
torch::Device chooseDevice(const std::string &name);

/// Whether to compute in bfloat16: "auto" (where it is faster), "bfloat16" or "float32". Throws Error naming `where` for
/// bfloat16 on a processor without it.
bool chooseBfloat16(const std::string &precision, const torch::Device &device, const std::string &where);

/// The same for what float32 does too: "bfloat16" where the device has it, else float32.
bool preferBfloat16(const std::string &precision, const torch::Device &device);

/// Once per process and thread: large blocks of malloc stay with it instead of going back to the system after each use,
/// denormal numbers count as zero, an OpenBLAS with threads of its own gets one, and `threads` cores are used; 0: as
/// many as OMP_NUM_THREADS says, else all. Throws Error (Kind::Input) where the address space is limited to less than that
/// takes.
void prepareThread(std::int64_t threads);

/// Whether the exception says that memory ran out.
bool isOutOfMemory(const std::exception &e);

} // namespace reticle
