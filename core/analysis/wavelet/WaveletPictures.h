#pragma once

#include "analysis/wavelet/WaveletPower.h"

namespace reticle {

/// How coefficients become colors. The approximation is divided by its gain 2^levels and drawn gray from black to
/// white; details are blue below 0, white at 0 and red above, up to +-limit of their level.
struct PyramidColors
{
    double black = 0, white = 1;
    std::vector<double> limits; ///< by level, [0] = finest; missing ones are the last
};

/// Up to which size, in the image's own unit, its details are roundings: filters leave some where an image is even. Of
/// coefficients of level l it is 2^l times that.
double roundingOf(const WaveletPyramid &pyramid);

/// Limits of each level's three bands by detailLimit(); `common`: the largest for all.
std::vector<double> detailLimits(const WaveletPyramid &pyramid, bool common = false);

/// Where a band stands in pyramidPicture.
struct PyramidBand
{
    int level = 0;                            ///< 0 = the approximation, which is of the coarsest level
    Orientation orientation = Orientation::H; ///< of level 0 without meaning
    std::int64_t y = 0, x = 0, rows = 0, columns = 0;
};
/// The approximation first, then H, V, D from the coarsest level to the finest.
std::vector<PyramidBand> pyramidBands(const WaveletLayout &layout);

/// First and last sample of a line that coefficient 0 of `level` is computed from: (length - 1) (2^level - 1) + 1 of them.
/// Coefficient k's lie k 2^level further on. Beyond the line's ends they are its extension.
std::pair<std::int64_t, std::int64_t> supportOf(const WaveletFilter &filter, WaveletMode mode, int level);

/// All bands in one picture, (H, W, 3) uint8: [A | V ; H | D], of more levels the coarser ones inside A (Mallat 1989).
/// Where sizes do not halve, bands are set apart by a gutter of 1 px and the rest is light gray.
Array pyramidPicture(const WaveletPyramid &pyramid, const PyramidColors &colors);

/// What is left of the image when only the details of one level (or, of level 0, the approximation) are kept.
Array levelAlone(const WaveletPyramid &pyramid, const WaveletFilter &filter, WaveletMode mode, int level);

} // namespace reticle
