#pragma once

#include "learn/memory/ImagePasses_p.h"

#include <algorithm>
#include <string>

namespace reticle {

/// What grew beside data and tensors in processes that trained under a control group (tests/long/memory_limits.py).
inline constexpr std::int64_t trainingLibraries = std::int64_t(72) << 20;

/// What decides the memory of a training on images, on a processor.
struct TrainingPlan
{
    PassShape crops; ///< of one step
    StepSettings settings;
    ImageBatch batch = {}; ///< none: as roughStep() and estimateStep() have it
    std::int64_t outputs = 1;
    bool proves = false;    ///< half a step is taken in float32 at the start (PrecisionCheck_p.h)
    bool border = false;    ///< crops come with a border map
    std::int64_t data = 0;  ///< bytes of scaled slices that are still to be kept
    std::int64_t slice = 0; ///< pixels of the largest slice
    bool validates = true;
    std::int64_t tile = 0;  ///< side of the tiles that validation goes by; 0: as validate() does
    std::int64_t ahead = 4; ///< batches that are made ahead
};

/// What a training takes beyond what its process has when the module has been made. Bytes.
struct TrainingMemory
{
    std::int64_t libraries = 0; ///< code that is made for the layers, workspaces, threads, the database
    std::int64_t data = 0;      ///< slices that are kept, and those being read
    std::int64_t crops = 0;
    std::int64_t step = 0;       ///< at most, without the weights, which are there
    std::int64_t validation = 0; ///< at most, with what the optimizer holds
    std::int64_t checkpoint = 0;
    std::int64_t total() const { return libraries + data + crops + std::max({step, validation, checkpoint}); }
};

/// From the passes of estimateStep(): weights, buffers, gradients, mode and random state are as before afterwards.
TrainingMemory trainingMemory(ImageModule &module, const TrainingPlan &plan);

/// The plan, or one that takes less memory and trains to the same weights: fewer batches made ahead, a validation by smaller
/// tiles (which changes scores near the borders of tiles; `note` says so). Where not even that fits into `free` bytes throws
/// Error (Kind::Failed) with what is needed, what there is and the largest batch or crop that fits by a forecast of its own, or
/// that none does. A forecast may be a twentieth too high, so as much more is allowed.
TrainingPlan planWithin(ImageModule &module, TrainingPlan plan, std::int64_t free, std::string &note);

} // namespace reticle
