#include "FrameWriter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace reticle {

namespace {
constexpr std::size_t mostMetrics = 20000;
}

FrameWriter::FrameWriter(int fd, std::uint32_t mostBytes, double patience)
    : m_fd(fd), m_mostBytes(mostBytes), m_patience(patience), m_thread([this] { write(); })
{
}

FrameWriter::~FrameWriter()
{
    {
        const std::lock_guard lock(m_mutex);
        m_closing = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

void FrameWriter::send(Json message)
{
    add({std::move(message), {}, false});
}

void FrameWriter::sendEvent(const Event &event, std::int64_t request)
{
    Item item;
    item.message = event.toJson();
    item.message["request"] = request;
    if (event.kind == Event::Kind::Progress || event.kind == Event::Kind::Example)
        item.replaces = fmt::format("{} {}", nameOf(event.kind), request);
    item.metric = event.kind == Event::Kind::Metric;
    add(std::move(item));
}

void FrameWriter::add(Item item)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!item.replaces.empty())
            for (auto &waiting : m_items)
                if (waiting.replaces == item.replaces) {
                    waiting.message = std::move(item.message);
                    return;
                }
        if (item.metric && ++m_metrics > mostMetrics) {
            m_items.erase(std::find_if(m_items.begin(), m_items.end(), [](const Item &i) { return i.metric; }));
            --m_metrics;
        }
        m_items.push_back(std::move(item));
    }
    m_changed.notify_all();
}

void FrameWriter::write()
{
    bool readerGone = false;
    for (;;) {
        Item item;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [&] { return m_closing || !m_items.empty(); });
            if (m_items.empty())
                return;
            item = std::move(m_items.front());
            m_items.pop_front();
            if (item.metric)
                --m_metrics;
        }
        if (readerGone)
            continue;
        const auto frame = encoded(item.message);
        readerGone = !sent(frame); // the end of its requests ends this program as well
    }
}

/// Empty for an event that cannot be sent.
std::vector<std::uint8_t> FrameWriter::encoded(const Json &message) const
{
    try {
        return encodeFrame(message, m_mostBytes);
    } catch (const std::exception &) {
        // Too large, or no memory for it: a training in this process goes on.
        if (!message.contains("id"))
            return {};
        const char *text = "The answer is too large to be sent. Choose a smaller region, crop or fewer examples.";
        return encodeFrame(
            {{"id", message["id"]},
             {"error", {{"kind", "failed"}, {"message", text}, {"where", ""}, {"expected", ""}, {"found", ""}, {"wayOut", ""}}}});
    }
}

/// False where the reader has gone, or takes nothing while this is to end.
bool FrameWriter::sent(const std::vector<std::uint8_t> &frame)
{
    using Clock = std::chrono::steady_clock;
    auto progress = Clock::now();
    bool closing = false;
    for (std::size_t done = 0; done < frame.size();) {
        pollfd out{m_fd, POLLOUT, 0};
        const int ready = poll(&out, 1, 50);
        if (m_closing && !std::exchange(closing, true))
            progress = Clock::now();
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready <= 0) {
            if (closing && std::chrono::duration<double>(Clock::now() - progress).count() > m_patience)
                return false;
            continue;
        }
        // A pipe that can be written to takes this much without waiting for its reader.
        const ssize_t n = ::write(m_fd, frame.data() + done, std::min<std::size_t>(frame.size() - done, PIPE_BUF));
        if (n >= 0) {
            done += static_cast<std::size_t>(n);
            progress = Clock::now();
        } else if (errno != EINTR && errno != EAGAIN) {
            return false;
        }
    }
    return true;
}

} // namespace reticle
