#pragma once

#include "foundation/Array.h"

namespace reticle::imaging {

/// Throws Error unless `a` is (H, W).
void requirePlane(const Array &a, const char *what);
/// `mask` as uint8 0 / 1; a fresh array.
Array binary(const Array &mask);

} // namespace reticle::imaging
