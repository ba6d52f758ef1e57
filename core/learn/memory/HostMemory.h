#pragma once

#include <cstdint>

namespace reticle {

/// Gives the system back what freed tensors on the host held and kept for the next ones. Those below 256 KiB are malloc's,
/// which keeps what it has. To be called when a run or another long work has ended and the process lives on, or where
/// something else needs much memory for a moment. From any thread.
void releaseIdleMemory();

/// Bytes that freed tensors on the host hold and the next ones will take first.
std::int64_t idleMemory();

} // namespace reticle
