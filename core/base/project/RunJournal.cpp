#include "base/project/RunJournal.h"

#include "base/project/LockWait.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace reticle {

namespace fs = std::filesystem;

namespace {

/// Of a write while a training is at work, ms: the first one waits a little, later ones do not hold the training up.
constexpr int firstPatience = 2000, laterPatience = 100;
constexpr int usualPatience = 10000;

} // namespace

RunJournal::RunJournal(Project &project, const RunInfo &run, EventSink &events)
    : m_project(project), m_events(events), m_run(run)
{
    std::ifstream in(file(), std::ios::binary);
    if (!in)
        return;
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const Json kept = Json::parse(text, nullptr, false);
    if (kept.is_array())
        for (const auto &metric : kept)
            m_metrics.push_back(Event::fromJson(metric));
    m_kept = true;
}

fs::path RunJournal::file() const
{
    return m_project.runFolder(m_run.id) / "pending.json";
}

void RunJournal::drop(std::int64_t step)
{
    m_drop = step;
    std::erase_if(m_metrics, [&](const Event &m) { return m.step > step; });
}

void RunJournal::keep(const std::vector<Event> &metrics)
{
    m_metrics.insert(m_metrics.end(), metrics.begin(), metrics.end());
}

void RunJournal::write()
{
    if (m_drop >= 0) {
        m_project.truncateMetrics(m_run.id, m_drop);
        m_drop = -1;
    }
    m_project.addMetrics(m_run.id, m_metrics);
    m_metrics.clear();
    if (m_hasState)
        m_project.updateRun(m_run);
    m_hasState = false;
    if (m_kept) {
        std::error_code code;
        fs::remove(file(), code);
        m_kept = false;
    }
}

bool RunJournal::tryToWrite()
{
    try {
        write();
        if (m_locked)
            m_events.emit({.kind = Event::Kind::Log,
                           .run = m_run.id,
                           .text = "The project can be written to again. Nothing was lost."});
        m_locked = false;
        return true;
    } catch (const ProjectLocked &) {
        if (!m_locked)
            m_events.emit({.kind = Event::Kind::Warning,
                           .run = m_run.id,
                           .text = "Another program keeps the project locked. The training continues, and its curves are "
                                   "saved when the project is free again. Close the other program."});
        m_locked = true;
        return false;
    }
}

void RunJournal::state(RunStatus status, std::int64_t step, double seconds, const Json &summary)
{
    m_run.status = status;
    m_run.step = step;
    m_run.seconds = seconds;
    m_run.summary = summary;
    m_hasState = true;
    m_project.setPatience(m_locked ? laterPatience : firstPatience);
    const bool written = tryToWrite();
    m_project.setPatience(usualPatience);
    if (written || m_metrics.empty())
        return;
    // A checkpoint may follow: metrics up to it must outlast this process.
    Json waiting = Json::array();
    for (const auto &metric : m_metrics)
        waiting.push_back(metric.toJson());
    writeFileAtomically(file(), waiting.dump(-1, ' ', false, Json::error_handler_t::replace));
    m_kept = true;
}

void RunJournal::end(RunStatus status, const Json &summary, const RunControl *control, double patience)
{
    m_run.status = status;
    m_run.summary = summary;
    m_hasState = true;
    const LockWait wait(control, patience);
    m_project.setPatience(firstPatience);
    while (!tryToWrite())
        if (wait.isOver()) {
            m_project.setPatience(usualPatience);
            throw ProjectLocked(Error::Kind::Failed, m_project.folder().string(),
                                fmt::format("another program kept the project locked to the end. The model is saved; close the "
                                            "other program and resume run {} to save its curves.", m_run.id));
        }
    m_project.setPatience(usualPatience);
}

} // namespace reticle
