#include "project/RunJournal.h"

#include "files/ByteSource.h"
#include "foundation/AtomicFile.h"
#include "project/LockWait.h"
#include "project/SealedText.h"

#include <fmt/format.h>

namespace reticle {

namespace fs = std::filesystem;

namespace {

/// Of a write while a training is at work, ms: the first one waits a little, later ones do not hold the training up.
constexpr int firstPatience = 2000, laterPatience = 100;
constexpr int usualPatience = 10000;
/// Of the file of waiting metrics.
constexpr std::uint64_t longestFile = std::uint64_t(1) << 30;

/// The metrics in that file. Versions before wrote a bare list. Throws Error.
std::vector<Event> metricsIn(const fs::path &file)
{
    const Json json = readSealed(readRegularFile(file, longestFile), file.string());
    const Json list = json.is_object() ? json.value("metrics", Json()) : json;
    if (!list.is_array())
        throw Error({file.string(), "a list of metrics", "another document", {}});
    std::vector<Event> metrics;
    for (const auto &metric : list)
        metrics.push_back(Event::fromJson(metric));
    return metrics;
}

} // namespace

RunJournal::RunJournal(Project &project, const RunInfo &run, EventSink &events) : m_project(project), m_events(events), m_run(run)
{
    std::error_code code;
    if (!fs::exists(fs::symlink_status(file(), code)))
        return;
    m_kept = true;
    try {
        m_metrics = metricsIn(file());
    } catch (const Error &e) {
        m_events.emit({.kind = Event::Kind::Warning,
                       .run = m_run.id,
                       .text = fmt::format("The file {} is damaged, or Reticle did not write it. The training continues, but "
                                           "its curves lack what was in this file ({}).",
                                           file().string(), e.parts().found)});
    }
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
            m_events.emit(
                {.kind = Event::Kind::Log, .run = m_run.id, .text = "The project can be written to again. Nothing was lost."});
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
    Json waiting{{"metrics", Json::array()}};
    for (const auto &metric : m_metrics)
        waiting["metrics"].push_back(metric.toJson());
    writeFileAtomically(file(), sealed("{\n" + waiting.dump(-1, ' ', false, Json::error_handler_t::replace).substr(1)));
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
                                            "other program and resume run {} to save its curves.",
                                            m_run.id));
        }
    m_project.setPatience(usualPatience);
}

} // namespace reticle
