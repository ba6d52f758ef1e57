#pragma once

namespace reticle {

/// Gives the system back what freed tensors on the host held and kept for the next ones. To be called when a run or a long
/// analysis has ended and the process lives on. From any thread.
void releaseIdleMemory();

} // namespace reticle
