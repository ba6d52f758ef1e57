#include "files/StandardStreams.h"

#include "files/SiblingFile.h"

#include <cerrno>
#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace reticle::files {

void secureStandardStreams()
{
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
            // The lowest free number is this one. What is printed to a stream opened for reading fails, as it did before.
            [[maybe_unused]] const int opened = ::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
        }
    std::signal(SIGXFSZ, SIG_IGN);
}

std::string standardOutputProblem()
{
    errno = 0;
    const bool flushed = std::fflush(stdout) == 0;
    int error = errno;
    if (flushed && !std::ferror(stdout))
        return {};
    // What failed before is known only by failing again; an empty line more does not harm what is cut short already.
    if (flushed && write(STDOUT_FILENO, "\n", 1) < 0)
        error = errno;
    pollfd reader{STDOUT_FILENO, POLLOUT, 0};
    if (error == EPIPE || (poll(&reader, 1, 0) >= 0 && (reader.revents & POLLERR)))
        return {};
    std::string why = error == ENOSPC || error == EFBIG || error == EDQUOT || error == EIO ? writeProblem(error)
                                                                                           : "Choose another place for it.";
    return "Not everything that was printed could be written to the standard output: " + why;
}

} // namespace reticle::files
