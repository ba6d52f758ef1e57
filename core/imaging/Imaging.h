#pragma once

#include "foundation/Array.h"

#include <utility>
#include <vector>

namespace reticle {

/// Plain image operations on (H, W) arrays that analyses, objectives and previews share. Masks may be of any number
/// type, 0 or not 0, and come back as uint8 0 / 1. All agree with scikit-image / SciPy to the pixel unless said; see
/// tests/reference/imaging.py. An array of another rank throws Error. Threads: pure functions, safe to call at once.

enum class Connectivity { Four, Eight };

/// Connected components: (H, W) int32, 0 = background, numbered in raster order of their first pixel.
Array labelComponents(const Array &mask, Connectivity connectivity, std::int32_t *count = nullptr);
/// Disk of radius r in px: offsets with dy^2 + dx^2 <= r^2. Outside counts as background for dilation, foreground for
/// erosion. A radius of 0 or less changes nothing.
Array dilate(const Array &mask, int radius);
Array erode(const Array &mask, int radius);
Array opening(const Array &mask, int radius);
Array closing(const Array &mask, int radius);
/// Drops components of fewer than `minimumArea` px.
Array removeSmallObjects(const Array &mask, std::int64_t minimumArea, Connectivity connectivity);
/// Fills holes of at most `maximumArea` px: components of the background, `connectivity` being theirs, that do not touch
/// the image's border. (scikit-image's remove_small_holes fills small background parts at the border too.)
Array fillHoles(const Array &mask, std::int64_t maximumArea, Connectivity connectivity);
/// The `count` components of largest area; of equal ones the first in raster order stays.
Array keepLargest(const Array &mask, int count, Connectivity connectivity);
/// Median over z of a stack (Z, H, W) of masks, odd size, edge slices repeated. Throws Error for an even size.
Array medianOverZ(const Array &masks, int size);

/// Exact Euclidean distance of each foreground pixel to the nearest background pixel, float32, px (lower envelopes of
/// parabolas along rows after a pass along columns: Meijster et al. 2000, Felzenszwalb and Huttenlocher 2012).
/// Everything foreground: infinity.
Array distanceTransform(const Array &mask);
/// For each pixel the distances in px to the nearest and second nearest of the labeled objects (0 = no object): two
/// (H, W) float32; infinity where there are fewer objects. An object's own pixels have a nearest distance of 0.
std::pair<Array, Array> twoNearestObjects(const Array &labels);
/// w0 exp(-(d1 + d2)^2 / (2 sigma^2)) on background pixels (Ronneberger et al. 2015), 0 on objects; 0 with fewer than
/// two. (H, W) float32. A few ms for 512 x 512: distances are sought no further than the term is above 0.
Array borderMap(const Array &labels, double w0, double sigma);

/// Watershed by priority flooding of `relief` (float32) from `markers` (int32), inside `mask` where given: (H, W) int32.
/// With `line` pixels where two basins meet stay 0. Equal heights are flooded in the order in which they were reached,
/// markers in raster order, ties of markers as scikit-image's heap breaks them, so that the result is equal to
/// scikit-image's watershed(..., watershed_line=line) to the pixel. Connectivity of the flooding: its default is Four.
Array watershed(const Array &relief, const Array &markers, const Array *mask, bool line, Connectivity connectivity);
/// Markers at the h-maxima of `relief` (float32): regional maxima of the reconstruction by dilation of relief - h under
/// relief (Soille 2003, section 6.3.4), labeled as by labelComponents. Twin peaks with a saddle less than h below
/// them are one marker.
Array hMaxima(const Array &relief, float h, Connectivity connectivity);

} // namespace reticle
