#include "project/RunPulse.h"

#include "project/Project.h"

#include <optional>

namespace reticle {

namespace {

/// Of a beat, ms: the next one comes soon, and the end of a run does not wait for it.
constexpr int patience = 500;

} // namespace

RunPulse::RunPulse(std::filesystem::path project, std::int64_t run, std::chrono::milliseconds interval)
{
    m_thread = std::thread([this, folder = std::move(project), run, interval] {
        std::optional<Project> own; // a Project is for one thread; most runs end before they need it
        std::unique_lock lock(m_mutex);
        while (!m_changed.wait_for(lock, interval, [this] { return m_ending; })) {
            lock.unlock();
            try {
                if (!own) {
                    own = Project::open(folder);
                    own->setPatience(patience);
                }
                own->beat(run);
            } catch (const std::exception &) {
                // Locked, or its disk is full or gone: the training itself says so.
            }
            lock.lock();
        }
    });
}

RunPulse::~RunPulse()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

} // namespace reticle
