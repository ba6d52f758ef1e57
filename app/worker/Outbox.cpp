#include "Outbox.h"

#include "base/Frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace reticle {

namespace {
constexpr std::size_t mostMetrics = 20000;
}

Outbox::Outbox(int fd) : m_fd(fd), m_thread([this] { write(); }) {}

Outbox::~Outbox()
{
    {
        const std::lock_guard lock(m_mutex);
        m_closing = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

void Outbox::send(Json message)
{
    add({std::move(message), {}, false});
}

void Outbox::sendEvent(const Event &event, std::int64_t request)
{
    Item item;
    item.message = event.toJson();
    item.message["request"] = request;
    if (event.kind == Event::Kind::Progress || event.kind == Event::Kind::Example)
        item.replaces = fmt::format("{} {}", nameOf(event.kind), request);
    item.metric = event.kind == Event::Kind::Metric;
    add(std::move(item));
}

void Outbox::add(Item item)
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

void Outbox::write()
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
        const auto frame = encodeFrame(item.message);
        for (std::size_t done = 0; done < frame.size() && !readerGone;) {
            const ssize_t n = ::write(m_fd, frame.data() + done, frame.size() - done);
            if (n >= 0)
                done += static_cast<std::size_t>(n);
            else if (errno != EINTR)
                readerGone = true; // the end of its requests ends this program as well
        }
    }
}

} // namespace reticle
