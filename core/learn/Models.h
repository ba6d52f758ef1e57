#pragma once

#include "base/Error.h"
#include "base/Figure.h"
#include "base/Recipe.h"
#include "base/Table.h"
#include "learn/MemoryUse.h"

namespace reticle {

/// A network as a training would make it, and the images that it would see.
struct ModelQuestion
{
    Json model;                  ///< the recipe's section
    Json objective;              ///< the recipe's section; null: one output for up to two classes, else one for each
    Json train = Json::object(); ///< the recipe's section; optimizer, averaging, precision and threads are looked at
    std::int64_t channels = 1;   ///< that the network sees, those of neighbouring pages among them
    std::int64_t planes = 1;     ///< pages that a slice is seen with, 1 without neighbours
    std::int64_t classes = 2;
    std::int64_t outputs = 0; ///< 0: as many as the objective asks for
    std::int64_t height = 256, width = 256, batch = 1;
    bool small = false; ///< throw TooLargeForASession in place of taking more than a moment or a few hundred MB
};

/// A network that should be described by a process of its own.
class TooLargeForASession : public Error
{
public:
    TooLargeForASession() : Error(Kind::Failed, "model", "It is described by a process of its own.") {}
};

/// Layer by layer what a model is made of. Free of torch, for the worker's commands.
struct ModelDescription
{
    /// name, type, input, output (C x H x W), weights, trainable, MACs, bytes of the output ("activation"), bytes that the
    /// layer makes for the backward pass ("kept"); in order of execution of a forward pass in training, then a row "total".
    /// Rows that only copy (a mirrored border, another layout) are no layers and have neither weights nor MACs.
    Table layers;
    /// Step by step through a training step: part, layer, most that is alive and what is alive at its end (B), weights,
    /// optimizer, input and labels among it.
    Table step;
    MemoryUse memory;
    std::int64_t weights = 0, macs = 0, activationBytes = 0;
    std::vector<std::int64_t> widths;
    std::string summary;               ///< "U-Net, 488,417 weights, …"
    std::string precision = "float32"; ///< of the passes
    std::vector<Figure> figures;       ///< weights and MACs of each block; memory along a training step

    /// Largest batch for each amount of memory; `named` is told first ("free now").
    Table fits(const std::vector<std::pair<std::string, std::int64_t>> &named = {}) const;
    /// All of it as an analysis would tell it.
    Result result(const std::vector<std::pair<std::string, std::int64_t>> &named = {}) const;
};

/// Measured on passes that take a few hundred MB beside the weights, whatever size is asked for, and of networks whose
/// smallest passes are large up to half of the memory that is free (StepMemory_p.h); shapes, weights and MACs are exact. On
/// this processor: in float32 where it has no bfloat16. Throws Error, also where weights or passes would not fit.
ModelDescription describeModel(const ModelQuestion &question);
/// In float32, with Adam and averaging.
ModelDescription describeModel(const Json &model, std::int64_t channels, std::int64_t outputs, std::int64_t height,
                               std::int64_t width, std::int64_t batch = 1);

/// Memory of this machine, and of its first GPU, that a training could take now: "free on this machine".
std::vector<std::pair<std::string, std::int64_t>> memoryOfThisMachine();

} // namespace reticle
