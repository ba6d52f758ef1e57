#pragma once

#include "learn/Models.h"
#include "learn/memory/ExampleMemory_p.h"
#include "learn/memory/ImagePasses_p.h"

namespace reticle {

/// The description of a module that is there. Its weights, buffers, gradients, mode and random state are as before
/// afterwards. `title`: "U-Net". `room` and `batch` as in estimateStep().
ModelDescription describeModule(ImageModule &module, const PassShape &shape, const StepSettings &settings,
                                const std::string &title, std::int64_t room = freeMemory() / 4, const ImageBatch &batch = {});

/// The same on a batch of `examples` examples that are no images for an ImageModule. `room` as in estimateExamples().
ModelDescription describeModule(Module &module, const ExampleBatch &batch, std::int64_t examples, const StepSettings &settings,
                                const std::string &title, std::int64_t room = freeMemory() / 4);

} // namespace reticle
