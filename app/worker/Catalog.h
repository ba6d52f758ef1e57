#pragma once

#include "project/Recipe.h"

namespace reticle {

/// All registries and sections of this program, gathered once.
const Catalog &catalog();

} // namespace reticle
