#pragma once

#include "learn/Models.h"

namespace reticle {

/// The network of a recipe as it is written: paths are taken from the working folder; of a recipe that compares the first run.
/// Throws Error naming section and field, and as questionOf().
ModelQuestion questionOfRecipe(const Recipe &recipe, const KnownEnds &known = {});

/// The network of a run: its recipe, with the channels and classes that its model has where it kept one. Throws Error.
ModelQuestion questionOfRun(const std::string &project, std::int64_t run);

} // namespace reticle
