#pragma once

// Runs of a comparison, with scores that can be worked by hand.

#include "compare/Comparison.h"

#include <cmath>

namespace reticle::test {

inline RunInfo run(std::int64_t id, const char *model, std::int64_t seed, double dice, RunStatus status = RunStatus::Done)
{
    RunInfo r;
    r.id = id;
    r.status = status;
    r.step = 100;
    r.seconds = 12;
    r.recipe = {{"seed", seed}, {"model", {{"name", model}, {"weights", 4000}}}};
    r.summary = {{"target", "labels"},
                 {"weights", 3964},
                 {"step-seconds", 0.02 + 0.001 * static_cast<double>(seed)},
                 {"memory-mib", 10.0 + static_cast<double>(seed)},
                 {"best", {{"step", 90}, {"loss", 1 - dice}, {"dice", dice}, {"iou", dice / (2 - dice)}}}};
    return r;
}

inline RunInfo image(std::int64_t id, const char *model, std::int64_t seed, double mse)
{
    RunInfo r = run(id, model, seed, 0);
    r.summary["target"] = "image";
    r.summary["best"] = {{"step", 90}, {"loss", mse}, {"mse", mse}, {"psnr", -10 * std::log10(mse)}, {"ssim", 0.9}};
    return r;
}

inline std::vector<RunInfo> six()
{
    return {run(1, "fcn", 1, 0.70),  run(2, "unet", 1, 0.80), run(3, "fcn", 2, 0.72),
            run(4, "unet", 2, 0.83), run(5, "fcn", 3, 0.71),  run(6, "unet", 3, 0.81)};
}

} // namespace reticle::test
