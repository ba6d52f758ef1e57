#pragma once

#include "protocol/Event.h"

#include <functional>
#include <thread>

namespace reticle {

/// Turns SIGINT, SIGTERM and SIGHUP into calls of a function on a thread of its own, as long as it lives: signal 1, 2,
/// …. One at a time. SIGPIPE is ignored for good: writing to a reader that has gone is an error of that write and no
/// reason to lose a run.
class SignalControl
{
public:
    explicit SignalControl(std::function<void(int count)> action);
    ~SignalControl();
    SignalControl(const SignalControl &) = delete;
    SignalControl &operator=(const SignalControl &) = delete;

private:
    std::function<void(int)> m_action;
    std::thread m_thread;
};

} // namespace reticle
