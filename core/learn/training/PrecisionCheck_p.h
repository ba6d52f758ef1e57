#pragma once

#include "learn/Module_p.h"
#include "learn/Objective_p.h"

#include <string>

namespace reticle {

/// A training step in bfloat16 beside the same one in float32.
struct PrecisionComparison
{
    double lossHalf = 0, loss = 0;         ///< bfloat16, float32
    double gradientHalf = 0, gradient = 0; ///< lengths of the gradients of all weights
    double difference = 0;                 ///< length of the difference of the gradients

    /// Whether training may go by bfloat16: all numbers finite, the losses within a tenth (of at least 0.1), the gradients
    /// within half the length of the one in float32. Rounding alone gives 0.01 to 0.1; a kernel that computes something else
    /// gives about 1. Also where float32 itself is not finite: then the precision is not to blame.
    bool near() const;
    /// "loss 0.69 and gradient 1.2 instead of 0.7 and 1.1"
    std::string text() const;
};

/// The objective's step and its backward pass in training mode on the first half of the batch (at least one example, so that
/// float32 takes no more memory than a step in bfloat16 does), in both precisions with the same random numbers, whatever
/// `place` says of them. Weights, buffers, mode, random state and the objective's are as before afterwards, and there are no
/// gradients.
PrecisionComparison comparePrecision(Module &module, Objective &objective, const Tensors &batch, StepPlace place = {});

/// What decides which kernels compute: processor or GPU, version of LibTorch, number of threads. A precision that was right
/// there is not tried again.
std::string machineText(const torch::Device &device);

/// What a forward pass in training changes besides gradients: buffers and random states. Puts them back when asked to.
class PassState
{
public:
    PassState(const Module &module, const torch::Device &device);
    void restoreBuffers() const;
    void restoreRandom() const;

private:
    const Module &m_module;
    torch::Device m_device;
    std::vector<torch::Tensor> m_buffers;
    torch::Tensor m_random, m_deviceRandom;
};

} // namespace reticle
