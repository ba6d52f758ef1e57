#pragma once

#include "base/Error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <unistd.h>

namespace reticle::files {

/// A file that is written beside its place and renamed when it is whole; removed where it is not.
class BesideFile
{
public:
    /// Throws Error (Kind::Failed) for a folder that cannot be written.
    explicit BesideFile(std::filesystem::path path) : m_path(std::move(path))
    {
        static unsigned counter = 0;
        const auto name = "." + m_path.filename().string() + "." + std::to_string(::getpid()) + "-" +
                          std::to_string(__atomic_fetch_add(&counter, 1u, __ATOMIC_RELAXED)) + ".part";
        m_beside = m_path.parent_path() / name;
        m_fd = ::open(m_beside.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (m_fd < 0)
            fail(errno);
    }
    ~BesideFile()
    {
        if (m_fd >= 0)
            ::close(m_fd);
        if (!m_done)
            ::unlink(m_beside.c_str());
    }
    BesideFile(const BesideFile &) = delete;
    BesideFile &operator=(const BesideFile &) = delete;

    int descriptor() const { return m_fd; }
    const std::filesystem::path &beside() const { return m_beside; }

    /// All bytes at `offset`; false with errno set.
    bool writeAt(std::uint64_t offset, const void *from, std::size_t bytes)
    {
        const char *p = static_cast<const char *>(from);
        while (bytes > 0) {
            const auto n = ::pwrite(m_fd, p, bytes, static_cast<off_t>(offset));
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0) {
                m_error = n < 0 ? errno : ENOSPC;
                return false;
            }
            p += n;
            offset += static_cast<std::uint64_t>(n);
            bytes -= static_cast<std::size_t>(n);
        }
        return true;
    }
    int error() const { return m_error; }

    /// Puts the file in its place. Throws Error (Kind::Failed).
    void finish()
    {
        if (::fsync(m_fd) != 0)
            fail(errno);
        const int fd = m_fd;
        m_fd = -1;
        if (::close(fd) != 0 || ::rename(m_beside.c_str(), m_path.c_str()) != 0)
            fail(errno);
        m_done = true;
    }

    [[noreturn]] void fail(int code) const
    {
        const std::string hint = code == ENOSPC || code == EDQUOT ? "; free some space or choose another folder" : "";
        throw Error(Error::Kind::Failed, m_path.string(),
                    "it cannot be written: " + std::string(std::strerror(code ? code : EIO)) + hint);
    }

private:
    std::filesystem::path m_path, m_beside;
    int m_fd = -1, m_error = 0;
    bool m_done = false;
};

} // namespace reticle::files
