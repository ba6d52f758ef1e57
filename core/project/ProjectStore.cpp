#include "documents/DocumentBuilder.h"
#include "project/Project_p.h"
#include "project/RowSeals.h"

#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace reticle {

namespace fs = std::filesystem;

namespace {

/// "RETI" in the database's header: what tells a project from any other SQLite file.
constexpr int applicationId = 0x52455449;

/// Entry i takes the database from version i to i + 1; a new project goes through all of them.
constexpr std::array<const char *, Project::currentVersion> migrations{
    R"sql(
CREATE TABLE inputs (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL, bytes INTEGER NOT NULL,
  modified INTEGER NOT NULL, description TEXT NOT NULL DEFAULT 'null');
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL DEFAULT '', status TEXT NOT NULL, recipe TEXT NOT NULL,
  started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0,
  step INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL DEFAULT 'null',
  writer TEXT NOT NULL DEFAULT '');
CREATE TABLE metrics (
  run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, step INTEGER NOT NULL,
  time REAL NOT NULL, value REAL);
CREATE TABLE results (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER REFERENCES runs(id) ON DELETE SET NULL, name TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '', created TEXT NOT NULL, figures TEXT NOT NULL DEFAULT '[]');
)sql",
    // Names of metrics are kept once and points in the order in which they are read; the options of results and the
    // last sign of life of a run's writer are kept; a run can be removed and taken back; an input is kept once.
    R"sql(
CREATE TABLE metric_names (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL,
  UNIQUE (run, name));
INSERT INTO metric_names (run, name) SELECT DISTINCT run, name FROM metrics ORDER BY run, name;
ALTER TABLE metrics RENAME TO metrics_1;
CREATE TABLE metrics (
  name INTEGER NOT NULL REFERENCES metric_names(id) ON DELETE CASCADE, step INTEGER NOT NULL, time REAL NOT NULL,
  value REAL, PRIMARY KEY (name, step)) WITHOUT ROWID;
INSERT OR REPLACE INTO metrics (name, step, time, value)
  SELECT n.id, m.step, m.time, m.value FROM metrics_1 m JOIN metric_names n ON n.run = m.run AND n.name = m.name
  ORDER BY m.rowid;
DROP TABLE metrics_1;
ALTER TABLE results ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE runs ADD COLUMN heartbeat INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
DELETE FROM inputs WHERE id NOT IN (SELECT min(id) FROM inputs GROUP BY path, role, hash);
CREATE UNIQUE INDEX inputs_once ON inputs (path, role, hash);
)sql",
    // Runs of one recipe that compares models.
    R"sql(
CREATE TABLE comparisons (
  id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL DEFAULT '', recipe TEXT NOT NULL, created TEXT NOT NULL);
ALTER TABLE runs ADD COLUMN comparison INTEGER NOT NULL DEFAULT 0;
)sql",
    // Inputs are found again when they were moved together with the project, and by the name that a recipe calls them.
    R"sql(
ALTER TABLE inputs ADD COLUMN relative TEXT NOT NULL DEFAULT '';
ALTER TABLE inputs ADD COLUMN named TEXT NOT NULL DEFAULT '';
)sql"};

/// The first version whose rows carry checksums.
constexpr int sealedVersion = 4;

/// Larger databases are taken at their word: reading them through would make opening slow.
constexpr std::uintmax_t checkedBytes = 64u << 20;

Error damaged(const fs::path &folder)
{
    return Error({(folder / "project.sqlite").string(), "the database of a Reticle project", "a damaged or foreign file",
                  "restore the project from a copy; the file was left as it is"});
}

bool holdsMoreThanDatabase(const fs::path &folder)
{
    std::error_code code;
    for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
        const auto name = it->path().filename().string();
        std::error_code none;
        const bool empty = it->is_directory(none) && fs::is_empty(it->path(), none);
        if (!name.starts_with("project.sqlite") && !empty)
            return true;
    }
    return false;
}

/// SQLite often calls a full disk a failure of the disk. Room for less than its shared memory and a page counts as none.
bool diskIsFull(const fs::path &folder)
{
    std::error_code code;
    const auto space = fs::space(folder, code);
    return !code && space.available < (64u << 10);
}

