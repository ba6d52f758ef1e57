#pragma once

#include "foundation/Schema.h"
#include "imaging/Imaging.h"
#include "imaging/SegmentationScores.h"

#include <vector>

namespace reticle {

/// Cleaning of a segmentation: each step can be switched on, they run in `order` on the mask of one class. What the
/// steps add becomes that class, what they take away the next likely class (of a label map: background, class 0).
struct PostprocessOptions
{
    std::int64_t classIndex = 1;
    double threshold = 0.5; ///< mask of the class: probability > threshold; with three classes or more the most likely
    bool median = false;
    std::int64_t medianSize = 5; ///< slices, odd
    bool closing = false;
    std::int64_t closingRadius = 1; ///< px
    bool opening = false;
    std::int64_t openingRadius = 1; ///< px
    bool fillHoles = false;
    std::int64_t holeArea = 50; ///< px
    bool removeSmall = false;
    std::int64_t smallArea = 50; ///< px
    bool keepLargest = false;
    std::int64_t keepCount = 1;
    std::string connectivity = "4"; ///< of objects; holes have the other
    std::string order = "median, closing, opening, fill, remove, keep";

    bool anything() const { return median || closing || opening || fillHoles || removeSmall || keepLargest; }
};

/// Adds the fields of a PostprocessOptions, or of what derives from it, to a schema.
template <class O> Schema<O> &addPostprocessFields(Schema<O> &s)
{
    using P = PostprocessOptions;
    s.template field<std::int64_t>(
        &P::classIndex,
        {.name = "class", .title = "Class", .help = "Class whose mask is cleaned; 1 is the foreground", .min = 0, .max = 254});
    s.template field<double>(&P::threshold, {.name = "threshold",
                                             .title = "Threshold",
                                             .help = "A pixel belongs to the class where its probability is above this",
                                             .min = 0,
                                             .max = 1});
    s.template field<bool>(&P::median, {.name = "median",
                                        .title = "Median over slices",
                                        .help = "Let each pixel follow most of its neighbors in the slices above and below",
                                        .group = "Steps"});
    s.template field<std::int64_t>(&P::medianSize, {.name = "median-size",
                                                    .title = "Slices of the median",
                                                    .help = "How many slices the median looks at, an odd number",
                                                    .unit = "slices",
                                                    .min = 1,
                                                    .max = 99,
                                                    .group = "Steps"});
    s.template field<bool>(&P::closing,
                           {.name = "closing", .title = "Closing", .help = "Close gaps narrower than a disk", .group = "Steps"});
    s.template field<std::int64_t>(&P::closingRadius, {.name = "closing-radius",
                                                       .title = "Closing radius",
                                                       .help = "Radius of the closing's disk",
                                                       .unit = "px",
                                                       .min = 0,
                                                       .max = 200,
                                                       .group = "Steps"});
    s.template field<bool>(
        &P::opening, {.name = "opening", .title = "Opening", .help = "Take away parts narrower than a disk", .group = "Steps"});
    s.template field<std::int64_t>(&P::openingRadius, {.name = "opening-radius",
                                                       .title = "Opening radius",
                                                       .help = "Radius of the opening's disk",
                                                       .unit = "px",
                                                       .min = 0,
                                                       .max = 200,
                                                       .group = "Steps"});
    s.template field<bool>(
        &P::fillHoles,
        {.name = "fill-holes", .title = "Fill holes", .help = "Fill small holes inside objects", .group = "Steps"});
    s.template field<std::int64_t>(&P::holeArea, {.name = "hole-area",
                                                  .title = "Largest hole",
                                                  .help = "Holes of at most this area are filled",
                                                  .unit = "px",
                                                  .min = 0,
                                                  .max = 100000000,
                                                  .group = "Steps"});
    s.template field<bool>(
        &P::removeSmall,
        {.name = "remove-small", .title = "Remove small objects", .help = "Take away small separate objects", .group = "Steps"});
    s.template field<std::int64_t>(&P::smallArea, {.name = "small-area",
                                                   .title = "Smallest object",
                                                   .help = "Objects of less than this area are taken away",
                                                   .unit = "px",
                                                   .min = 0,
                                                   .max = 100000000,
                                                   .group = "Steps"});
    s.template field<bool>(&P::keepLargest, {.name = "keep-largest",
                                             .title = "Keep the largest",
                                             .help = "Keep only the largest objects of a slice",
                                             .group = "Steps"});
    s.template field<std::int64_t>(&P::keepCount, {.name = "keep-count",
                                                   .title = "How many to keep",
                                                   .help = "Number of objects of a slice that stay",
                                                   .min = 1,
                                                   .max = 100000,
                                                   .group = "Steps"});
    s.template field<std::string>(&P::connectivity,
                                  {.name = "connectivity",
                                   .title = "Connectivity",
                                   .help = "Whether pixels that touch at a corner are one object (8) or not (4)",
                                   .choices = {"4", "8"},
                                   .group = "Steps",
                                   .advanced = true});
    s.template field<std::string>(
        &P::order, {.name = "order",
                    .title = "Order",
                    .help = "Order of the steps, separated by commas: median, closing, opening, fill, remove, keep",
                    .group = "Steps",
                    .advanced = true});
    return s;
}

/// The steps that are on, in order: "closing 1 px, small objects below 50 px removed"; "nothing" when none is.
std::string describeSteps(const PostprocessOptions &options);

/// A slice's class indices (H, W) uint8 before any step. `prediction`: probability (H, W) float of `classIndex`, which
/// for class 0 is the probability of everything else, so that a map of two classes is always that of class 1;
/// probabilities (K, H, W) float, or class indices (H, W) of an integer type. Throws Error for another shape
/// or a class that is not there.
Array predictedLabels(const Array &prediction, const PostprocessOptions &options);

/// The slice after the steps, (H, W) uint8. The median needs a stack and is passed over.
Array postprocessSlice(const Array &prediction, const PostprocessOptions &options);

/// The slices after the steps, all of one size when the median is on. `goOn(done)` is asked before each; false ends
/// with Error (Kind::Cancelled). Throws Error naming the option that is wrong.
std::vector<Array> postprocessStack(const std::vector<Array> &predictions, const PostprocessOptions &options,
                                    const std::function<bool(double done)> &goOn = {});

/// Scores of a label map against its truth (class indices, 255 = ignored) as named numbers: "pixel error", "Dice",
/// "IoU", "precision", "recall" of the class, "V_Rand", "V_Info" of the objects (the class, or everything else), and
/// "objects", their number. Without truth (null) only the last. NaN becomes null.
Json labelScores(const Array &labels, const Array *truth, std::int64_t classIndex, bool objectsAreClass = true);

} // namespace reticle
