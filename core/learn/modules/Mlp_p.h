#pragma once

// What can be asked of the hidden layers of a network on tables.

#include "learn/Module_p.h"

#include <string>
#include <vector>

namespace reticle {

/// What one hidden layer makes of a batch of N rows.
struct LayerActivity
{
    std::string name;          ///< of the layer's weights: "hidden0" has "hidden0.weight"
    double deviation = 0;      ///< standard deviation (divided by N * width) of all values that enter the activation
    double deadFraction = 0;   ///< part of the units that are exactly 0 for every row, 0..1
    torch::Tensor activations; ///< (N, width) float32 on the CPU: after the activation, before dropout
};

/// A network with hidden layers of units, which a task finds by dynamic_cast.
class HasHiddenLayers
{
public:
    virtual ~HasHiddenLayers() = default;
    /// One forward pass of `in`, from the first hidden layer to the last: as in evaluation, without gradients. Weights,
    /// statistics and mode are as before afterwards. Throws Error where run() would, and where there are no rows.
    virtual std::vector<LayerActivity> activity(const Tensors &in) = 0;
};

/// The same of a module. Throws Error where it has no such layers.
std::vector<LayerActivity> activityOf(Module &module, const Tensors &in);

/// Draws of a normal distribution of mean 0, those beyond two standard deviations drawn again: all within +-2 `sd`, of
/// standard deviation 0.87963 `sd`. From torch's global generator.
void fillTruncatedNormal(torch::Tensor &weight, double sd);

} // namespace reticle
