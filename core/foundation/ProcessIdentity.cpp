#include "foundation/ProcessIdentity.h"

#include "foundation/JsonReader_p.h"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <unistd.h>

namespace reticle {

namespace {

struct ProcessEntry
{
    bool exists = false;
    char state = '?';
    std::int64_t started = 0;
};

ProcessEntry entryOf(std::int64_t pid)
{
    ProcessEntry entry;
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
    const auto end = text.rfind(')');
    if (end == std::string::npos) {
        // Without /proc only the number is known.
        if (!std::filesystem::exists("/proc/self/stat"))
            entry.exists = kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM;
        return entry;
    }
    std::istringstream fields(text.substr(end + 1));
    std::string skipped;
    fields >> entry.state;
    for (int field = 4; field < 22; ++field)
        fields >> skipped;
    fields >> entry.started;
    entry.exists = true;
    return entry;
}

/// When this machine was started, seconds since 1970.
std::int64_t startOfMachine()
{
    timespec now{}, up{};
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || clock_gettime(CLOCK_BOOTTIME, &up) != 0)
        return 0;
    return static_cast<std::int64_t>(now.tv_sec) - static_cast<std::int64_t>(up.tv_sec);
}

} // namespace

ProcessIdentity ProcessIdentity::current()
{
    ProcessIdentity id;
    id.pid = getpid();
    id.started = entryOf(id.pid).started;
    std::ifstream boot("/proc/sys/kernel/random/boot_id");
    std::getline(boot, id.boot);
    std::error_code code;
    id.space = std::filesystem::read_symlink("/proc/self/ns/pid", code).string();
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) == 0)
        id.host = host;
    return id;
}

Json ProcessIdentity::toJson() const
{
    Json j;
    j["pid"] = pid;
    j["started"] = started;
    j["boot"] = boot;
    j["space"] = space;
    j["host"] = host;
    return j;
}

ProcessIdentity ProcessIdentity::fromJson(const Json &json)
{
    // A project's mark may be damaged or of another version: what cannot be read is not known.
    const auto whole = [&](const char *key) {
        return json.is_object() && json.contains(key) ? wholeNumber(json.at(key)).value_or(0) : 0;
    };
    const auto text = [&](const char *key) {
        return json.is_object() && json.contains(key) && json.at(key).is_string() ? json.at(key).get<std::string>()
                                                                                  : std::string();
    };
    ProcessIdentity id;
    id.pid = whole("pid");
    id.started = whole("started");
    id.boot = text("boot");
    id.space = text("space");
    id.host = text("host");
    return id;
}

ProcessIdentity::State ProcessIdentity::state(std::optional<std::int64_t> lastSign) const
{
    const ProcessIdentity here = current();
    if (pid <= 0)
        return State::Gone;
    if (host != here.host)
        return State::Unknown;
    if (boot != here.boot)
        return lastSign && *lastSign >= startOfMachine() ? State::Unknown : State::Gone;
    if (space != here.space)
        return State::Unknown;
    const ProcessEntry entry = entryOf(pid);
    return entry.exists && entry.state != 'Z' && entry.state != 'X' && entry.started == started ? State::Alive : State::Gone;
}

} // namespace reticle
