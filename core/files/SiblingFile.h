#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace reticle::files {

/// A file that is written beside its place and renamed when it is whole; removed where it is not. A reader sees the old
/// file or the new one, never a part. The folder is opened once: one that is exchanged meanwhile does not redirect the file.
class SiblingFile
{
public:
    enum class Kind {
        Result,    ///< goes through files/OutputGuard.h, now and at finish()
        NewResult, ///< the same, and no file of that name may be there, now or at finish()
        Own,       ///< of a project, at a place that the project chose
    };

    /// Throws Error: Kind::Input where the guard refuses the place, Kind::Failed for a folder that cannot be written.
    explicit SiblingFile(std::filesystem::path path, Kind kind = Kind::Result);
    ~SiblingFile();
    SiblingFile(const SiblingFile &) = delete;
    SiblingFile &operator=(const SiblingFile &) = delete;

    int descriptor() const { return m_fd; }

    /// All bytes at `offset`; false with error() set.
    bool writeAt(std::uint64_t offset, const void *from, std::size_t bytes);
    /// errno of the write that failed first; 0 = none.
    int error() const { return m_error; }

    /// Flushes to disk and puts the file in its place, also through a power cut. Throws Error.
    void finish();

    /// Throws Error (Kind::Failed) with the sentence for this errno.
    [[noreturn]] void fail(int code) const;

private:
    void drop();

    std::filesystem::path m_path;   ///< as it was asked for
    std::filesystem::path m_target; ///< where it goes: links followed
    std::string m_beside;           ///< name in m_folder
    Kind m_kind;
    int m_folder = -1, m_fd = -1, m_error = 0;
    bool m_done = false;
};

/// A whole file of these bytes at a place that a user chose. Throws Error as SiblingFile does.
void writeResultFile(const std::filesystem::path &path, std::string_view bytes);

/// Makes the names in a folder last through a power cut. Where the file system refuses that nothing happens.
void syncFolder(const std::filesystem::path &folder);

/// What went wrong with a write, and what to do: "the disk is full. Free some space …".
std::string writeProblem(int code);

} // namespace reticle::files
