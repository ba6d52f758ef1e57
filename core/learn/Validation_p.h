#pragma once

#include <cstdint>

namespace reticle {

/// Slices of up to this many pixels are validated in one piece.
constexpr std::int64_t largestWholeSlice = 3 << 19;
constexpr std::int64_t validationTile = 768; ///< side of the tiles of larger ones

} // namespace reticle
