#include "project/MissingFiles.h"

#include "project/Project_p.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

namespace reticle {

namespace fs = std::filesystem;

namespace {

bool isPresent(const fs::path &path)
{
    std::error_code code;
    return fs::exists(path, code);
}

/// How many names at the ends of two paths are the same.
std::size_t sharedEnd(const fs::path &a, const fs::path &b)
{
    const std::vector<fs::path> left(a.begin(), a.end()), right(b.begin(), b.end());
    std::size_t n = 0;
    while (n < left.size() && n < right.size() && left[left.size() - 1 - n] == right[right.size() - 1 - n])
        ++n;
    return n;
}

/// The path without its last `n` names.
fs::path withoutEnd(fs::path path, std::size_t n)
{
    for (; n > 0; --n)
        path = path.parent_path();
    return path;
}

/// `path` as seen from `folder`; empty where it is not below it.
fs::path pathBelow(const fs::path &path, const fs::path &folder)
{
    const auto relative = path.lexically_relative(folder);
    return relative.empty() || *relative.begin() == ".." || relative == "." ? fs::path() : relative;
}

/// Files and folders of a folder that a missing file may be.
struct SeenPlaces
{
    std::unordered_map<std::string, std::vector<std::string>> byName;
    std::unordered_map<std::int64_t, std::vector<std::string>> bySize;
};

class FolderWalk
{
public:
    FolderWalk(const std::vector<MissingFile> &missing, const SearchProgress &progress, const SearchBounds &bounds,
               FileSearch &search)
        : m_progress(progress), m_bounds(bounds), m_search(search)
    {
        for (const auto &m : missing) {
            m_names.insert(m.name());
            if (m.bytes > 0) // empty files are all the same
                m_sizes.insert(m.bytes);
        }
    }

    /// By breadth, so that what is near is seen before the search reaches its bounds.
    SeenPlaces walk(const fs::path &folder)
    {
        std::error_code code;
        const fs::path root = fs::canonical(folder, code);
        if (code || !fs::is_directory(root, code))
            throw Error(Error::Kind::Input, folder.string(), "There is no folder at this place. Choose another one.");
        if (fs::directory_iterator(root, code); code)
            throw Error(Error::Kind::Input, folder.string(),
                        "This folder cannot be read (" + code.message() + "). Choose another one.");
        m_folders.push_back({root, 0, 0, 0, 0});
        for (std::size_t i = 0; i < m_folders.size() && !m_ended; ++i)
            enter(i);
        // A folder of images has the size of its files, or of all files below it. What was not seen as a whole has none.
        for (std::size_t i = m_folders.size(); i-- > 0;) {
            const auto f = m_folders[i];
            if (i > 0)
                m_folders[f.parent].total += f.total;
            note(f.path, f.own);
            if (f.total != f.own)
                note(f.path, f.total);
        }
        return std::move(m_seen);
    }

private:
    struct Folder
    {
        fs::path path;
        std::size_t parent, depth;
        std::int64_t own, total; ///< bytes
    };

    void note(const fs::path &path, std::int64_t bytes)
    {
        if (m_sizes.count(bytes))
            m_seen.bySize[bytes].push_back(path.string());
        auto name = path.filename().string();
        if (m_names.count(name)) {
            auto &places = m_seen.byName[std::move(name)];
            if (places.empty() || places.back() != path.string())
                places.push_back(path.string());
        }
    }

    void enter(std::size_t index)
    {
        const auto [path, parent, depth, own, total] = m_folders[index];
        std::error_code code;
        std::vector<fs::directory_entry> entries;
        fs::directory_iterator it(path, code);
        for (const fs::directory_iterator end; !code && it != end; it.increment(code)) {
            if (++m_search.seen > m_bounds.entries || (m_progress && !m_progress(m_search.seen))) {
                m_search.complete = false;
                m_ended = true;
                return;
            }
            entries.push_back(*it);
        }
        if (code && m_search.unreadable.size() < 16)
            m_search.unreadable.push_back(path.string());
        std::sort(entries.begin(), entries.end());
        for (const auto &entry : entries) {
            std::error_code none;
            if (entry.is_regular_file(none)) {
                const auto size = static_cast<std::int64_t>(entry.file_size(none));
                if (none)
                    continue;
                m_folders[index].own += size;
                m_folders[index].total += size;
                note(entry.path(), size);
            } else if (depth < m_bounds.depth && entry.is_directory(none) && !entry.is_symlink(none) &&
                       !entry.path().filename().string().starts_with('.') && !fs::exists(entry.path() / "project.sqlite", none)) {
                m_folders.push_back({entry.path(), index, depth + 1, 0, 0});
            } else if (depth == m_bounds.depth && entry.is_directory(none)) {
                m_search.complete = false;
            }
        }
    }

