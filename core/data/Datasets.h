#pragma once

#include "base/Registry.h"
#include "data/SegmentationData.h"

#include <functional>

namespace reticle {

/// Makes the data set of a recipe's "data" section: its options (validated here) and the recipe's seed.
using DatasetFactory = std::function<std::shared_ptr<SegmentationData>(const Json &options, std::uint64_t seed)>;

/// The registry of data sets, filled ("segmentation", "images"). Base is a static library, whose registrations the
/// linker may drop: this accessor makes them.
const Registry<DatasetFactory> &datasets();

/// The data set of a recipe's "data" section, its labels read as the classes `known` of a model, or where that is empty
/// (an older model) as those of their values, of which one is enough. What was assumed goes to `notes`. Throws Error as SegmentationData::load, and for values without a class.
std::shared_ptr<SegmentationData> dataOfClasses(const Json &section, std::uint64_t seed, const files::LabelClasses &known,
                                                std::vector<std::string> &notes);

/// The section "data" of a run with the parts that its model's description has kept, where they came from a table of groups:
/// the table may be another one by now, or gone, and no slice of the training may become one of the test.
Json withKeptParts(Json section, const Json &description);

} // namespace reticle
