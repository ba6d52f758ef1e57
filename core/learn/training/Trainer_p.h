#pragma once

#include "learn/Module_p.h"
#include "learn/Task_p.h"
#include "learn/training/Training.h"
#include "protocol/Event.h"

#include <filesystem>

namespace reticle {

/// Everything a training needs, free of project and files: train() fills it from a recipe, tests from arrays.
struct TrainerInput
{
    std::shared_ptr<Task> task;
    TrainOptions train;
    Json model; ///< section of the recipe
    std::uint64_t seed = 0;
    std::string device = "auto";
    Json description = Json::object(); ///< goes into the model before what the task says: recipe
    std::filesystem::path folder;      ///< where the model and the checkpoints go: project/ModelFiles.h
    std::int64_t run = 0;

    /// Metrics of steps beyond `step` are to be forgotten: the training goes on from a checkpoint made there.
    std::function<void(std::int64_t step)> dropMetrics = [](std::int64_t) {};
    /// Metrics to keep; called every few seconds and before each checkpoint.
    std::function<void(const std::vector<Event> &)> keepMetrics = [](const std::vector<Event> &) {};
    /// State to keep beside the metrics, as often.
    std::function<void(std::int64_t step, double seconds, const Json &summary)> keepState = [](std::int64_t, double,
                                                                                               const Json &) {};
};

/// One training, from its last checkpoint where `input.folder` has one. Throws Error.
TrainingOutcome runTraining(TrainerInput input, EventSink &events, RunControl &control);

} // namespace reticle
