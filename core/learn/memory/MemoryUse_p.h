#pragma once

#include "learn/Module_p.h"
#include "learn/TorchCompat_p.h"
#include "learn/memory/MemoryUse.h"

#include <algorithm>

namespace reticle {

/// Bytes handed out less bytes given back on this thread, and by backward passes that it starts, while one lives.
class MemoryWatch
{
public:
    MemoryWatch() : m_meter(std::make_shared<Meter>()), m_guard(c10::DebugInfoKind::PROFILER_STATE, m_meter) {}
    std::int64_t now() const { return m_meter->now; }
    std::int64_t peak() const { return m_meter->peak; }

private:
    struct Meter : AllocationObserver
    {
        void changed(std::int64_t bytes) override
        {
            now += bytes;
            peak = std::max(peak, now);
        }
        std::int64_t now = 0, peak = 0;
    };
    std::shared_ptr<Meter> m_meter;
    c10::DebugInfoGuard m_guard;
};

/// Runs the module forward without gradients, and forward and backward in training with a loss for each pixel, on zeros of
/// (batch, channels, height, width). Weights, buffers, gradients, mode and random state are as before afterwards.
MemoryUse measureMemory(ImageModule &module, std::int64_t batch, std::int64_t channels, std::int64_t height, std::int64_t width);

} // namespace reticle
