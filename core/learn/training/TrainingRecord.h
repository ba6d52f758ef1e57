#pragma once

#include "history/TrainingEstimate.h"

namespace reticle {

/// A validated recipe for one run as the history of trainings is asked for it, on the device and in the precision that it
/// would train with. `channels`, `classes`: 0 = not known. Throws Error for a device or a precision that is not there.
TrainingQuestion trainingQuestion(const Recipe &recipe, std::int64_t channels = 0, std::int64_t classes = 0);

/// What the history keeps of a training that has ended, from the summary that it ended with.
PastTraining pastTraining(const Recipe &recipe, const Json &summary, std::int64_t channels, std::int64_t classes);

} // namespace reticle
