#include "project/Project_p.h"

#include "documents/JsonText.h"
#include "foundation/AtomicFile.h"
#include "foundation/Sha256.h"
#include "project/SealedText.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>

namespace reticle {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t mebibyte = 1u << 20;

std::int64_t secondsOf(fs::file_time_type time)
{
    const auto system = std::chrono::file_clock::to_sys(time);
    return std::chrono::duration_cast<std::chrono::seconds>(system.time_since_epoch()).count();
}

/// Files of up to this size in all are compared byte by byte: a few seconds. Of larger ones parts are.
constexpr std::uintmax_t comparedWhole = std::uintmax_t(4) << 30;
constexpr std::size_t digits = 64; ///< of a SHA-256

/// Size and content, whole or the first, middle and last `part` bytes.
void addContent(Sha256 &hash, const fs::path &file, std::optional<std::uintmax_t> part = mebibyte, const ContinueCheck &goOn = {})
{
    const std::uintmax_t size = fs::file_size(file);
    hash.add(std::to_string(size) + "\n");
    std::ifstream in(file, std::ios::binary);
    if (!in)
        throw Error({file.string(), "a file that can be read", "one that cannot", {}});
    std::vector<char> bytes(mebibyte);
    const auto add = [&](std::uintmax_t begin, std::uintmax_t count) {
        if (goOn && !goOn())
            throw ComparisonEnded();
        in.clear();
        in.seekg(static_cast<std::streamoff>(begin));
        in.read(bytes.data(), static_cast<std::streamsize>(count));
        if (in.bad())
            throw Error({file.string(), "a file that can be read", "one that cannot", {}});
        hash.add(std::string_view(bytes.data(), static_cast<std::size_t>(in.gcount())));
    };
    if (!part || size <= 3 * *part) {
        for (std::uintmax_t begin = 0; begin < size; begin += mebibyte)
            add(begin, std::min(mebibyte, size - begin));
        return;
    }
    add(0, *part);
    add(size / 2 - *part / 2, *part);
    add(size - *part, *part);
}

using Reach = Project::Reach;

std::vector<fs::path> ownFiles(const fs::path &folder)
{
    std::vector<fs::path> files;
    for (const auto &entry : fs::directory_iterator(folder))
        if (entry.is_regular_file())
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

void addFilesBelow(const fs::path &folder, std::vector<fs::path> &files)
{
    std::error_code code;
    for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, code), end; !code && it != end;
         it.increment(code)) {
        std::error_code none;
        if (it->is_regular_file(none))
            files.push_back(it->path());
        else if (it->is_directory(none) && !it->is_symlink(none) && !it->path().filename().string().starts_with('.') &&
                 !fs::exists(it->path() / "project.sqlite", none))
            addFilesBelow(it->path(), files);
    }
}

std::vector<fs::path> filesOf(const fs::path &folder, Reach reach)
{
    auto files = ownFiles(folder);
    if (reach == Reach::Files && !files.empty())
        return files;
    files.clear();
    addFilesBelow(folder, files);
    std::sort(files.begin(), files.end());
    return files;
}

/// How a hash calls a file of a folder: "a.png", "cats/a.png".
std::string nameIn(const fs::path &folder, const fs::path &file)
{
    return file.lexically_relative(folder).generic_string();
}

std::int64_t bytesOf(const std::vector<fs::path> &files)
{
    std::int64_t bytes = 0;
    for (const auto &file : files)
        bytes += static_cast<std::int64_t>(fs::file_size(file));
    return bytes;
}

/// Whether partsHash() has seen every byte.
bool partsAreAll(const fs::path &path, Reach reach)
{
    if (!fs::is_directory(path))
        return fs::file_size(path) <= 3 * mebibyte;
    const auto files = filesOf(path, reach);
    return files.size() <= 3 && std::ranges::all_of(files, [](const fs::path &f) { return fs::file_size(f) <= 3 * mebibyte; });
}

