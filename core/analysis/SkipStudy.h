#pragma once

#include "analysis/ScoreFigures.h"
#include "analysis/SkipKnockout.h"
#include "analysis/WaveletPower.h"

namespace reticle {

/// How much a network leans on its skip connections: each is changed, one at a time and all
/// together, and the scores and the detail of the output are compared with those of the network as
/// it is. Of a network that segments the output is the probability of a class; of an autoencoder it
/// is the image, in values scaled as in training.

/// Settings of the analysis "skip-study".
struct SkipStudyOptions : SegmentationInputOptions
{
    bool silence = true, shuffle = true, mean = true, regions = true;
    std::int64_t seed = 0;
    std::string wavelet = "db1", mode = "symmetric";
    std::int64_t levels = 0; ///< 0 = min(8, largest useful)

    static Schema<SkipStudyOptions> schema();
};

/// Of a slice under a change: at one threshold, or of the image that an autoencoder makes.
struct StudyScores
{
    ThresholdScores classes;
    ImageScores image;
};

/// One way to change some skips, and what came of it. The first of a study is the network as it is.
struct StudiedChange
{
    SkipChange change;
    std::string skip;                             ///< "skip 0", "all"; empty for the network as it is
    std::vector<std::vector<StudyScores>> curves; ///< [slice][threshold]; of images one entry a slice
    std::vector<WaveletSums> power;               ///< of each slice's output, the mean of its channels
    Array example;                                ///< of the example slice, its middle (H, W)
};

/// A score of the study.
struct StudyScore
{
    std::string key, label; ///< "v-rand", "V_Rand"
    double (*of)(const StudyScores &) = nullptr;
    bool smallest = false, region = false;
};

/// What a change costs in one score; means over slices.
struct StudyCost
{
    double threshold = 0; ///< the best one of the network as it is; NaN of images
    double value = 0;     ///< at that threshold
    double drop = 0;      ///< how much worse than the network as it is: above 0 is worse, also of errors
    double dropSd = 0;    ///< over slices; NaN for one
    double ownThreshold = 0, ownBest = 0, ownDrop = 0,
           ownDropSd = 0; ///< at the threshold that is best after the change
    double reliance = 0;  ///< drop over that of all skips changed together; NaN where that is not above 0
};

/// What tables and figures are made from.
struct SkipMeasurement
{
    SkipStudyOptions options;
    bool images = false;                      ///< of an autoencoder
    std::int64_t channels = 1;                ///< of its images
    std::vector<std::string> names;           ///< of the skips
    std::vector<double> thresholds;           ///< of images a NaN
    std::vector<std::int64_t> slices, donors; ///< donors: empty where nothing was shuffled
    std::vector<StudiedChange> changes;
    WaveletLayout layout;
    std::string what, className;
    std::int64_t example = 0;           ///< place of the example in `slices`
    SegmentedSlice shown;               ///< its middle, without a prediction; not of images
    Array original;                     ///< of images: its middle as it should come out, (H, W)
    std::vector<WaveletSums> originals; ///< of images: of each slice as it should come out
    double pixelSize = 0;               ///< nm; 0 = not known

    /// Dice, IoU, V_Rand (unless left out) and pixel error; of images RMSE and SSIM.
    std::vector<StudyScore> scores() const;
    StudyScore score(const std::string &key) const;
    StudyCost cost(std::size_t change, const StudyScore &score) const;
    /// Entries of `changes` of one way: each skip, then all. Empty where the way was left out.
    std::vector<std::size_t> of(SkipWay way) const;
    std::vector<SkipWay> ways() const;
    /// Energy per level over that of the network as it is, from fine (1) to coarse; NaN where that
    /// has no detail.
    std::vector<double> powerRatio(std::size_t change) const;
};

std::string nameOf(SkipWay way); ///< "silenced", "shuffled", "mean"

/// Costs; every score; power per level; each slice.
std::vector<Table> skipTables(const SkipMeasurement &m);
/// Costs as bars; power ratios; the example.
std::vector<Figure> skipFigures(const SkipMeasurement &m);

} // namespace reticle
