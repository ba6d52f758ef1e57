#include "learn/Schedule.h"

namespace reticle {

namespace {

class Constant : public Schedule
{
public:
    double factor(const TrainingMoment &) const override { return 1; }
};

const Registration<ScheduleFactory>
    constantRegistration({.name = "constant", .title = "Constant", .help = "The learning rate stays as it is.", .fields = {}},
                         [](const Json &) { return std::make_shared<Constant>(); });

} // namespace

} // namespace reticle
