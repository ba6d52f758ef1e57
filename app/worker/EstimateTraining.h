#pragma once

#include "project/Recipe.h"

namespace reticle {

/// What "training-estimate" answers (protocol/Protocol.h): of a recipe that compares that of its first run. Throws Error.
Json trainingEstimateAnswer(const Json &params);

/// The same of a validated recipe with absolute paths for one run.
Json trainingEstimate(const Recipe &recipe, std::int64_t channels, std::int64_t classes);

} // namespace reticle
