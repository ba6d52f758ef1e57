#include "learn/memory/PassMemory_p.h"

#include "learn/memory/PassTooLarge_p.h"

#include <fmt/format.h>

#include <algorithm>

namespace reticle {

FittingPass fittingPass(ImageModule &module, const std::vector<PassShape> &choices, bool half, const PassExtras &extras,
                        std::int64_t free)
{
    StepSettings settings;
    settings.half = half;
    const auto beside = [&](const PassShape &s) {
        return extras.arrays + extras.perPixel * static_cast<double>(s.batch * s.height * s.width);
    };
    const auto &asked = choices.front();
    FittingPass found;
    if (extras.passes * roughStep(module, asked, settings) + beside(asked) < static_cast<double>(free) / 2)
        return found;
    try {
        for (; found.choice < choices.size(); ++found.choice) {
            const auto &shape = choices[found.choice];
            const auto use = estimateStep(module, shape, settings).use;
            const auto alive = static_cast<double>(use.input) + extras.passes * static_cast<double>(use.prediction);
            const double need =
                beside(shape) +
                extras.proof * static_cast<double>(use.withSlack(static_cast<std::int64_t>(std::min(alive, 4e18))));
            found.need = found.choice == 0 ? need : found.need;
            if (need <= 1.05 * static_cast<double>(free))
                return found;
        }
    } catch (const PassTooLarge &) { // a pass of a few pixels takes a quarter of what is free
        found.choice = choices.size();
    }
    return found;
}

Error predictionRefusal(const std::string &what, double need, std::int64_t free, const std::string &wayOut)
{
    const auto needed =
        need > 0 ? "about " + memoryText(static_cast<std::int64_t>(std::min(need, 9e18))) : std::string("more memory");
    return Error(Error::Kind::Failed, "memory",
                 fmt::format("Predicting {} needs {}, and {} are free. {}", what, needed, memoryText(free), wayOut));
}

} // namespace reticle
