#include "files/OutputGuard.h"

#include "foundation/Error.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace reticle {

namespace fs = std::filesystem;

namespace {

struct InUse
{
    std::uint64_t number;
    fs::path path; ///< without links
    dev_t device;
    ino_t inode;
    bool folder, project;
};

std::mutex &mutex()
{
    static std::mutex m;
    return m;
}

std::list<InUse> &allInUse()
{
    static std::list<InUse> all;
    return all;
}

thread_local int ownWrites = 0;

std::optional<struct stat> statOf(const fs::path &path)
{
    struct stat s = {};
    return ::stat(path.c_str(), &s) == 0 ? std::optional(s) : std::nullopt;
}

/// Words for what is there in place of a regular file.
const char *kindOf(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a pipe";
    if (S_ISSOCK(mode))
        return "a socket";
    if (S_ISLNK(mode))
        return "a link";
    return "a device";
}

[[noreturn]] void refuse(const fs::path &path, const std::string &sentence)
{
    throw Error(Error::Kind::Input, path.string(), sentence);
}

/// What a file or folder is, whatever it is called.
using Identity = std::pair<dev_t, ino_t>;

Identity identityOf(const struct stat &s)
{
    return {s.st_dev, s.st_ino};
}

bool sameFile(const struct stat &a, dev_t device, ino_t inode)
{
    return identityOf(a) == Identity(device, inode);
}

/// A name of a file or folder that leads through a link, or the one without links.
struct Name
{
    fs::path folder; ///< without links
    fs::path rest;   ///< below it
    fs::path whole() const { return folder / rest; }
};

/// All names that the system meets on its way to `path`: a folder in the middle may be a link into a project, or out of one.
std::vector<Name> namesOf(const fs::path &path)
{
    constexpr int mostLinks = 40; // as the system's own limit
    std::error_code code;
    const fs::path absolute = fs::absolute(path, code);
    std::list<fs::path> parts(absolute.begin(), absolute.end());
    std::vector<Name> names;
    fs::path at = "/";
    for (int links = 0; !parts.empty();) {
        const fs::path part = parts.front();
        parts.pop_front();
        if (part.empty() || part == "." || part == "/")
            continue;
        if (part == "..") {
            at = at.parent_path();
            continue;
        }
        const fs::path here = at / part;
        if (!fs::is_symlink(fs::symlink_status(here, code)) || ++links > mostLinks) {
            at = here;
            continue;
        }
        fs::path rest = part;
        for (const auto &p : parts)
            rest /= p;
        rest = rest.lexically_normal();
        if (rest.begin() != rest.end() && *rest.begin() == part) // else it leaves the folder again
            names.push_back({at, rest});
        const fs::path to = fs::read_symlink(here, code);
        if (to.is_absolute())
            at = "/";
        parts.insert(parts.begin(), to.begin(), to.end());
    }
    names.push_back({at.parent_path(), at.filename()});
    return names;
}

/// A file that is to be written.
struct Wanted
{
    fs::path path;                               ///< as it was asked for
    fs::path target;                             ///< without links
    std::optional<struct stat> existing, folder; ///< what is there, and the folder that holds it
    std::vector<Name> names;

    Wanted(const fs::path &path, const fs::path &target, std::optional<struct stat> existing, std::optional<struct stat> folder)
        : path(path), target(target), existing(existing), folder(folder), names(namesOf(path))
    {
    }
    bool isCalledIn(const fs::path &project) const
    {
        return std::any_of(names.begin(), names.end(), [&](const Name &n) { return projectAbove(n.folder) == project; });
    }
};

/// Whether an entry of the folder is this file: its name, a second one, or a link to it.
bool hasNameIn(const fs::path &folder, const struct stat &wanted)
{
    std::error_code code;
    for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
        if (const auto s = statOf(it->path()); s && sameFile(*s, wanted.st_dev, wanted.st_ino))
            return true;
    return false;
}

/// Whether the file belongs to the project: under any name in it, or in a folder that is linked or mounted there.
bool isOfProject(const fs::path &project, const Wanted &wanted)
{
    constexpr int mostBehindLinks = 10000; // a link may lead to a whole disk
    std::set<Identity> above, seen;
    for (fs::path at = wanted.target.parent_path();; at = at.parent_path()) {
        if (const auto s = statOf(at))
            above.insert(identityOf(*s));
        if (at == at.root_path() || at.empty())
            break;
    }
    std::vector<std::pair<fs::path, bool>> folders{{project, false}};
    for (int behind = 0; !folders.empty();) {
        const auto [folder, linked] = folders.back();
        folders.pop_back();
        std::error_code code;
        for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
            if (linked && ++behind > mostBehindLinks)
                break;
            const auto s = statOf(it->path());
            if (!s)
                continue;
            if (!S_ISDIR(s->st_mode)) {
                if (identityOf(*s) == identityOf(*wanted.existing))
                    return true;
                continue;
            }
            if (above.contains(identityOf(*s)))
                return true;
            std::error_code unknown;
            if (seen.insert(identityOf(*s)).second)
                folders.emplace_back(it->path(), linked || it->is_symlink(unknown));
        }
    }
    return false;
}

