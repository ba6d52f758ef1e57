#pragma once

#include "base/Project.h"

namespace reticle {

/// A new run of the project from a recipe that is given whole (validated, absolute paths), or run `resume` taken up
/// again where it stands. Inputs are taken in with their content's hash; a resumed run warns of one that changed.
RunInfo prepareRun(Project &project, const Recipe &recipe, std::int64_t resume, EventSink &events);

/// Trains a prepared run and writes down how it ended, whatever happens: Done, Stopped, Cancelled or Failed with the
/// sentence, also as the last event. Throws the Error that ended it.
RunInfo trainRun(Project &project, const RunInfo &run, EventSink &events, RunControl &control);

/// Any exception as an Error: LibTorch's by its first line, lack of memory in words.
[[noreturn]] void rethrowAsError();

} // namespace reticle
