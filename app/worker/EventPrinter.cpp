#include "EventPrinter.h"

#include "documents/PlainText.h"

#include <fmt/format.h>

#include <cmath>

#include <unistd.h>

namespace reticle {

namespace {

constexpr std::size_t longestLine = 4000; ///< bytes of one message

void dropBinary(Json &j)
{
    if (j.is_binary()) {
        j = fmt::format("{} bytes", j.get_binary().size());
        return;
    }
    if (j.is_structured())
        for (auto &entry : j)
            dropBinary(entry);
}

} // namespace

std::string eventLine(const Event &event)
{
    Json j = event.toJson();
    if (j.contains("data"))
        dropBinary(j["data"]);
    return j.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string remainingText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return {};
    if (seconds < 60)
        return fmt::format("{:.0f} s left", std::ceil(seconds));
    const auto minutes = static_cast<long long>(std::ceil(seconds / 60));
    return minutes < 60 ? fmt::format("{} min left", minutes) : fmt::format("{} h {} min left", minutes / 60, minutes % 60);
}

EventPrinter::EventPrinter(bool json, std::FILE *out) : m_json(json), m_out(out), m_terminal(isatty(fileno(out))) {}

EventPrinter::~EventPrinter()
{
    endLine();
}

void EventPrinter::print(const std::string &line)
{
    endLine();
    std::fputs((line + "\n").c_str(), m_out);
    std::fflush(m_out);
}

void EventPrinter::endLine()
{
    if (m_open) {
        std::fputs("\n", m_out);
        std::fflush(m_out);
        m_open = false;
    }
}

void EventPrinter::showProgress(bool now)
{
    const auto interval = m_terminal ? std::chrono::milliseconds(250) : std::chrono::seconds(10);
    const auto time = Clock::now();
    if (!now && m_last != Clock::time_point{} && time - m_last < interval)
        return;
    m_last = time;
    std::string line;
    if (std::isfinite(m_fraction))
        line += fmt::format("{:3.0f} %  ", 100 * m_fraction);
    if (m_step > 0)
        line += m_total > 0 ? fmt::format("step {}/{}  ", m_step, m_total) : fmt::format("step {}  ", m_step);
    if (std::isfinite(m_loss))
        line += fmt::format("loss {:.4f}  ", m_loss);
    if (std::isfinite(m_validation))
        line += fmt::format("validation {} {:.4f}{}{}  ", m_selection.title, m_validation, m_selection.unit.empty() ? "" : " ",
                            m_selection.unit);
    else if (std::isfinite(m_validationLoss))
        line += fmt::format("validation loss {:.6f}  ", m_validationLoss);
    line += remainingText(m_remaining);
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.empty())
        return;
    if (m_terminal) {
        std::fputs(("\r\x1b[K" + line).c_str(), m_out);
        std::fflush(m_out);
        m_open = true;
    } else {
        print(line);
    }
}

void EventPrinter::emit(const Event &event)
{
    const std::lock_guard lock(m_mutex);
    if (event.kind == Event::Kind::Warning) {
        endLine();
        std::fprintf(stderr, "warning: %s\n", shortened(oneLine(event.text), longestLine).c_str());
    }
    if (m_json) {
        print(eventLine(event));
        return;
    }
    switch (event.kind) {
    case Event::Kind::Started:
        m_loss = m_validation = m_validationLoss = std::nan("");
        m_selection = RunScores::of(event.data).selectedScore();
        print(event.text.empty() ? (event.run > 0 ? fmt::format("Run {} started.", event.run) : "Started.") : event.text);
        break;
    case Event::Kind::Progress:
        m_fraction = event.value;
        m_step = event.step;
        m_total = event.total;
        m_remaining = event.data.is_object() && event.data.contains("remaining") && event.data["remaining"].is_number()
                          ? event.data["remaining"].get<double>()
                          : std::nan("");
        showProgress(event.value >= 1);
        break;
    case Event::Kind::Metric:
        if (event.name == "train.loss") {
            m_loss = event.value;
        } else if (event.name == "validation.loss") {
            m_validationLoss = event.value;
            if (m_selection.name == "loss")
                showProgress(true);
        } else if (event.name == "validation." + m_selection.name) {
            m_validation = event.value;
            showProgress(true);
        }
        break;
    case Event::Kind::Log: print(shortened(oneLine(event.text), longestLine)); break;
    case Event::Kind::Paused: print("Paused."); break;
    case Event::Kind::Resumed: print("Going on."); break;
    case Event::Kind::Done: print(event.text.empty() ? "Done." : event.text); break;
    case Event::Kind::Cancelled: print("Cancelled."); break;
    case Event::Kind::Failed: // said once, by the program's end
    case Event::Kind::Warning:
    case Event::Kind::Example:
    case Event::Kind::Checkpoint: break;
    }
}

} // namespace reticle
