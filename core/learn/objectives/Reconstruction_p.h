#pragma once

// What objectives whose target is the image itself share.

#include "learn/Objective_p.h"

namespace reticle {

/// Its outputs are the channels of a slice as they are, without sigmoid or softmax.
class Reconstruction : public MapObjective
{
public:
    std::string task() const override { return "reconstruction"; }
    std::int64_t outputs(std::int64_t channels) const override { return channels; }

protected:
    /// Throws Error where `output` has not the target's shape.
    static void requireSame(const torch::Tensor &output, const torch::Tensor &target);
    double counted(const torch::Tensor &target) const override { return static_cast<double>(target.numel()); }
};

} // namespace reticle
