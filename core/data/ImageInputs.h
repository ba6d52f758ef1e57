#pragma once

#include "data/Dataset.h"
#include "data/SegmentationData.h"

namespace reticle {

/// What the kinds of data that are images have in common.

/// "image", and with labels "labels": from the headers of the files. Throws Error where they cannot be read.
std::vector<ArraySpec> probeImages(const SegmentationDataOptions &options, bool labels);
/// Of a field of theirs: the images' or labels' info, or what a table of groups says.
DescribedInput describeImageInput(const std::string &field, const std::string &path);
/// A recipe to begin with, of images that a network of images learns from: as resources/recipes/segment-stack.json, but for
/// the objective. What the section gives stays.
Json suggestedImageRecipe(const Json &section);
/// The section "data" of a run with the parts that its model's description has kept, where they came from a table of groups:
/// the table may be another one by now, or gone, and no slice of the training may become one of the test.
Json withKeptParts(Json section, const Json &description);

} // namespace reticle
