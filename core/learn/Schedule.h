#pragma once

#include "foundation/Registry.h"
#include "learn/TrainOptions.h"

namespace reticle {

enum class StopRule { Steps, Epochs, Minutes };

/// The rule in force: the first > 0 of steps, epochs, minutes. Throws Error when none is.
StopRule stopRule(const TrainOptions &options);

/// Steps of a whole training by the rule in force; 0 for minutes.
std::int64_t totalSteps(const TrainOptions &options, std::int64_t stepsPerEpoch);

/// Part of the training that is done, 0..1, before step `step` (from 0) and after `seconds` of work.
double trainingProgress(const TrainOptions &options, std::int64_t stepsPerEpoch, std::int64_t step, double seconds);

/// Where a training is before a step.
struct TrainingMoment
{
    double progress = 0;   ///< part that is done, 0..1: trainingProgress()
    double epoch = 0;      ///< epochs that are done
    std::int64_t step = 0; ///< from 0
};

/// How a learning rate falls. For any thread.
class Schedule
{
public:
    virtual ~Schedule() = default;
    /// What the rate is multiplied by. `moment.progress` is here 0..1 over what follows the warm-up.
    virtual double factor(const TrainingMoment &moment) const = 0;
};

/// Throws Error where options that each are in their range do not go together.
using ScheduleFactory = std::function<std::shared_ptr<Schedule>(const Json &options)>;

/// The learning rate of a training. Warm-up: linear from 0.01 to 1 over the part `warmup`; then by the schedule.
class LearningRate
{
public:
    /// Throws Error for a schedule that is not known or whose options do not go together.
    explicit LearningRate(const TrainOptions &options);
    double factor(const TrainingMoment &moment) const;
    double at(const TrainingMoment &moment) const { return m_highest * factor(moment); }

private:
    double m_highest, m_warmup;
    std::shared_ptr<Schedule> m_schedule;
};

} // namespace reticle
