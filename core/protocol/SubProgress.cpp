#include "protocol/SubProgress.h"

#include <cmath>

namespace reticle {

SubProgress::SubProgress(EventSink &to, std::size_t index, std::size_t count, std::function<void(Event &)> change)
    : m_to(to), m_index(static_cast<double>(index)), m_count(static_cast<double>(count)), m_change(std::move(change))
{
}

void SubProgress::emit(const Event &event)
{
    Event whole = event;
    if (event.kind == Event::Kind::Progress) {
        const double part = std::isfinite(event.value) ? event.value : 0;
        whole.value = (m_index + part) / m_count;
        if (!whole.data.is_object())
            whole.data = Json::object();
        // The parts to come will take as long as this one.
        if (whole.data.contains("remaining") && whole.data["remaining"].is_number() && part > 0)
            whole.data["remaining"] = whole.data["remaining"].get<double>() + (m_count - m_index - 1) * event.time / part;
    }
    if (m_change)
        m_change(whole);
    m_to.emit(whole);
}

} // namespace reticle
