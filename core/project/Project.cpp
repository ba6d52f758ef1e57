#include "project/Project_p.h"

#include "documents/JsonText.h"
#include "foundation/AtomicFile.h"
#include "foundation/ProcessIdentity.h"
#include "project/RowSeals.h"

#include <array>
#include <cmath>
#include <ctime>
#include <tuple>

namespace reticle {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::pair<RunStatus, std::string_view>, 7> statusNames{{
    {RunStatus::Running, "running"},
    {RunStatus::Paused, "paused"},
    {RunStatus::Done, "done"},
    {RunStatus::Stopped, "stopped"},
    {RunStatus::Cancelled, "cancelled"},
    {RunStatus::Failed, "failed"},
    {RunStatus::Interrupted, "interrupted"},
}};

RunStatus statusFrom(const std::string &name)
{
    for (const auto &[status, word] : statusNames)
        if (word == name)
            return status;
    return RunStatus::Failed;
}

bool atWork(RunStatus status)
{
    return status == RunStatus::Running || status == RunStatus::Paused;
}

/// A writer that may be on another machine counts as gone after this long without a sign of life.
constexpr std::int64_t silenceSeconds = 600;

bool writerGone(const std::string &writer, std::int64_t lastSign)
{
    const Json json = tryJson(writer);
    if (!json.is_object())
        return true;
    switch (ProcessIdentity::fromJson(json).state(lastSign)) {
    case ProcessIdentity::State::Alive: return false;
    case ProcessIdentity::State::Gone: return true;
    case ProcessIdentity::State::Unknown: break;
    }
    return secondsNow() - lastSign > silenceSeconds;
}

constexpr const char *runColumns = "SELECT id, title, status, recipe, started, ended, seconds, step, message, summary, "
                                   "writer, heartbeat, comparison FROM runs WHERE removed = 0";

/// In `writer` of a run that was taken up again and has not begun yet: how it had ended before.
constexpr const char *beforeKey = "before";

bool isMine(const std::string &writer)
{
    const Json json = tryJson(writer);
    return json.is_object() && ProcessIdentity::fromJson(json) == ProcessIdentity::current();
}

/// How a run has ended whose writer is gone: status, end and message.
std::tuple<RunStatus, std::string, std::string> endOf(const std::string &writer, std::int64_t lastSign)
{
    const Json json = tryJson(writer);
    if (json.is_object() && json.contains(beforeKey)) {
        const Json &before = json.at(beforeKey);
        const auto text = [&](const char *key) {
            return before.is_object() && before.contains(key) && before.at(key).is_string() ? before.at(key).get<std::string>()
                                                                                            : std::string();
        };
        return {statusFrom(text("status")), text("ended"), text("message")};
    }
    return {RunStatus::Interrupted, timestamp(lastSign),
            "The worker ended without a message (killed, out of memory, or its computer went down). You can resume from "
            "the last checkpoint."};
}

std::string identity()
{
    return ProcessIdentity::current().toJson().dump();
}

fs::path runPath(const fs::path &folder, std::int64_t run)
{
    return folder / "runs" / std::to_string(run);
}

fs::path trashPath(const fs::path &folder, std::int64_t run)
{
    return folder / "trash" / ("run-" + std::to_string(run));
}

/// Of a folder that is there: absolute, without links and without a slash at its end, as inputs below it are named.
fs::path withoutDetours(const fs::path &folder)
{
    std::error_code code;
    const fs::path canonical = fs::canonical(folder, code);
    return code ? fs::absolute(folder).lexically_normal() : canonical;
}

} // namespace

std::string_view nameOf(RunStatus status)
{
    for (const auto &[s, word] : statusNames)
        if (s == status)
            return word;
    return "failed";
}

Project::Project(std::unique_ptr<Private> p) : d(std::move(p)) {}
Project::~Project() = default;
Project::Project(Project &&) noexcept = default;
Project &Project::operator=(Project &&) noexcept = default;

