#pragma once

#include "foundation/Array.h"

#include <cstdint>
#include <vector>

namespace reticle {

/// Scores of a segmentation against its truth. A score that has nothing to count (no pixel of the class in truth and
/// prediction) is NaN, shown as "n/a" and left out of means. Threads: pure functions.

/// Counts of one named class over the pixels that are not ignored; counts of several slices may be added.
struct PixelCounts
{
    std::int64_t tp = 0, fp = 0, fn = 0, tn = 0;

    std::int64_t pixels() const { return tp + fp + fn + tn; }
    double pixelError() const; ///< (fp + fn) / pixels
    double iou() const;        ///< tp / (tp + fp + fn)
    double dice() const;       ///< 2 tp / (2 tp + fp + fn)
    double precision() const;  ///< NaN where nothing was predicted
    double recall() const;     ///< NaN where the truth has none
    PixelCounts &operator+=(const PixelCounts &b);
};

/// Of class `classIndex` in label arrays of one size; truth 255 (SegmentationData::ignore) is left out. Throws Error
/// when the sizes differ.
PixelCounts countPixels(const Array &predicted, const Array &truth, std::int64_t classIndex);

/// Truth against proposal as partitions, Arganda-Carreras et al. 2015 (the ISBI 2012 challenge), natural logarithms.
struct RegionScores
{
    double randSplit = 0, randMerge = 0, vRand = 0; ///< V_Rand is their harmonic mean; 1 is perfect
    double infoSplit = 0, infoMerge = 0, vInfo = 0; ///< V_Info is 0 where only one of both is a single region
    double variationSplit = 0, variationMerge = 0;  ///< H(proposal | truth), H(truth | proposal), nats
    double variation() const { return variationSplit + variationMerge; } ///< VI; 0 is perfect
};

/// `truth` and `proposal`: (H, W) int32 regions. Pixels with truth 0 (membrane) are left out; pixels with proposal 0
/// inside a true region count as regions of one pixel. NaN where the truth has no region.
RegionScores regionScores(const Array &truth, const Array &proposal);

/// Regions of a proposal whose membranes are thinned to lines one pixel wide: 4-connected components of `interior`
/// (mask), grown into the rest by a watershed of the binary image. (H, W) int32, 0 on lines. Nothing inside: all 0.
Array thinnedRegions(const Array &interior);

/// regionScores of the 4-connected components of the true interior against thinnedRegions(predictedInterior).
/// Pixels to be ignored are 0 in the true interior.
RegionScores regionScoresThinned(const Array &trueInterior, const Array &predictedInterior);

/// What a threshold gives on one slice.
struct ThresholdScores
{
    double threshold = 0; ///< prediction = probability > threshold
    PixelCounts pixels;   ///< of the class whose probability it is
    RegionScores regions; ///< of the objects' class
};

/// 0, 0.1, …, 0.9.
std::vector<double> standardThresholds();

/// `probability` (H, W) float32 of class `classIndex`, `truth` (H, W) class indices with 255 = ignore. The interior
/// whose components are the objects is the class itself (`objectsAreClass`) or everything else. `regions` false leaves
/// the region scores out (NaN), which are most of the work.
std::vector<ThresholdScores> thresholdCurve(const Array &probability, const Array &truth, std::int64_t classIndex,
                                            bool objectsAreClass, const std::vector<double> &thresholds, bool regions = true);

/// Mean of the numbers that are not NaN; `left` out of it. NaN where none is left.
struct Mean
{
    double mean = 0, sd = 0; ///< sd: of the sample (n - 1), NaN for one
    std::int64_t count = 0, left = 0;
};
Mean meanOf(const std::vector<double> &values);

/// Entry of the largest (or smallest) mean over slices of `score(slice curve's entry)`, the same threshold for all
/// slices; -1 where every mean is NaN. curves[slice][threshold].
template <class Entry = ThresholdScores, class Score>
int bestThreshold(const std::vector<std::vector<Entry>> &curves, Score &&score, bool smallest = false)
{
    int best = -1;
    double bestMean = 0;
    for (std::size_t t = 0; !curves.empty() && t < curves.front().size(); ++t) {
        std::vector<double> values;
        for (const auto &c : curves)
            values.push_back(score(c[t]));
        const double m = meanOf(values).mean;
        if (m == m && (best < 0 || (smallest ? m < bestMean : m > bestMean))) {
            best = static_cast<int>(t);
            bestMean = m;
        }
    }
    return best;
}

} // namespace reticle
