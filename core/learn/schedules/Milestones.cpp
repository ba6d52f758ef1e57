#include "learn/Schedule.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

struct MilestonesOptions
{
    std::vector<std::int64_t> epochs{100, 150};
    double factor = 0.1;

    static Schema<MilestonesOptions> schema()
    {
        return Schema<MilestonesOptions>("milestones", "At epochs",
                                         "The learning rate is multiplied by the factor once more from each of these epochs on, "
                                         "as torch.optim.lr_scheduler.MultiStepLR does.")
            .field(&MilestonesOptions::epochs,
                   {.name = "epochs", .help = "Epochs after which the learning rate falls.", .min = 0, .max = 1e7})
            .field(&MilestonesOptions::factor,
                   {.name = "factor", .help = "What it is multiplied by each time.", .min = 0, .max = 1});
    }
};

class Milestones : public Schedule
{
public:
    explicit Milestones(MilestonesOptions options) : o(std::move(options)) {}
    double factor(const TrainingMoment &moment) const override
    {
        return std::pow(o.factor,
                        std::ranges::count_if(o.epochs, [&](std::int64_t e) { return moment.epoch >= static_cast<double>(e); }));
    }

private:
    MilestonesOptions o;
};

const Registration<ScheduleFactory> milestonesRegistration(MilestonesOptions::schema().info(), [](const Json &json) {
    return std::make_shared<Milestones>(MilestonesOptions::schema().read(json, "train.schedule"));
});

} // namespace

} // namespace reticle
