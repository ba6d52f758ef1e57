#pragma once

#include "foundation/Array.h"
#include "foundation/Schema.h"

namespace reticle {

/// What a live preview shows: one slice before and after the steps.
struct PostprocessPreview
{
    Array labels;                 ///< (H, W) uint8 class indices after the steps
    std::string steps;            ///< "closing by 1 px", for a person
    Json before = Json::object(); ///< scores by name (labelScores in imaging/Postprocess.h), null where n/a
    Json after = Json::object();
};

/// Settings of a live preview: the steps of the analysis "postprocess" and what has the regions, without its files and with
/// nothing that a preview passes over but the median.
SchemaInfo postprocessPreviewSchema();

/// `options` as of the analysis "postprocess" (of its input fields only foreground and objects count: what the truth's
/// foreground is, and what has the regions); prediction as imaging/Postprocess.h has it; `truth` (H, W) uint8 class indices,
/// 255 = ignored, or null. The median over slices needs a stack and is passed over. A few ms for 512 x 512 without truth,
/// some 100 ms with. Threads: pure. Throws Error naming the option.
PostprocessPreview previewPostprocess(const Array &prediction, const Array *truth, const Json &options);

} // namespace reticle
