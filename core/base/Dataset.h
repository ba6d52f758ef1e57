#pragma once

#include "base/Registry.h"
#include "base/SegmentationData.h"

#include <functional>

namespace reticle {

/// Makes the data set of a recipe's "data" section: its options (validated here) and the recipe's seed.
using DatasetFactory = std::function<std::shared_ptr<SegmentationData>(const Json &options, std::uint64_t seed)>;

/// The registry of data sets, filled ("segmentation", "images"). Base is a static library, whose registrations the
/// linker may drop: this accessor makes them.
const Registry<DatasetFactory> &datasets();

} // namespace reticle
