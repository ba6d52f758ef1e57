#pragma once

#include "foundation/Table.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace reticle {

/// Bytes that a module takes, from real passes in which every block of memory that LibTorch hands out is
/// counted, and what was measured to come on top on a processor: within a tenth of the growth of a process that trains.
/// Left out is what does not depend on the module: the libraries' code (0.2 to 0.3 GiB), the data, on a GPU its context
/// (0.3 to 0.8 GiB) and workspaces. Left out too is the validation, which predicts whole slices whatever the crops are.
struct MemoryUse
{
    std::int64_t batch = 1;      ///< N of the passes
    std::int64_t input = 0;      ///< bytes of the N input images
    std::int64_t labels = 0;     ///< of their classes, 8 bytes a pixel, and 4 of a border map; 0 where the image is the target
    std::int64_t weights = 0;    ///< all parameters
    std::int64_t statistics = 0; ///< buffers
    std::int64_t gradients = 0;  ///< of trainable parameters
    std::int64_t optimizer = 0;  ///< a flat copy of the weights, momentum, of Adam the second moments; the mean of the weights
    std::string optimizerName = "Adam";
    std::int64_t objective = 0;  ///< what the objective goes on from, such as a teacher's weights
    std::int64_t prediction = 0; ///< most that was alive at once in a forward pass without gradients, beside weights and input
    std::int64_t kept = 0;       ///< what a forward pass in training keeps for the backward pass
    std::int64_t training = 0;   ///< most that was alive at once in forward pass, loss, backward pass or the optimizer's
                                 ///< step, beside weights, input and labels; gradients of weights that were there by then
                                 ///< are among it
    std::int64_t threads = 0;    ///< cores whose workspaces count; 0 on a GPU, where `slack` is not known
    /// How much is alive at most in a stretch of the training step, for n images each * n + fixed.
    struct Growth
    {
        double each = 0, fixed = 0;
    };
    std::vector<Growth> growth; ///< of all stretches; none where only one pass was measured
    std::int64_t simple = 0;    ///< weights + 2 x all layers' outputs + input: the usual quick estimate, for comparison

    /// Bytes that do not depend on the batch when training.
    std::int64_t fixed() const { return weights + statistics + optimizer + objective; }
    /// Bytes that are there while a checkpoint is written, which copies the state of optimizer and objective: into a buffer
    /// that doubles as it grows, so once to twice. On a GPU that copy lies on the host.
    std::int64_t checkpointing() const
    {
        const auto copied = optimizer + objective;
        return threads > 0 ? fixed() + copied + copied / 2 : 0;
    }
    std::int64_t totalTraining() const { return withSlack(std::max(fixed() + input + labels + training, checkpointing())); }
    std::int64_t totalPrediction() const { return withSlack(weights + statistics + input + prediction); }
    /// `bytes` with what the process takes beyond what is in use: holes between blocks, and each core's workspaces.
    std::int64_t withSlack(std::int64_t bytes) const;
    /// Bytes that training with so many images takes; without `growth` as if all that is alive grew with them.
    std::int64_t trainingOf(std::int64_t images) const;
    /// Largest N whose training fits, told from below; 0 where none does.
    std::int64_t batchThatFits(std::int64_t bytes) const;
    /// What and how many MiB.
    Table table() const;
};

} // namespace reticle
