#pragma once

#include "analysis/segmentation/SegmentationInput.h"
#include "figure/Figure.h"
#include "imaging/SegmentationScores.h"

namespace reticle {

/// Parts that the figures of several segmentation analyses share.

/// Counts of probability in bins of equal width from 0 to 1, of the pixels whose truth is the class and of the others.
struct ProbabilityCounts
{
    static constexpr int bins = 50;
    std::vector<double> ofClass = std::vector<double>(bins), ofOthers = std::vector<double>(bins);
    void add(const Array &probability, const Array &truth, std::int64_t classIndex);
    void add(const ProbabilityCounts &b);
};

/// What figures show of a slice: its middle, at most `side` x `side` px, so that a figure of a large slice can be saved
/// and read again; and one array cut the same way.
constexpr std::int64_t shownSide = 512;
Array middleOf(const Array &plane, std::int64_t side = shownSide); ///< (H, W) or (H, W, 3)
SegmentedSlice middleOf(const SegmentedSlice &slice, std::int64_t side = shownSide);
/// ", its middle of 512 x 512 px", or "" where the whole slice is shown.
std::string shownPart(const SegmentedSlice &slice, std::int64_t side = shownSide);

/// The slice as shown: its image, or where there is none the probability of the class.
ImagePanel imagePanel(const SegmentedSlice &slice, std::int64_t classIndex, double pixelSize);

/// 0 right, 1 missed (truth has the class, prediction not), 2 too much; labels of `predicted` (H, W) uint8.
Array errorLabels(const Array &predicted, const Array &truth, std::int64_t classIndex);

/// Class mask as an overlay's labels: 1 where the label is the class.
Array classLabels(const Array &labels, std::int64_t classIndex);

Panel panel(int row, int column, std::string letter, std::string title, decltype(Panel::content) content);

/// Means over slices, NaN left out, of one number of each curve entry: one value a threshold, and its sd.
template <class Entry, class Score>
std::pair<std::vector<double>, std::vector<double>> meansOverSlices(const std::vector<std::vector<Entry>> &curves, Score &&score)
{
    std::vector<double> means, sds;
    for (std::size_t t = 0; !curves.empty() && t < curves.front().size(); ++t) {
        std::vector<double> v;
        for (const auto &c : curves)
            v.push_back(score(c[t]));
        const Mean m = meanOf(v);
        means.push_back(m.mean);
        sds.push_back(m.sd);
    }
    return {means, sds};
}

} // namespace reticle
