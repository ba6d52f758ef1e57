#pragma once

#include "base/Event.h"
#include "data/CropBatches.h"
#include "learn/Confusion.h"
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
    double range = 1;                  ///< what scaled values span
    std::int64_t dataToCome = 0;       ///< bytes that the sources will keep of slices, beyond what they have
    Json description = Json::object(); ///< goes into the model: recipe, scaling, classNames
    std::filesystem::path folder;      ///< where the model and the checkpoints go: base/files/ModelFiles.h
    std::int64_t run = 0;

    /// Metrics of steps beyond `step` are to be forgotten: the training goes on from a checkpoint made there.
    std::function<void(std::int64_t step)> dropMetrics = [](std::int64_t) {};
    /// Metrics to keep; called every few seconds and before each checkpoint.
    std::function<void(const std::vector<Event> &)> keepMetrics = [](const std::vector<Event> &) {};
    /// State to keep beside the metrics, as often.
    std::function<void(std::int64_t step, double seconds, const Json &summary)> keepState = [](std::int64_t, double,
                                                                                               const Json &) {};
};

struct Validation
{
    double loss = 0;
    Confusion confusion{2}; ///< empty for an objective that reconstructs
    bool constant = false;  ///< the output is the same everywhere: a dead network
    /// Of the class scores; NaN for an objective that reconstructs, where the loss alone decides.
    double score = 0;
    /// "dice", "iou", "pixel-error"; of an objective that reconstructs "mse" over all pixels, "psnr" of that in dB (of
    /// values that span `range`) and "ssim", the mean over slices. Then the parts of the loss.
    std::vector<std::pair<std::string, double>> scores;
};

struct ValidationInput
{
    const MapObjective &objective;
    const CropSource &source;
    std::int64_t classes = 2;
    double range = 1;
    bool mixedPrecision = false;
    torch::Device device{torch::kCPU};
    std::int64_t tile = 0; ///< side of tiles where whole slices are too much; 0: slices of up to 1.5 million pixels are whole
};

/// The part of (…, C, H, W) that an objective which reconstructs has for its target: the slice itself, which stands in
/// the middle of its neighbours.
torch::Tensor middleSlice(const torch::Tensor &images, std::int64_t planes);

/// Throws Error naming the slice where `module` refuses the size in which validate() hands it one. Reads slices only of a
/// module that refuses any size.
void requireSlices(const ImageModule &module, const CropSource &source);

/// Whole slices (in tiles where they are large) through `module`, whose mode is as before afterwards. `goOn` false stops
/// early with what was seen.
Validation validate(ImageModule &module, const ValidationInput &input, const std::function<bool()> &goOn);

/// One training, from its last checkpoint where `input.folder` has one. Throws Error.
TrainingOutcome runTraining(TrainerInput input, EventSink &events, RunControl &control);

} // namespace reticle
