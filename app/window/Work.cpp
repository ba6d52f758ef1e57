#include "window/Work.h"

#include "window/Text.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr int gatherMs = 33; // 30 a second

} // namespace

Work::Work(std::int64_t id, Order order, QObject *parent)
    : QObject(parent), m_id(id), m_order(std::move(order)), m_worker(new WorkerProcess(this))
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(gatherMs);
    connect(&m_timer, &QTimer::timeout, this, &Work::flush);
    connect(m_worker, &WorkerProcess::event, this, [this](std::int64_t request, const Event &event) {
        if (request == m_request || request == 0)
            take(event);
    });
    connect(m_worker, &WorkerProcess::errorLine, this, [this](const QString &line) { Q_EMIT logged(line); });
}

Work::~Work() = default;

void Work::start()
{
    m_request = m_worker->request(
        m_order.method, m_order.params, this,
        [this](const Json &result) {
            m_result = result;
            State state = State::Done;
            if (result.is_object() && result.contains("status") && result.at("status").is_string()) {
                const auto status = result.at("status").get<std::string>();
                if (status == "stopped")
                    state = State::Stopped;
                else if (status == "cancelled")
                    state = State::Cancelled;
                else if (status == "failed")
                    state = State::Failed;
            }
            end(state);
        },
        [this](const Failure &failure) {
            m_failure = failure;
            end(failure.kind == QStringLiteral("cancelled") ? State::Cancelled
                : failure.kind == QStringLiteral("lost")    ? State::Lost
                                                            : State::Failed);
        });
}

void Work::pause()
{
    if (isActive())
        m_worker->request(QStringLiteral("pause"), Json::object(), this, {});
}

void Work::resume()
{
    if (isActive())
        m_worker->request(QStringLiteral("resume"), Json::object(), this, {});
}

void Work::stop()
{
    if (!isActive())
        return;
    m_state = State::Ending;
    m_worker->request(QStringLiteral("stop"), Json::object(), this, {});
    Q_EMIT changed();
}

void Work::cancel()
{
    if (!isActive())
        return;
    m_state = State::Ending;
    m_cancelling = true;
    m_worker->request(QStringLiteral("cancel"), Json::object(), this, {});
    Q_EMIT changed();
}

void Work::take(const Event &event)
{
    // A comparison goes from run to run.
    const bool next = m_order.kind == Kind::Train && event.kind == Event::Kind::Started && event.run != m_order.run;
    if (event.run > 0 && (m_order.run == 0 || next)) {
        m_order.run = event.run;
        Q_EMIT runKnown(event.run);
    }
    switch (event.kind) {
    case Event::Kind::Started:
        if (m_state == State::Starting)
            m_state = State::Running;
        break;
    case Event::Kind::Progress: {
        if (m_state == State::Starting)
            m_state = State::Running;
        m_step = event.step;
        m_total = event.total;
        if (std::isfinite(event.value))
            m_fraction = std::clamp(event.value, 0.0, 1.0);
        m_remaining.reset();
        if (event.data.is_object() && event.data.contains("remaining") && event.data.at("remaining").is_number())
            m_remaining = event.data.at("remaining").get<double>();
        break;
    }
    case Event::Kind::Paused:
        if (m_state != State::Ending)
            m_state = State::Paused;
        break;
    case Event::Kind::Resumed:
        if (m_state != State::Ending)
            m_state = State::Running;
        break;
    case Event::Kind::Example: m_example = event; break;
    case Event::Kind::Log:
    case Event::Kind::Warning: Q_EMIT logged(qs(event.text)); break;
    default: break;
    }
    m_gathered.push_back(event);
    if (!m_timer.isActive())
        m_timer.start();
}

void Work::flush()
{
    if (!m_gathered.empty()) {
        std::vector<Event> gathered;
        gathered.swap(m_gathered);
        Q_EMIT events(gathered);
    }
    Q_EMIT changed();
}

void Work::end(State state)
{
    m_timer.stop();
    m_state = state;
    m_remaining.reset();
    if (state == State::Done)
        m_fraction = 1;
    flush();
    Q_EMIT finished();
}

QString Work::statusText() const
{
    switch (m_state) {
    case State::Starting: return QStringLiteral("starting");
    case State::Ending: return m_cancelling ? QStringLiteral("canceling") : QStringLiteral("ending, keeping what there is");
    case State::Done: return QStringLiteral("done");
    case State::Stopped: return QStringLiteral("stopped, model kept");
    case State::Cancelled: return QStringLiteral("cancelled");
    case State::Failed: return m_failure ? m_failure->message : QStringLiteral("failed");
    case State::Lost: return m_failure ? m_failure->message : QStringLiteral("the worker is gone");
    case State::Running:
    case State::Paused: break;
    }
    QStringList parts;
    if (m_state == State::Paused)
        parts << QStringLiteral("paused");
    const QString unit = m_order.kind == Kind::Train ? QStringLiteral("step") : QStringLiteral("slice");
    if (m_total > 0)
        parts << QStringLiteral("%1 %2 of %3").arg(unit, countText(m_step), countText(m_total));
    else if (m_step > 0)
        parts << QStringLiteral("%1 %2").arg(unit, countText(m_step));
    else if (m_state == State::Running)
        parts << QStringLiteral("working");
    if (m_remaining && m_state == State::Running)
        parts << QStringLiteral("%1 left").arg(durationText(*m_remaining));
    return parts.join(QStringLiteral(" · "));
}

Work *WorkList::start(Work::Order order)
{
    auto *work = new Work(m_next++, std::move(order), this);
    m_all.push_front(work);
    connect(work, &Work::changed, this, [this, work] { Q_EMIT changed(work); });
    connect(work, &Work::logged, this,
            [this, work](const QString &line) { Q_EMIT logged(work->title() + QStringLiteral(": ") + line); });
    Q_EMIT added(work);
    // After those who follow this work itself: the first of them reads the project again, which the others show.
    connect(work, &Work::finished, this, [this, work] { Q_EMIT finished(work); });
    work->start();
    return work;
}

std::vector<Work *> WorkList::active() const
{
    std::vector<Work *> works;
    std::copy_if(m_all.begin(), m_all.end(), std::back_inserter(works), [](const Work *w) { return w->isActive(); });
    return works;
}

Work *WorkList::activeOn(const QString &project, std::int64_t run) const
{
    for (auto *work : m_all)
        if (work->isActive() && work->kind() == Work::Kind::Train && work->project() == project && work->run() == run)
            return work;
    return nullptr;
}

Work *WorkList::busyWith(const QString &project, std::int64_t run) const
{
    for (auto *work : m_all)
        if (work->isActive() && work->project() == project && work->run() == run)
            return work;
    return nullptr;
}

void WorkList::remove(Work *work)
{
    if (work->isActive())
        return;
    m_all.erase(std::remove(m_all.begin(), m_all.end(), work), m_all.end());
    Q_EMIT removed(work);
    work->deleteLater();
}

} // namespace reticle
