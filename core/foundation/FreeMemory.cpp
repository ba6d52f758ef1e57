#include "foundation/FreeMemory.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <utility>

namespace reticle {

namespace fs = std::filesystem;

namespace {

/// What the files of a control group are called.
struct GroupFiles
{
    const char *maximum, *current, *inactive, *active;
};
constexpr GroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ", "total_active_file "};
constexpr GroupFiles kVersion2{"memory.max", "memory.current", "inactive_file ", "active_file "};
/// Version 1 has a number near 2^63 for no limit.
constexpr std::int64_t kNoLimit = std::int64_t(1) << 62;

std::string textOf(const fs::path &path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The number behind `key` at the beginning of a line.
std::optional<std::int64_t> numberOf(const std::string &text, const std::string &key)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.rfind(key, 0) == 0) {
            std::istringstream rest(line.substr(key.size()));
            if (std::int64_t n = 0; rest >> n)
                return n;
        }
    return {};
}

/// What a limit of the process itself leaves: `limit` begins its line of /proc/self/limits, `used` that of
/// /proc/self/status.
std::optional<std::int64_t> leftOf(const fs::path &process, const std::string &limit, const std::string &used)
{
    const auto maximum = numberOf(textOf(process / "limits"), limit), now = numberOf(textOf(process / "status"), used);
    if (!maximum || !now) // "unlimited"
        return {};
    return std::max<std::int64_t>(0, *maximum - *now * 1024);
}

/// This process's groups of version 1, for memory, and of version 2.
std::pair<fs::path, fs::path> groupsOf(const std::string &cgroup)
{
    std::pair<fs::path, fs::path> groups;
    std::istringstream lines(cgroup);
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find(':');
        const auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos)
            continue;
        const auto path = fs::path(line.substr(second + 1)).lexically_normal().relative_path();
        const auto controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        if (line.starts_with("0::"))
            groups.second = path;
        else if (controllers.find(",memory,") != std::string::npos)
            groups.first = path;
    }
    return groups;
}

/// The least that a group and those around it leave. Within a container the path may be the host's, of which only the top
/// is there.
std::optional<std::int64_t> leftIn(const fs::path &top, fs::path group, const GroupFiles &files, bool inUse)
{
    std::optional<std::int64_t> minimum;
    for (;; group = group.parent_path()) {
        const auto folder = top / group;
        // Without a limit version 2 says "max".
        const auto limit = numberOf(textOf(folder / files.maximum), ""), used = numberOf(textOf(folder / files.current), "");
        if (limit && used && *limit < kNoLimit) {
            const auto stat = textOf(folder / "memory.stat");
            const auto idle = numberOf(stat, files.inactive).value_or(0) + (inUse ? numberOf(stat, files.active).value_or(0) : 0);
            const auto left = std::max<std::int64_t>(0, *limit - *used + idle);
            minimum = std::min(minimum.value_or(left), left);
        }
        if (group.empty())
            return minimum;
    }
}

std::atomic<std::int64_t> s_assumed = -1;

} // namespace

std::optional<std::int64_t> freeMemoryOf(const fs::path &root, bool files)
{
    auto free = numberOf(textOf(root / "proc/meminfo"), "MemAvailable:");
    if (free)
        *free *= 1024;
    const auto [first, second] = groupsOf(textOf(root / "proc/self/cgroup"));
    const auto top = root / "sys/fs/cgroup";
    const auto process = root / "proc/self";
    for (const auto &left : {leftIn(top / "memory", first, kVersion1, files), leftIn(top, second, kVersion2, files),
                             leftOf(process, "Max address space", "VmSize:"), leftOf(process, "Max data size", "VmData:")})
        if (left)
            free = std::min(free.value_or(*left), *left);
    return free;
}

std::int64_t freeMemory(bool files)
{
    if (const auto bytes = s_assumed.load(); bytes >= 0)
        return bytes;
    return freeMemoryOf("/", files).value_or(std::numeric_limits<std::int64_t>::max());
}

AssumedFreeMemory::AssumedFreeMemory(std::int64_t bytes) : m_before(s_assumed.exchange(bytes)) {}

AssumedFreeMemory::~AssumedFreeMemory()
{
    s_assumed = m_before;
}

std::string memoryText(std::int64_t bytes)
{
    const auto mib = static_cast<double>(bytes) / 1048576;
    return mib < 1000 ? fmt::format("{:.0f} MiB", mib) : fmt::format("{:.1f} GiB", mib / 1024);
}

} // namespace reticle
