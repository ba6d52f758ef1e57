#pragma once

#include "imaging/Imaging.h"

#include <string>
#include <vector>

namespace reticle {

/// Objects of a segmentation, one by one.

/// How touching objects are parted.
enum class InstanceMethod {
    Components, ///< connected components
    Distance,   ///< watershed of minus the distance to the background, markers at its h-maxima
    Seeds,      ///< watershed of 1 - probability, markers where the probability is above a seed threshold
};

struct InstanceSettings
{
    InstanceMethod method = InstanceMethod::Components;
    double threshold = 0.5; ///< mask: probability > threshold
    double h = 1;           ///< px, of the h-maxima
    double seedThreshold = 0.95;
    std::int64_t minimumArea = 0; ///< px; smaller instances are left out
    Connectivity connectivity = Connectivity::Four;
};

/// `probability` (H, W) float32 of the objects' class, or a mask 0 / 1 -> (H, W) int32, 0 = none, numbered without
/// gaps. Components and flooding have the connectivity of the settings. Distance: every pixel of the mask gets a number
/// and every component at least one object (before the smallest area): h-maxima, 8-connected as in scikit-image, are
/// markers; a thin component, whose maxima do not rise by h, gets one at its highest distance, the first in raster
/// order. Seeds: components without a seed are left out. Throws Error.
Array findInstances(const Array &probability, const InstanceSettings &settings);

/// Numbers of objects of any type, (H, W) -> int32: 0 stays, the others become 1, 2, ... in the order of their values. Throws
/// Error naming `where`, row and column for a fraction, NaN and infinite values.
Array numberedObjects(const Array &page, const std::string &where);

/// Of objects numbered from 1, 0 = none, (H, W) int32: those of fewer than `minimumArea` px dropped, the others numbered
/// without gaps in the same order.
Array withoutSmallObjects(const Array &objects, std::int64_t minimumArea);

/// As scikit-image's regionprops has them, and the same wherever in the slice an object is. Lengths in px; pixel centers
/// have whole coordinates.
struct InstanceProperties
{
    std::int64_t id = 0;
    std::int64_t area = 0;
    double y = 0, x = 0;                                   ///< centroid
    std::int64_t top = 0, left = 0, bottom = 0, right = 0; ///< bounding box, bottom and right not included
    double perimeter = 0;                                  ///< Benkrid and Crookes 2003, 4-connected
    double eccentricity = 0;                               ///< of the ellipse with the same second moments: 0 circle, 1 line
    double meanIntensity = 0;                              ///< NaN without an image
};

/// Of labels 1, 2, …, in order; `image` (H, W) may be null. Numbers that do not occur are left out.
std::vector<InstanceProperties> instanceProperties(const Array &labels, const Array *image = nullptr);

/// Matches of found with true instances at one overlap threshold.
struct InstanceMatches
{
    double iou = 0.5;
    std::int64_t tp = 0, fp = 0, fn = 0;
    double averagePrecision() const; ///< tp / (tp + fp + fn), NaN for none of all
};

/// 0.5, 0.55, …, 0.95. Each found instance matches at most one true one and the other way round; pairs are taken from
/// the largest overlap (IoU >= threshold) down. Labels are (H, W) of one size and of any whole numbers; 0 = none.
std::vector<InstanceMatches> matchInstances(const Array &found, const Array &truth);

} // namespace reticle