Project Project::openOrCreate(const fs::path &folder)
{
    std::error_code code;
    const bool exists = fs::exists(folder, code);
    if (exists && fs::is_directory(folder, code) && !fs::exists(folder / "project.sqlite", code)) {
        const fs::directory_iterator first(folder, code);
        // Looked at once more: another process may be making the project at this moment.
        if (!code && first != fs::directory_iterator() && !fs::exists(folder / "project.sqlite", code))
            throw Error({folder.string(), "a Reticle project or an empty folder",
                         "a folder with other things and no project.sqlite", "choose a new name, such as NAME.reticle"});
    }
    if (!exists) {
        fs::create_directories(folder, code);
        if (code)
            throw Error(Error::Kind::Failed, folder.string(), "the project cannot be made: " + files::writeProblem(code.value()));
    }
    if (fs::is_directory(folder, code) && !fs::exists(folder / "project.sqlite", code)) {
        auto p = std::make_unique<Private>();
        p->folder = withoutDetours(folder);
        p->guarded([&] {
            p->db = std::make_unique<SQLite::Database>((folder / "project.sqlite").string(),
                                                       SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, p->patience);
        });
        p->prepare();
        return Project(std::move(p));
    }
    return open(folder);
}

Project Project::open(const fs::path &folder)
{
    std::error_code code;
    if (!fs::exists(folder, code))
        throw Error({folder.string(), "a Reticle project", "nothing of that name", {}});
    if (!fs::is_directory(folder, code))
        throw Error({folder.string(), "a Reticle project, which is a folder", "a file", {}});
    if (!fs::exists(folder / "project.sqlite", code))
        throw Error({folder.string(), "a Reticle project", "a folder without project.sqlite", {}});
    auto p = std::make_unique<Private>();
    p->folder = withoutDetours(folder);
    p->open();
    Project project(std::move(p));
    project.runs(); // marks what a lost worker left behind
    return project;
}

const fs::path &Project::folder() const
{
    return d->folder;
}

const std::string &Project::whyReadOnly() const
{
    return d->whyReadOnly;
}

void Project::setPatience(int milliseconds)
{
    d->patience = milliseconds;
    d->guarded([&] { d->db->setBusyTimeout(milliseconds); });
}

int Project::version() const
{
    return d->guarded([&] { return d->db->execAndGet("PRAGMA user_version").getInt(); });
}

RunInfo Project::Private::runOf(SQLite::Statement &row) const
{
    RunInfo r;
    r.id = row.getColumn(0).getInt64();
    r.title = row.getColumn(1).getString();
    r.status = statusFrom(row.getColumn(2).getString());
    r.recipe = resolvedDeep(tryJson(row.getColumn(3).getString()));
    r.started = row.getColumn(4).getString();
    r.ended = row.getColumn(5).getString();
    r.seconds = row.getColumn(6).getDouble();
    r.step = row.getColumn(7).getInt64();
    r.message = row.getColumn(8).getString();
    r.summary = tryJson(row.getColumn(9).getString());
    r.comparison = row.getColumn(12).getInt64();
    return r;
}

std::vector<RunInfo> Project::Private::readRuns(std::int64_t only) const
{
    struct Lost
    {
        std::int64_t run, lastSign;
        std::string writer;
    };
    for (int attempt = 0;; ++attempt) {
        std::vector<RunInfo> all;
        std::vector<Lost> lost;
        {
            SQLite::Statement rows(*db, std::string(runColumns) + (only > 0 ? " AND id = ?" : " ORDER BY id"));
            if (only > 0)
                rows.bind(1, only);
            while (rows.executeStep()) {
                all.push_back(runOf(rows));
                const std::string writer = rows.getColumn(10).getString();
                const std::int64_t lastSign = rows.getColumn(11).getInt64();
                if (atWork(all.back().status) && writerGone(writer, lastSign))
                    lost.push_back({all.back().id, lastSign, writer});
            }
        }
        if (!whyReadOnly.empty())
            for (auto &r : all)
                for (const auto &l : lost)
                    if (l.run == r.id)
                        std::tie(r.status, r.ended, r.message) = endOf(l.writer, l.lastSign);
        if (lost.empty() || attempt == 3 || !whyReadOnly.empty()) {
            const auto inputs = storedInputs();
            for (auto &r : all)
                relocate(r.recipe, inputs);
            return all;
        }
        // Once the reading has ended: a writer that ended well after it began would make it a conflict. And only as long
        // as nobody has ended the run or taken it up meanwhile, which the next reading shows.
        for (const auto &l : lost) {
            SQLite::Statement update(*db, "UPDATE runs SET status = ?, ended = ?, message = ? WHERE id = ? AND writer = ? "
                                          "AND heartbeat = ? AND status IN ('running', 'paused')");
            const auto [status, ended, message] = endOf(l.writer, l.lastSign);
            update.bind(1, std::string(nameOf(status)));
            update.bind(2, ended);
            update.bind(3, message);
            update.bind(4, l.run);
            update.bind(5, l.writer);
            update.bind(6, l.lastSign);
            update.exec();
        }
    }
}

