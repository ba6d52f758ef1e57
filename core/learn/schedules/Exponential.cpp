#include "learn/Schedule.h"

#include <cmath>

namespace reticle {

namespace {

struct ExponentialOptions
{
    double factor = 0.995;

    static Schema<ExponentialOptions> schema()
    {
        return Schema<ExponentialOptions>("exponential", "Exponential",
                                          "The learning rate is multiplied by the factor after each epoch.")
            .field(&ExponentialOptions::factor,
                   {.name = "factor", .help = "What it is multiplied by after each epoch.", .min = 0, .max = 1});
    }
};

class Exponential : public Schedule
{
public:
    explicit Exponential(ExponentialOptions options) : o(std::move(options)) {}
    double factor(const TrainingMoment &moment) const override { return std::pow(o.factor, std::floor(moment.epoch)); }

private:
    ExponentialOptions o;
};

const Registration<ScheduleFactory> exponentialRegistration(ExponentialOptions::schema().info(), [](const Json &json) {
    return std::make_shared<Exponential>(ExponentialOptions::schema().read(json, "train.schedule"));
});

} // namespace

} // namespace reticle
