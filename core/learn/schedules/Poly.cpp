#include "learn/Schedule.h"

#include <cmath>

namespace reticle {

namespace {

struct PolyOptions
{
    double power = 0.9;

    static Schema<PolyOptions> schema()
    {
        return Schema<PolyOptions>("poly", "Polynomial", "(1 - q)^power, q from 0 to 1 over the training.")
            .field(&PolyOptions::power, {.name = "power", .help = "Power of the part that is left.", .min = 0, .max = 10});
    }
};

class Poly : public Schedule
{
public:
    explicit Poly(PolyOptions options) : o(std::move(options)) {}
    double factor(const TrainingMoment &moment) const override { return std::pow(1 - moment.progress, o.power); }

private:
    PolyOptions o;
};

const Registration<ScheduleFactory> polyRegistration(PolyOptions::schema().info(), [](const Json &json) {
    return std::make_shared<Poly>(PolyOptions::schema().read(json, "train.schedule"));
});

} // namespace

} // namespace reticle
