#include "base/Event.h"

#include "base/Error.h"

#include <array>
#include <cmath>

namespace reticle {

namespace {

constexpr std::array<std::pair<Event::Kind, std::string_view>, 13> kindNames{{
    {Event::Kind::Started, "started"},
    {Event::Kind::Progress, "progress"},
    {Event::Kind::Metric, "metric"},
    {Event::Kind::Log, "log"},
    {Event::Kind::Example, "example"},
    {Event::Kind::Figure, "figure"},
    {Event::Kind::Checkpoint, "checkpoint"},
    {Event::Kind::Warning, "warning"},
    {Event::Kind::Paused, "paused"},
    {Event::Kind::Resumed, "resumed"},
    {Event::Kind::Done, "done"},
    {Event::Kind::Failed, "failed"},
    {Event::Kind::Cancelled, "cancelled"},
}};

Json finite(double v)
{
    return std::isfinite(v) ? Json(v) : Json(nullptr);
}

} // namespace

std::string_view nameOf(Event::Kind kind)
{
    for (const auto &[k, name] : kindNames)
        if (k == kind)
            return name;
    return "log";
}

Json Event::toJson() const
{
    // The first six are there for every kind, so that a reader needs no test for them.
    Json j;
    j["event"] = nameOf(kind);
    j["run"] = run;
    j["time"] = finite(time);
    j["step"] = step;
    j["name"] = name;
    j["value"] = finite(value);
    if (total > 0)
        j["total"] = total;
    if (!text.empty())
        j["text"] = text;
    if (!data.is_null())
        j["data"] = data;
    return j;
}

Event Event::fromJson(const Json &j)
{
    Event e;
    try {
        const auto word = j.at("event").get<std::string>();
        bool known = false;
        for (const auto &[k, name] : kindNames)
            if (word == name) {
                e.kind = k;
                known = true;
            }
        if (!known)
            throw Error({"event", "a kind of event", "\"" + word + "\"", {}});
        const auto real = [&](const char *key, double absent) {
            const auto it = j.find(key);
            return it != j.end() && it->is_number() ? it->get<double>() : absent;
        };
        e.run = j.value("run", std::int64_t(0));
        e.time = real("time", 0);
        e.step = j.value("step", std::int64_t(0));
        e.name = j.value("name", "");
        e.value = real("value", std::numeric_limits<double>::quiet_NaN());
        e.total = j.value("total", std::int64_t(0));
        e.text = j.value("text", "");
        if (j.contains("data"))
            e.data = j.at("data");
    } catch (const Json::exception &) {
        throw Error({"event", "an object with event, run, time, step, name and value",
                     j.is_object() && j.contains("event") ? "a field of another type" : "no \"event\"", {}});
    }
    return e;
}

void RunControl::pause()
{
    const std::lock_guard lock(m_mutex);
    if (m_end == End::None)
        m_paused = true;
}

void RunControl::resume()
{
    {
        const std::lock_guard lock(m_mutex);
        m_paused = false;
    }
    m_changed.notify_all();
}

void RunControl::end(End how)
{
    {
        const std::lock_guard lock(m_mutex);
        // A cancel is not taken back by a stop that comes after it.
        if (m_end != End::Cancel)
            m_end = how;
        m_paused = false;
    }
    m_changed.notify_all();
}

void RunControl::wait()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return !m_paused; });
}

} // namespace reticle
