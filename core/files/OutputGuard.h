#pragma once

#include <filesystem>
#include <list>
#include <string>
#include <vector>

// The one place that decides where a result may be written. Every writer of a path that a user chooses goes through it
// twice: before any work, and again right before the finished file gets its name (files/SiblingFile.h).

namespace reticle {

/// Files and folders that a command reads. While the object lives, no writer of this process replaces one of them, adds a
/// file to a folder among them, or writes through a link to one of them; nor over a file that a link in such a folder leads
/// to. Files and folders are told apart by what they are, so that other names and mounts of them are known. Threads: any.
class InputsInUse
{
public:
    InputsInUse() = default;
    explicit InputsInUse(const std::vector<std::string> &paths);
    ~InputsInUse();
    InputsInUse(InputsInUse &&other) noexcept;
    InputsInUse &operator=(InputsInUse &&other) noexcept;

    /// Empty paths and those where nothing is are ignored.
    void add(const std::filesystem::path &path);
    /// Each file of this project, under any name that it has, and those in folders that are linked or mounted in it.
    void addProject(const std::filesystem::path &folder);

private:
    void clear();
    std::vector<std::uint64_t> m_entries;
};

/// While it lives, this thread writes what belongs into a project, such as its results. Inputs stay protected.
class ProjectsOwnWrites
{
public:
    ProjectsOwnWrites();
    ~ProjectsOwnWrites();
    ProjectsOwnWrites(const ProjectsOwnWrites &) = delete;
    ProjectsOwnWrites &operator=(const ProjectsOwnWrites &) = delete;
};

enum class Place { File, Folder };

/// Throws Error (Kind::Input) where no result may or can be written at `path`, before any work is done for it: nothing is
/// there but a file or folder of the other kind, a device, a pipe, a socket or a link to nothing; one of the InputsInUse; a
/// file of any project, other than a prediction in runs/N/predictions; a place without write permission. What is
/// there otherwise, such as an earlier result, may be replaced. `path` need not exist yet; nothing is made.
/// Returns the place with links followed, where the file is to be put.
std::filesystem::path requireOutput(const std::filesystem::path &path, Place kind);

/// Throws Error (Kind::Input) where `path` is no folder that can be written to, or made. What is in it does not matter: the
/// place of a project.
void requireWritableFolder(const std::filesystem::path &path);
/// As requireOutput() for a file, but without asking whether the disk lets it be written, which the writing itself shows.
std::filesystem::path outputTarget(const std::filesystem::path &path);
/// As outputTarget(), and throws Error where any file is there.
std::filesystem::path requireNewOutput(const std::filesystem::path &path);

/// What may have changed since requireOutput(path) returned `target`: throws Error (Kind::Failed) where the file may no longer
/// be put there. `folder`: descriptor of the folder that holds it.
void requireOutputStill(int folder, const std::filesystem::path &target, const std::filesystem::path &path);

/// The nearest folder at or above `place` that holds a project.sqlite; empty where there is none.
std::filesystem::path projectAbove(const std::filesystem::path &place);

} // namespace reticle
