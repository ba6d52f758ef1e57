#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <thread>

namespace reticle {

/// Says again and again that a run's writer lives, from a thread of its own: also while the run is paused, loads its data or
/// validates, which may take longer than other machines wait for a sign of life. A beat that cannot be written is left
/// out.
class RunPulse
{
public:
    RunPulse(std::filesystem::path project, std::int64_t run, std::chrono::milliseconds interval = std::chrono::minutes(1));
    ~RunPulse();
    RunPulse(const RunPulse &) = delete;
    RunPulse &operator=(const RunPulse &) = delete;

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_ending = false;
    std::thread m_thread;
};

} // namespace reticle
