#pragma once

#include "base/Event.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace reticle {

/// Frames on their way out, written by a thread of its own, so that no work waits for a slow reader. Of progress and
/// examples of one request only the newest waits; should the reader stall for long, the oldest metrics go (they are in
/// the project as well). Thread-safe.
class Outbox
{
public:
    explicit Outbox(int fd);
    /// Writes what is waiting, unless the reader has gone.
    ~Outbox();

    void send(Json message);
    void sendEvent(const Event &event, std::int64_t request);

private:
    struct Item
    {
        Json message;
        std::string replaces; ///< an item waiting with the same mark is replaced; empty = none
        bool metric = false;
    };
    void add(Item item);
    void write();

    const int m_fd;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Item> m_items;
    std::size_t m_metrics = 0;
    bool m_closing = false;
    std::thread m_thread;
};

} // namespace reticle
