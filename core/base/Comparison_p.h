#pragma once

// What the tables and the figure of a comparison share.

#include "base/Comparison.h"

namespace reticle {

double numberAt(const Json &json, const std::string &key); ///< NaN where there is none
Json bestOf(const RunInfo &run);                           ///< scores of the kept weights, an empty object without
/// Digits after the point that tell scores apart, the same for all so that they stand under one another: four that count.
int decimalsOf(const std::vector<double> &scores);
int scoreDecimals(const Compared &compared);

} // namespace reticle
