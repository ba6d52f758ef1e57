#pragma once

// Passes over channels-last CPU tensors (float32 or bfloat16) that LibTorch makes in several steps or slowly: its bilinear
// backward pass in bfloat16 alone takes a quarter of a training step. Sums are float32 within a block and double between
// blocks, in an order that does not depend on the number of threads. Other devices and layouts take LibTorch's own ops.

#include <torch/torch.h>

namespace reticle {

/// Batch normalization, then leaky ReLU: y = f(gain (x - mean) / sqrt(var + eps) + shift). In training mean and variance
/// are those of the batch and the running ones move by `momentum` (variance unbiased); else the running ones are used.
torch::Tensor normalizeAndActivate(const torch::Tensor &x, const torch::Tensor &gain, const torch::Tensor &shift,
                                   const torch::Tensor &runningMean, const torch::Tensor &runningVar, bool training, double slope,
                                   double momentum = 0.1, double eps = 1e-5);

/// f(x * weight + bias), f being leaky ReLU with `slope` (1: none). x (N, C, H, W), weight (K, C, k, k) of the same type with
/// k odd, padded by zeros to the same size; `bias` (K) may be undefined. 3 x 3 in float32 on a processor with AVX-512 goes by
/// Winograd's filtering (Winograd_p.h), which is differentiable once.
torch::Tensor convolveAndActivate(const torch::Tensor &x, const torch::Tensor &weight, const torch::Tensor &bias, double slope,
                                  std::int64_t dilation = 1);

/// The same without bias, then batch normalization by statistics that stand fixed, then f. In one pass where gradients are
/// not asked for.
torch::Tensor convolveNormalizeActivate(const torch::Tensor &x, const torch::Tensor &weight, const torch::Tensor &gain,
                                        const torch::Tensor &shift, const torch::Tensor &mean, const torch::Tensor &var,
                                        double slope, std::int64_t dilation = 1, double eps = 1e-5);

/// (N, C, H, W), skip (N, S, 2 H, 2 W) or undefined -> (N, C + S, 2 H, 2 W): bilinear x2 with half-pixel centers, the skip's
/// channels behind.
torch::Tensor doubleAndJoin(const torch::Tensor &x, const torch::Tensor &skip);

} // namespace reticle