/// Of the first, middle and last MiB; of a folder its files' names and sizes and these of three of them. As projects have
/// always kept it, so that data of older ones are found again.
std::string partsHash(const fs::path &path, Reach reach)
{
    Sha256 hash;
    if (!fs::is_directory(path)) {
        addContent(hash, path);
        return hash.finish();
    }
    const auto files = filesOf(path, reach);
    for (const auto &file : files)
        hash.add(nameIn(path, file) + "\n" + std::to_string(fs::file_size(file)) + "\n");
    if (!files.empty())
        for (const std::size_t i : {std::size_t(0), files.size() / 2, files.size() - 1})
            addContent(hash, files[i]);
    return hash.finish();
}

/// What partsHash() has not seen: "+" and a hash of everything, or "~" and one of parts of every file where a folder is
/// too large for that. Empty where there is no more, and for one file that is too large.
std::string restHash(const fs::path &path, Reach reach, const ContinueCheck &goOn = {})
{
    if (partsAreAll(path, reach))
        return {};
    const bool folder = fs::is_directory(path);
    const auto files = folder ? filesOf(path, reach) : std::vector<fs::path>{path};
    const auto bytes = static_cast<std::uintmax_t>(bytesOf(files));
    const bool whole = bytes <= comparedWhole;
    if (!whole && !folder)
        return {};
    const auto part = std::clamp<std::uintmax_t>(comparedWhole / (3 * files.size()), 4096, mebibyte);
    Sha256 hash;
    for (const auto &file : files) {
        if (folder)
            hash.add(nameIn(path, file) + "\n");
        addContent(hash, file, whole ? std::nullopt : std::optional(part), goOn);
    }
    return (whole ? "+" : "~") + hash.finish();
}

} // namespace

std::string contentState(const fs::path &path, const std::string &hash, Reach reach, const ContinueCheck &goOn)
{
    if (partsHash(path, reach) != hash.substr(0, digits))
        return "changed";
    if (hash.size() <= digits) // also of a project of before
        return partsAreAll(path, reach) ? "unchanged" : "rewritten";
    if (restHash(path, reach, goOn) != hash.substr(digits))
        return "changed";
    return hash[digits] == '+' ? "unchanged" : "rewritten";
}

Reach reachOf(const fs::path &path, std::int64_t bytes)
{
    if (!fs::is_directory(path))
        return Reach::Files;
    const auto own = ownFiles(path);
    return !own.empty() && bytesOf(own) == bytes ? Reach::Files : Reach::Subfolders;
}

TakenInput takeInput(const fs::path &path, Taken what, Reach reach)
{
    TakenInput t;
    t.modified = secondsOf(fs::last_write_time(path));
    if (fs::is_directory(path)) {
        for (const auto &file : filesOf(path, reach)) {
            t.bytes += static_cast<std::int64_t>(fs::file_size(file));
            t.modified = std::max(t.modified, secondsOf(fs::last_write_time(file)));
        }
    } else {
        t.bytes = static_cast<std::int64_t>(fs::file_size(path));
    }
    if (what != Taken::Size)
        t.hash = partsHash(path, reach);
    if (what == Taken::Whole)
        t.hash += restHash(path, reach);
    return t;
}

bool sameParts(const std::string &hash, const std::string &other)
{
    return hash.substr(0, digits) == other.substr(0, digits);
}

