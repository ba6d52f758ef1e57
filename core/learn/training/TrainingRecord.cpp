#include "learn/training/TrainingRecord.h"

#include "learn/Machine_p.h"
#include "learn/training/Training.h"
#include "protocol/RunScores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

#ifdef __unix__
#include <dlfcn.h>
#endif

namespace reticle {

namespace {

std::string processorName()
{
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name")) {
            const auto colon = line.find(':');
            const auto first = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
            if (first != std::string::npos)
                return line.substr(first);
        }
    return "processor";
}

/// Asked of the driver: LibTorch's headers tell it only where CUDA's own are installed.
std::string gpuName(int index)
{
#ifdef __unix__
    if (void *driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD)) {
        const auto start = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
        const auto get = reinterpret_cast<int (*)(int *, int)>(dlsym(driver, "cuDeviceGet"));
        const auto name = reinterpret_cast<int (*)(char *, int, int)>(dlsym(driver, "cuDeviceGetName"));
        char text[256] = {};
        int device = 0;
        const bool told = start && get && name && start(0) == 0 && get(&device, index) == 0 &&
                          name(text, static_cast<int>(sizeof text) - 1, device) == 0;
        dlclose(driver);
        if (told && text[0] != 0)
            return text;
    }
#endif
    return fmt::format("GPU {}", index);
}

/// As prepareThread() chooses them.
int threadsOf(std::int64_t threads)
{
    if (threads > 0)
        return static_cast<int>(threads);
    const char *asked = std::getenv("OMP_NUM_THREADS");
    const int number = asked ? std::atoi(asked) : 0;
    return number > 0 ? number : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::string machineName(const torch::Device &device, std::int64_t threads)
{
    if (device.is_cuda())
        return gpuName(device.has_index() ? device.index() : 0);
    return fmt::format("{}, {} threads", processorName(), threadsOf(threads));
}

std::string now()
{
    const std::time_t seconds = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

} // namespace

TrainingQuestion trainingQuestion(const Recipe &recipe, std::int64_t channels, std::int64_t classes)
{
    const auto train = TrainOptions::schema().read(recipe.section("train"), "train");
    const auto device = chooseDevice(recipe.device());
    auto q = questionOf(recipe);
    q.like.channels = channels;
    q.like.classes = classes;
    q.like.precision = chooseBfloat16(train.precision, device, "train.precision") ? "bfloat16" : "float32";
    q.like.machine = machineName(device, train.threads);
    return q;
}

PastTraining pastTraining(const Recipe &recipe, const Json &summary, std::int64_t channels, std::int64_t classes)
{
    const auto q = questionOf(recipe);
    PastTraining t = q.like;
    const auto threads = TrainOptions::schema().read(recipe.section("train"), "train").threads;
    t.channels = channels;
    t.classes = classes;
    t.weights = summary.value("weights", std::int64_t(0));
    t.precision = summary.value("precision", std::string());
    t.machine = machineName(torch::Device(summary.value("device", std::string("cpu"))), threads);
    const double seconds = summary.value("seconds", 0.0);
    t.minutes = seconds / 60;
    t.budget = q.minutes;
    t.steps = summary.value("steps", std::int64_t(0));
    t.stepSeconds = t.steps > 0 ? seconds / static_cast<double>(t.steps) : 0;
    const auto score = RunScores::of(summary).selectedScore().name;
    const Json best = summary.value("best", Json::object());
    if (best.is_object() && best.value(score, Json()).is_number()) {
        t.score = score;
        t.value = best.at(score).get<double>();
    }
    t.ended = now();
    return t;
}

} // namespace reticle
