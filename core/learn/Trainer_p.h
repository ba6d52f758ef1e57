#pragma once

#include "base/Event.h"
#include "learn/Confusion.h"
#include "learn/CropLoader.h"
#include "learn/Module_p.h"
#include "learn/Objective_p.h"
#include "learn/Training.h"

#include <filesystem>

namespace reticle {

/// Everything a training needs, free of project and files: train() fills it from a recipe, tests from arrays.
struct TrainerInput
{
    TrainOptions train;
    AugmentOptions augment;
    Json model, objective; ///< sections of the recipe
    std::uint64_t seed = 0;
    std::string device = "auto";
    CropSource training, validation;
    std::int64_t channels = 1, classes = 2;
    Json description = Json::object(); ///< goes into model.json: recipe, scaling, classNames
    std::filesystem::path folder;      ///< where last.pt, model.pt, model.json go
    std::int64_t run = 0;

    /// Metrics of steps beyond `step` are to be forgotten: the training goes on from a checkpoint made there.
    std::function<void(std::int64_t step)> dropMetrics = [](std::int64_t) {};
    /// Metrics to keep; called every few seconds and before each checkpoint.
    std::function<void(const std::vector<Event> &)> keepMetrics = [](const std::vector<Event> &) {};
    /// State to keep beside the metrics, as often.
    std::function<void(std::int64_t step, double seconds, const Json &summary)> keepState =
        [](std::int64_t, double, const Json &) {};
};

struct Validation
{
    double loss = 0;
    Confusion confusion{2};
    bool constant = false; ///< the output is the same everywhere: a dead network
    double score() const { return confusion.dice(); }
};

/// Whole slices (in tiles where they are large) through `module`, which is left in training mode. `goOn` false stops
/// early with what was seen.
Validation validate(ImageModule &module, const Objective &objective, const CropSource &source, std::int64_t classes,
                    bool mixedPrecision, const torch::Device &device, const std::function<bool()> &goOn);

/// One training, from its last checkpoint where `input.folder` has one. Throws Error.
TrainingOutcome runTraining(TrainerInput input, EventSink &events, RunControl &control);

} // namespace reticle
