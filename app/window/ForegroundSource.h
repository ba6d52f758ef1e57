#pragma once

#include "base/ImageSource.h"

namespace reticle {

/// A 0/255 mask seen as classes 0 and 1 with the chosen value as the foreground; other labels (few integer classes) pass
/// through, 255 becoming 0 (ignored: nothing drawn). Thread-safe as the source below it.
std::shared_ptr<ImageSource> classesOf(std::shared_ptr<ImageSource> labels, bool darkForeground);

} // namespace reticle
