#include "learn/Schedule.h"

namespace reticle {

namespace {

struct InverseOptions
{
    double decay = 1e-6;

    static Schema<InverseOptions> schema()
    {
        return Schema<InverseOptions>("inverse", "Inverse of the step", "1 / (1 + decay t) at step t.")
            .field(&InverseOptions::decay,
                   {.name = "decay", .help = "How fast it falls: after 1 / decay steps it is halved.", .min = 0, .max = 1});
    }
};

class Inverse : public Schedule
{
public:
    explicit Inverse(InverseOptions options) : o(std::move(options)) {}
    double factor(const TrainingMoment &moment) const override { return 1 / (1 + o.decay * static_cast<double>(moment.step)); }

private:
    InverseOptions o;
};

const Registration<ScheduleFactory> inverseRegistration(InverseOptions::schema().info(), [](const Json &json) {
    return std::make_shared<Inverse>(InverseOptions::schema().read(json, "train.schedule"));
});

} // namespace

} // namespace reticle
