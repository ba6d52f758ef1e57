// Projects that cannot be written to: a read-only folder or disk, or a full one.

#include "project/Project_p.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reticle {

namespace fs = std::filesystem;

namespace {

/// The database, what was written since its last tidying, and what a power cut left half-done.
constexpr const char *copied[] = {"project.sqlite", "project.sqlite-wal", "project.sqlite-journal"};

std::string stampOf(const fs::path &project)
{
    std::string stamp;
    for (const char *name : copied) {
        struct stat s = {};
        if (::stat((project / name).c_str(), &s) != 0)
            stamp += "none;";
        else
            stamp += fmt::format("{} {} {}.{};", s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
    }
    return stamp;
}

/// A new folder of this user alone.
fs::path temporaryFolder()
{
    std::error_code code;
    std::vector<fs::path> places{fs::temp_directory_path(code), "/dev/shm", "/var/tmp"};
    for (const auto &place : places) {
        std::string name = (place / "reticle-project-XXXXXX").string();
        if (!place.empty() && mkdtemp(name.data()))
            return name;
    }
    throw Error(Error::Kind::Failed, places.front().string(),
                "the project is read-only, and its database cannot be copied here to be read. Set TMPDIR to a folder with "
                "room.");
}

/// Why nothing can be written there; empty where it can.
std::string whyNot(const fs::path &project)
{
    for (const fs::path &place : {project, project / "project.sqlite"})
        if (faccessat(AT_FDCWD, place.c_str(), W_OK, AT_EACCESS) != 0) {
            if (errno == EROFS)
                return "its disk is read-only";
            if (errno == EACCES || errno == EPERM)
                return "you may not write to it";
        }
    return {};
}

} // namespace

ProjectCopy::ProjectCopy(const fs::path &project) : m_project(project), m_folder(temporaryFolder())
{
    try {
        // Until nothing was written while it was copied.
        for (int attempt = 0;; ++attempt) {
            m_stamp = stampOf(project);
            for (const char *name : copied) {
                fs::remove(m_folder / name);
                if (fs::exists(project / name))
                    fs::copy_file(project / name, m_folder / name);
                if (fs::exists(m_folder / name))
                    fs::permissions(m_folder / name, fs::perms::owner_read | fs::perms::owner_write);
            }
            if (stampOf(project) == m_stamp)
                return;
            if (attempt == 50)
                throw ProjectLocked(Error::Kind::Failed, (project / "project.sqlite").string(),
                                    "the project is being written all the time. Try again in a moment.");
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    } catch (const fs::filesystem_error &e) {
        std::error_code code;
        fs::remove_all(m_folder, code);
        throw Error(Error::Kind::Failed, m_folder.parent_path().string(),
                    "the project cannot be written to, and its database cannot be copied here to be read: " +
                        files::writeProblem(e.code().value()));
    } catch (...) {
        std::error_code code;
        fs::remove_all(m_folder, code);
        throw;
    }
}

ProjectCopy::~ProjectCopy()
{
    std::error_code code;
    fs::remove_all(m_folder, code);
}

fs::path ProjectCopy::database() const
{
    return m_folder / "project.sqlite";
}

bool ProjectCopy::outdated() const
{
    return stampOf(m_project) != m_stamp;
}

void Project::Private::open()
{
    if (const auto why = whyNot(folder); !why.empty()) {
        openCopy(why);
        return;
    }
    try {
        guarded([&] {
            db = std::make_unique<SQLite::Database>((folder / "project.sqlite").string(), SQLite::OPEN_READWRITE, patience);
        });
        prepare();
        restoreCutOff();
        removeLeftFiles();
    } catch (const ProjectUnwritable &e) {
        db.reset();
        openCopy(e.why);
    }
}

void Project::Private::openCopy(const std::string &why)
{
    whyReadOnly = why;
    guarded([&] {
        copy = std::make_unique<ProjectCopy>(folder);
        db = std::make_unique<SQLite::Database>(copy->database().string(), SQLite::OPEN_READWRITE, patience);
    });
    prepare();
}

void Project::Private::refreshCopy() const
{
    if (!copy->outdated())
        return;
    // What is read stays in one object; only what it is read from changes.
    auto &self = const_cast<Private &>(*this);
    try {
        auto fresh = std::make_unique<ProjectCopy>(folder);
        auto opened = std::make_unique<SQLite::Database>(fresh->database().string(), SQLite::OPEN_READWRITE, patience);
        self.db = std::move(opened);
        self.copy = std::move(fresh);
    } catch (const SQLite::Exception &e) {
        fail(e);
    }
    self.prepare();
}

} // namespace reticle
