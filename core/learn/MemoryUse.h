#pragma once

#include "base/Table.h"

#include <cstdint>

namespace reticle {

/// Bytes that a module takes, from real passes in which every block of memory that LibTorch hands out is counted. Without
/// the libraries' own workspaces, and on a GPU without its context (0.3 to 0.8 GiB).
struct MemoryUse
{
    std::int64_t batch = 1;      ///< N of the passes
    std::int64_t input = 0;      ///< bytes of the N input images
    std::int64_t weights = 0;    ///< all parameters
    std::int64_t statistics = 0; ///< buffers
    std::int64_t gradients = 0;  ///< of trainable parameters
    std::int64_t optimiser = 0;  ///< Adam: a flat copy of the weights, two moments and the mean of the weights
    std::int64_t prediction = 0; ///< most that was alive at once in a forward pass without gradients, beside weights and input
    std::int64_t kept = 0;       ///< what a forward pass in training keeps for the backward pass
    std::int64_t training = 0;   ///< most that was alive at once in forward and backward pass, beside weights and input; the
                                 ///< gradients of weights that were there by then are among it
    std::int64_t simple = 0;     ///< weights + 2 x all layers' outputs + input: the usual quick estimate, for comparison

    /// Bytes that do not depend on the batch when training.
    std::int64_t fixed() const { return weights + statistics + optimiser; }
    std::int64_t totalTraining() const { return fixed() + input + training; }
    std::int64_t totalPrediction() const { return weights + statistics + input + prediction; }
    /// Largest N whose training fits, told from below; 0 where none does.
    std::int64_t batchThatFits(std::int64_t bytes) const;
    /// What and how many MiB.
    Table table() const;
};

} // namespace reticle
