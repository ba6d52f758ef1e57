#include "Apart.h"

#include "foundation/Error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace reticle {

namespace {

using Clock = std::chrono::steady_clock;

/// Environment variable: the number of the process that has started this one for its work.
const std::string parentName = "RETICLE_PARENT";

Error notStarted(int error)
{
    return Error(Error::Kind::Failed, "",
                 std::string("A process of its own could not be started: ") + std::strerror(error) +
                     ". Close other programs and try again.");
}

struct Pipe
{
    std::array<int, 2> ends{-1, -1};
    Pipe()
    {
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            throw notStarted(errno);
    }
    ~Pipe()
    {
        for (int &end : ends)
            closeEnd(end);
    }
    Pipe(const Pipe &) = delete;
    Pipe &operator=(const Pipe &) = delete;
    static void closeEnd(int &end)
    {
        if (end >= 0)
            close(end);
        end = -1;
    }
};

} // namespace

ApartOutcome runApart(const std::vector<std::string> &arguments, const std::string &input, double seconds, std::string program,
                      const std::function<bool()> &goOn)
{
    Pipe in, out;
    if (program.empty())
        program = "/proc/self/exe"; // also where the file has been replaced by a newer one since
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char *> argv;
    for (auto &w : words)
        argv.push_back(w.data());
    argv.push_back(nullptr);
    std::string parent = parentName + ('=' + std::to_string(getpid()));
    std::vector<char *> environment;
    for (char **e = environ; *e; ++e)
        if (std::strncmp(*e, parent.c_str(), parentName.size() + 1) != 0)
            environment.push_back(*e);
    environment.push_back(parent.data());
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.ends[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
    pid_t child = 0;
    const int error = posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw notStarted(error);
    Pipe::closeEnd(in.ends[0]);
    Pipe::closeEnd(out.ends[1]);

    // What goes in and what comes out in turns, so that neither waits for the other. Without SIGPIPE, which SignalControl
    // ignores, a child that has ended is seen by its closed pipe.
    ApartOutcome outcome;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    fcntl(in.ends[1], F_SETFL, O_NONBLOCK);
    std::size_t sent = 0;
    std::array<char, 1 << 16> buffer;
    for (;;) {
        if (sent == input.size())
            Pipe::closeEnd(in.ends[1]);
        const double left = std::chrono::duration<double>(end - Clock::now()).count();
        if (left <= 0) {
            outcome.late = true;
            kill(child, SIGKILL);
            break;
        }
        if (goOn && !goOn()) {
            outcome.stopped = true;
            kill(child, SIGKILL);
            break;
        }
        std::array<pollfd, 2> both{pollfd{out.ends[0], POLLIN, 0}, pollfd{in.ends[1], POLLOUT, 0}};
        const int ready = poll(both.data(), in.ends[1] >= 0 ? 2 : 1, static_cast<int>(std::min(left, 0.1) * 1000) + 1);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready <= 0)
            continue;
        if (in.ends[1] >= 0 && both[1].revents != 0) {
            const ssize_t n = write(in.ends[1], input.data() + sent, input.size() - sent);
            if (n > 0)
                sent += static_cast<std::size_t>(n);
            else if (n < 0 && errno != EAGAIN && errno != EINTR)
                sent = input.size(); // it reads no more
        }
        if (both[0].revents != 0) {
            const ssize_t n = read(out.ends[0], buffer.data(), buffer.size());
            if (n == 0)
                break;
            if (n > 0)
                outcome.output.append(buffer.data(), static_cast<std::size_t>(n));
            else if (errno != EINTR && errno != EAGAIN)
                break;
        }
    }
    // A child may close its output long before it ends.
    int status = 0;
    for (;;) {
        const pid_t ended = waitpid(child, &status, outcome.late || outcome.stopped ? 0 : WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR))
            break;
        if (outcome.late || outcome.stopped)
            continue;
        outcome.late = Clock::now() >= end;
        outcome.stopped = !outcome.late && goOn && !goOn();
        if (outcome.late || outcome.stopped)
            kill(child, SIGKILL);
        else
            poll(nullptr, 0, 2);
    }
    if (WIFEXITED(status))
        outcome.status = WEXITSTATUS(status);
    else if (WIFSIGNALED(status))
        outcome.signal = WTERMSIG(status);
    return outcome;
}

void endWithParent()
{
    const char *parent = std::getenv(parentName.c_str());
    if (!parent)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (std::to_string(getppid()) != parent) // it has ended before
        _exit(1);
}

void goFirstWhereMemoryRunsOut()
{
    std::ofstream("/proc/self/oom_score_adj") << 1000; // fails where it is not allowed, and nothing is lost
}

} // namespace reticle
