#include "learn/Schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reticle {

StopRule stopRule(const TrainOptions &options)
{
    if (options.steps > 0)
        return StopRule::Steps;
    if (options.epochs > 0)
        return StopRule::Epochs;
    if (options.minutes > 0)
        return StopRule::Minutes;
    throw Error({"train", "steps, epochs or minutes above 0", "none", "set one of the three"});
}

std::int64_t totalSteps(const TrainOptions &options, std::int64_t stepsPerEpoch)
{
    switch (stopRule(options)) {
    case StopRule::Steps: return options.steps;
    case StopRule::Epochs: return options.epochs * stepsPerEpoch;
    case StopRule::Minutes: break;
    }
    return 0;
}

double trainingProgress(const TrainOptions &options, std::int64_t stepsPerEpoch, std::int64_t step, double seconds)
{
    const auto total = totalSteps(options, stepsPerEpoch);
    const double done = total > 0 ? static_cast<double>(step) / static_cast<double>(total)
                                  : seconds / (60 * options.minutes);
    return std::clamp(done, 0.0, 1.0);
}

double learningRateFactor(const TrainOptions &options, double progress)
{
    if (progress < options.warmup)
        return 0.01 + 0.99 * progress / options.warmup;
    const double q = options.warmup < 1 ? (progress - options.warmup) / (1 - options.warmup) : 0;
    if (options.schedule == "cosine")
        return 0.5 * (1 + std::cos(std::numbers::pi * q));
    if (options.schedule == "poly")
        return std::pow(1 - q, 0.9);
    if (options.schedule == "step")
        return q < 0.6 ? 1 : q < 0.85 ? 0.1 : 0.01;
    return 1;
}

} // namespace reticle
