#pragma once

#include "learn/Training.h"

namespace reticle {

enum class StopRule { Steps, Epochs, Minutes };

/// The rule in force: the first > 0 of steps, epochs, minutes. Throws Error when none is.
StopRule stopRule(const TrainOptions &options);

/// Steps of a whole training by the rule in force; 0 for minutes.
std::int64_t totalSteps(const TrainOptions &options, std::int64_t stepsPerEpoch);

/// Part of the training that is done, 0..1, before step `step` (from 0) and after `seconds` of work.
double trainingProgress(const TrainOptions &options, std::int64_t stepsPerEpoch, std::int64_t step, double seconds);

/// What the learning rate is multiplied by. Warm-up: linear from 0.01 to 1 over `warmup`; then with q from 0 to 1 over
/// the rest: constant 1; cosine (1 + cos(pi q)) / 2 (Loshchilov and Hutter 2017); poly (1 - q)^0.9; step 0.1 from
/// q = 0.6 and 0.01 from q = 0.85.
double learningRateFactor(const TrainOptions &options, double progress);

} // namespace reticle
