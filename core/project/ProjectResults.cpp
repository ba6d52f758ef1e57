#include "project/Project_p.h"

#include "documents/JsonText.h"
#include "files/OutputGuard.h"
#include "files/PartFiles.h"
#include "project/SealedText.h"

#include <algorithm>

namespace reticle {

namespace fs = std::filesystem;

namespace {

fs::path placeOf(const fs::path &folder, std::int64_t id)
{
    return folder / "results" / std::to_string(id);
}

fs::path trashOf(const fs::path &folder, std::int64_t id)
{
    return folder / "trash" / fmt::format("result-{}", id);
}

/// The names in `figures` as the table keeps them.
std::string namesOf(const Result &result)
{
    Json figures = Json::array();
    for (const auto &figure : result.figures)
        figures.push_back(figure.name);
    return figures.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Where the old result goes while a new one takes its place: kept in the trash, or beside for as long as it takes.
fs::path keptOf(const fs::path &folder, std::int64_t id, int i)
{
    return folder / "trash" / fmt::format("result-{}-before-{}", id, i);
}

fs::path oldOf(const fs::path &folder, std::int64_t id)
{
    return folder / "results" / fmt::format(".{}.old", id);
}

fs::path partOf(const fs::path &folder, std::int64_t id)
{
    return folder / "results" / fmt::format(".{}.part", id);
}

/// What exchange() was about to replace when it was ended between its renames; empty where that is not so.
fs::path cutOff(const fs::path &folder, std::int64_t id)
{
    if (fs::exists(placeOf(folder, id)) || fs::exists(trashOf(folder, id)) || !fs::exists(partOf(folder, id)))
        return {};
    if (fs::exists(oldOf(folder, id)))
        return oldOf(folder, id);
    fs::path last;
    for (int i = 1; fs::exists(keptOf(folder, id, i)); ++i)
        last = keptOf(folder, id, i);
    return last;
}

/// Writes the result whole and lets it take the place of the old one, which goes to `old`. Ended between the two
/// renames, restoreCutOff() puts the old one back.
void exchange(const fs::path &folder, std::int64_t id, const Result &result, const fs::path &old)
{
    const fs::path place = placeOf(folder, id), beside = partOf(folder, id);
    fs::remove_all(beside);
    fs::create_directories(beside);
    const ProjectsOwnWrites own;
    result.save(beside.string());
    fs::create_directories(old.parent_path());
    fs::rename(place, old);
    fs::rename(beside, place);
}

} // namespace

void Project::Private::restoreCutOff()
{
    const auto cut = [&] {
        std::vector<std::int64_t> all;
        SQLite::Statement rows(*db, "SELECT id FROM results");
        while (rows.executeStep())
            if (!cutOff(folder, rows.getColumn(0).getInt64()).empty())
                all.push_back(rows.getColumn(0).getInt64());
        return all;
    };
    if (!guarded([&] { return fs::exists(folder / "results") && !cut().empty(); }))
        return;
    inTransaction([&] { // what another process is exchanging at this moment is whole by now
        for (const auto id : cut()) {
            fs::rename(cutOff(folder, id), placeOf(folder, id));
            fs::remove_all(partOf(folder, id));
        }
    });
}

void Project::Private::removeLeftFiles() const
{
    std::error_code code;
    std::vector<fs::path> folders{folder, folder / "results"};
    for (fs::directory_iterator it(folder / "runs", code), end; !code && it != end; it.increment(code)) {
        folders.push_back(it->path());
        folders.push_back(it->path() / "predictions");
    }
    for (const auto &f : folders)
        files::removeLeftParts(f);
    // Results that were being written when their process was ended.
    const auto halves = [&] {
        std::vector<fs::path> all;
        for (fs::directory_iterator it(folder / "results", code), end; !code && it != end; it.increment(code))
            if (const auto name = it->path().filename().string();
                it->is_directory(code) && name.starts_with('.') && (name.ends_with(".part") || name.ends_with(".old")))
                all.push_back(it->path());
        return all;
    };
    if (halves().empty())
        return;
    inTransaction([&] { // none of them is being written while this process holds the database
        for (const auto &half : halves())
            fs::remove_all(half, code);
    });
}

std::int64_t Project::addResult(std::int64_t run, const Result &result, const Json &options)
{
    return d->inTransaction([&] {
        if (run != 0)
            d->requireRun(run);
        SQLite::Statement insert(*d->db, "INSERT INTO results (run, name, summary, created, figures, options) VALUES "
                                         "(?, ?, ?, ?, ?, ?)");
        if (run != 0)
            insert.bind(1, run);
        else
            insert.bind(1);
        insert.bind(2, result.name);
        insert.bind(3, result.summary);
        insert.bind(4, timestamp(secondsNow()));
        insert.bind(5, namesOf(result));
        insert.bind(6, d->storedDeep(options).dump(-1, ' ', false, Json::error_handler_t::replace));
        insert.exec();
        const std::int64_t id = d->db->getLastInsertRowid();
        // Written whole before it gets its name; a folder without a row is what an unlucky crash leaves, and is
        // replaced by the next result of that number.
        const fs::path place = placeOf(d->folder, id);
        const fs::path beside = partOf(d->folder, id);
        fs::remove_all(beside);
        fs::remove_all(place);
        fs::create_directories(beside);
        const ProjectsOwnWrites own;
        result.save(beside.string());
        fs::rename(beside, place);
        return id;
    });
}

std::vector<Project::ResultInfo> Project::results() const
{
    return d->guarded([&] {
        std::vector<ResultInfo> all;
        SQLite::Statement rows(*d->db, "SELECT r.id, coalesce(r.run, 0), r.name, r.summary, r.created, r.options, r.figures "
                                       "FROM results r LEFT JOIN runs ON runs.id = r.run "
                                       "WHERE coalesce(runs.removed, 0) = 0 ORDER BY r.id");
        while (rows.executeStep()) {
            ResultInfo info;
            info.id = rows.getColumn(0).getInt64();
            if (fs::exists(trashOf(d->folder, info.id)))
                continue; // removed
            info.run = rows.getColumn(1).getInt64();
            info.name = rows.getColumn(2).getString();
            info.summary = rows.getColumn(3).getString();
            info.created = rows.getColumn(4).getString();
            info.options = d->resolvedDeep(tryJson(rows.getColumn(5).getString()));
            const Json figures = tryJson(rows.getColumn(6).getString());
            if (figures.is_array())
                info.figures = figures.get<std::vector<std::string>>();
            all.push_back(std::move(info));
        }
        return all;
    });
}

Result Project::result(std::int64_t id) const
{
    fs::path place = placeOf(d->folder, id);
    if (const auto cut = cutOff(d->folder, id); !cut.empty()) // in a project that cannot be written to
        place = cut;
    const fs::path file = place / "result.json";
    std::error_code code;
    if (!fs::exists(file, code))
        throw Error({d->folder.string(), "a result of this project", "result " + std::to_string(id), {}});
    const Json json = readSealedFile(file);
    try {
        return Result::fromJson(json);
    } catch (const Error &e) {
        throw e.within(file.string());
    }
}

void Project::removeResult(std::int64_t id)
{
    d->inTransaction([&] {
        const fs::path place = placeOf(d->folder, id);
        if (!fs::exists(place))
            throw Error({d->folder.string(), "a result of this project", "result " + std::to_string(id), {}});
        fs::create_directories(d->folder / "trash");
        fs::rename(place, trashOf(d->folder, id));
    });
}

void Project::restoreResult(std::int64_t id)
{
    d->inTransaction([&] {
        if (!fs::exists(trashOf(d->folder, id)))
            throw Error({d->folder.string(), "a result in the trash", "result " + std::to_string(id), {}});
        fs::rename(trashOf(d->folder, id), placeOf(d->folder, id));
    });
}

void Project::removeFigure(std::int64_t id, std::size_t figure)
{
    Result result = this->result(id);
    if (figure >= result.figures.size())
        throw Error({d->folder.string(), "a figure of result " + std::to_string(id), "figure " + std::to_string(figure + 1), {}});
    result.figures.erase(result.figures.begin() + static_cast<std::ptrdiff_t>(figure));
    d->inTransaction([&] {
        fs::path old;
        for (int i = 1; old.empty() || fs::exists(old); ++i)
            old = keptOf(d->folder, id, i);
        SQLite::Statement update(*d->db, "UPDATE results SET figures = ? WHERE id = ?");
        update.bind(1, namesOf(result));
        update.bind(2, id);
        update.exec();
        exchange(d->folder, id, result, old);
    });
}

void Project::restoreFigure(std::int64_t id, std::size_t figure, const Figure &content)
{
    Result result = this->result(id);
    result.figures.insert(result.figures.begin() + static_cast<std::ptrdiff_t>(std::min(figure, result.figures.size())), content);
    d->inTransaction([&] {
        SQLite::Statement update(*d->db, "UPDATE results SET figures = ? WHERE id = ?");
        update.bind(1, namesOf(result));
        update.bind(2, id);
        update.exec();
        const fs::path old = oldOf(d->folder, id);
        fs::remove_all(old);
        exchange(d->folder, id, result, old);
        fs::remove_all(old);
    });
}

} // namespace reticle
