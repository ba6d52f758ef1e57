#pragma once

#include "analysis/WaveletPictures.h"
#include "base/Array.h"
#include "base/Figure.h"
#include "base/Json.h"

namespace reticle {

/// What a live view of wavelet levels shows: one image of each set.
struct WaveletPreview
{
    static constexpr std::int64_t image = -1, pyramid = -2; ///< in place of a level: the image itself, all coefficients

    std::vector<std::string> names; ///< of the sets
    std::vector<std::string> levels; ///< "8", ..., "1"
    std::int64_t images = 0;        ///< that can be chosen
    std::vector<Array> pictures;    ///< one a set: (H, W) float32, or of a pyramid (H, W, 3) uint8
    double black = 0, white = 1;    ///< of the pictures; of details -limit and limit
    /// Of a pyramid: its bands, and the pixels that their first coefficient is computed from, down as across.
    struct Band
    {
        PyramidBand place;
        std::int64_t first = 0, last = 0;
    };
    std::vector<Band> bands;
    Figure figure;                  ///< power and ratios of this image, coarse to fine
    std::vector<std::string> notes;

    Json toJson() const; ///< for a frame
};

/// `options` as of the analysis "wavelet-spectrum"; `number` of the image among those that the analysis would take
/// (clamped); `level` one of WaveletPreview, 0 = approximation, or a level (the coarsest for higher ones), which is shown
/// alone. Some 10 ms a set of 512 x 512; of
/// images above 2048 px a side the middle is shown, and the notes say so. Threads: pure. Throws Error as the analysis does.
WaveletPreview previewWavelets(const Json &options, std::int64_t number, std::int64_t level);

} // namespace reticle
