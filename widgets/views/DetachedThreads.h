#pragma once

#include <atomic>
#include <memory>
#include <thread>

namespace reticle {

/// Takes a thread that has been told to stop but may be in the middle of something that cannot be stopped (a read from a
/// slow disk, a step of VTK's): whoever started it need not wait. `ended` is set by the thread as the last thing it does.
/// It is joined once it has ended, at the latest when the application object goes, when OpenGL and VTK are still there.
/// GUI thread.
void leaveThread(std::thread thread, std::shared_ptr<const std::atomic<bool>> ended);

} // namespace reticle
