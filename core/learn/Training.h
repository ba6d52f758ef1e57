#pragma once

#include "base/Event.h"
#include "base/Project.h"
#include "base/Schema.h"

namespace reticle {

/// The recipe's "train" section.
struct TrainOptions
{
    double minutes = 15; ///< stop rules: the one in force is the first > 0 of steps, epochs, minutes
    std::int64_t steps = 0;
    std::int64_t epochs = 0; ///< of as many crops as cover the training slices once
    std::int64_t batch = 4;
    std::int64_t crop = 256; ///< side of a random crop; smaller images are padded by mirror
    double foregroundOversampling = 0.33;
    std::string optimiser = "adam"; ///< adam, adamw, sgd
    double learningRate = 1e-3, weightDecay = 0, momentum = 0.99;
    double gradientClip = 1;  ///< largest length of the gradient; 0 = off
    double averaging = 0.995; ///< decay of the weights' running mean that is validated and kept; 0 = off
    std::string schedule = "cosine"; ///< constant, cosine, poly, step; over the stop rule in force
    double warmup = 0.02;            ///< part of the training
    std::int64_t patience = 0;       ///< early stopping after this many validations without a better one; 0 = off
    double validateEvery = 60;       ///< s between validations, or by steps:
    /// > 0: every so many steps; 0: by time, or with steps or epochs in force every min(500, total / 20) steps, so that a
    /// run repeats exactly.
    std::int64_t validateSteps = 0;
    double checkpointEvery = 60;     ///< s
    std::int64_t checkpointSteps = 0;
    std::string precision = "auto"; ///< auto (bfloat16 where it is the faster one), bfloat16, float32
    std::int64_t threads = 0;   ///< 0 = all cores

    static Schema<TrainOptions> schema();
};

/// The recipe's "augment" section (base/Augment.h) is applied on a thread of its own, ahead of the training thread.

struct TrainingOutcome
{
    RunStatus status;
    Json summary; ///< last and best metrics, weights, steps, seconds
    bool complete = false; ///< it was complete before it was resumed: nothing was done
};

/// Trains the run's recipe and keeps in the run's folder (base/files/ModelFiles.h) the model, which has the weights with the
/// best validation score (the highest validation.dice, of the foreground of a mask or the mean over classes; of an
/// objective whose target is the image itself the lowest validation.loss) and its description, and checkpoints with
/// everything needed to continue exactly: weights, optimiser, schedule, random state, position in the data, metrics so far.
/// A run whose folder has a checkpoint continues from it. Emits events and writes metrics into the project. One that is done
/// leaves an entry in the user's history of trainings (base/history/TrainingHistory.h).
/// Throws Error; what was reached stays on disk.
TrainingOutcome train(Project &project, const RunInfo &run, const Catalog &catalog, EventSink &events,
                      RunControl &control);

/// What stands in the way of a comparison, told before its first run: loads its data once and builds each model. Throws
/// Error as train() would. `recipe`: validated, with a section "compare".
void checkComparison(const Recipe &recipe);

/// Rows of input, target for the preview: `count` augmented crops of the recipe's training data.
/// {"images": [Array (C, H, W) float32], "targets": [Array (H, W) uint8]}; no targets of an objective whose target is the
/// image itself.
Json augmentPreview(const Recipe &recipe, int count);

} // namespace reticle
