#include "protocol/Event.h"

#include "foundation/JsonReader_p.h"

#include <algorithm>
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
    const JsonReader in(j, "event");
    in.need("event");
    Event e;
    std::string word;
    in.read("event", word);
    const auto known = std::find_if(kindNames.begin(), kindNames.end(), [&](const auto &k) { return k.second == word; });
    if (known == kindNames.end())
        in.refuse("event", "a kind of event", foundText(word));
    e.kind = known->first;
    // What is not finite travels as null.
    const auto real = [&](const char *key, double &value) {
        if (j.contains(key) && !j.at(key).is_null())
            in.read(key, value);
    };
    in.read("run", e.run);
    real("time", e.time);
    in.read("step", e.step);
    in.read("name", e.name);
    real("value", e.value);
    in.read("total", e.total);
    in.read("text", e.text);
    if (j.contains("data"))
        e.data = j.at("data");
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
