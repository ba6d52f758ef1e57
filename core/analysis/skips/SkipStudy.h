#pragma once

#include "analysis/segmentation/ScoreFigures.h"
#include "analysis/skips/SkipKnockout.h"
#include "analysis/wavelet/WaveletPower.h"

namespace reticle {

/// How much networks lean on their skip connections: each is changed, one at a time and all together, and the scores
/// and the detail of the output are compared with those of the network as it is, and of networks that were trained
/// without it. Of a network that segments the output is the probability of a class; of an autoencoder it is the image,
/// in values scaled as in training.

/// Settings of the analysis "skip-study".
struct SkipStudyOptions : SegmentationInputOptions
{
    std::vector<std::int64_t> runs; ///< further ones of the same network, trained with other seeds
    bool seeds = false;             ///< all such runs of the project
    bool ablate = true, shuffle = true, mean = true;
    std::vector<double> factors{0, 0.25, 0.5, 0.75};
    bool regions = true;
    bool retrained = true;
    std::vector<std::int64_t> retrainedRuns; ///< empty = found by their recipes
    std::int64_t seed = 0;
    std::string wavelet = "db1", mode = "symmetric";
    std::int64_t levels = 0;    ///< 0 = min(8, largest useful)
    std::int64_t memory = 1024; ///< MiB of predictions at once

    static Schema<SkipStudyOptions> schema();
};

/// What is done to skips, whichever they are.
struct SkipAct
{
    SkipWay way = SkipWay::Ablated;
    double factor = 0; ///< of Scaled

    bool operator==(const SkipAct &) const = default;
};
std::string nameOf(const SkipAct &act); ///< "ablated", "shuffled", "mean", "scaled by 0.5"

/// Of a slice under a change: at one threshold, or of the image that an autoencoder makes.
struct StudyScores
{
    ThresholdScores classes;
    ImageScores image;
};

/// One way to change some skips, and what came of it. The first of a network is the network as it is.
struct StudiedChange
{
    SkipChange change;
    std::string skip;                             ///< "skip 0", "all"; empty for the network as it is
    std::vector<std::vector<StudyScores>> curves; ///< [slice][threshold]; of images one entry a slice
    std::vector<WaveletSums> power;               ///< of each slice's output, the mean of its channels
    Array example;                                ///< of the example slice, its middle (H, W); of the first network

    SkipAct act() const { return {change.way, change.factor}; }
};

struct StudiedNetwork
{
    std::int64_t run = 0, seed = 0;           ///< seed: of its training
    std::vector<std::int64_t> slices, donors; ///< donors: empty where nothing was shuffled
    std::vector<StudiedChange> changes;       ///< of one that was trained without skips: it as it is
    std::vector<int> without;                 ///< skips, of the study's, that it was trained without
    std::vector<WaveletSums> originals;       ///< of images: of each slice as it should come out
};

/// A score of the study.
struct StudyScore
{
    std::string key, label; ///< "v-rand", "V_Rand"
    double (*of)(const StudyScores &) = nullptr;
    bool smallest = false, region = false;
};

/// What a change costs in one score: of one network means over slices, of several the means of those over networks.
struct StudyCost
{
    double threshold = 0; ///< the best one of the network as it is; NaN of images
    double value = 0;     ///< at that threshold
    double valueSd = 0;   ///< over networks; NaN for one
    double drop = 0;      ///< how much worse than the network as it is: above 0 is worse, also of errors
    double dropSd = 0;    ///< over networks; of one over slices; NaN for one
    double ownThreshold = 0, ownBest = 0, ownDrop = 0,
           ownDropSd = 0;  ///< at the threshold that is best after the change
    double reliance = 0;   ///< drop over that of all skips changed together; NaN where that is not above 0
    double relianceSd = 0; ///< over networks; NaN for one
};

/// What is left of a skip's cost where the network was trained without it.
struct RetrainedScores
{
    std::size_t change = 0;         ///< the entry that knocks the same skips out
    Mean whole, knocked, retrained; ///< over networks; as it is and retrained at their own best thresholds
    double back = 0;                ///< share of the drop that is won back, of the means; NaN where the knock-out costs nothing
};

/// What tables and figures are made from.
struct SkipMeasurement
{
    SkipStudyOptions options;
    bool images = false;                   ///< of autoencoders
    std::int64_t channels = 1;             ///< of their images
    std::vector<std::string> names;        ///< of the skips
    std::vector<double> thresholds;        ///< of images a NaN
    std::vector<StudiedNetwork> networks;  ///< one at least, with the same changes
    std::vector<StudiedNetwork> retrained; ///< without some skips
    WaveletLayout layout;
    std::string what, className;
    std::int64_t example = 0; ///< place of the example in the first network's slices
    SegmentedSlice shown;     ///< its middle, without a prediction; not of images
    Array original;           ///< of images: its middle as it should come out, (H, W)
    double pixelSize = 0;     ///< nm; 0 = not known

    const std::vector<StudiedChange> &changes() const { return networks.front().changes; }
    bool several() const { return networks.size() > 1; }
    /// Dice, IoU, V_Rand (unless left out) and pixel error; of images RMSE and SSIM.
    std::vector<StudyScore> scores() const;
    StudyScore score(const std::string &key) const;
    /// The one that speaks for the study: V_Rand, else Dice; of images RMSE.
    StudyScore mainScore() const;
    StudyCost cost(std::size_t change, const StudyScore &score) const;
    StudyCost cost(const StudiedNetwork &network, std::size_t change, const StudyScore &score) const;
    /// Entries of `changes` of one act: each skip, then all. Empty where it was left out.
    std::vector<std::size_t> of(const SkipAct &act) const;
    /// Ablated, shuffled, mean, as far as they were taken: the fairest last. Where none was, scaled by the smallest
    /// factor.
    std::vector<SkipAct> ways() const;
    /// Of each skip, then all: entries from factor 0 to 1, the network as it is. Empty where nothing was scaled.
    std::vector<std::vector<std::pair<double, std::size_t>>> scaleCurves() const;
    /// Of each set of skips that networks were trained without and that were also changed, in the order of `changes`.
    std::vector<RetrainedScores> retrainedScores(const StudyScore &score) const;
    /// Networks trained without the skips of a change.
    std::vector<const StudiedNetwork *> retrainedWithout(std::size_t change) const;
    /// Energy per level over that of the network as it is, from fine (1) to coarse; NaN where that has no detail. Over
    /// several networks the geometric mean.
    std::vector<double> powerRatio(std::size_t change) const;
    std::vector<double> powerRatio(const StudiedNetwork &network, std::size_t change) const;
    /// Sd of the ratio's logarithm over networks; of one network over slices.
    std::vector<double> logPowerRatioSd(std::size_t change) const;
    /// The same of networks trained without the skips of a change, over all networks as they are.
    std::vector<double> retrainedPowerRatio(std::size_t change) const;
    /// Energy per coefficient of all networks as they are.
    std::vector<double> power() const;
    /// The same of images as they should come out, of the slices of all networks.
    std::vector<double> originalPower() const;
};

/// Costs; every score; power per level; each slice; and where there are such, retrained networks and each run.
std::vector<Table> skipTables(const SkipMeasurement &m);
/// Costs as bars; scores by factor and retrained networks, where there are such; power ratios; the example.
std::vector<Figure> skipFigures(const SkipMeasurement &m);
/// What came of it, in some sentences.
std::string skipText(const SkipMeasurement &m);

} // namespace reticle
