#pragma once

#include "learn/Task_p.h"
#include "learn/memory/StepMemory_p.h"

#include <functional>

namespace reticle {

/// A batch of so many examples: Task::dummyBatch of one size of examples.
using ExampleBatch = std::function<Tensors(std::int64_t examples)>;

/// measureStep() on a batch of any size, where examples have no sides that vary: two batches of at least 2 and 4 examples are
/// measured, and all numbers grow with the examples as between the two; exact for a batch of up to as many. `batch` makes
/// tensors on the module's device. use.growth is told. Passes keep 64 MiB at most beside weights and gradients, or what those
/// of 4 examples keep. Throws PassTooLarge where the layers make more than `room` bytes of 2 examples, and Error where numbers
/// would exceed 62 bits.
StepMemory estimateExamples(Module &module, const ExampleBatch &batch, std::int64_t examples, const StepSettings &settings,
                            std::int64_t room);

/// What a training takes beyond what its process has when the module has been made, with so many batches made ahead: bytes.
/// Of tasks as planExamples() has them. Throws as estimateExamples().
std::int64_t exampleMemory(Module &module, const Task &task, const StepSettings &settings, bool proves, std::int64_t ahead);

/// What Task::planMemory() answers of tasks whose evaluation predicts at most Task::batchSize() examples at once. Fewer batches
/// are made ahead where memory is short. Throws Error (Kind::Failed) where not even that fits into `free` bytes, with what is
/// needed, what there is and the largest train.batch that fits by a forecast of its own, or that none does. A forecast may be a
/// twentieth too high, so as much more is allowed.
MemoryPlan planExamples(Module &module, const Task &task, const StepSettings &settings, bool proves, std::int64_t free);

} // namespace reticle
