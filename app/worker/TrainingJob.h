#pragma once

#include "project/Project.h"

namespace reticle {

/// A new run of the project from a recipe that is given whole (validated, absolute paths), or run `resume` taken up
/// again where it stands. Inputs are taken in with their content's hash; a resumed run warns of one that changed.
RunInfo prepareRun(Project &project, const Recipe &recipe, std::int64_t resume, EventSink &events, RunControl &control);

/// Trains a prepared run and writes down how it ended, whatever happens: Done, Stopped, Cancelled or Failed with the
/// sentence, also as the last event. A run that was taken up again and failed before its first new step stays as it had
/// ended. Throws the Error that ended it.
RunInfo trainRun(Project &project, const RunInfo &run, EventSink &events, RunControl &control);

struct RecipeOutcome
{
    RunInfo run;                 ///< the last one
    std::int64_t comparison = 0; ///< 0 = the recipe was for one run
    RunStatus status = RunStatus::Done;
    std::string message; ///< of what failed on the way
};

/// What a recipe says, given whole: one run; or where it compares models a run for each model and seed, one after
/// another in one comparison of the project, and at the end the analysis "compare-runs", kept as a result: of all, or
/// where some failed or the comparison was ended of those that are done, at least one. `resume` > 0 goes on with that run,
/// and with the comparison that it belongs to: runs that are done stay as they are, others go on from their last
/// checkpoint or begin. Stop and cancel end the run in progress and the comparison; a run that fails by itself does not.
/// Progress events of a comparison are of the whole. Throws Error.
RecipeOutcome runRecipe(Project &project, const Recipe &recipe, std::int64_t resume, EventSink &events, RunControl &control);

/// Any exception as an Error: LibTorch's by its first line, lack of memory in words.
[[noreturn]] void rethrowAsError();

} // namespace reticle
