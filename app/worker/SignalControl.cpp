#include "SignalControl.h"

#include "foundation/Error.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace reticle {

namespace {

// A handler that wakes a thread through a pipe, since blocking the signals for a waiting thread would leave them to the
// threads that OpenBLAS has started before main.
std::array<int, 2> wake{-1, -1};
constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};

extern "C" void onSignal(int)
{
    const int error = errno;
    [[maybe_unused]] const auto written = write(wake[1], "s", 1);
    errno = error;
}

void handle(int signal, void (*handler)(int))
{
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN)
        return; // ignored when the program started (nohup): it stays so
    action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

} // namespace

SignalControl::SignalControl(std::function<void(int)> action) : m_action(std::move(action))
{
    std::signal(SIGPIPE, SIG_IGN);
    if (wake[0] < 0 && pipe2(wake.data(), O_CLOEXEC) != 0)
        throw Error(Error::Kind::Failed, "", "A pipe cannot be made.");
    for (const int s : signals)
        handle(s, onSignal);
    m_thread = std::thread([this] {
        int count = 0;
        for (char byte = 0;;) {
            const ssize_t n = read(wake[0], &byte, 1);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0 || byte == 'q')
                return;
            m_action(++count);
        }
    });
}

SignalControl::~SignalControl()
{
    for (const int s : signals)
        handle(s, SIG_DFL);
    [[maybe_unused]] const auto written = write(wake[1], "q", 1);
    m_thread.join();
}

} // namespace reticle
