// Where data are that were moved since they were taken into a project.

#include "documents/JsonText.h"
#include "project/Project_p.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace reticle {

namespace fs = std::filesystem;

namespace {

/// Files of one size in one folder whose content is compared at most: series of pictures are often of equal size.
constexpr int mostCandidates = 64;
/// What was not found is searched for again after this long, ms.
constexpr std::int64_t searchedAgain = 5000;

std::int64_t now()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

bool isThere(const fs::path &path)
{
    std::error_code code;
    return !path.empty() && fs::exists(path, code);
}

std::string sentenceOf(const std::string &from, const std::string &to)
{
    return fmt::format("{} is no longer there, or is another file now. The same content was found at {} and is used.", from, to);
}

std::string replacedSentence(const std::string &from, const std::string &to)
{
    return fmt::format("{} is no longer there. {} is used instead, as you chose, although its content is different.", from, to);
}

/// Whether what is called `name` has to be called by its place now. A link that leads to it keeps its name.
bool isElsewhere(const StoredInput &input, const std::string &name, const std::string &place)
{
    return place != name && (place != input.path || (name != input.path && name != input.named));
}

} // namespace

std::vector<StoredInput> Project::Private::storedInputs() const
{
    std::vector<StoredInput> all;
    SQLite::Statement rows(*db, "SELECT id, path, relative, named, role, hash, bytes, modified, description FROM inputs "
                                "ORDER BY id");
    while (rows.executeStep()) {
        StoredInput s;
        s.id = rows.getColumn(0).getInt64();
        s.path = resolved(rows.getColumn(1).getString());
        s.relative = rows.getColumn(2).getString();
        s.named = resolved(rows.getColumn(3).getString());
        s.role = rows.getColumn(4).getString();
        s.hash = rows.getColumn(5).getString();
        s.bytes = rows.getColumn(6).getInt64();
        s.modified = rows.getColumn(7).getInt64();
        s.description = resolvedDeep(tryJson(rows.getColumn(8).getString()));
        s.places = takePlaces(s.description);
        all.push_back(std::move(s));
    }
    return all;
}

bool Project::Private::hasContent(const fs::path &file, const StoredInput &input) const
{
    return hasContent(file, input.hash, input.bytes);
}

bool Project::Private::hasContent(const fs::path &file, const std::string &hash, std::int64_t size) const
{
    try {
        const auto reach = reachOf(file, size);
        const TakenInput quick = takeInput(file, Taken::Size, reach);
        if (quick.bytes != size)
            return false;
        auto &known = hashes[file.string()];
        if (known.hash.empty() || known.bytes != quick.bytes || known.modified != quick.modified)
            known = {quick.bytes, quick.modified, takeInput(file, Taken::Parts, reach).hash};
        return sameParts(known.hash, hash); // of many GB all at once: what moved is looked for while a window waits
    } catch (const std::exception &) {
        return false; // cannot be read, or is being changed
    }
}

std::string Project::Private::placeThatIsThere(const StoredInput &input) const
{
    for (auto place = input.places.rbegin(); place != input.places.rend(); ++place) {
        if (isThere(place->path))
            return place->path;
        // Moved together with the project since.
        const auto moved = (folder / place->relative).lexically_normal();
        if (!place->relative.empty() && isThere(moved) && hasContent(moved, place->hash, place->bytes))
            return moved.string();
    }
    return {};
}

std::string Project::Private::whereIsNow(const StoredInput &input, const std::vector<StoredInput> &all) const
{
    const fs::path relative = input.relative.empty() ? fs::path() : (folder / input.relative).lexically_normal();
    const bool exists = isThere(input.path);
    if (!input.places.empty() && !(exists && hasContent(input.path, input)))
        if (auto place = placeThatIsThere(input); !place.empty())
            return place;
    if (exists && (relative.empty() || relative == input.path || !isThere(relative)))
        return input.path;
    if (exists) // a copy of project and data: the data beside it are meant where the others have changed since
        return hasContent(input.path, input) || !hasContent(relative, input) ? input.path : relative.string();
    auto &known = places[input.id];
    if (known.path.empty() ? known.at == 0 || now() - known.at > searchedAgain : !isThere(known.path))
        known = {search(input, all), now()};
    if (!known.path.empty())
        return known.path;
    return input.places.empty() ? input.path : input.places.back().path;
}

