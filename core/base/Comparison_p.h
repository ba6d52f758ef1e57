#pragma once

// What the tables and the figure of a comparison share.

#include "base/Comparison.h"

#include <map>

namespace reticle {

/// The model's section under the names of today; fields that older recipes do not have are left out at their defaults.
Json modelOf(const RunInfo &run);
using RecipeSettings = std::map<std::string, std::string>;
/// Of a recipe by path: what may change the outcome beside model, seed and fold. How a machine goes about it does not.
/// Under the names of today, or under the first names that fields were given, which never change.
RecipeSettings settingsOf(const RunInfo &run, bool firstNames = false);
double numberAt(const Json &json, const std::string &key); ///< NaN where there is none
Json bestOf(const RunInfo &run);                           ///< scores of the kept weights, an empty object without
/// Digits after the point that tell scores apart, the same for all so that they stand under one another: four that count.
int decimalsOf(const std::vector<double> &scores);
int scoreDecimals(const Compared &compared);

} // namespace reticle