void Project::Private::requireRun(std::int64_t run) const
{
    SQLite::Statement all(*db, "SELECT id FROM runs WHERE removed = 0 ORDER BY id");
    std::string known;
    while (all.executeStep()) {
        if (all.getColumn(0).getInt64() == run)
            return;
        known += (known.empty() ? "" : ", ") + std::to_string(all.getColumn(0).getInt64());
    }
    throw Error({folder.string(),
                 known.empty() ? "a run (the project has none yet)" : "one of the runs " + known,
                 "run " + std::to_string(run),
                 {}});
}

RunInfo Project::createRun(const Recipe &recipe, std::int64_t comparison)
{
    const std::int64_t id = d->inTransaction([&] {
        // A number is never given twice, also when a crash left a folder that no row tells of.
        std::int64_t next = d->db->execAndGet("SELECT coalesce(max(id), 0) + 1 FROM runs").getInt64();
        while (fs::exists(runPath(d->folder, next)) || fs::exists(trashPath(d->folder, next)))
            ++next;
        SQLite::Statement insert(*d->db, "INSERT INTO runs (id, title, status, recipe, started, writer, heartbeat, "
                                         "comparison) VALUES (?, ?, 'running', ?, ?, ?, ?, ?)");
        insert.bind(1, next);
        insert.bind(2, recipe.title().empty() ? fmt::format("Run {}", next) : recipe.title());
        insert.bind(3, d->storedDeep(recipe.json()).dump());
        insert.bind(4, timestamp(secondsNow()));
        insert.bind(5, identity());
        insert.bind(6, secondsNow());
        insert.bind(7, comparison);
        insert.exec();
        fs::create_directories(runPath(d->folder, next));
        try {
            writeFileAtomically(runPath(d->folder, next) / "recipe.json", recipe.json().dump(2) + "\n");
            d->keepSeen(next, recipe);
        } catch (...) {
            std::error_code code;
            fs::remove_all(runPath(d->folder, next), code);
            throw;
        }
        return next;
    });
    return run(id);
}

RunInfo Project::claimRun(std::int64_t run)
{
    d->inTransaction([&] {
        d->requireRun(run);
        SQLite::Statement row(*d->db, std::string(runColumns) + " AND id = ?");
        row.bind(1, run);
        row.executeStep();
        const std::string writer = row.getColumn(10).getString();
        const bool working = atWork(statusFrom(row.getColumn(2).getString()));
        if (working && !isMine(writer) && !writerGone(writer, row.getColumn(11).getInt64())) {
            const auto who = ProcessIdentity::fromJson(tryJson(writer));
            throw Error({d->folder.string(), fmt::format("run {} at rest", run),
                         fmt::format("it at work in process {} on {}", who.pid, who.host), "stop it there first"});
        }
        RunStatus status = statusFrom(row.getColumn(2).getString());
        std::string ended = row.getColumn(5).getString(), message = row.getColumn(8).getString();
        if (working)
            std::tie(status, ended, message) = endOf(writer, row.getColumn(11).getInt64());
        Json me = ProcessIdentity::current().toJson();
        me[beforeKey] = {{"status", std::string(nameOf(status))}, {"ended", ended}, {"message", message}};
        SQLite::Statement update(*d->db, "UPDATE runs SET status = 'running', ended = '', message = '', writer = ?, "
                                         "heartbeat = ? WHERE id = ?");
        update.bind(1, me.dump(-1, ' ', false, Json::error_handler_t::replace));
        update.bind(2, secondsNow());
        update.bind(3, run);
        update.exec();
        fs::create_directories(runPath(d->folder, run));
    });
    return this->run(run);
}

