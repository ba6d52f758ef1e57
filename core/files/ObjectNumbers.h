#pragma once

#include "files/ImageSource.h"

namespace reticle::files {

/// Whether the values of a stack are spread as numbers of objects are: each value other than 0 is mostly one region of a page
/// (8-connected), and neighbors mostly have the same value. Classes and probability maps have many regions of a value. Reads
/// the pages as plainLabels does, until it is certain that they are no objects.
bool spreadAsObjects(const ImageSource &stack);

} // namespace reticle::files
