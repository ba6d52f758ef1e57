#pragma once

#include "foundation/Array.h"

#include <utility>
#include <vector>

namespace reticle {

/// What pictures show as black and white, or as their strongest colors, of (H, W) images of any number type.

/// The value that `share` (0 to 1) of the sorted ones lie below. `values` must not be empty.
double quantile(std::vector<double> values, double share);

/// Black and white of a gray picture: the 0.35 and 99.65 percentile, as a view's automatic contrast; white is 1 above black
/// where the two are one.
std::pair<double, double> grayRange(const Array &image);

/// Where colors that lie symmetric about 0 end: at the 99.5th percentile of `sizes` (absolute values), or, where so few
/// of them are above 0 that this would show nothing, at the largest. Sizes up to `nothing` are roundings and count as 0.
/// 0 = there is nothing to show.
double detailLimit(std::vector<double> sizes, double nothing = 0);
double detailLimit(const Array &details, double nothing = 0);

} // namespace reticle
