#pragma once

#include "data/Batch.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace reticle {

/// Makes batches ahead of the training, from step `first` on.
class BatchLoader
{
public:
    /// Threads of the one who asks, that parts of batches are made on while it waits.
    struct Team
    {
        std::function<int()> threads; ///< how many there are
        /// Calls work(i) for i = 0 .. n - 1, which throws nothing, on them, in no order.
        std::function<void(std::int64_t n, const std::function<void(std::int64_t)> &work)> run;
    };

    /// On threads of its own, for steps that a GPU takes and for data that come from a disk. `ahead`: most batches in memory.
    /// `threads` that make parts of a batch, 0 = all cores.
    explicit BatchLoader(std::shared_ptr<const BatchSource> source, std::int64_t first, std::size_t ahead = 4, int threads = 1);
    /// On a team's threads, as many batches at once as these can share; for steps that keep all cores busy, which a further
    /// thread would only hold up.
    BatchLoader(std::shared_ptr<const BatchSource> source, std::int64_t first, std::size_t ahead, Team team);
    ~BatchLoader();
    BatchLoader(const BatchLoader &) = delete;
    BatchLoader &operator=(const BatchLoader &) = delete;

    /// The next batch in order of steps; blocks until it is made. Rethrows what went wrong while it was.
    Batch next();

private:
    void work();
    void makeNext();

    const std::shared_ptr<const BatchSource> m_source;
    const std::size_t m_ahead;
    const int m_threads = 1;
    const std::optional<Team> m_team;
    std::int64_t m_step; ///< of the next batch to make
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Batch> m_queue;
    std::exception_ptr m_error;
    bool m_end = false;
    std::thread m_thread; ///< only without a team
};

} // namespace reticle
