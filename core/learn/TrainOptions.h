#pragma once

#include "foundation/Schema.h"

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
    EntryOptions optimizer = "adam"; ///< an entry of Registry<OptimizerFactory>
    double learningRate = 1e-3, weightDecay = 0;
    double gradientClip = 1;          ///< largest length of the gradient; 0 = off
    double averaging = 0.995;         ///< decay of the weights' running mean that is validated and kept; 0 = off
    EntryOptions schedule = "cosine"; ///< an entry of Registry<ScheduleFactory>
    double warmup = 0.02;             ///< part of the training
    std::int64_t patience = 0;        ///< early stopping after this many validations without a better one; 0 = off
    double validateEvery = 60;        ///< s between validations, or by steps:
    /// > 0: every so many steps; 0: by time, or with steps or epochs in force every min(500, total / 20) steps, so that a
    /// run repeats exactly.
    std::int64_t validateSteps = 0;
    double checkpointEvery = 60; ///< s
    std::int64_t checkpointSteps = 0;
    std::string precision = "auto"; ///< auto (bfloat16 where it is the faster one), bfloat16, float32
    std::int64_t threads = 0;       ///< 0 = all cores

    static Schema<TrainOptions> schema();
};

} // namespace reticle
