#include "worker/commands/Commands.h"

#include "protocol/Frame.h"
#include "worker/Environment.h"
#include "worker/Server.h"
#include "worker/SignalControl.h"

#include <array>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace reticle {

int ServeCommand::run() const
{
    // Frames alone go to the real standard output: what a library prints goes to standard error.
    const int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    const int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (out < 0 || in < 0)
        throw Error(Error::Kind::Failed, "serve", "standard input and output must be open.");
    dup2(STDERR_FILENO, STDOUT_FILENO);
    if (const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC); nothing >= 0) {
        dup2(nothing, STDIN_FILENO);
        close(nothing);
    }

    // A signal ends it as the end of the requests does; the pipe wakes the reader.
    std::array<int, 2> wake{};
    if (pipe2(wake.data(), O_CLOEXEC) != 0)
        throw Error(Error::Kind::Failed, "serve", "a pipe cannot be made.");
    const SignalControl signals([&](int) { [[maybe_unused]] const auto written = write(wake[1], "x", 1); });

    Server server(out);
    for (const auto &warning : Environment::get().warnings)
        std::fprintf(stderr, "warning: %s\n", warning.c_str());
    FrameReader reader;
    std::vector<std::uint8_t> bytes(1 << 16);
    for (;;) {
        std::array<pollfd, 2> ready{pollfd{in, POLLIN, 0}, pollfd{wake[0], POLLIN, 0}};
        if (poll(ready.data(), ready.size(), -1) < 0) {
            if (errno == EINTR)
                continue;
            break;
        }
        if (ready[1].revents != 0)
            break;
        if (ready[0].revents == 0)
            continue;
        const ssize_t n = read(in, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        reader.append(std::span(bytes.data(), static_cast<std::size_t>(n)));
        for (bool more = true; more;)
            try {
                const auto message = reader.next();
                if ((more = message.has_value()))
                    server.handle(*message);
            } catch (const Error &e) {
                server.refuse(e);
                // Where the next message begins is not known any more: it ends as at the end of the requests.
                if (reader.lost())
                    throw;
            }
    }
    return 0;
}

} // namespace reticle
