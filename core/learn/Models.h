#pragma once

#include "base/Recipe.h"
#include "base/Table.h"
#include "learn/MemoryUse.h"

namespace reticle {

/// Layer by layer what a model is made of. Free of torch, for the worker's commands.
struct ModelDescription
{
    Table layers; ///< name, type, input, output (C x H x W), weights, trainable, MACs, activation bytes (forward)
    MemoryUse memory;
    std::int64_t weights = 0, macs = 0, activationBytes = 0;
    std::vector<std::int64_t> widths;
    std::string summary; ///< "U-Net, 488,417 weights, …"
};

/// From a recipe's model section; the shapes are those of a real forward pass, the memory that of a real training step.
/// Throws Error.
ModelDescription describeModel(const Json &model, std::int64_t channels, std::int64_t outputs, std::int64_t height,
                               std::int64_t width, std::int64_t batch = 1);

} // namespace reticle
