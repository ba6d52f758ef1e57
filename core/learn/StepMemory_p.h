#pragma once

#include "base/FreeMemory.h"
#include "learn/LayerTrace_p.h"
#include "learn/MemoryUse_p.h"
#include "learn/Objective_p.h"
#include "learn/Optimizer_p.h"

#include <memory>

namespace reticle {

/// N images of C x H x W.
struct PassShape
{
    std::int64_t batch = 1, channels = 1, height = 1, width = 1;
};

/// What of a training decides its memory besides the network.
struct StepSettings
{
    /// Begun (Objective::begin), as what it holds and runs besides the network counts; none: the cross-entropy of each pixel,
    /// which most objectives begin with.
    std::shared_ptr<Objective> objective;
    bool half = false; ///< MixedPrecision
    EntryOptions optimizer = "adam";
    bool averaging = true;
};

/// A stretch of a training step: what was alive at most, and at its end. Bytes beside weights, input and labels.
struct StepMoment
{
    enum class Part { Forward, Loss, Backward, Optimizer };
    Part part = Part::Forward;
    int layer = -1; ///< of StepMemory::layers; -1 outside the network
    std::int64_t most = 0, after = 0;
};

/// A training step, layer by layer in the order of execution.
struct StepMemory
{
    std::vector<TracedLayer> layers;
    std::vector<std::int64_t> kept; ///< bytes that each layer makes for the backward pass; one more for what comes after the last
    std::vector<std::int64_t> predicting; ///< most that was alive in each layer of a forward pass without gradients
    std::vector<StepMoment> moments;
    MemoryUse use;
};

/// Runs the module forward without gradients, and the objective's step with its backward pass in training, on zeros of this
/// shape. Weights, buffers, gradients, mode, random state and the objective's are as before afterwards. The layers are those
/// of the step's first pass through the module; what else the step runs is alive in the stretch before or after them.
/// use.simple is of the layers that are none of `copies`.
StepMemory measureStep(ImageModule &module, const PassShape &shape, const StepSettings &settings = {});

/// More bytes than a training step takes, from the forward passes of a step on the smallest image that the module takes: for
/// a first look whether memory is short at all.
double roughStep(ImageModule &module, const PassShape &shape, const StepSettings &settings = {});

/// The same for a shape of any size: measured where the pass is small; else two small passes are measured, and each stretch
/// of the step grows with the pixels as between them. Shapes, multiplications and bytes of outputs are exact. use.growth is
/// told. A few hundred MB are taken beside the weights and their gradients; more only by networks whose smallest passes are
/// large, whose layers may make `room` bytes in a pass, and about twice that is alive then. Throws Error where they would
/// make more, and where numbers would exceed 63 bits.
StepMemory estimateStep(ImageModule &module, const PassShape &shape, const StepSettings &settings = {},
                        std::int64_t room = freeMemory() / 4);

} // namespace reticle