std::string Project::Private::search(const StoredInput &input, const std::vector<StoredInput> &all) const
{
    if (!input.relative.empty())
        if (const auto place = (folder / input.relative).lexically_normal(); isThere(place) && hasContent(place, input))
            return place.string();
    std::vector<fs::path> folders{folder, folder / "data", folder.parent_path()};
    for (const auto &other : all) {
        if (isThere(other.path))
            folders.push_back(fs::path(other.path).parent_path());
        if (const auto place = placeThatIsThere(other); !place.empty())
            folders.push_back(fs::path(place).parent_path());
        if (const auto place = (folder / other.relative).lexically_normal(); !other.relative.empty() && isThere(place))
            folders.push_back(place.parent_path());
    }
    const fs::path name = fs::path(input.path).filename();
    std::set<fs::path> seen;
    std::erase_if(folders, [&](const fs::path &f) { return !seen.insert(f).second; });
    for (const auto &f : folders)
        if (isThere(f / name) && hasContent(f / name, input))
            return (f / name).string();
    // Renamed as well: what has the same size is compared.
    for (const auto &f : folders) {
        std::error_code code;
        int compared = 0;
        std::vector<fs::path> candidates;
        for (fs::directory_iterator it(f, code), end; !code && it != end; it.increment(code)) {
            std::error_code none;
            if (it->is_regular_file(none) && static_cast<std::int64_t>(it->file_size(none)) == input.bytes)
                candidates.push_back(it->path());
        }
        std::sort(candidates.begin(), candidates.end());
        for (const auto &candidate : candidates)
            if (++compared <= mostCandidates && hasContent(candidate, input))
                return candidate.string();
    }
    return {};
}

const StoredInput *Project::Private::calledBy(const std::string &path, const std::string &role,
                                              const std::vector<StoredInput> &all) const
{
    // Of several contents under one name the last one is meant; where it is lost, the last one that is there.
    const StoredInput *best = nullptr;
    int bestRank = 0;
    for (const auto &s : all) {
        const bool taken = s.path == path || s.named == path;
        if (!taken && !s.hasPlace(path))
            continue;
        const int rank = 1 + 4 * (isThere(s.path) || isThere(whereIsNow(s, all))) + 2 * (s.role == role) + taken;
        if (rank >= bestRank) {
            best = &s;
            bestRank = rank;
        }
    }
    return best;
}

void Project::Private::relocate(Json &recipe, const std::vector<StoredInput> &all) const
{
    if (!recipe.is_object())
        return;
    const auto find = [&](const std::string &field, Json &value) {
        if (!value.is_string() || value.get_ref<const std::string &>().empty())
            return;
        if (const auto *input = calledBy(value.get<std::string>(), field, all))
            if (const auto place = whereIsNow(*input, all); isElsewhere(*input, value.get<std::string>(), place))
                value = place;
    };
    const auto findAll = [&](Json &data) {
        if (data.is_object())
            for (auto &[field, value] : data.items())
                find(field, value);
    };
    if (recipe.contains("data"))
        findAll(recipe["data"]);
    // Of a comparison the data that vary too.
    Json *compare = recipe.contains("compare") ? &recipe["compare"] : nullptr;
    if (!compare || !compare->is_object())
        return;
    const std::string field = "data.";
    const auto findAt = [&](const std::string &path, Json &value) {
        if (path == "data")
            findAll(value);
        else if (path.rfind(field, 0) == 0)
            find(path.substr(field.size()), value);
    };
    eachSettingChange(*compare, findAt);
    if (compare->contains("axes") && (*compare)["axes"].is_object())
        for (auto &[path, values] : (*compare)["axes"].items())
            if (values.is_array())
                for (auto &value : values)
                    findAt(path, value);
}

std::string Project::whereIs(const std::string &path) const
{
    return d->guarded([&] {
        std::error_code code;
        const std::string name = fs::absolute(path, code).lexically_normal().string();
        const auto all = d->storedInputs();
        if (const auto *input = d->calledBy(name, {}, all))
            if (const auto place = d->whereIsNow(*input, all); isElsewhere(*input, name, place))
                return place;
        return path;
    });
}

std::vector<std::string> Project::movedInputs(std::int64_t run) const
{
    return d->guarded([&] {
        const auto all = d->storedInputs();
        std::vector<const StoredInput *> asked;
        if (run == 0) {
            for (const auto &s : all)
                asked.push_back(&s);
        } else {
            SQLite::Statement row(*d->db, "SELECT recipe FROM runs WHERE id = ?");
            row.bind(1, run);
            if (row.executeStep()) {
                const Json recipe = d->resolvedDeep(tryJson(row.getColumn(0).getString()));
                if (recipe.is_object() && recipe.contains("data") && recipe["data"].is_object())
                    for (const auto &[field, value] : recipe["data"].items())
                        if (value.is_string() && !value.get_ref<const std::string &>().empty())
                            asked.push_back(d->calledBy(value.get<std::string>(), field, all));
            }
        }
        std::vector<std::string> sentences;
        for (const auto *s : asked) {
            if (!s)
                continue;
            const auto place = d->whereIsNow(*s, all);
            if (place == s->path || !isThere(place))
                continue;
            // What the user said needs no saying again, unless it matters for what is done now.
            const auto said = std::find_if(s->places.begin(), s->places.end(), [&](const auto &p) { return p.path == place; });
            const bool other = said != s->places.end() && !sameParts(said->hash, s->hash);
            if (said != s->places.end() && (!other || run == 0))
                continue;
            const auto sentence = other ? replacedSentence(s->path, place) : sentenceOf(s->path, place);
            if (std::find(sentences.begin(), sentences.end(), sentence) == sentences.end())
                sentences.push_back(sentence);
        }
        return sentences;
    });
}

} // namespace reticle