/// What the system says to a new file in the folder, which is gone again at once; 0 where one can be made. Where SQLite cannot
/// make one it asks again to read and keeps that answer only, and a disk without room for one more file has room for bytes.
int whyNoNewFile(const fs::path &folder)
{
    const int file = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0)
        return errno;
    ::close(file);
    return 0;
}

/// Whether the database or its log are about as long as this process may make a file: SQLite keeps that to itself.
bool fileLimitReached(const fs::path &folder)
{
    rlimit limit{};
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return false;
    for (const char *name : {"project.sqlite", "project.sqlite-wal", "project.sqlite-shm", "project.sqlite-journal"}) {
        std::error_code code;
        const auto size = fs::file_size(folder / name, code);
        if (!code && size + (64u << 10) > limit.rlim_cur)
            return true;
    }
    return false;
}

ProjectUnwritable longestReached(const std::string &file)
{
    return {file,
            "the limit on the size of files was reached. What was saved before is safe; raise the limit (ulimit -f) and "
            "try again.",
            "the limit on the size of files was reached"};
}

ProjectUnwritable fullDisk(const std::string &file)
{
    return {file, "the disk is full. What was saved before is safe; free some space and try again.", "its disk is full"};
}

ProjectUnwritable readOnlyDisk(const std::string &file)
{
    return {file, "the project cannot be written to: the disk is read-only. Copy the project to another place.",
            "its disk is read-only"};
}

Error failedDisk(const std::string &file, const std::string &what)
{
    return Error(Error::Kind::Failed, file, "the disk failed to read or write (" + what + "). Check the disk, then try again.");
}

} // namespace

