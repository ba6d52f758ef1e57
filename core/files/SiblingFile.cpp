#include "files/SiblingFile.h"

#include "files/OutputGuard.h"
#include "files/PartFiles.h"
#include "foundation/Error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reticle::files {

SiblingFile::SiblingFile(std::filesystem::path path, Kind kind) : m_path(std::move(path)), m_target(m_path), m_kind(kind)
{
    if (kind == Kind::Result)
        m_target = outputTarget(m_path);
    else if (kind == Kind::NewResult)
        m_target = requireNewOutput(m_path);
    const auto folder = m_target.has_parent_path() ? m_target.parent_path() : std::filesystem::path(".");
    removeLeftPartsOnce(folder);
    m_folder = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (m_folder < 0)
        fail(errno);
    m_beside = partName(m_target.filename().string());
    m_fd = ::openat(m_folder, m_beside.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (m_fd < 0) {
        const int error = errno;
        ::close(m_folder);
        fail(error);
    }
}

SiblingFile::~SiblingFile()
{
    drop();
    ::close(m_folder);
}

void SiblingFile::drop()
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
    if (!m_done)
        ::unlinkat(m_folder, m_beside.c_str(), 0);
}

bool SiblingFile::writeAt(std::uint64_t offset, const void *from, std::size_t bytes)
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

void SiblingFile::finish()
{
    if (m_error)
        fail(m_error);
    if (::fsync(m_fd) != 0 && errno != EINVAL)
        fail(errno);
    const int fd = m_fd;
    m_fd = -1;
    if (::close(fd) != 0)
        fail(errno);
    const std::string name = m_target.filename().string();
    if (m_kind != Kind::Own)
        requireOutputStill(m_folder, m_target, m_path);
    if (m_kind == Kind::NewResult) {
        // A second name fails where any file is, which a rename would replace.
        if (::linkat(m_folder, m_beside.c_str(), m_folder, name.c_str(), 0) == 0) {
            ::unlinkat(m_folder, m_beside.c_str(), 0);
        } else if (errno == EEXIST) {
            throw Error(Error::Kind::Failed, m_path.string(),
                        "another file of that name was made meanwhile, and it is left as it is; choose another folder.");
        } else if (::renameat(m_folder, m_beside.c_str(), m_folder, name.c_str()) != 0) { // no hard links here
            fail(errno);
        }
    } else if (::renameat(m_folder, m_beside.c_str(), m_folder, name.c_str()) != 0) {
        fail(errno);
    }
    m_done = true;
    // The new name itself lasts through a power cut once the folder is on disk; where that is refused nothing is lost.
    ::fsync(m_folder);
}

void SiblingFile::fail(int code) const
{
    throw Error(Error::Kind::Failed, m_path.string(), "it cannot be written: " + writeProblem(code));
}

void writeResultFile(const std::filesystem::path &path, std::string_view bytes)
{
    SiblingFile file(path);
    if (!file.writeAt(0, bytes.data(), bytes.size()))
        file.fail(file.error());
    file.finish();
}

void syncFolder(const std::filesystem::path &folder)
{
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    ::fsync(fd);
    ::close(fd);
}

std::string writeProblem(int code)
{
    switch (code) {
    case ENOSPC: return "the disk is full. Free some space or choose another folder.";
    case EDQUOT: return "your share of the disk is used up. Free some space or choose another folder.";
    case EFBIG: return "the file would be larger than this system allows. Raise the limit or choose another folder.";
    case EROFS: return "the disk is read-only. Choose another folder.";
    case EACCES:
    case EPERM: return "you may not write there. Choose another folder.";
    case ENOENT: return "there is no folder of that name. Make it or choose another folder.";
    case ENOTDIR: return "a file is in the place of its folder. Choose another folder.";
    case EISDIR: return "a folder of that name is there. Choose another name.";
    case ENAMETOOLONG: return "the name is too long. Choose a shorter one.";
    case EIO: return "the disk failed (" + std::string(std::strerror(EIO)) + "). Check the disk or choose another folder.";
    default: return std::string(std::strerror(code ? code : EIO)) + ". Check the disk or choose another folder.";
    }
}

} // namespace reticle::files