    const SearchProgress &m_progress;
    const SearchBounds &m_bounds;
    FileSearch &m_search;
    std::set<std::string> m_names;
    std::set<std::int64_t> m_sizes;
    std::vector<Folder> m_folders;
    SeenPlaces m_seen;
    bool m_ended = false;
};

/// The candidates, those first whose folders are called like the missing one's.
std::vector<std::string> ranked(std::vector<std::string> places, const MissingFile &missing)
{
    const auto rank = [&](const std::string &place) {
        const auto alike = std::max(sharedEnd(place, missing.path), sharedEnd(place, missing.lastPlace));
        return std::tuple(-static_cast<std::ptrdiff_t>(alike), place.size(), place);
    };
    std::vector<decltype(rank(std::string()))> order;
    order.reserve(places.size());
    for (const auto &place : places)
        order.push_back(rank(place));
    std::sort(order.begin(), order.end());
    order.erase(std::unique(order.begin(), order.end()), order.end());
    places.clear();
    for (auto &entry : order)
        places.push_back(std::move(std::get<2>(entry)));
    return places;
}

/// Places that `moved` has if it has moved as `from` did, which is at `to` now.
std::vector<std::string> placesBeside(const MissingFile &moved, const MissingFile &from, const fs::path &to)
{
    std::vector<std::string> places;
    const auto add = [&](const fs::path &place) {
        if (std::find(places.begin(), places.end(), place.string()) == places.end())
            places.push_back(place.string());
    };
    for (const auto &[was, origin] :
         {std::pair<fs::path, fs::path>(moved.lastPlace, from.lastPlace), std::pair<fs::path, fs::path>(moved.path, from.path),
          std::pair<fs::path, fs::path>(moved.path, from.lastPlace)}) {
        if (const auto inside = pathBelow(was, origin); !inside.empty()) // a folder and what is in it
            add(to / inside);
        // The name may have changed as well.
        const fs::path before = origin.parent_path(), after = to.parent_path();
        const std::size_t shared = sharedEnd(before, after);
        if (const auto rest = pathBelow(was, withoutEnd(before, shared)); !rest.empty())
            add(withoutEnd(after, shared) / rest);
        if (const auto rest = pathBelow(was, before); !rest.empty())
            add(after / rest);
    }
    add(to.parent_path() / moved.name());
    return places;
}

std::vector<MissingFile> withoutFound(const std::vector<MissingFile> &missing, const FileSearch &search)
{
    std::vector<MissingFile> rest;
    for (const auto &m : missing) {
        const auto isIt = [&](const FoundFile &f) { return f.missing.path == m.path; };
        if (std::none_of(search.found.begin(), search.found.end(), isIt))
            rest.push_back(m);
    }
    return rest;
}

/// Puts into `search` what is left, in the order of `missing`.
void settleSearch(const std::vector<MissingFile> &missing, FileSearch &search)
{
    const auto place = [&](const FoundFile &f) {
        return std::find_if(missing.begin(), missing.end(), [&](const MissingFile &m) { return m.path == f.missing.path; });
    };
    const auto before = [&](const FoundFile &a, const FoundFile &b) { return place(a) < place(b); };
    std::stable_sort(search.found.begin(), search.found.end(), before);
    std::stable_sort(search.sameName.begin(), search.sameName.end(), before);
    std::vector<FoundFile> named;
    for (auto &f : search.sameName) {
        const auto isIt = [&](const FoundFile &other) { return other.missing.path == f.missing.path; };
        if (std::none_of(search.found.begin(), search.found.end(), isIt) && std::none_of(named.begin(), named.end(), isIt))
            named.push_back(std::move(f));
    }
    search.sameName = std::move(named);
    search.notFound.clear();
    for (const auto &m : withoutFound(missing, search)) {
        const auto isIt = [&](const FoundFile &f) { return f.missing.path == m.path; };
        if (std::none_of(search.sameName.begin(), search.sameName.end(), isIt))
            search.notFound.push_back(m);
    }
}

/// What is at one of the places is added to `search`; false where the comparison was ended.
bool tryPlaces(const MissingFile &missing, const std::vector<std::string> &places, const std::function<bool()> &goOn,
               FileSearch &search)
{
    for (const auto &place : places) {
        if (!isPresent(place))
            continue;
        const auto match = comparePlace(missing, place, goOn);
        if (!match)
            return false;
        const bool same = *match == PlaceMatch::Same;
        if (same || fs::path(place).filename() == missing.name())
            (same ? search.found : search.sameName).push_back({missing, place, *match});
        if (same)
            return true;
    }
    return true;
}

} // namespace

std::string MissingFile::name() const
{
    return fs::path(path).filename().string();
}

std::vector<MissingFile> missingFiles(const Project &project)
{
    return missingFiles(project.inputs());
}

std::vector<MissingFile> missingFiles(const std::vector<InputInfo> &inputs)
{
    std::vector<MissingFile> all;
    std::set<std::string> there;
    for (const auto &input : inputs) {
        const std::string &taken = input.movedFrom.empty() ? input.path : input.movedFrom;
        if (isPresent(input.path)) {
            there.insert(taken); // of several contents under one name one is enough
            continue;
        }
        auto known = std::find_if(all.begin(), all.end(), [&](const MissingFile &m) { return m.path == taken; });
        if (known == all.end())
            known = all.insert(all.end(), {.path = taken, .lastPlace = input.path, .hash = {}, .bytes = 0});
        known->hash = input.hash; // of the last content
        known->bytes = input.bytes;
        known->lastPlace = input.path;
        if (std::find(known->roles.begin(), known->roles.end(), input.role) == known->roles.end())
            known->roles.push_back(input.role);
    }
    std::erase_if(all, [&](const MissingFile &m) { return there.count(m.path) > 0; });
    return all;
}

std::optional<PlaceMatch> comparePlace(const MissingFile &missing, const fs::path &place, const std::function<bool()> &goOn)
{
    if (!isPresent(place))
        return std::nullopt;
    try {
        const auto reach = reachOf(place, missing.bytes);
        if (takeInput(place, Taken::Size, reach).bytes != missing.bytes)
            return PlaceMatch::Other;
        return contentState(place, missing.hash, reach, goOn) == "changed" ? PlaceMatch::Other : PlaceMatch::Same;
    } catch (const ComparisonEnded &) {
        return std::nullopt;
    } catch (const std::exception &) {
        return PlaceMatch::Other; // cannot be read, or is being changed
    }
}

FileSearch searchFolder(const std::vector<MissingFile> &missing, const fs::path &folder, const SearchProgress &progress,
                        const SearchBounds &bounds)
{
    FileSearch search;
    FolderWalk walk(missing, progress, bounds, search);
    const SeenPlaces seen = walk.walk(folder);
    const auto goOn = [&] { return !progress || progress(search.seen); };
    bool ended = !goOn();
    for (std::size_t i = 0; i < missing.size() && !ended; ++i) {
        const auto &m = missing[i];
        std::vector<std::string> places;
        if (const auto named = seen.byName.find(m.name()); named != seen.byName.end())
            places = ranked(named->second, m);
        if (const auto sized = seen.bySize.find(m.bytes); sized != seen.bySize.end()) {
            auto others = ranked(sized->second, m);
            std::erase_if(others, [&](const std::string &p) { return fs::path(p).filename() == m.name(); });
            others.resize(std::min(others.size(), bounds.sameSize));
            places.insert(places.end(), others.begin(), others.end());
        }
        ended = !tryPlaces(m, places, goOn, search);
    }
    // What one has done, the others may have done too, also to a place outside of this folder.
    const auto moved = search.found;
    for (const auto &f : moved) {
        const auto rest = withoutFound(missing, search);
        if (rest.empty() || ended)
            break;
        for (const auto &m : rest)
            ended = ended || !tryPlaces(m, placesBeside(m, f.missing, f.place), goOn, search);
    }
    if (ended)
        search.complete = false;
    settleSearch(missing, search);
    return search;
}

FileSearch searchBeside(const std::vector<MissingFile> &others, const MissingFile &from, const std::string &to,
                        const std::function<bool()> &goOn)
{
    FileSearch search;
    for (const auto &m : others)
        if (m.path != from.path && search.complete)
            search.complete = tryPlaces(m, placesBeside(m, from, to), goOn, search);
    std::vector<MissingFile> asked;
    for (const auto &m : others)
        if (m.path != from.path)
            asked.push_back(m);
    settleSearch(asked, search);
    return search;
}

std::vector<Project::NewPlace> newPlaces(const std::vector<FoundFile> &found)
{
    std::vector<Project::NewPlace> places;
    for (const auto &f : found)
        places.push_back({f.missing.path, f.place});
    return places;
}

} // namespace reticle
