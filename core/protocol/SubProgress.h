#pragma once

#include "protocol/Event.h"

#include <functional>

namespace reticle {

/// Takes the events of one of `count` parts of a work that take about as long each: progress is handed on as that of
/// the whole, with the time that remains for it, all else as it is. `change` may say more in every event. `to` must
/// outlive it.
class SubProgress : public EventSink
{
public:
    SubProgress(EventSink &to, std::size_t index, std::size_t count, std::function<void(Event &)> change = {});
    void emit(const Event &event) override;

private:
    EventSink &m_to;
    double m_index, m_count;
    std::function<void(Event &)> m_change;
};

} // namespace reticle
