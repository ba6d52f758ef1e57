#pragma once

#include "protocol/Event.h"
#include "protocol/RunScores.h"

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

namespace reticle {

/// The event as one line of JSON without its arrays, which are for the window.
std::string eventLine(const Event &event);

/// "3 min left", "1 h 20 min left".
std::string remainingText(double seconds);

/// Events for a person or a script: with `json` one object a line, else a calm line that rewrites itself on a terminal
/// or a plain line now and then where the output is a file. Warnings go to standard error. A reader that goes away is
/// no reason to stop. Thread-safe.
class EventPrinter : public EventSink
{
public:
    EventPrinter(bool json, std::FILE *out);
    ~EventPrinter() override;
    void emit(const Event &event) override;

private:
    using Clock = std::chrono::steady_clock;
    void print(const std::string &line);
    void showProgress(bool now);
    void endLine();

    std::mutex m_mutex;
    const bool m_json;
    std::FILE *const m_out;
    const bool m_terminal;
    bool m_open = false; ///< an unfinished line stands on the terminal
    Clock::time_point m_last{};
    double m_loss = std::numeric_limits<double>::quiet_NaN(), m_validation = m_loss, m_validationLoss = m_loss,
           m_fraction = m_loss, m_remaining = m_loss;
    std::int64_t m_step = 0, m_total = 0;
    ScoreInfo m_selection = RunScores().selectedScore(); ///< the score that a validation is reported by
};

} // namespace reticle
