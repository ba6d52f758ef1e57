#pragma once

#include "learn/TrainOptions.h"
#include "project/Project.h"
#include "protocol/Event.h"

namespace reticle {

struct TrainingOutcome
{
    RunStatus status;
    Json summary;          ///< last and best metrics, weights, steps, seconds
    bool complete = false; ///< it was complete before it was resumed: nothing was done
};

/// Trains the run's recipe and keeps in the run's folder (project/ModelFiles.h) the model, which has the weights with the
/// best validation score (the highest validation.dice, of the foreground of a mask or the mean over classes; of an
/// objective whose target is the image itself the lowest validation.loss) and its description, and checkpoints with
/// everything needed to continue exactly: weights, optimizer, schedule, random state, position in the data, metrics so far.
/// A run whose folder has a checkpoint continues from it. Emits events and writes metrics into the project. One that is done
/// leaves an entry in the user's history of trainings (history/TrainingHistory.h).
/// Throws Error; what was reached stays on disk.
TrainingOutcome train(Project &project, const RunInfo &run, const Catalog &catalog, EventSink &events, RunControl &control);

/// What stands in the way of a comparison, told before its first run: loads its data once and builds each model. Throws
/// Error as train() would. `recipe`: validated, with a section "compare".
void checkComparison(const Recipe &recipe);

} // namespace reticle
