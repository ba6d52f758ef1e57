#pragma once

// What objectives whose target is the image itself share.

#include "learn/Objective_p.h"

namespace reticle {

/// Its outputs are the channels of a slice as they are, without sigmoid or softmax.
class Reconstruction : public Objective
{
public:
    bool reconstructs() const override { return true; }
    std::int64_t outputs(std::int64_t channels) const override { return channels; }

protected:
    /// Throws Error where `output` has not the target's shape.
    static void requireSame(const torch::Tensor &output, const torch::Tensor &target);
};

/// Structural similarity of Wang, Bovik, Sheikh and Simoncelli 2004 (Image quality assessment, IEEE Trans. Image
/// Process. 13, 600): means, variances and covariance under a Gaussian window of 11 x 11 px, sigma 1.5, K1 = 0.01, K2 =
/// 0.03, of values that span `range`; the mean over all places where the window lies inside the image, and over
/// channels. Images smaller than the window are padded by mirror to its size. a, b (N, C, H, W) of one shape -> (N).
torch::Tensor structuralSimilarity(const torch::Tensor &a, const torch::Tensor &b, double range);

} // namespace reticle
