#include "learn/Schedule.h"

#include <cmath>
#include <numbers>

namespace reticle {

namespace {

class Cosine : public Schedule
{
public:
    double factor(const TrainingMoment &moment) const override
    {
        return 0.5 * (1 + std::cos(std::numbers::pi * moment.progress));
    }
};

const Registration<ScheduleFactory>
    cosineRegistration({.name = "cosine",
                        .title = "Cosine",
                        .help = "Half a cosine from the learning rate to 0 over the training (Loshchilov and Hutter 2017).",
                        .fields = {}},
                       [](const Json &) { return std::make_shared<Cosine>(); });

} // namespace

} // namespace reticle
