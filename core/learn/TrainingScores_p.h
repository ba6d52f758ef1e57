#pragma once

#include "base/RunScores.h"

namespace reticle {

/// The validation scores of a training by class maps, or where `images` by what images it makes.
RunScores trainingScores(bool images);

} // namespace reticle
