#include "files/PartFiles.h"

#include "foundation/ProcessIdentity.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace reticle::files {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longestStem = 100; // bytes of the file's own name that are kept
constexpr std::string_view ending = ".part";

/// FNV-1a, 32 bits: tells hosts, boots and process spaces apart without writing their long names.
std::uint32_t shortOf(const std::string &text)
{
    std::uint32_t h = 0x811c9dc5u;
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 0x01000193u;
    return h;
}

/// This process; asked once, and again after a fork.
const ProcessIdentity &here()
{
    static std::mutex mutex;
    static ProcessIdentity identity;
    const std::lock_guard lock(mutex);
    if (identity.pid != getpid())
        identity = ProcessIdentity::current();
    return identity;
}

struct PartWriter
{
    std::uint32_t host = 0, boot = 0, space = 0;
    std::int64_t pid = 0, started = 0;
};

/// The writer in ".NAME.HOST-BOOT-SPACE-PID-STARTED-N.part".
bool writerOf(std::string_view name, PartWriter &writer)
{
    if (!name.starts_with('.') || !name.ends_with(ending))
        return false;
    name.remove_suffix(ending.size());
    const auto dot = name.rfind('.');
    if (dot == 0 || dot == std::string_view::npos)
        return false;
    std::vector<std::string_view> parts;
    for (std::string_view rest = name.substr(dot + 1);;) {
        const auto dash = rest.find('-');
        parts.push_back(rest.substr(0, dash));
        if (dash == std::string_view::npos)
            break;
        rest.remove_prefix(dash + 1);
    }
    const auto read = [&](std::size_t i, auto &value, int base) {
        const auto *end = parts[i].data() + parts[i].size();
        const auto [stop, error] = std::from_chars(parts[i].data(), end, value, base);
        return error == std::errc() && stop == end;
    };
    std::uint64_t n = 0;
    return parts.size() == 6 && parts[0].size() == 8 && parts[1].size() == 8 && parts[2].size() == 8 &&
           read(0, writer.host, 16) && read(1, writer.boot, 16) && read(2, writer.space, 16) && read(3, writer.pid, 10) &&
           read(4, writer.started, 10) && read(5, n, 10);
}

/// When the file was last written to, or the folder or one of its files, seconds since 1970. Nothing where it is not there.
std::optional<std::int64_t> lastWritten(const fs::path &file)
{
    const auto timeOf = [](const fs::path &path) {
        struct stat s = {};
        return ::lstat(path.c_str(), &s) == 0 ? std::optional(static_cast<std::int64_t>(s.st_mtim.tv_sec)) : std::nullopt;
    };
    auto last = timeOf(file);
    std::error_code code;
    if (fs::is_directory(fs::symlink_status(file, code)))
        for (fs::directory_iterator it(file, code), end; !code && it != end; it.increment(code))
            last = std::max(last, timeOf(it->path()));
    return last;
}

} // namespace

std::string partName(const std::string &name)
{
    static std::atomic<unsigned> calls{0};
    const auto &me = here();
    std::size_t length = std::min(name.size(), longestStem);
    while (length > 0 && length < name.size() && (static_cast<unsigned char>(name[length]) & 0xC0) == 0x80)
        --length; // not inside a letter
    return fmt::format(".{}.{:08x}-{:08x}-{:08x}-{}-{}-{}{}", name.substr(0, length), shortOf(me.host), shortOf(me.boot),
                       shortOf(me.space), me.pid, me.started, calls++, ending);
}

bool isLeftPart(const fs::path &file)
{
    PartWriter w;
    if (!writerOf(file.filename().string(), w))
        return false;
    const auto &me = here();
    if (w.host != shortOf(me.host))
        return false;
    ProcessIdentity id = me;
    id.pid = w.pid;
    id.started = w.started;
    if (w.boot != shortOf(me.boot)) { // this machine was restarted, or another one has its host name
        id.boot.clear();
        return id.state(lastWritten(file)) == ProcessIdentity::State::Gone;
    }
    if (w.space != shortOf(me.space))
        return false;
    return id.state() == ProcessIdentity::State::Gone;
}

void removeLeftParts(const fs::path &folder)
{
    std::error_code code;
    std::vector<fs::path> left;
    for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
        if (isLeftPart(it->path()))
            left.push_back(it->path());
    for (const auto &file : left)
        fs::remove_all(file, code); // also a folder of results that was never finished
}

void removeLeftPartsOnce(const fs::path &folder)
{
    static std::mutex mutex;
    static std::set<std::pair<pid_t, std::string>> seen;
    {
        const std::lock_guard lock(mutex);
        if (!seen.insert({getpid(), folder.string()}).second)
            return;
    }
    removeLeftParts(folder);
}

} // namespace reticle::files
