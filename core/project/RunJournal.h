#pragma once

#include "project/Project.h"
#include "protocol/Event.h"

namespace reticle {

/// Writes metrics and state of one training into its project, and bears with another program that keeps the project locked:
/// the training continues, what could not be written waits in memory and in the run's folder (pending.json), and is written
/// as soon as the lock is gone, or when the run is taken up again. One object is for one thread.
class RunJournal
{
public:
    /// What an earlier training of the run could not write is taken over; a damaged file of it is passed over with a warning.
    RunJournal(Project &project, const RunInfo &run, EventSink &events);

    /// Metrics beyond `step` are to be forgotten before the next ones are written.
    void drop(std::int64_t step);
    void keep(const std::vector<Event> &metrics);
    /// The run's state as of now, and with it everything that waits. Throws Error for any other failure than a lock.
    void state(RunStatus status, std::int64_t step, double seconds, const Json &summary);
    /// The last state. Waits for a lock to go for as long as `patience` seconds, and not longer than until `control` is asked
    /// to end, or for ten seconds where the run was cancelled. Throws Error; what waits stays in the run's folder, and the run
    /// can be resumed.
    void end(RunStatus status, const Json &summary, const RunControl *control = nullptr, double patience = 600);

    std::size_t waiting() const { return m_metrics.size(); } ///< metrics that are not in the project yet

private:
    void write();
    bool tryToWrite();
    std::filesystem::path file() const;

    Project &m_project;
    EventSink &m_events;
    RunInfo m_run;
    std::vector<Event> m_metrics;
    std::int64_t m_drop = -1; ///< -1 = nothing to drop
    bool m_hasState = false, m_locked = false, m_kept = false;
};

} // namespace reticle
