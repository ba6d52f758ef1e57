#pragma once

#include "data/BatchLoader.h"

namespace reticle {

/// The threads that LibTorch computes on, which wait for the next batch while it is made.
BatchLoader::Team openMpTeam();

} // namespace reticle
