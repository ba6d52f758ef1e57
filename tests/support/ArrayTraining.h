#pragma once

#include "learn/tasks/ImageTask_p.h"
#include "learn/training/Trainer_p.h"

namespace reticle::test {

/// A training on images from arrays and functions.
struct ArrayTraining : TrainerInput
{
    Json objective; ///< section of a recipe
    AugmentOptions augment;
    CropSource training, validation;
    std::int64_t channels = 1, classes = 2;
    double range = 1;            ///< what scaled values span
    std::int64_t dataToCome = 0; ///< ImageTaskInput::dataToCome
};

inline TrainingOutcome runTraining(ArrayTraining in, EventSink &events, RunControl &control)
{
    ImageTaskInput images;
    images.objective = makeObjective(in.objective, in.training.classCounts);
    images.train = in.train;
    images.augment = in.augment;
    images.seed = in.seed;
    images.training = in.training;
    images.validation = in.validation;
    images.channels = in.channels;
    images.classes = in.classes;
    images.range = in.range;
    images.dataToCome = in.dataToCome;
    in.task = images.objective->task() == "reconstruction" ? reconstructionTask(std::move(images))
                                                           : segmentationTask(std::move(images));
    return reticle::runTraining(std::move(in), events, control);
}

} // namespace reticle::test
