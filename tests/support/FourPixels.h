#pragma once

#include "learn/Objective_p.h"

namespace reticle::test {

/// Four pixels with probabilities 0.9 0.2 / 0.6 0.1 as logits (1, 1, 2, 2), double.
inline torch::Tensor fourLogits()
{
    return torch::logit(torch::tensor({0.9, 0.2, 0.6, 0.1}, torch::kDouble)).view({1, 1, 2, 2}).requires_grad_();
}

/// Their classes 1 0 / 1 0, (1, 2, 2).
inline torch::Tensor fourClasses()
{
    return torch::tensor({1, 0, 1, 0}, torch::kLong).view({1, 2, 2});
}

/// The objective's loss of these four, given its section of a recipe.
inline double fourPixelLoss(const Json &section, const torch::Tensor &map = {})
{
    return makeMapObjective(section, {2, 2})->loss(fourLogits(), fourClasses(), map).item<double>();
}

inline bool near(double a, double b, double tolerance = 2e-9)
{
    return std::abs(a - b) < tolerance;
}

} // namespace reticle::test
