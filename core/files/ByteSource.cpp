#include "files/ByteSource.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reticle {

void ByteSource::damaged(const std::string &reason) const
{
    throw Error(Error::Kind::Input, m_name,
                fmt::format("This file is damaged ({}). Restore it from a copy, or train the run again.", reason));
}

void ByteSource::foreign(const std::string &found) const
{
    throw ForeignFile(Error::Kind::Input, m_name,
                      fmt::format("Reticle did not write this file: it is {}. Nothing in it was used. Put the run's "
                                  "own file back, or train the run again.",
                                  found));
}

void ByteSource::requireInside(std::uint64_t offset, std::size_t count) const
{
    if (offset > size() || count > size() - offset)
        damaged("it is cut short");
}

RegularFile::RegularFile(const std::filesystem::path &path) : ByteSource(path.string())
{
    // Opening a pipe would otherwise wait for a writer.
    m_fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (m_fd < 0)
        throw Error({path.string(), "a file that can be read", std::strerror(errno), {}});
    struct stat status
    {
    };
    if (::fstat(m_fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(m_fd);
        foreign(S_ISDIR(status.st_mode) ? "a folder" : "a pipe or a device");
    }
    m_size = static_cast<std::uint64_t>(status.st_size);
}

RegularFile::~RegularFile()
{
    ::close(m_fd);
}

void RegularFile::read(std::uint64_t offset, std::span<std::byte> to) const
{
    requireInside(offset, to.size());
    while (!to.empty()) {
        const ssize_t n = ::pread(m_fd, to.data(), to.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw UnreadableFile(
                Error::Kind::Failed, name(),
                fmt::format("The disk failed to read this file ({}). Restore it from a copy.", std::strerror(errno)));
        if (n == 0)
            damaged("it is cut short");
        to = to.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
}

void MemoryBytes::read(std::uint64_t offset, std::span<std::byte> to) const
{
    requireInside(offset, to.size());
    if (!to.empty())
        std::memcpy(to.data(), m_bytes.data() + offset, to.size());
}

void FirstBytes::read(std::uint64_t offset, std::span<std::byte> to) const
{
    requireInside(offset, to.size());
    m_whole.read(offset, to);
}

std::string readRegularFile(const std::filesystem::path &path, std::uint64_t maximum)
{
    const RegularFile file(path);
    if (file.size() > maximum)
        throw Error(Error::Kind::Input, path.string(),
                    fmt::format("This file has {} bytes, more than the {} that such a file may have. Put the right file "
                                "in its place.",
                                file.size(), maximum));
    std::string bytes(static_cast<std::size_t>(file.size()), '\0');
    file.read(0, std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

} // namespace reticle
