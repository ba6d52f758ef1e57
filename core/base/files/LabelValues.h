#pragma once

#include "base/Array.h"

#include <map>
#include <string>
#include <vector>

namespace reticle::files {

/// How often each value occurs in a page of labels. Throws Error naming `where`, row and column for a value that is no
/// whole number, and when there are more than 4,096 different ones.
std::map<std::int64_t, std::int64_t> countLabels(const Array &labels, const std::string &where);

/// What the values mean.
struct LabelClasses
{
    std::map<std::int64_t, std::uint8_t> index; ///< value -> class or SegmentationData::ignore
    std::vector<std::string> names;
    bool two = false;      ///< two classes, with the foreground switch
    bool ignoring = false; ///< 255 means ignore
    std::string text;      ///< "labels 0 and 255: two classes (255 is the foreground)"
};

/// From the values of all slices. Throws Error (one value, more than 255 classes, negative ones, soft masks).
LabelClasses classesOf(const std::map<std::int64_t, std::int64_t> &counts, bool brightForeground,
                       const std::string &where);

/// A page of labels as (H, W): RGB whose channels agree becomes grey, opacity is dropped, with `threshold` > 0 the
/// values become 0 and 255. Throws Error for coloured ones.
Array plainLabels(Array page, bool alpha, double threshold, const std::string &where);

/// "0, 1 and 255", long lists shortened.
std::string valuesText(const std::map<std::int64_t, std::int64_t> &counts);

} // namespace reticle::files
