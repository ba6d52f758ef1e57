#include "SignalControl.h"

#include <csignal>

namespace reticle {

namespace {

sigset_t handledSignals()
{
    sigset_t set;
    sigemptyset(&set);
    // A signal that was ignored when the program started (nohup) stays so.
    for (const int s : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action;
        if (sigaction(s, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&set, s);
    }
    return set;
}

} // namespace

SignalControl::SignalControl(std::function<void(int)> action) : m_action(std::move(action))
{
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set = handledSignals();
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_thread = std::thread([this, set] {
        int count = 0;
        for (;;) {
            int signal = 0;
            if (sigwait(&set, &signal) != 0)
                continue;
            if (signal == SIGUSR1)
                return;
            m_action(++count);
        }
    });
}

SignalControl::~SignalControl()
{
    pthread_kill(m_thread.native_handle(), SIGUSR1);
    m_thread.join();
}

} // namespace reticle
