#pragma once

#include "files/ValueSpan.h"
#include "foundation/Json.h"

#include <string>

namespace reticle {

/// value -> (value - offset) * factor, taken from the training slices and applied to all.
struct Scaling
{
    double offset = 0, factor = 1;
    std::string how; ///< "unit", "z-score", "min-max"; empty of models that did not keep it
    ValueSpan span;  ///< of the training slices: what a number meant to the model
    /// {"offset", "factor", "how", "type", "bits", "low", "high", "whole", "step"}; all but the first two may be absent.
    Json toJson() const;
    /// Where the number type is absent it follows from the factor of scaling "unit" (1/255, 1/65535, ...).
    static Scaling fromJson(const Json &json);
};

} // namespace reticle
