#pragma once

#include "learn/Models.h"
#include "learn/StepMemory_p.h"

namespace reticle {

/// The description of a module that is there. Its weights, buffers, gradients, mode and random state are as before
/// afterwards. `title`: "U-Net".
/// `room` as in estimateStep().
ModelDescription describeModule(ImageModule &module, const PassShape &shape, const StepSettings &settings,
                                const std::string &title, std::int64_t room = freeMemory() / 4);

} // namespace reticle
