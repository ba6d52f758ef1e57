#pragma once

#include "foundation/Array.h"

namespace reticle {

/// What comes out of a network plane by plane, as pictures.

/// (K, H, W) float32 probabilities -> (H, W) uint8, the most likely class; of several the first.
Array mostLikely(const Array &probabilities);
/// (C, H, W) float32 -> (H, W, C), or (H, W) of one channel: as pictures lie in files.
Array channelsTogether(const Array &planes);

} // namespace reticle
