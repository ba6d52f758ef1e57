#include "base/Project_p.h"

#include "base/Sha256.h"

#include <algorithm>
#include <chrono>
#include <fstream>

namespace reticle {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t mebibyte = 1u << 20;

std::int64_t secondsOf(fs::file_time_type time)
{
    const auto system = std::chrono::file_clock::to_sys(time);
    return std::chrono::duration_cast<std::chrono::seconds>(system.time_since_epoch()).count();
}

void addContent(Sha256 &hash, const fs::path &file)
{
    const std::uintmax_t size = fs::file_size(file);
    hash.add(std::to_string(size) + "\n");
    std::ifstream in(file, std::ios::binary);
    if (!in)
        throw Error({file.string(), "a file that can be read", "one that cannot", {}});
    std::vector<char> bytes(mebibyte);
    const auto add = [&](std::uintmax_t begin, std::uintmax_t count) {
        in.clear();
        in.seekg(static_cast<std::streamoff>(begin));
        in.read(bytes.data(), static_cast<std::streamsize>(count));
        hash.add(std::string_view(bytes.data(), static_cast<std::size_t>(in.gcount())));
    };
    if (size <= 3 * mebibyte) {
        for (std::uintmax_t begin = 0; begin < size; begin += mebibyte)
            add(begin, std::min(mebibyte, size - begin));
        return;
    }
    add(0, mebibyte);
    add(size / 2 - mebibyte / 2, mebibyte);
    add(size - mebibyte, mebibyte);
}

std::vector<fs::path> filesOf(const fs::path &folder)
{
    std::vector<fs::path> files;
    for (const auto &entry : fs::directory_iterator(folder))
        if (entry.is_regular_file())
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

TakenInput takeInput(const fs::path &path, bool content)
{
    TakenInput t;
    Sha256 hash;
    if (fs::is_directory(path)) {
        const auto files = filesOf(path);
        t.modified = secondsOf(fs::last_write_time(path));
        for (const auto &file : files) {
            t.bytes += static_cast<std::int64_t>(fs::file_size(file));
            t.modified = std::max(t.modified, secondsOf(fs::last_write_time(file)));
            hash.add(file.filename().string() + "\n" + std::to_string(fs::file_size(file)) + "\n");
        }
        if (content && !files.empty())
            for (const std::size_t i : {std::size_t(0), files.size() / 2, files.size() - 1})
                addContent(hash, files[i]);
    } else {
        t.bytes = static_cast<std::int64_t>(fs::file_size(path));
        t.modified = secondsOf(fs::last_write_time(path));
        if (content)
            addContent(hash, path);
    }
    if (content)
        t.hash = hash.finish();
    return t;
}

InputInfo Project::addInput(const fs::path &path, const std::string &role, Json description)
{
    std::error_code code;
    const fs::path absolute = fs::canonical(path, code);
    if (code)
        throw Error({path.string(), "a file or folder", "nothing of that name", {}});
    const TakenInput taken = d->guarded([&] { return takeInput(absolute, true); });
    const std::string stored = d->stored(absolute.string());
    const std::string relative = absolute.lexically_relative(d->folder).string();
    const std::string named = fs::absolute(path, code).lexically_normal().string();
    const auto id = d->inTransaction([&] {
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
        insert.bind(8, d->stored(named));
        insert.exec();
        SQLite::Statement find(*d->db, "SELECT id, description FROM inputs WHERE path = ? AND role = ? AND hash = ?");
        find.bind(1, stored);
        find.bind(2, role);
        find.bind(3, taken.hash);
        find.executeStep();
        description = d->resolvedDeep(Json::parse(find.getColumn(1).getString(), nullptr, false));
        return find.getColumn(0).getInt64();
    });
    return {id, absolute.string(), role, taken.hash, taken.bytes, taken.modified, std::move(description), {}};
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
    return d->guarded([&] {
        const TakenInput quick = takeInput(input.path, false);
        if (quick.bytes != input.bytes)
            return "changed";
        if (quick.modified == input.modified)
            return "unchanged";
        return takeInput(input.path, true).hash == input.hash ? "unchanged" : "changed";
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
