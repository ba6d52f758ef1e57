#pragma once

// Finished runs of one recipe with several training times, whose scores can be worked by hand.

#include "project/Project.h"

#include <filesystem>

namespace reticle::test {

inline RunInfo budgeted(std::int64_t id, double minutes, std::int64_t seed, double dice)
{
    RunInfo r;
    r.id = id;
    r.title = "Cells";
    r.status = RunStatus::Done;
    r.seconds = 60 * minutes + 1.5; // the last step ends after its time
    r.step = static_cast<std::int64_t>(600 * minutes);
    r.recipe = {{"recipe", 1},
                {"title", "Cells"},
                {"seed", seed},
                {"device", "auto"},
                {"data", {{"name", "segmentation"}, {"images", "/data/cells.tif"}, {"split", "first"}, {"fold", 1}}},
                {"model", {{"name", "unet"}, {"weights", 4000}}},
                {"objective", {{"name", "bce"}}},
                {"train", {{"minutes", minutes}, {"steps", 0}, {"epochs", 0}, {"batch", 4}, {"crop", 256}, {"threads", 0}}}};
    r.summary = {
        {"target", "labels"},   {"steps", r.step},
        {"seconds", r.seconds}, {"weights", 3964},
        {"device", "cpu"},      {"precision", "float32"},
        {"step-seconds", 0.1},  {"best", {{"step", r.step}, {"loss", 1 - dice}, {"dice", dice}, {"iou", dice / (2 - dice)}}}};
    return r;
}

/// 5, 10, 15 and 30 minutes, the first with two seeds.
inline std::vector<RunInfo> fiveBudgeted()
{
    return {budgeted(1, 5, 1, 0.900), budgeted(2, 5, 2, 0.904), budgeted(3, 10, 1, 0.921), budgeted(4, 15, 1, 0.930),
            budgeted(5, 30, 1, 0.938)};
}

/// The same in a project, each with a validation every minute that ends at its score.
inline Project projectOf(const std::filesystem::path &folder, const std::vector<RunInfo> &runs)
{
    auto project = Project::openOrCreate(folder);
    for (const auto &run : runs) {
        RunInfo made = project.createRun(Recipe(run.recipe));
        const double best = run.summary.value("best", Json::object()).value("dice", 0.5);
        std::vector<Event> metrics;
        for (int minute = 1; minute <= static_cast<int>(run.seconds / 60); ++minute)
            metrics.push_back({.kind = Event::Kind::Metric,
                               .time = 60.0 * minute,
                               .step = 600 * minute,
                               .name = "validation.dice",
                               .value = best * 60 * minute / (run.seconds - 1.5)});
        project.addMetrics(made.id, metrics);
        made.status = run.status;
        made.seconds = run.seconds;
        made.step = run.step;
        made.summary = run.summary;
        project.updateRun(made);
    }
    return project;
}

} // namespace reticle::test