void requireNoInput(const Wanted &wanted)
{
    const auto &[path, target, existing, folder, names] = wanted;
    const std::lock_guard lock(mutex());
    for (const auto &e : allInUse()) {
        if (e.project) {
            // A name in the project is requireNoProjectFile's concern, unless the file has others.
            if (existing && (existing->st_nlink > 1 || !wanted.isCalledIn(e.path)) && isOfProject(e.path, wanted))
                refuse(path, "it is a second name of a file of the project " + e.path.string() + "; choose another file.");
        } else if (e.folder) {
            if (target.parent_path() == e.path || (folder && sameFile(*folder, e.device, e.inode)))
                refuse(path, "it would put a file into " + e.path.string() + ", whose images are read; choose another folder.");
            if (existing && hasNameIn(e.path, *existing))
                refuse(path, "it would write over a file of " + e.path.string() + ", which is read; choose another file.");
        } else if (target == e.path || (existing && sameFile(*existing, e.device, e.inode))) {
            refuse(path, "it would write over " + e.path.string() + ", which is read; choose another file.");
        }
    }
}

/// runs/N/predictions/NAME
bool isPrediction(const std::vector<fs::path> &below)
{
    const auto number = [](const std::string &s) { return !s.empty() && s.find_first_not_of("0123456789") == std::string::npos; };
    return below.size() == 4 && below[0] == "runs" && number(below[1].string()) && below[2] == "predictions";
}

/// What a project needs for itself, whether it is there yet or not.
bool isReserved(const std::vector<fs::path> &below)
{
    const auto first = below.empty() ? std::string() : below.front().string();
    return first.starts_with("project.sqlite") || first == "runs" || first == "results" || first == "trash";
}

void requireNoProjectFile(const Wanted &wanted)
{
    if (ownWrites > 0)
        return;
    for (const auto &name : wanted.names) {
        const fs::path project = projectAbove(name.folder);
        if (project.empty())
            continue;
        const fs::path relative = name.whole().lexically_relative(project);
        const std::vector<fs::path> below(relative.begin(), relative.end());
        if (isPrediction(below))
            continue;
        if (wanted.existing)
            refuse(wanted.path, "it would write over a file of the project " + project.string() + "; choose another file.");
        if (isReserved(below))
            refuse(wanted.path, "the project " + project.string() + " needs this place for itself; choose another folder.");
    }
}

/// The nearest folder at or above that exists.
fs::path nearestFolder(fs::path place)
{
    std::error_code code;
    while (!fs::exists(place, code) && place != place.root_path())
        place = place.parent_path();
    return place;
}

void requireWritable(const fs::path &path, const fs::path &folder)
{
    std::error_code code;
    if (!fs::is_directory(folder, code))
        refuse(path, "it cannot be written: " + folder.string() + " is a file and not a folder; choose another folder.");
    if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
        refuse(path, "it cannot be written: you may not write to " + folder.string() + "; choose another folder.");
}

/// `permission`: also whether the system lets the file be written; otherwise the writing itself shows it.
fs::path requireFile(const fs::path &path, bool permission)
{
    std::error_code code;
    fs::path whole = fs::absolute(path, code);
    if (path.empty() || !whole.has_filename() || whole.filename() == "." || whole.filename() == "..")
        refuse(path, "a result needs the name of a file, not of a folder; choose another name.");
    const bool link = fs::is_symlink(fs::symlink_status(whole, code));
    fs::path target;
    if (link) {
        target = fs::canonical(whole, code);
        if (code)
            refuse(path, "it is a link to a file that does not exist; remove the link or choose another name.");
    } else {
        const fs::path parent = nearestFolder(whole.parent_path());
        if (permission && parent != whole.parent_path() && fs::is_directory(parent, code))
            refuse(path, "there is no folder " + whole.parent_path().string() + "; make it or choose another.");
        if (permission)
            requireWritable(path, parent);
        const fs::path folder = fs::canonical(whole.parent_path(), code);
        target = (code ? whole.parent_path() : folder) / whole.filename();
    }
    const auto existing = statOf(target);
    if (existing && !S_ISREG(existing->st_mode))
        refuse(path, std::string("it is ") + kindOf(existing->st_mode) + " and not a file; choose another name.");
    const Wanted wanted(path, target, existing, statOf(target.parent_path()));
    requireNoInput(wanted);
    requireNoProjectFile(wanted);
    if (permission)
        requireWritable(path, target.parent_path());
    if (permission && existing && faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0)
        refuse(path, "it cannot be written: you may not change this file; choose another name.");
    return target;
}

