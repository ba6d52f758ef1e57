#pragma once

// Private to core/learn and core/analysis.

#include <torch/torch.h>

namespace reticle {

/// Structural similarity of Wang, Bovik, Sheikh and Simoncelli 2004 (Image quality assessment, IEEE Trans. Image
/// Process. 13, 600): means, variances and covariance under a Gaussian window of 11 x 11 px, sigma 1.5, K1 = 0.01, K2 =
/// 0.03, of values that span `range`; the mean over all places where the window lies inside the image, and over
/// channels. Images smaller than the window are padded by mirror to its size. a, b (N, C, H, W) of one shape -> (N).
torch::Tensor structuralSimilarity(const torch::Tensor &a, const torch::Tensor &b, double range);

} // namespace reticle
