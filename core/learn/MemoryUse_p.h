#pragma once

#include "learn/MemoryUse.h"
#include "learn/Module_p.h"

namespace reticle {

/// Runs the module forward without gradients, and forward and backward in training with a loss for each pixel, on zeros of
/// (batch, channels, height, width). Weights, buffers, gradients, mode and random state are as before afterwards. `simple`
/// is left to the caller.
MemoryUse measureMemory(ImageModule &module, std::int64_t batch, std::int64_t channels, std::int64_t height,
                        std::int64_t width);

} // namespace reticle