InputInfo Project::addInput(const fs::path &path, const std::string &role, Json description, Compared compared, Reach reach)
{
    std::error_code code;
    const fs::path absolute = fs::canonical(path, code);
    if (code)
        throw Error({path.string(), "a file or folder", "nothing of that name", {}});
    TakenInput taken =
        d->guarded([&] { return takeInput(absolute, compared == Compared::Whole ? Taken::Whole : Taken::Parts, reach); });
    std::string stored = d->stored(absolute.string());
    std::string relative = absolute.lexically_relative(d->folder).string();
    std::string named = d->stored(fs::absolute(path, code).lexically_normal().string());
    std::int64_t modifiedThen = taken.modified;
    std::string movedFrom;
    const auto id = d->inTransaction([&] {
        // A file that was relinked stays the input that it was, so that what was trained on it before is of the same data. What
        // is called by a link to it is known by that name alone.
        const auto former = named == stored ? d->inputNowAt(absolute.string(), role, taken, compared) : std::nullopt;
        if (former) {
            movedFrom = former->path;
            stored = d->stored(former->path);
            relative = former->relative;
            named = d->stored(former->named);
            modifiedThen = former->modified;
            if (compared == Compared::Parts)
                taken.hash = former->hash;
        }
        // Of the same file, written at the same time, the parts alone may be known, or more than is asked for now.
        SQLite::Statement known(*d->db, "SELECT id, hash FROM inputs WHERE path = ? AND role = ? AND bytes = ? AND "
                                        "modified = ? AND substr(hash, 1, 64) = ? ORDER BY length(hash) DESC");
        known.bind(1, stored);
        known.bind(2, role);
        known.bind(3, taken.bytes);
        known.bind(4, modifiedThen);
        known.bind(5, taken.hash.substr(0, digits));
        if (known.executeStep()) {
            const std::string hash = known.getColumn(1).getString();
            if (compared == Compared::Parts) {
                taken.hash = hash;
            } else if (hash.size() < taken.hash.size()) {
                SQLite::Statement more(*d->db, "UPDATE OR IGNORE inputs SET hash = ? WHERE id = ?");
                more.bind(1, taken.hash);
                more.bind(2, known.getColumn(0).getInt64());
                more.exec();
            }
        }
        known.reset();
        SQLite::Statement insert(*d->db, "INSERT INTO inputs (path, role, hash, bytes, modified, description, relative, "
                                         "named) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path, role, hash) DO UPDATE "
                                         "SET modified = excluded.modified, relative = excluded.relative, "
                                         "named = excluded.named, "
                                         "description = CASE excluded.description WHEN 'null' THEN description ELSE "
                                         "json_patch(description, excluded.description) END");
        insert.bind(1, stored);
        insert.bind(2, role);
        insert.bind(3, taken.hash);
        insert.bind(4, taken.bytes);
        insert.bind(5, taken.modified);
        insert.bind(6, d->storedDeep(description).dump(-1, ' ', false, Json::error_handler_t::replace));
        insert.bind(7, relative);
        insert.bind(8, named);
        insert.exec();
        SQLite::Statement find(*d->db, "SELECT id, description FROM inputs WHERE path = ? AND role = ? AND hash = ?");
        find.bind(1, stored);
        find.bind(2, role);
        find.bind(3, taken.hash);
        find.executeStep();
        description = d->resolvedDeep(tryJson(find.getColumn(1).getString()));
        d->takePlaces(description);
        return find.getColumn(0).getInt64();
    });
    return {id, absolute.string(), role, taken.hash, taken.bytes, taken.modified, std::move(description), std::move(movedFrom)};
}

std::optional<StoredInput> Project::Private::inputNowAt(const std::string &path, const std::string &role, const TakenInput &taken,
                                                        Compared compared) const
{
    const auto all = storedInputs();
    for (const auto &s : all)
        if (s.path == path && s.role == role && sameParts(s.hash, taken.hash))
            return std::nullopt;
    for (const auto &s : all) {
        if (s.role != role || s.bytes != taken.bytes || !s.hasPlace(path) || !sameParts(s.hash, taken.hash))
            continue;
        // What was compared by its parts then, and has been written since, may be another file.
        const bool same =
            s.hash == taken.hash || compared == Compared::Parts || (s.hash.size() <= digits && s.modified == taken.modified);
        if (same && whereIsNow(s, all) == path)
            return s;
    }
    return std::nullopt;
}

std::vector<InputInfo> Project::inputs() const
{
    return d->guarded([&] {
        std::vector<InputInfo> all;
        const auto stored = d->storedInputs();
        for (const auto &s : stored) {
            InputInfo i{s.id, d->whereIsNow(s, stored), s.role, s.hash, s.bytes, s.modified, s.description, {}};
            if (i.path != s.path)
                i.movedFrom = s.path;
            if (i.description.is_object() && i.description.contains("labels") && i.description["labels"].is_string())
                if (const auto *labels = d->calledBy(i.description["labels"].get<std::string>(), "labels", stored))
                    i.description["labels"] = d->whereIsNow(*labels, stored);
            // Of a section "data" all files that it names.
            if (i.description.is_object() && i.description.contains("data") && i.description["data"].is_object())
                for (auto &[field, value] : i.description["data"].items())
                    if (value.is_string())
                        if (const auto *named = d->calledBy(value.get<std::string>(), field, stored))
                            value = d->whereIsNow(*named, stored);
            all.push_back(std::move(i));
        }
        return all;
    });
}

