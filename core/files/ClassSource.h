#pragma once

#include "files/ImageSource.h"
#include "files/LabelValues.h"

#include <vector>

namespace reticle {

/// The values that occur in a stack of labels, in order. Reads every page once, large ones part by part. Throws Error
/// naming the page for labels that are no whole numbers, are colored, or have more than 4,096 values.
std::vector<std::int64_t> labelValues(const ImageSource &labels);

/// Labels seen as the classes that training makes of them (SegmentationData::target): (H, W) uint8. `values` are those
/// of the whole stack (labelValues), so that a value means the same in every region of every page: two of them are the
/// classes 0 and 1 = foreground, more are the classes 0, 1, 2, ... in their order, and 255 beside at least two others
/// is ignored. One value alone is all background where it is 0, else all foreground. Ignored pixels, and values that are
/// not in the list, read as `ignored`.
/// Thread-safe as the source below it. Throws Error for values that are no classes (none, more than 255, negative ones).
std::shared_ptr<ImageSource> classesOf(std::shared_ptr<ImageSource> labels, const std::vector<std::int64_t> &values,
                                       bool darkForeground, std::uint8_t ignored = 255);

/// The same with the classes of a model. Where these have a threshold, labels at or above it are 255 and those below it 0, as
/// in its training, whatever `values` are. `note` is a sentence on what was assumed of the values, or on those that belong to no
/// class; empty where there is nothing to say.
std::shared_ptr<ImageSource> classesOf(std::shared_ptr<ImageSource> labels, const std::vector<std::int64_t> &values,
                                       const files::LabelClasses &classes, std::string &note, std::uint8_t ignored = 255);

} // namespace reticle
