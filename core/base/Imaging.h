#pragma once

#include "base/Array.h"

#include <vector>

namespace reticle {

/// Plain image operations on (H, W) arrays that analyses, objectives and previews share. Masks are uint8, 0 or not 0.
/// All agree with scikit-image / SciPy to the pixel unless said; see tests/reference/imaging.

enum class Connectivity { Four, Eight };

/// Connected components: (H, W) int32, 0 = background, numbered in raster order of their first pixel.
Array labelComponents(const Array &mask, Connectivity connectivity, std::int32_t *count = nullptr);
/// Disk of radius r: offsets with dy^2 + dx^2 <= r^2. Outside counts as background for dilation, foreground for erosion.
Array dilate(const Array &mask, int radius);
Array erode(const Array &mask, int radius);
Array opening(const Array &mask, int radius);
Array closing(const Array &mask, int radius);
Array removeSmallObjects(const Array &mask, std::int64_t minimumArea, Connectivity connectivity);
Array fillHoles(const Array &mask, std::int64_t maximumArea, Connectivity connectivity);
Array keepLargest(const Array &mask, int count, Connectivity connectivity);
/// Median over z of a stack (Z, H, W) of masks, odd size, edge slices repeated.
Array medianOverZ(const Array &masks, int size);

/// Exact Euclidean distance of each foreground pixel to the nearest background pixel, float32 (Felzenszwalb and
/// Huttenlocher 2012). Everything foreground: infinity.
Array distanceTransform(const Array &mask);
/// For each pixel the distances to the nearest and second nearest of the labelled objects: two (H, W) float32.
std::pair<Array, Array> twoNearestObjects(const Array &labels);
/// w0 exp(-(d1 + d2)^2 / (2 sigma^2)) on background pixels (Ronneberger 2015), 0 on objects; 0 with fewer than two.
Array borderMap(const Array &labels, double w0, double sigma);

/// Watershed by priority flooding of `relief` (float32) from `markers` (int32), inside `mask` where given. With `line`
/// pixels where two basins meet stay 0 (4-connected flooding, as scikit-image's watershed_line).
Array watershed(const Array &relief, const Array &markers, const Array *mask, bool line, Connectivity connectivity);
/// Markers at the h-maxima of `relief`: its regional maxima after reconstruction of relief - h.
Array hMaxima(const Array &relief, float h, Connectivity connectivity);

} // namespace reticle