std::string Project::inputState(const InputInfo &input) const
{
    std::error_code code;
    if (!fs::exists(input.path, code))
        return "missing";
    return d->guarded([&]() -> std::string {
        const Reach reach = reachOf(input.path, input.bytes);
        const TakenInput quick = takeInput(input.path, Taken::Size, reach);
        if (quick.bytes != input.bytes)
            return "changed";
        if (quick.modified == input.modified)
            return "unchanged";
        return contentState(input.path, input.hash, reach);
    });
}

fs::path Project::Private::seenFile(std::int64_t run) const
{
    return folder / "runs" / std::to_string(run) / "inputs.json";
}

void Project::Private::keepSeen(std::int64_t run, const Recipe &recipe) const
{
    const Json &whole = recipe.json();
    if (!whole.is_object() || !whole.contains("data") || !whole["data"].is_object())
        return;
    const auto all = storedInputs();
    Json seen = Json::array();
    for (const auto &[field, value] : whole["data"].items()) {
        if (!value.is_string() || value.get_ref<const std::string &>().empty())
            continue;
        const auto &path = value.get_ref<const std::string &>();
        // Of several contents under one path the one of the file as it is now; else the last.
        const StoredInput *best = nullptr;
        bool bestIsNow = false;
        for (const auto &s : all) {
            std::error_code code;
            if ((s.path != path && s.named != path && !s.hasPlace(path)) || s.role != field)
                continue;
            const std::string place = whereIsNow(s, all);
            if (!fs::exists(place, code))
                continue;
            const TakenInput now = takeInput(place, Taken::Size, reachOf(place, s.bytes));
            const bool isNow = now.bytes == s.bytes && now.modified == s.modified;
            if (!best || isNow || !bestIsNow) {
                best = &s;
                bestIsNow = isNow;
            }
        }
        if (best)
            seen.push_back({{"path", stored(best->path)},
                            {"role", best->role},
                            {"hash", best->hash},
                            {"bytes", best->bytes},
                            {"modified", best->modified}});
    }
    if (!seen.empty())
        writeFileAtomically(seenFile(run), sealed(Json{{"inputs", seen}}.dump(2, ' ', false, Json::error_handler_t::replace)));
}

std::vector<InputInfo> Project::inputsOf(std::int64_t run) const
{
    return d->guarded([&] {
        std::vector<InputInfo> seen;
        const auto all = d->storedInputs();
        std::error_code code;
        if (fs::exists(d->seenFile(run), code))
            try {
                const Json kept = readSealedFile(d->seenFile(run));
                for (const auto &entry : kept.at("inputs")) {
                    InputInfo i;
                    i.path = d->resolved(entry.at("path"));
                    i.role = entry.at("role");
                    i.hash = entry.at("hash");
                    i.bytes = entry.at("bytes");
                    i.modified = entry.at("modified");
                    for (const auto &s : all)
                        if (s.path == i.path && s.role == i.role && sameParts(s.hash, i.hash)) {
                            i.id = s.id;
                            i.path = d->whereIsNow(s, all);
                            if (i.path != s.path)
                                i.movedFrom = s.path;
                            break;
                        }
                    seen.push_back(std::move(i));
                }
                return seen;
            } catch (const Json::exception &) {
            } catch (const Error &) {
                // A damaged list counts as that of a run of an older program, which has none.
            }
        seen.clear();
        const Json recipe = d->readRuns(run).at(0).recipe;
        if (!recipe.is_object() || !recipe.contains("data") || !recipe["data"].is_object())
            return seen;
        const auto inputs = this->inputs();
        for (const auto &value : recipe["data"]) {
            if (!value.is_string())
                continue;
            const auto last = std::find_if(inputs.rbegin(), inputs.rend(),
                                           [&](const InputInfo &i) { return i.path == value.get_ref<const std::string &>(); });
            if (last != inputs.rend())
                seen.push_back(*last);
        }
        return seen;
    });
}

void Project::removeInput(std::int64_t id)
{
    d->inTransaction([&] {
        SQLite::Statement remove(*d->db, "DELETE FROM inputs WHERE id = ?");
        remove.bind(1, id);
        remove.exec();
    });
}

} // namespace reticle
