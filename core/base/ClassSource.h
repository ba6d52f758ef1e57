#pragma once

#include "base/ImageSource.h"

#include <vector>

namespace reticle {

/// The values that occur in a stack of labels, in order. Reads every page once, large ones part by part. Throws Error
/// naming the page for labels that are no whole numbers, are coloured, or have more than 4,096 values.
std::vector<std::int64_t> labelValues(const ImageSource &labels);

/// Labels seen as the classes that training makes of them (SegmentationData::target): (H, W) uint8. `values` are those
/// of the whole stack (labelValues), so that a value means the same in every region of every page: two of them are the
/// classes 0 and 1 = foreground, more are the classes 0, 1, 2, ... in their order, and 255 beside at least two others
/// is ignored. Ignored pixels, and values that are not in the list, read as `ignored`.
/// Thread-safe as the source below it. Throws Error for values that are no classes (fewer than two, more than 255,
/// negative ones).
std::shared_ptr<ImageSource> classesOf(std::shared_ptr<ImageSource> labels, const std::vector<std::int64_t> &values,
                                       bool darkForeground, std::uint8_t ignored = 255);

} // namespace reticle
