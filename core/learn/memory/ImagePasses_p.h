#pragma once

#include "foundation/FreeMemory.h"
#include "learn/memory/StepMemory_p.h"

#include <functional>

namespace reticle {

/// N images of C x H x W.
struct PassShape
{
    std::int64_t batch = 1, channels = 1, height = 1, width = 1;
};

/// A batch of zeros of this shape, as network and objective take it.
using ImageBatch = std::function<Tensors(const PassShape &shape)>;

/// A task whose batches are images of any size.
class HasImageBatches
{
public:
    virtual ~HasImageBatches() = default;
    /// An ImageBatch, on the processor.
    virtual Tensors imageBatch(const PassShape &shape) const = 0;
};

/// measureStep() on images of this shape. `batch`, here and below: none = blankImages() (learn/tasks/BlankImages_p.h).
StepMemory measureStep(ImageModule &module, const PassShape &shape, const StepSettings &settings = {},
                       const ImageBatch &batch = {});

/// More bytes than a training step takes, from the forward passes of a step on the smallest image that the module takes: for
/// a first look whether memory is short at all.
double roughStep(ImageModule &module, const PassShape &shape, const StepSettings &settings = {}, const ImageBatch &batch = {});

/// measureStep() for a shape of any size: measured where the pass is small; else two small passes are measured, and each
/// stretch of the step grows with the pixels as between them. Shapes, multiplications and bytes of outputs are exact.
/// use.growth is told. A few hundred MB are taken beside the weights and their gradients; more only by networks whose smallest
/// passes are large, whose layers may make `room` bytes in a pass, and about twice that is alive then. Throws Error where they
/// would make more, and where numbers would exceed 63 bits.
StepMemory estimateStep(ImageModule &module, const PassShape &shape, const StepSettings &settings = {},
                        std::int64_t room = freeMemory() / 4, const ImageBatch &batch = {});

} // namespace reticle
