#pragma once

// 3 x 3 convolutions of channels-last float32 tensors by Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray 2016,
// "Fast algorithms for convolutional neural networks"): 2.25 products per output pixel and pair of channels in place of 9.
// Stride 1, zero padding 1. Needs AVX-512. Results differ from a direct sum by about 1e-6 of the largest value. One number
// of threads gives the same result every time; forward and input gradients do not depend on it at all.

#include <cstdint>

namespace reticle::winograd {

/// Images (n, height, width, in) -> (n, height, width, out), channels contiguous.
struct Shape
{
    std::int64_t n = 1, height = 1, width = 1, in = 1, out = 1;
};

/// What is done to a sum z of output channel c before it is written: f(z scale[c] + shift[c]), f being leaky ReLU.
struct Epilogue
{
    const float *scale = nullptr; ///< none: 1
    const float *shift = nullptr; ///< none: 0
    float slope = 1;              ///< of f for negative values; 1 = no activation
};

/// Whether the processor can and this shape is faster so than as a direct sum.
bool suits(const Shape &shape);

// The three below take any shape of at least one pixel and one channel, from any thread. They share out work by
// at::parallel_for and throw Error (Kind::Failed) where the processor lacks AVX-512, std::bad_alloc without memory.

/// weights: (out, 3, 3, in) contiguous.
void forward(const Shape &shape, const float *x, const float *weights, float *y, const Epilogue &epilogue = {});
/// Gradient of the input from that of the output.
void inputGradient(const Shape &shape, const float *dy, const float *weights, float *dx);
/// Gradient of the weights, (out, 3, 3, in) contiguous.
void weightGradient(const Shape &shape, const float *x, const float *dy, float *dWeights);

} // namespace reticle::winograd
