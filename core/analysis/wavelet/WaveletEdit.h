#pragma once

#include "analysis/wavelet/Wavelet.h"

#include <array>
#include <string>
#include <vector>

namespace reticle {

/// What is left out of an image's coefficients before the image is put together again.
struct WaveletEdit
{
    bool approximation = false;               ///< it is set to zero
    std::vector<std::array<bool, 3>> dropped; ///< by level, [0] = finest: H, V, D are set to zero
    enum class Threshold { None, Soft, Hard } threshold = Threshold::None;

    bool anything() const;
    /// "level 2, H of level 1, details below the universal threshold (soft)"; empty = nothing is left out.
    std::string text() const;
};

/// From the settings "drop" and "threshold". `drop`: items separated by ';', ',' or spaces; each a level ("2"), one band of it
/// ("1:H"), a band of all levels ("V") or the approximation ("A" or "0"). Throws Error naming what can be left out.
WaveletEdit waveletEdit(const std::string &drop, const std::string &threshold, int levels);

/// How strong the noise of an image is and what that says of its coefficients.
struct WaveletNoise
{
    double sigma = 0;     ///< median |D of level 1| / 0.6745
    std::int64_t n = 0;   ///< pixels of the image
    double threshold = 0; ///< universal: sigma sqrt(2 ln n)
};
/// Donoho and Johnstone 1994.
WaveletNoise noiseOf(const WaveletPyramid &pyramid);

/// Details nearer to 0 than `threshold` become 0; with `soft` all others move towards 0 by it. Float64 only.
void shrinkDetails(WaveletPyramid &pyramid, double threshold, bool soft);

/// An image without what was left out.
struct EditedImage
{
    Array image;    ///< (H, W) float64
    Array residual; ///< (H, W) float64, the original less `image`
};
/// `pyramid` is that of `original`, (H, W) float64. A threshold is applied before bands are dropped, so that it does not
/// depend on them.
EditedImage withoutDropped(const Array &original, const WaveletPyramid &pyramid, const WaveletFilter &filter, WaveletMode mode,
                           const WaveletEdit &edit, const WaveletNoise &noise);

} // namespace reticle
