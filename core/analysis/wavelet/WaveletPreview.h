#pragma once

#include "analysis/wavelet/WaveletEdit.h"
#include "analysis/wavelet/WaveletPictures.h"
#include "figure/Figure.h"
#include "foundation/Array.h"
#include "foundation/Json.h"

#include <memory>

namespace reticle {

/// What a live view of wavelet levels shows: one image of each set.
struct WaveletPreview
{
    /// In place of a level: the image itself, all coefficients, the image without what the settings leave out, and that.
    static constexpr std::int64_t image = -1, pyramid = -2, reconstruction = -3, residual = -4;

    std::vector<std::string> names;  ///< of the sets
    std::vector<std::string> levels; ///< "8", ..., "1"
    std::int64_t images = 0;         ///< that can be chosen
    std::vector<Array> pictures;     ///< of the first sets, at most shownSets: (H, W) float32, or of a pyramid (H, W, 3) uint8
    double black = 0, white = 1;     ///< of the pictures
    bool diverging = false;          ///< they lie about 0, from -white to white
    double pixelSize = 0;            ///< nm; 0 = not known
    /// Of a pyramid: its bands, and the pixels that their first coefficient is computed from, down as across.
    struct Band
    {
        PyramidBand place;
        std::int64_t first = 0, last = 0;
    };
    std::vector<Band> bands;
    WaveletEdit edit; ///< what the settings leave out
    Figure figure;    ///< power, Fourier power and ratios of this image, coarse to fine
    std::vector<std::string> notes;

    Json toJson() const; ///< for a frame
};

/// Keeps what it has read and decomposed, so that the next request costs only what is new in it. Files are read again when
/// they changed on the disk, folders when they got or lost a file. Threads: one at a time.
class WaveletPreviews
{
public:
    WaveletPreviews();
    ~WaveletPreviews();

    /// `options` as of the analysis "wavelet-spectrum"; `number` of the image among those that the analysis would take
    /// (clamped); `level` one of WaveletPreview, 0 = approximation, or a level (the coarsest for higher ones), which is
    /// shown alone. Some 10 ms a set of 512 x 512; of images above 2048 px a side the middle is shown, and the notes say
    /// so, while levels and noise are those of the whole. Throws Error as the analysis does.
    WaveletPreview show(const Json &options, std::int64_t number, std::int64_t level);
    /// Writes the reconstruction of that image to options' "output"; see writeReconstruction().
    void save(const Json &options, std::int64_t number);
    /// How often images were opened and decomposed, for tests.
    std::pair<int, int> worked() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// One preview, nothing kept.
WaveletPreview previewWavelets(const Json &options, std::int64_t number, std::int64_t level);

} // namespace reticle
