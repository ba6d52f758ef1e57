#pragma once

#include "analysis/ImageSets.h"
#include "analysis/wavelet/WaveletEdit.h"
#include "analysis/wavelet/WaveletPower.h"
#include "figure/Figure.h"

#include <functional>

namespace reticle {

/// Settings of the analysis "wavelet-spectrum".
struct WaveletSpectrumOptions : ImageSetOptions
{
    std::string wavelet = "db1", mode = "symmetric";
    std::int64_t levels = 0; ///< 0 = min(8, largest useful)
    bool beyond = false;
    std::string measure = "energy-share", averaging = "pooled", orientation = "all";
    bool includeApproximation = false, rescale = true, logPower = false, oneLimit = false;
    std::int64_t shown = 0;
    std::string drop, threshold = "none"; ///< of waveletEdit
    std::string output, outputImages = "shown";

    static Schema<WaveletSpectrumOptions> schema();
};

/// Sets whose pictures are shown at most, and the side in px up to which figures hold whole images.
constexpr std::size_t shownSets = 4;
constexpr std::int64_t figureSide = 1024;

/// What was measured of one set.
struct MeasuredSet
{
    std::string name;
    std::vector<WaveletSums> images; ///< already in the originals' range
    std::vector<double> fourier;     ///< by frequency, mean over images
    double low = 0, high = 0;        ///< ImageSets::range, as in the file
    double factor = 1;               ///< brings its samples into the originals' range
};

/// What tables and figures are made from.
struct WaveletMeasurement
{
    WaveletSpectrumOptions options;
    WaveletLayout layout;
    std::vector<MeasuredSet> sets; ///< the originals first
    std::vector<double> frequencies;
    double pixelSize = 0; ///< nm; 0 = not known
    bool paired = true;

    /// Number of the image in pictures, options.shown or the last that all the sets shown have.
    std::size_t shown() const;
    PowerMeasure measure() const { return powerMeasure(options.measure); }
    /// The share that the measure's kind of sum has, for ratios that are free of gain.
    PowerMeasure share() const;
    PowerBands bands() const;
    SetPower power(std::size_t set, PowerMeasure measure, PowerBands bands) const;
    /// Shares of a set over those of the originals.
    std::vector<double> ratio(std::size_t set, PowerBands bands) const;
    /// Energy per image over that of the originals, gain and all.
    std::vector<double> rawRatio(std::size_t set, PowerBands bands) const;
    WaveletSums sum(std::size_t set) const;
    WaveletMeasurement detailsOnly() const; ///< options.includeApproximation off
    WaveletEdit edit() const;               ///< of options.drop and options.threshold
    /// "8", ..., "1", coarse to fine, of powerOf's entries from last to first; the approximation is "A".
    std::vector<std::string> levelNames() const;
};

/// Levels to take of images whose shorter side is `side`, at least one: of a side too short for its filter, and with
/// options.beyond up to 30, says in `notes` from which level on the border touches every coefficient. Throws Error naming
/// the largest possible, and for what options.drop names beyond them.
int spectrumLevels(const WaveletSpectrumOptions &options, std::int64_t side, std::vector<std::string> &notes);
/// How many images that take so many bytes a pixel half of the free memory holds, at most the threads. Throws Error
/// where that is not one.
int imagesAtOnce(std::int64_t rows, std::int64_t columns, double bytesPerPixel);
/// Brings all sets into the originals' range where files of another number type hold a customary other one (0 to 1, 8 bit,
/// 16 bit), and says so in `notes`. Judged by ImageSets::range, so that all callers come to the same factors.
void bringToOneRange(WaveletMeasurement &m, const ImageSets &images, std::vector<std::string> &notes);

/// "db1, symmetric border, 4 levels", for captions.
std::string waveletText(const WaveletMeasurement &m);
/// Levels side by side, from coarse to fine; where two meet stands the period that parts them. Of `m` the layout and the
/// pixel size count, and whether the approximation is included.
Axis levelAxis(const WaveletMeasurement &m);
/// Power, ratios and Fourier power; orientations. Levels run from coarse to fine with their periods along the top, in
/// pixels or, where their size is known, in nm, µm or mm. In WaveletSpectrumFigures.cpp.
std::vector<Figure> spectrumFigures(const WaveletMeasurement &m);
/// First level, whole pyramid, every level alone, and where something is dropped the image without it; of images above
/// `figureSide` a side the middle. `images`: one of each set, whole, (H, W) float64 in the originals' range.
/// In WaveletPictureFigures.cpp.
std::vector<Figure> pictureFigures(const WaveletMeasurement &m, const std::vector<Array> &images);
/// Power per level; every measure in long form; Fourier power. In WaveletTables.cpp.
std::vector<Table> spectrumTables(const WaveletMeasurement &m);
/// Noise and universal threshold of one whole image of each set. In WaveletTables.cpp.
Table thresholdTable(const WaveletMeasurement &m, const std::vector<Array> &images);
/// Throws Error where options.output cannot be written: it has no folder, or is a file that one of the sets is read from.
/// In WaveletReconstruction.cpp.
void requireOutput(const WaveletSpectrumOptions &options, const ImageSets &images);
/// Writes images of the originals without what options.drop and options.threshold say to options.output, TIFF float32 of
/// full size, in the file's own range: place number `number`, or with -1 all of them. `goOn` is told how many are done; false
/// ends it. Returns how many were written. Throws Error as requireOutput() does, and where an image does not fit the memory.
/// In WaveletReconstruction.cpp.
std::int64_t writeReconstruction(const WaveletSpectrumOptions &options, const ImageSets &images, std::int64_t number,
                                 const std::function<bool(std::int64_t)> &goOn);

} // namespace reticle
