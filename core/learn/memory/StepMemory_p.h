#pragma once

#include "learn/Objective_p.h"
#include "learn/Optimizer_p.h"
#include "learn/memory/LayerTrace_p.h"
#include "learn/memory/MemoryUse_p.h"

#include <memory>
#include <string>
#include <vector>

namespace reticle {

/// What of a training decides its memory besides the network.
struct StepSettings
{
    /// Begun (Objective::begin), as what it holds and runs besides the network counts. None: the sum of what comes out, and of
    /// passes over images (ImagePasses_p.h) the cross-entropy of each pixel.
    std::shared_ptr<Objective> objective;
    bool half = false; ///< MixedPrecision
    EntryOptions optimizer = "adam";
    bool averaging = true;
    /// Of a batch the tensor that a prediction needs (ModuleFactory::takes); the others count as labels. Where the batch has
    /// none of this name, all of it counts as input.
    std::string input = "image";
};

/// A stretch of a training step: what was alive at most, and at its end. Bytes beside weights, input and labels.
struct StepMoment
{
    enum class Part { Forward, Loss, Backward, Optimizer };
    Part part = Part::Forward;
    int layer = -1; ///< of StepMemory::layers; -1 outside the network
    std::int64_t maximum = 0, after = 0;
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

/// Runs the module forward without gradients, and the objective's step with its backward pass in training, on this batch,
/// whose tensors are on the module's device and have their examples along the first axis. Weights, buffers, gradients, mode,
/// random state and the objective's are as before afterwards. The layers are those of the step's first pass through the
/// module; what else the step runs is alive in the stretch before or after them. Of a module whose layers tell a LayerTrace
/// nothing, the stretches are the forward pass, the loss and the backward pass. use.simple is of the layers that are none of
/// `copies`.
StepMemory measureStep(Module &module, const Tensors &batch, const StepSettings &settings = {});

/// Bytes that the layers make in the forward passes of a training step (TracedLayer::made), from one that keeps none of them;
/// at least 1. All is as before afterwards.
long double bytesMade(Module &module, const Tensors &batch, const StepSettings &settings = {});

/// Bytes that a small pass, from which larger ones are estimated, may make.
inline constexpr std::int64_t mostProbeBytes = 64 << 20;
/// The same, less where memory is short: about four times as much is alive in a pass.
std::int64_t probeBytes();

/// Rounded. Throws Error where the number exceeds 62 bits.
std::int64_t wholeBytes(long double bytes);
/// value * numerator / denominator, where that is whole. Throws Error as wholeBytes().
std::int64_t scaledBytes(std::int64_t value, long double numerator, long double denominator);

} // namespace reticle
