#pragma once

#include "foundation/Json.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>

namespace reticle {

/// What long work reports. As JSON one object, with at least event, run, time, step, name and value.
struct Event
{
    enum class Kind {
        Started,    ///< data: {"recipe":…, "weights": n, "device": …} and what a run says of its scores (RunScores.h)
        Progress,   ///< step of total; value = fraction done 0..1; data: {"remaining": seconds or null}
        Metric,     ///< name ("train.loss", "validation.dice", "learning-rate"), step, value
        Log,        ///< text
        Example,    ///< current input, target, prediction; data: {"images": [Array, …], "titles": […]}
        Checkpoint, ///< a state that can be resumed is on disk; text = its file name inside the run's folder
        Warning,    ///< text; work goes on
        Paused,
        Resumed,
        Done,   ///< data: summary
        Failed, ///< text = the sentence; the run is kept
        Cancelled,
    };

    Kind kind = Kind::Log;
    std::int64_t run = 0; ///< number of the run inside its project; 0 = none
    double time = 0;      ///< seconds of work since the run began, over all its resumptions
    std::int64_t step = 0;
    std::string name;
    double value = std::numeric_limits<double>::quiet_NaN();
    std::int64_t total = 0; ///< 0 = not known
    std::string text;
    Json data;

    Json toJson() const; ///< NaN and infinite values become null
    static Event fromJson(const Json &json);
};

std::string_view nameOf(Event::Kind kind);

/// Where events go. emit() may be called from any thread and never blocks for long.
class EventSink
{
public:
    virtual ~EventSink() = default;
    virtual void emit(const Event &event) = 0;
};

/// Asks long work to pause, go on or end. Work calls goOn() at every step. Thread-safe.
class RunControl
{
public:
    enum class End {
        None,
        Stop,   ///< end soon, keep a loadable model, count as done
        Cancel, ///< end soon, count as cancelled
    };

    void pause();
    void resume();
    void end(End how); ///< also ends a pause
    End ending() const { return m_end; }
    bool pausing() const { return m_paused; }

    /// False when the work shall end. While paused it calls `onPause(true)` once, blocks, then `onPause(false)`.
    template <class F> bool goOn(F &&onPause)
    {
        if (m_paused) {
            onPause(true);
            wait();
            onPause(false);
        }
        return m_end == End::None;
    }
    bool goOn()
    {
        return goOn([](bool) {});
    }

private:
    void wait();

    std::atomic<bool> m_paused{false};
    std::atomic<End> m_end{End::None};
    std::mutex m_mutex;
    std::condition_variable m_changed;
};

} // namespace reticle