bool Project::giveBackRun(std::int64_t run)
{
    return d->inTransaction([&] {
        SQLite::Statement row(*d->db, "SELECT writer, heartbeat FROM runs WHERE id = ? AND status IN ('running', 'paused')");
        row.bind(1, run);
        if (!row.executeStep())
            return false;
        const std::string writer = row.getColumn(0).getString();
        if (!isMine(writer) || !tryJson(writer).contains(beforeKey))
            return false;
        const auto [status, ended, message] = endOf(writer, row.getColumn(1).getInt64());
        SQLite::Statement update(*d->db, "UPDATE runs SET status = ?, ended = ?, message = ?, writer = '' WHERE id = ?");
        update.bind(1, std::string(nameOf(status)));
        update.bind(2, ended);
        update.bind(3, message);
        update.bind(4, run);
        update.exec();
        return true;
    });
}

std::vector<RunInfo> Project::runs() const
{
    return d->guarded([&] { return d->readRuns(); });
}

RunInfo Project::run(std::int64_t run) const
{
    return d->guarded([&] {
        d->requireRun(run);
        return d->readRuns(run).at(0);
    });
}

fs::path Project::runFolder(std::int64_t run) const
{
    return runPath(d->folder, run);
}

void Project::updateRun(const RunInfo &info)
{
    d->inTransaction([&] {
        d->requireRun(info.id);
        SQLite::Statement update(*d->db, "UPDATE runs SET status = ?, ended = ?, seconds = ?, step = ?, message = ?, "
                                         "summary = ?, heartbeat = ?, writer = iif(?, ?, writer) WHERE id = ?");
        update.bind(1, std::string(nameOf(info.status)));
        update.bind(2, atWork(info.status) ? std::string() : info.ended.empty() ? timestamp(secondsNow()) : info.ended);
        update.bind(3, info.seconds);
        update.bind(4, info.step);
        update.bind(5, info.message);
        update.bind(6, info.summary.dump(-1, ' ', false, Json::error_handler_t::replace));
        update.bind(7, secondsNow());
        update.bind(8, atWork(info.status) ? 1 : 0); // work has begun: how the run had ended before is past
        update.bind(9, identity());
        update.bind(10, info.id);
        update.exec();
    });
}

void Project::beat(std::int64_t run)
{
    d->inTransaction([&] {
        SQLite::Statement row(*d->db, "SELECT writer FROM runs WHERE id = ? AND status IN ('running', 'paused')");
        row.bind(1, run);
        if (!row.executeStep() || !isMine(row.getColumn(0).getString()))
            return;
        SQLite::Statement update(*d->db, "UPDATE runs SET heartbeat = ? WHERE id = ?");
        update.bind(1, secondsNow());
        update.bind(2, run);
        update.exec();
    });
}

void Project::renameRun(std::int64_t run, const std::string &title)
{
    d->inTransaction([&] {
        d->requireRun(run);
        SQLite::Statement update(*d->db, "UPDATE runs SET title = ? WHERE id = ?");
        update.bind(1, title);
        update.bind(2, run);
        update.exec();
    });
}

void Project::removeRun(std::int64_t run)
{
    if (atWork(this->run(run).status))
        throw Error({d->folder.string(), "a run at rest", fmt::format("run {} at work", run), "stop it first"});
    d->inTransaction([&] {
        SQLite::Statement update(*d->db, "UPDATE runs SET removed = 1 WHERE id = ?");
        update.bind(1, run);
        update.exec();
        if (fs::exists(runPath(d->folder, run))) {
            fs::create_directories(d->folder / "trash");
            fs::rename(runPath(d->folder, run), trashPath(d->folder, run));
        }
    });
}

void Project::restoreRun(std::int64_t run)
{
    d->inTransaction([&] {
        SQLite::Statement update(*d->db, "UPDATE runs SET removed = 0 WHERE id = ? AND removed = 1");
        update.bind(1, run);
        if (update.exec() == 0)
            throw Error({d->folder.string(), "a run in the trash", "run " + std::to_string(run), {}});
        if (fs::exists(trashPath(d->folder, run)))
            fs::rename(trashPath(d->folder, run), runPath(d->folder, run));
    });
}