std::string timestamp(std::int64_t secondsSince1970)
{
    const std::time_t t = secondsSince1970;
    std::tm utc{};
    gmtime_r(&t, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

std::int64_t secondsNow()
{
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void Project::Private::fail(const SQLite::Exception &e) const
{
    // What the system said; before anything else changes it.
    const int error = db ? sqlite3_system_errno(db->getHandle()) : errno;
    const std::string file = (folder / "project.sqlite").string();
    const bool full =
        error == ENOSPC || error == EDQUOT || e.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE || diskIsFull(folder);
    // Primary result codes of https://www.sqlite.org/rescode.html; the low byte is the primary code.
    switch (e.getErrorCode() & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
        throw ProjectLocked(Error::Kind::Failed, file, "Another program keeps the project locked. Close it and try again.");
    case 8: // SQLITE_READONLY
        throw ProjectUnwritable(file,
                                "the project cannot be written to: the file or its folder is read-only. Allow writing, "
                                "or copy the project to another place.",
                                "the file or its folder is read-only");
    case 10: // SQLITE_IOERR
        if (error == EFBIG || fileLimitReached(folder))
            throw longestReached(file);
        if (full)
            throw fullDisk(file);
        if (error == EROFS)
            throw readOnlyDisk(file);
        throw failedDisk(file, e.what());
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
        throw damaged(folder);
    case 13: // SQLITE_FULL
        if (error == EFBIG || fileLimitReached(folder))
            throw longestReached(file);
        throw fullDisk(file);
    case 14: // SQLITE_CANTOPEN
        if (const int made = whyNoNewFile(folder); full || made == ENOSPC || made == EDQUOT)
            throw fullDisk(file);
        else if (made == EROFS)
            throw readOnlyDisk(file);
        else if (made == EIO || made == ENODEV || made == ENXIO)
            throw failedDisk(file, std::strerror(made));
        throw ProjectUnwritable(file,
                                "the project cannot be opened for writing. Allow writing to its folder, or copy the "
                                "project to another place.",
                                "its database cannot be opened for writing");
    default: throw Error(Error::Kind::Failed, file, std::string(e.what()) + ".");
    }
}

void Project::Private::prepare()
{
    std::error_code code;
    const fs::path file = folder / "project.sqlite";
    const auto size = fs::file_size(file, code);
    // Empty is what a crash right after its making leaves. With runs beside it something has emptied it.
    if (!code && size == 0 && holdsMoreThanDatabase(folder) && fs::file_size(file, code) == 0)
        throw Error({file.string(), "the database of a Reticle project", "an empty file, though its folder holds other files",
                     "restore project.sqlite from a copy; nothing was changed. The models of its runs are in the folder runs"});
    if (!code && size > 0) {
        // Looked at before SQLite touches it: what is no database must stay as it is.
        std::ifstream in(file, std::ios::binary);
        char magic[16] = "";
        in.read(magic, sizeof magic);
        if (!in.is_open() || in.bad())
            throw failedDisk(file.string(), "its first bytes cannot be read");
        if (in && std::string_view(magic, 15) != "SQLite format 3")
            throw damaged(folder);
        if (!in && size < 16)
            throw damaged(folder);
    }
    guarded([&] {
        addSealFunction(*db);
        const auto versionNow = [&] { return db->execAndGet("PRAGMA user_version").getInt(); };
        const auto refuse = [&] {
            if (versionNow() > currentVersion)
                throw Error({file.string(), fmt::format("a project of version {} or older", currentVersion),
                             fmt::format("version {}", versionNow()), "open it with a newer Reticle"});
            const bool empty = db->execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
            if (!empty && db->execAndGet("PRAGMA application_id").getInt() != applicationId)
                throw damaged(folder);
        };
        refuse();
        if (!code && size > 0 && size < checkedBytes && std::string(db->execAndGet("PRAGMA quick_check(1)").getString()) != "ok")
            throw damaged(folder);
        db->exec("PRAGMA foreign_keys = ON");
        // With the journal below, NORMAL would lose the last transactions in a power cut.
        db->exec("PRAGMA synchronous = FULL");
        // Changing the mode wants the file alone and does not wait for it by itself.
        for (int attempt = 0; std::string(db->execAndGet("PRAGMA journal_mode").getString()) != "wal"; ++attempt) {
            try {
                db->execAndGet("PRAGMA journal_mode = WAL");
            } catch (const SQLite::Exception &e) {
                if ((e.getErrorCode() & 0xff) != 5 || attempt >= 100)
                    throw;
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
            if (attempt > 100)
                break; // a file system without shared memory: the older journal does as well
        }
        if (versionNow() == currentVersion)
            return;
        SQLite::Transaction transaction(*db, SQLite::TransactionBehavior::IMMEDIATE);
        refuse(); // another process may have been faster
        for (int v = versionNow(); v < currentVersion; ++v) {
            db->exec(migrations[static_cast<std::size_t>(v)]);
            if (v + 1 == sealedVersion)
                sealRows(*db);
            db->exec(fmt::format("PRAGMA user_version = {}", v + 1));
        }
        db->exec(fmt::format("PRAGMA application_id = {}", applicationId));
        transaction.commit();
    });
    if (const auto row = guarded([&] { return damagedRow(*db); }); !row.empty())
        throw Error(Error::Kind::Input, file.string(),
                    fmt::format("In this database, {} is damaged (its checksum does not match). Restore the project from a "
                                "copy; the file was left as it is.",
                                row));
    if (whyReadOnly.empty())
        guarded([&] { fs::create_directories(folder / "runs"); });
}

std::string Project::Private::stored(const std::string &path) const
{
    const std::string root = folder.string() + "/";
    return path.compare(0, root.size(), root) == 0 ? "${project}/" + path.substr(root.size()) : path;
}

std::string Project::Private::resolved(const std::string &path) const
{
    constexpr std::string_view mark = "${project}/";
    return path.compare(0, mark.size(), mark) == 0 ? (folder / path.substr(mark.size())).string() : path;
}

Json Project::Private::storedDeep(Json json) const
{
    if (json.is_string())
        return stored(json.get<std::string>());
    if (json.is_structured())
        for (auto &entry : json)
            entry = storedDeep(std::move(entry));
    return json;
}

Json Project::Private::resolvedDeep(Json json, std::size_t depth) const
{
    if (depth > DocumentLimits::depth)
        return {};
    if (json.is_string())
        return resolved(json.get<std::string>());
    if (json.is_structured())
        for (auto &entry : json)
            entry = resolvedDeep(std::move(entry), depth + 1);
    return json;
}

} // namespace reticle
