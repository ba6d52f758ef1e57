#include "learn/RandomTurn_p.h"

#include "learn/TorchCompat_p.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace reticle {

namespace {

// A plain mutex would go to the thread that has just let go of it, step after step.
std::mutex s_mutex;
std::condition_variable s_changed;
std::uint64_t s_next = 0, s_serving = 0;
thread_local int s_held = 0;

} // namespace

RandomTurn::RandomTurn()
{
    if (s_held++ > 0)
        return;
    std::unique_lock lock(s_mutex);
    const auto mine = s_next++;
    s_changed.wait(lock, [mine] { return s_serving == mine; });
}

RandomTurn::~RandomTurn()
{
    if (--s_held > 0)
        return;
    {
        const std::lock_guard lock(s_mutex);
        ++s_serving;
    }
    s_changed.notify_all();
}

SameRandom::SameRandom() : m_state(generatorState()) {}

SameRandom::~SameRandom()
{
    setGeneratorState(m_state);
}

} // namespace reticle