void Project::describeInput(std::int64_t id, const Json &description)
{
    d->inTransaction([&] {
        SQLite::Statement update(*d->db, "UPDATE inputs SET description = json_patch(description, ?) WHERE id = ?");
        update.bind(1, d->storedDeep(description).dump(-1, ' ', false, Json::error_handler_t::replace));
        update.bind(2, id);
        if (update.exec() == 0)
            throw Error({d->folder.string(), "an input of the project", fmt::format("none of number {}", id), {}});
    });
}

void Project::truncateMetrics(std::int64_t run, std::int64_t step)
{
    d->inTransaction([&] {
        SQLite::Statement remove(*d->db, "DELETE FROM metrics WHERE step > ? AND name IN "
                                         "(SELECT id FROM metric_names WHERE run = ?)");
        remove.bind(1, step);
        remove.bind(2, run);
        remove.exec();
    });
}

void Project::addMetrics(std::int64_t run, const std::vector<Event> &metrics)
{
    if (metrics.empty())
        return;
    d->inTransaction([&] {
        d->requireRun(run);
        std::map<std::string, std::int64_t> ids;
        SQLite::Statement find(*d->db, "SELECT id FROM metric_names WHERE run = ? AND name = ?");
        SQLite::Statement name(*d->db, "INSERT INTO metric_names (run, name) VALUES (?, ?)");
        SQLite::Statement add(*d->db, "INSERT OR REPLACE INTO metrics (name, step, time, value) VALUES (?, ?, ?, ?)");
        for (const Event &m : metrics) {
            auto it = ids.find(m.name);
            if (it == ids.end()) {
                find.reset();
                find.bind(1, run);
                find.bind(2, m.name);
                if (!find.executeStep()) {
                    name.reset();
                    name.bind(1, run);
                    name.bind(2, m.name);
                    name.exec();
                    it = ids.emplace(m.name, d->db->getLastInsertRowid()).first;
                } else {
                    it = ids.emplace(m.name, find.getColumn(0).getInt64()).first;
                }
            }
            add.reset();
            add.bind(1, it->second);
            add.bind(2, m.step);
            add.bind(3, m.time);
            if (std::isnan(m.value))
                add.bind(4);
            else
                add.bind(4, m.value);
            add.exec();
        }
        SQLite::Statement beat(*d->db, "UPDATE runs SET heartbeat = ? WHERE id = ?");
        beat.bind(1, secondsNow());
        beat.bind(2, run);
        beat.exec();
    });
}

std::vector<std::string> Project::metricNames(std::int64_t run) const
{
    return d->guarded([&] {
        std::vector<std::string> names;
        SQLite::Statement rows(*d->db, "SELECT name FROM metric_names WHERE run = ? ORDER BY name");
        rows.bind(1, run);
        while (rows.executeStep())
            names.push_back(rows.getColumn(0).getString());
        return names;
    });
}

std::vector<MetricPoint> Project::metric(std::int64_t run, const std::string &name, std::int64_t afterStep) const
{
    return d->guarded([&] {
        std::vector<MetricPoint> points;
        SQLite::Statement rows(*d->db, std::string("SELECT m.step, m.time, m.value, ") + metricIsSound +
                                           " FROM metrics m JOIN metric_names n ON m.name = n.id "
                                           "WHERE n.run = ? AND n.name = ? AND m.step > ? ORDER BY m.step");
        rows.bind(1, run);
        rows.bind(2, name);
        rows.bind(3, afterStep);
        while (rows.executeStep()) {
            if (rows.getColumn(3).getInt() == 0)
                throw Error(Error::Kind::Input, (d->folder / "project.sqlite").string(),
                            fmt::format("In this database, a value of {} of run {} is damaged (its checksum does not match). "
                                        "Restore the project from a copy; the file was left as it is.",
                                        name, run));
            const auto value = rows.getColumn(2);
            points.push_back(
                {rows.getColumn(0).getInt64(), rows.getColumn(1).getDouble(), value.isNull() ? std::nan("") : value.getDouble()});
        }
        return points;
    });
}

} // namespace reticle
