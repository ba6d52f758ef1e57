#pragma once

#include <cstdint>
#include <optional>

namespace reticle {

/// Bytes free on GPU `index`; nothing without one.
std::optional<std::int64_t> freeGpuMemory(int index);

} // namespace reticle