/// The folder without links, which need not exist yet but can be made.
fs::path writableFolder(const fs::path &path)
{
    std::error_code code;
    fs::path whole = fs::absolute(path, code);
    if (path.empty())
        refuse(path, "a folder to write into is needed; choose one.");
    if (!whole.has_filename())
        whole = whole.parent_path(); // a slash at its end
    if (fs::is_symlink(fs::symlink_status(whole, code)) && !fs::exists(whole, code))
        refuse(path, "it is a link to a folder that does not exist; remove the link or choose another folder.");
    if (const auto existing = statOf(whole); existing && !S_ISDIR(existing->st_mode))
        refuse(path, std::string("it is ") + (S_ISREG(existing->st_mode) ? "a file" : kindOf(existing->st_mode)) +
                         " and not a folder; choose another name.");
    const fs::path nearest = nearestFolder(whole);
    requireWritable(path, nearest);
    const fs::path base = fs::canonical(nearest, code);
    const fs::path rest = whole.lexically_relative(nearest);
    return rest.empty() || rest == "." ? base : base / rest;
}

fs::path requireFolder(const fs::path &path)
{
    const fs::path target = writableFolder(path);
    {
        const auto existing = statOf(target);
        const std::lock_guard lock(mutex());
        for (const auto &e : allInUse())
            if (e.folder && !e.project && (e.path == target || (existing && sameFile(*existing, e.device, e.inode))))
                refuse(path, "it would put files into " + e.path.string() + ", whose images are read; choose another folder.");
    }
    if (ownWrites > 0)
        return target;
    for (const auto &name : namesOf(path)) {
        const fs::path project = projectAbove(name.whole() == target ? target : name.folder);
        if (project.empty())
            continue;
        const fs::path relative = name.whole().lexically_relative(project);
        const std::vector<fs::path> below(relative.begin(), relative.end());
        if (relative == "." || isReserved(below))
            refuse(path, "the project " + project.string() + " needs this place for itself; choose another folder.");
    }
    return target;
}

} // namespace

InputsInUse::InputsInUse(const std::vector<std::string> &paths)
{
    for (const auto &p : paths)
        add(p);
}

InputsInUse::~InputsInUse()
{
    clear();
}

InputsInUse::InputsInUse(InputsInUse &&other) noexcept : m_entries(std::move(other.m_entries))
{
    other.m_entries.clear();
}

InputsInUse &InputsInUse::operator=(InputsInUse &&other) noexcept
{
    std::swap(m_entries, other.m_entries);
    return *this;
}

void InputsInUse::clear()
{
    const std::lock_guard lock(mutex());
    std::erase_if(allInUse(),
                  [this](const InUse &e) { return std::find(m_entries.begin(), m_entries.end(), e.number) != m_entries.end(); });
    m_entries.clear();
}

void InputsInUse::add(const fs::path &path)
{
    const auto existing = path.empty() ? std::nullopt : statOf(path);
    if (!existing)
        return;
    std::error_code code;
    const fs::path real = fs::canonical(path, code);
    static std::uint64_t last = 0;
    const std::lock_guard lock(mutex());
    allInUse().push_back(
        {++last, code ? path : real, existing->st_dev, existing->st_ino, S_ISDIR(existing->st_mode) != 0, false});
    m_entries.push_back(last);
}

void InputsInUse::addProject(const fs::path &folder)
{
    const auto before = m_entries.size();
    add(folder);
    if (m_entries.size() == before)
        return;
    const std::lock_guard lock(mutex());
    for (auto &e : allInUse())
        if (e.number == m_entries.back())
            e.project = true;
}

ProjectsOwnWrites::ProjectsOwnWrites()
{
    ++ownWrites;
}

ProjectsOwnWrites::~ProjectsOwnWrites()
{
    --ownWrites;
}

fs::path requireOutput(const fs::path &path, Place kind)
{
    return kind == Place::File ? requireFile(path, true) : requireFolder(path);
}

void requireWritableFolder(const fs::path &path)
{
    writableFolder(path);
}

fs::path outputTarget(const fs::path &path)
{
    return requireFile(path, false);
}

fs::path requireNewOutput(const fs::path &path)
{
    std::error_code code;
    if (fs::exists(fs::symlink_status(path, code)))
        refuse(path, "there is a file of that name already, and it is left as it is; choose another folder, or move the "
                     "file away first.");
    return requireFile(path, false);
}

void requireOutputStill(int folder, const fs::path &target, const fs::path &path)
{
    struct stat s = {}, holder = {};
    const bool existing = fstatat(folder, target.filename().c_str(), &s, AT_SYMLINK_NOFOLLOW) == 0;
    const bool held = fstat(folder, &holder) == 0;
    try {
        if (existing && !S_ISREG(s.st_mode))
            refuse(path, std::string("it has become ") + kindOf(s.st_mode) + " while the result was computed.");
        Wanted wanted(path, target, existing ? std::optional(s) : std::nullopt, held ? std::optional(holder) : std::nullopt);
        for (const auto &name : namesOf(target)) // the links in `path` may have changed
            wanted.names.push_back(name);
        requireNoInput(wanted);
        requireNoProjectFile(wanted);
    } catch (const Error &e) {
        throw Error(Error::Kind::Failed, e.parts().where, e.parts().found);
    }
}

fs::path projectAbove(const fs::path &place)
{
    std::error_code code;
    for (fs::path at = place;; at = at.parent_path()) {
        if (fs::exists(fs::symlink_status(at / "project.sqlite", code)))
            return at;
        if (at == at.root_path() || at.empty())
            return {};
    }
}

} // namespace reticle
