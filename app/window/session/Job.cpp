#include "window/session/Job.h"

#include "window/shell/Text.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr int gatherMs = 33; // 30 a second

} // namespace

Job::Job(std::int64_t id, Request asked, QObject *parent)
    : QObject(parent), m_id(id), m_asked(std::move(asked)), m_worker(new WorkerProcess(this))
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(gatherMs);
    connect(&m_timer, &QTimer::timeout, this, &Job::flush);
    connect(m_worker, &WorkerProcess::event, this, [this](std::int64_t request, const Event &event) {
        if (request == m_request || request == 0)
            take(event);
    });
    connect(m_worker, &WorkerProcess::errorLine, this, [this](const QString &line) { Q_EMIT logged(line); });
}

Job::~Job() = default;

void Job::start()
{
    m_request = m_worker->request(
        m_asked.method, m_asked.params, this,
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

void Job::pause()
{
    if (isActive())
        m_worker->request(QStringLiteral("pause"), Json::object(), this, {});
}

void Job::resume()
{
    if (isActive())
        m_worker->request(QStringLiteral("resume"), Json::object(), this, {});
}

void Job::stop()
{
    if (!isActive())
        return;
    m_state = State::Ending;
    m_worker->request(QStringLiteral("stop"), Json::object(), this, {});
    Q_EMIT changed();
}

void Job::cancel()
{
    if (!isActive())
        return;
    m_state = State::Ending;
    m_cancelling = true;
    m_worker->request(QStringLiteral("cancel"), Json::object(), this, {});
    Q_EMIT changed();
}

Json Job::described(std::int64_t run) const
{
    const auto it = m_described.find(run);
    return it == m_described.end() ? Json() : it->second;
}

void Job::take(const Event &event)
{
    // A comparison goes from run to run.
    const bool next = m_asked.kind == Kind::Train && event.kind == Event::Kind::Started && event.run != m_asked.run;
    if (event.run > 0 && (m_asked.run == 0 || next)) {
        m_asked.run = event.run;
        Q_EMIT runKnown(event.run);
    }
    switch (event.kind) {
    case Event::Kind::Started:
        if (m_state == State::Starting)
            m_state = State::Running;
        m_described[m_asked.run] = event.data;
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

void Job::flush()
{
    if (!m_gathered.empty()) {
        std::vector<Event> gathered;
        gathered.swap(m_gathered);
        Q_EMIT events(gathered);
    }
    Q_EMIT changed();
}

void Job::end(State state)
{
    m_timer.stop();
    m_state = state;
    m_remaining.reset();
    if (state == State::Done)
        m_fraction = 1;
    flush();
    Q_EMIT finished();
}

QString Job::statusText() const
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
    const QString unit = m_asked.kind == Kind::Train ? QStringLiteral("step") : QStringLiteral("slice");
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

Job *JobList::start(Job::Request asked)
{
    auto *job = new Job(m_next++, std::move(asked), this);
    m_all.push_front(job);
    connect(job, &Job::changed, this, [this, job] { Q_EMIT changed(job); });
    connect(job, &Job::logged, this,
            [this, job](const QString &line) { Q_EMIT logged(job->title() + QStringLiteral(": ") + line); });
    Q_EMIT added(job);
    // After those who follow this work itself: the first of them reads the project again, which the others show.
    connect(job, &Job::finished, this, [this, job] { Q_EMIT finished(job); });
    job->start();
    return job;
}

std::vector<Job *> JobList::active() const
{
    std::vector<Job *> jobs;
    std::copy_if(m_all.begin(), m_all.end(), std::back_inserter(jobs), [](const Job *w) { return w->isActive(); });
    return jobs;
}

Job *JobList::activeOn(const QString &project, std::int64_t run) const
{
    for (auto *job : m_all)
        if (job->isActive() && job->kind() == Job::Kind::Train && job->project() == project && job->run() == run)
            return job;
    return nullptr;
}

void Job::setOutcome(const ItemKey &key)
{
    m_outcome = key;
    Q_EMIT changed();
}

Job *JobList::busyWith(const QString &project, std::int64_t run) const
{
    for (auto *job : m_all)
        if (job->isActive() && job->project() == project && job->run() == run)
            return job;
    return nullptr;
}

void JobList::remove(Job *job)
{
    if (job->isActive())
        return;
    m_all.erase(std::remove(m_all.begin(), m_all.end(), job), m_all.end());
    Q_EMIT removed(job);
    job->deleteLater();
}

} // namespace reticle
