#pragma once

#include "base/Postprocess.h"
#include "base/Recipe.h"

namespace reticle {

/// All registries and sections of this program, gathered once.
const Catalog &catalog();

/// The options of the "postprocess" request alone; the analysis of that name has more.
const Schema<PostprocessOptions> &postprocessSchema();

} // namespace reticle
