#pragma once

#include "protocol/Event.h"
#include "protocol/Frame.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace reticle {

/// Frames on their way out, written by a thread of its own, so that no work waits for a slow reader. Of progress and
/// examples of one request only the newest waits; should the reader stall for long, the oldest metrics go (they are in
/// the project as well). Thread-safe.
class FrameWriter
{
public:
    /// A message of more than `mostBytes` is not sent: of an event that is all, a request gets an error in its place.
    /// `patience`: seconds that the end waits for a reader that takes nothing.
    explicit FrameWriter(int fd, std::uint32_t mostBytes = maxFrameBytes, double patience = 5);
    /// Writes what is waiting, unless the reader has gone or stalls.
    ~FrameWriter();

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
    std::vector<std::uint8_t> encoded(const Json &message) const;
    bool sent(const std::vector<std::uint8_t> &frame);

    const int m_fd;
    const std::uint32_t m_mostBytes;
    const double m_patience;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Item> m_items;
    std::size_t m_metrics = 0;
    std::atomic<bool> m_closing{false};
    std::thread m_thread;
};

} // namespace reticle
