#include "learn/Schedule.h"

#include <algorithm>

namespace reticle {

namespace {

struct StepsOptions
{
    std::vector<double> parts{0.6, 0.85}, factors{0.1, 0.01};

    static Schema<StepsOptions> schema()
    {
        return Schema<StepsOptions>("step", "Steps",
                                    "The learning rate is multiplied by a factor from a part of the training on.")
            .field(&StepsOptions::parts, {.name = "parts", .help = "Parts of the training, rising.", .min = 0, .max = 1})
            .field(&StepsOptions::factors, {.name = "factors",
                                            .help = "What the highest learning rate is multiplied by from each of them on.",
                                            .min = 0,
                                            .max = 1});
    }
};

class Steps : public Schedule
{
public:
    explicit Steps(StepsOptions options) : o(std::move(options))
    {
        if (o.parts.size() != o.factors.size())
            throw Error({"train.schedule.factors", "one for each of the parts, " + std::to_string(o.parts.size()),
                         std::to_string(o.factors.size()), "give as many of both"});
        if (!std::is_sorted(o.parts.begin(), o.parts.end()))
            throw Error({"train.schedule.parts", "rising numbers", "others", "put them in order"});
    }
    double factor(const TrainingMoment &moment) const override
    {
        double now = 1;
        for (std::size_t i = 0; i < o.parts.size() && moment.progress >= o.parts[i]; ++i)
            now = o.factors[i];
        return now;
    }

private:
    StepsOptions o;
};

const Registration<ScheduleFactory> stepsRegistration(StepsOptions::schema().info(), [](const Json &json) {
    return std::make_shared<Steps>(StepsOptions::schema().read(json, "train.schedule"));
});

} // namespace

} // namespace reticle
