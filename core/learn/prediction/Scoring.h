#pragma once

#include "project/Project.h"

#include <functional>

namespace reticle {

/// What a done run's saved model score on the "validation" or the "test" slices of its data, by the same code
/// as in training: {"loss", "dice", …}, null where a score has nothing to count. A run trained in bfloat16 is scored in
/// float32 where the device lacks it. `goOn` is asked at each slice; false ends with Error (Kind::Cancelled). Throws Error
/// and nothing else, also where the part has no slices.
Json scoreModel(const Project &project, const RunInfo &run, const std::string &part, const std::string &device,
                const std::function<bool()> &goOn);

} // namespace reticle
