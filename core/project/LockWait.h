#pragma once

#include "protocol/Event.h"

#include <algorithm>
#include <chrono>

namespace reticle {

/// How long work waits for another program to unlock the project: some time, and not longer than until somebody asks the
/// work to end. Whoever has cancelled it already waits only a little.
class LockWait
{
public:
    explicit LockWait(const RunControl *control, double seconds = 600) : m_control(control)
    {
        if (control)
            m_before = control->ending();
        if (m_before == RunControl::End::Cancel)
            seconds = std::min(seconds, 10.0);
        m_until = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    }
    bool isOver() const { return Clock::now() > m_until || (m_control && m_control->ending() != m_before); }

private:
    using Clock = std::chrono::steady_clock;
    const RunControl *m_control;
    RunControl::End m_before = RunControl::End::None;
    Clock::time_point m_until;
};

} // namespace reticle
