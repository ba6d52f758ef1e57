#include "learn/Schedule.h"

#include <algorithm>

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
    const double done = total > 0 ? static_cast<double>(step) / static_cast<double>(total) : seconds / (60 * options.minutes);
    return std::clamp(done, 0.0, 1.0);
}

LearningRate::LearningRate(const TrainOptions &options) : m_highest(options.learningRate), m_warmup(options.warmup)
{
    const auto &entry = Registry<ScheduleFactory>::instance().get(options.schedule.name, "train.schedule");
    m_schedule = entry.factory(entry.schema.validate(options.schedule.fields, "train.schedule"));
}

double LearningRate::factor(const TrainingMoment &moment) const
{
    if (moment.progress < m_warmup)
        return 0.01 + 0.99 * moment.progress / m_warmup;
    auto after = moment;
    after.progress = m_warmup < 1 ? (moment.progress - m_warmup) / (1 - m_warmup) : 0;
    return m_schedule->factor(after);
}

} // namespace reticle
