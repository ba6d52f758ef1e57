#include "history/TrainingHistory.h"

#include "files/ByteSource.h"
#include "foundation/AtomicFile.h"
#include "foundation/JsonReader_p.h"
#include "project/SealedText.h"

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace reticle {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largestHistory = 4 << 20;
constexpr std::size_t longestText = 300;
constexpr std::int64_t largestNumber = std::int64_t(1) << 53;

/// Held by whoever rewrites the file. A file system without locks is done without: the file is still replaced as a whole.
class Turn
{
public:
    explicit Turn(const fs::path &file)
    {
        m_fd = ::open((file.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (m_fd < 0)
            return;
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        int failed = 0;
        while ((failed = ::flock(m_fd, LOCK_EX | LOCK_NB)) != 0 && (errno == EWOULDBLOCK || errno == EINTR) &&
               std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        m_mine = failed == 0 || (errno != EWOULDBLOCK && errno != EINTR);
    }
    ~Turn()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;
    bool mine() const { return m_mine; }

private:
    int m_fd = -1;
    bool m_mine = false;
};

bool readText(const Json &json, const char *key, std::string &value)
{
    const Json found = json.value(key, Json());
    if (found.is_null())
        return true;
    if (!found.is_string() || found.get_ref<const std::string &>().size() > longestText)
        return false;
    value = found.get<std::string>();
    return true;
}

bool readCount(const Json &json, const char *key, std::int64_t &value)
{
    const Json found = json.value(key, Json());
    if (found.is_null())
        return true;
    const auto whole = wholeNumber(found);
    if (!whole || *whole < 0 || *whole > largestNumber)
        return false;
    value = *whole;
    return true;
}

bool readNumber(const Json &json, const char *key, double &value)
{
    const Json found = json.value(key, Json());
    if (found.is_null())
        return true;
    if (!found.is_number())
        return false;
    value = found.get<double>();
    return std::isfinite(value);
}

} // namespace

Json PastTraining::toJson() const
{
    return {
        {"network", network}, {"model", model},     {"recipe", recipe},     {"data", data},       {"weights", weights},
        {"crop", crop},       {"batch", batch},     {"channels", channels}, {"classes", classes}, {"precision", precision},
        {"machine", machine}, {"minutes", minutes}, {"budget", budget},     {"steps", steps},     {"step-seconds", stepSeconds},
        {"score", score},     {"value", value},     {"ended", ended}};
}

std::optional<PastTraining> PastTraining::fromJson(const Json &json)
{
    PastTraining t;
    if (!json.is_object())
        return {};
    bool sound = true;
    for (const auto &[key, text] : {std::pair{"network", &t.network},
                                    {"model", &t.model},
                                    {"recipe", &t.recipe},
                                    {"data", &t.data},
                                    {"precision", &t.precision},
                                    {"machine", &t.machine},
                                    {"score", &t.score},
                                    {"ended", &t.ended}})
        sound = sound && readText(json, key, *text);
    for (const auto &[key, count] : {std::pair{"weights", &t.weights},
                                     {"crop", &t.crop},
                                     {"batch", &t.batch},
                                     {"channels", &t.channels},
                                     {"classes", &t.classes},
                                     {"steps", &t.steps}})
        sound = sound && readCount(json, key, *count);
    for (const auto &[key, number] :
         {std::pair{"minutes", &t.minutes}, {"budget", &t.budget}, {"step-seconds", &t.stepSeconds}, {"value", &t.value}})
        sound = sound && readNumber(json, key, *number);
    if (!sound || t.network.empty() || t.steps < 1 || !(t.minutes > 0) || !(t.budget >= 0) || !(t.stepSeconds > 0))
        return {};
    return t;
}

fs::path TrainingHistory::usualFile()
{
    const auto folder = [](const char *name) {
        const char *value = std::getenv(name);
        const fs::path path = value ? value : "";
        return path.is_absolute() ? path : fs::path(); // as the XDG base directory specification asks
    };
    constexpr const char *name = "trainings.json";
    if (const auto own = folder("RETICLE_STATE"); !own.empty())
        return own / name;
    if (const auto state = folder("XDG_STATE_HOME"); !state.empty())
        return state / "reticle" / name;
    if (const auto home = folder("HOME"); !home.empty())
        return home / ".local" / "state" / "reticle" / name;
    return {};
}

TrainingHistory::Content TrainingHistory::content() const
{
    Content c;
    if (m_file.empty())
        return c;
    try {
        const Json json = readSealed(readRegularFile(m_file, largestHistory), m_file.string());
        if (!json.is_object())
            return c;
        c.newer = json.value("trainings", Json()).is_number() && json.at("trainings").get<double>() > version;
        const Json entries = json.value("entries", Json());
        if (c.newer || !entries.is_array())
            return c;
        for (const auto &entry : entries)
            if (auto training = PastTraining::fromJson(entry))
                c.entries.push_back(std::move(*training));
        if (c.entries.size() > maximum)
            c.entries.erase(c.entries.begin(), c.entries.end() - static_cast<std::ptrdiff_t>(maximum));
    } catch (const std::exception &) {
        c.entries.clear(); // damaged, or not there yet
    }
    return c;
}

std::vector<PastTraining> TrainingHistory::read() const
{
    return content().entries;
}

bool TrainingHistory::add(const PastTraining &training) const
{
    if (m_file.empty())
        return false;
    try {
        fs::create_directories(m_file.parent_path());
        const Turn turn(m_file);
        if (!turn.mine())
            return false;
        Content c = content();
        if (c.newer)
            return false;
        c.entries.push_back(training);
        if (c.entries.size() > maximum)
            c.entries.erase(c.entries.begin(), c.entries.end() - static_cast<std::ptrdiff_t>(maximum));
        Json entries = Json::array();
        for (const auto &entry : c.entries)
            entries.push_back(entry.toJson());
        const Json json{{"trainings", version}, {"entries", std::move(entries)}};
        writeFileAtomically(m_file, sealed(json.dump(1, ' ', false, Json::error_handler_t::replace)));
        return true;
    } catch (const std::exception &) {
        return false;
    }
}

} // namespace reticle
