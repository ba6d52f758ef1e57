#include "base/Project.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace reticle {

namespace {

[[noreturn]] void failed(const std::filesystem::path &path, int error)
{
    throw Error(Error::Kind::Failed, path.string(), fmt::format("cannot be written ({}).", std::strerror(error)));
}

} // namespace

void writeFileAtomically(const std::filesystem::path &path, std::string_view bytes)
{
    // The name is this process' and call's own, so that two writers never share a half-written file.
    static std::atomic<unsigned> calls{0};
    const std::string beside = fmt::format("{}.{}-{}.part", path.string(), getpid(), calls++);
    const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        failed(path, errno);
    int error = 0;
    for (std::size_t done = 0; done < bytes.size() && !error;) {
        const ssize_t n = write(fd, bytes.data() + done, bytes.size() - done);
        if (n >= 0)
            done += static_cast<std::size_t>(n);
        else if (errno != EINTR)
            error = errno;
    }
    if (!error && fsync(fd) != 0 && errno != EINVAL)
        error = errno;
    if (close(fd) != 0 && !error)
        error = errno;
    if (!error && rename(beside.c_str(), path.c_str()) != 0)
        error = errno;
    if (error) {
        unlink(beside.c_str());
        failed(path, error);
    }
    // The rename itself lasts through a power cut once the folder is on disk; where that is refused nothing is lost.
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (const int dir = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); dir >= 0) {
        fsync(dir);
        close(dir);
    }
}

} // namespace reticle
