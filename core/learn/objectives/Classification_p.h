#pragma once

#include "learn/Objective_p.h"

namespace reticle {

/// Of an objective for classes of whole examples: what is known of it before anything is trained.
struct HasLossFloor
{
    virtual ~HasLossFloor() = default;
    /// The lowest loss that any network can reach with `classes` classes; 0 where it is 0 or not known.
    virtual double lossFloor(std::int64_t classes) const = 0;
    /// A sentence about a floor that comes from a fault in how the loss is computed; empty where there is no such fault.
    virtual std::string floorWarning(std::int64_t classes) const = 0;
};

/// The lowest value of -sum_c q_c log softmax(z)_c with q = 1 - e + e / K for the true class and e / K for the others, e the
/// label smoothing: the entropy of q where z may be anything. Where z are probabilities themselves (softmax twice), the true
/// class can lead by at most 1: without smoothing log(1 + (K - 1) / e), 1.46115 for 10 classes, never 0. `classes` >= 1,
/// `smoothing` in [0, 1).
double crossEntropyFloor(std::int64_t classes, double smoothing, bool softmaxTwice);

} // namespace reticle
