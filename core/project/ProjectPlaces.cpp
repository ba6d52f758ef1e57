// Where the user said that data are which the project did not find.

#include "documents/JsonText.h"
#include "project/Project_p.h"

#include <algorithm>

namespace reticle {

namespace fs = std::filesystem;

bool StoredInput::hasPlace(const std::string &where) const
{
    return std::any_of(places.begin(), places.end(), [&](const StoredPlace &p) { return p.path == where; });
}

std::vector<StoredPlace> Project::Private::takePlaces(Json &description) const
{
    std::vector<StoredPlace> places;
    if (!description.is_object() || !description.contains(placesKey))
        return places;
    const Json kept = description[placesKey];
    description.erase(placesKey);
    if (description.empty())
        description = Json();
    for (const auto &entry : kept.is_array() ? kept : Json::array()) {
        const auto text = [&](const char *key) {
            return entry.is_object() && entry.contains(key) && entry.at(key).is_string() ? entry.at(key).get<std::string>()
                                                                                         : std::string();
        };
        StoredPlace place{text("path"), text("relative"), text("hash")};
        if (entry.is_object() && entry.contains("bytes") && entry.at("bytes").is_number_integer())
            place.bytes = entry.at("bytes").get<std::int64_t>();
        if (!place.path.empty())
            places.push_back(std::move(place));
    }
    return places;
}

Json Project::Private::placeToKeep(const fs::path &path, std::int64_t bytes) const
{
    const TakenInput content = takeInput(path, Taken::Parts, reachOf(path, bytes));
    return {{"path", stored(path.string())},
            {"relative", path.lexically_relative(folder).string()},
            {"hash", content.hash},
            {"bytes", content.bytes}};
}

Json Project::Private::placesOf(std::int64_t id) const
{
    SQLite::Statement row(*db, "SELECT description FROM inputs WHERE id = ?");
    row.bind(1, id);
    if (!row.executeStep())
        return Json::array();
    const Json description = tryJson(row.getColumn(0).getString());
    const bool has = description.is_object() && description.contains(placesKey) && description.at(placesKey).is_array();
    return has ? description.at(placesKey) : Json::array();
}

void Project::Private::setPlaces(std::int64_t id, const Json &list) const
{
    SQLite::Statement row(*db, "SELECT description FROM inputs WHERE id = ?");
    row.bind(1, id);
    if (!row.executeStep())
        return; // taken out of the project meanwhile
    Json description = tryJson(row.getColumn(0).getString());
    row.reset();
    if (!description.is_object())
        description = Json::object();
    description.erase(placesKey);
    if (!list.empty())
        description[placesKey] = list;
    SQLite::Statement update(*db, "UPDATE inputs SET description = ? WHERE id = ?");
    update.bind(1, description.empty() ? "null" : description.dump(-1, ' ', false, Json::error_handler_t::replace));
    update.bind(2, id);
    update.exec();
}

Json Project::relink(const std::vector<NewPlace> &moves)
{
    struct Change
    {
        std::int64_t id;
        Json kept;
    };
    // Files are read before the project is locked for writing.
    const auto changes = d->guarded([&] {
        std::vector<Change> found;
        const auto all = d->storedInputs();
        for (const auto &move : moves) {
            std::error_code code;
            const fs::path place = fs::canonical(move.place, code);
            if (code)
                throw Error(Error::Kind::Input, move.place, "There is no file or folder at this place. Choose another one.");
            bool known = false;
            for (const auto &s : all) {
                if (s.path != move.path && s.named != move.path && !s.hasPlace(move.path))
                    continue;
                known = true;
                if (place.string() != s.path)
                    found.push_back({s.id, d->placeToKeep(place, s.bytes)});
            }
            if (!known)
                throw Error(Error::Kind::Input, move.path, "This project has no data at this place.");
        }
        return found;
    });
    Json before = Json::array();
    d->inTransaction([&] {
        for (const auto &change : changes) {
            Json list = d->placesOf(change.id);
            before.insert(before.begin(), Json{{"input", change.id}, {"places", list}}); // undone last first
            const std::string &kept = change.kept.at("path").get_ref<const std::string &>();
            Json next = Json::array();
            for (auto &entry : list)
                if (!entry.contains("path") || entry.at("path") != kept)
                    next.push_back(std::move(entry));
            next.push_back(change.kept);
            d->setPlaces(change.id, next);
        }
    });
    d->places.clear();
    return before;
}

void Project::undoRelink(const Json &before)
{
    d->inTransaction([&] {
        for (const auto &entry : before)
            d->setPlaces(entry.at("input").get<std::int64_t>(), entry.at("places"));
    });
    d->places.clear();
}

} // namespace reticle
