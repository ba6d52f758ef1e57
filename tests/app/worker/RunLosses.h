#pragma once

#include "project/Project.h"

#include <utility>
#include <vector>

namespace reticle::test {

/// All losses of a run, training first, with their steps: what a resumed run has to repeat.
inline std::vector<std::pair<std::int64_t, double>> losses(const Project &p, std::int64_t run)
{
    std::vector<std::pair<std::int64_t, double>> all;
    for (const char *name : {"train.loss", "validation.loss"})
        for (const auto &point : p.metric(run, name))
            all.emplace_back(point.step, point.value);
    return all;
}

} // namespace reticle::test
