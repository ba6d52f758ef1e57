#pragma once

#include "protocol/Event.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace reticle::test {

/// Keeps every event, and shows each to `hook`.
struct Recorder : EventSink
{
    std::vector<Event> events;
    std::function<void(const Event &)> hook;
    void emit(const Event &e) override
    {
        events.push_back(e);
        if (hook)
            hook(e);
    }
    /// Step and value of each metric of that name.
    std::vector<std::pair<std::int64_t, double>> metric(const std::string &name) const
    {
        std::vector<std::pair<std::int64_t, double>> v;
        for (const auto &e : events)
            if (e.kind == Event::Kind::Metric && e.name == name)
                v.emplace_back(e.step, e.value);
        return v;
    }
    int count(Event::Kind kind) const
    {
        int n = 0;
        for (const auto &e : events)
            n += e.kind == kind;
        return n;
    }
};

} // namespace reticle::test
