#pragma once

#include <QString>

namespace reticle {

struct RunInfo;

/// What a run is called: its title, or "Run 3" where it has none.
QString runTitle(const RunInfo &run);
/// The same inside a sentence: its title, or "run 3".
QString runTitleInText(const RunInfo &run);
/// With its number before, where several of one title have to be told apart: "3 Cells", or "Run 3".
QString numberedRunTitle(const RunInfo &run);

} // namespace reticle
