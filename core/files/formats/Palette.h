#pragma once

#include "foundation/Array.h"

#include <array>
#include <vector>

namespace reticle::files {

/// A table of colors, red, green and blue from 0 to 255, one entry for each stored number.
using Palette = std::vector<std::array<std::uint8_t, 3>>;

/// What the stored numbers of a file with a table of colors are, when it is read as an image. (Read as labels, the numbers
/// are the labels and the table is passed over.)
enum class PaletteUse {
    Numbers, ///< the numbers: the table only says how to show them
    Gray,    ///< one channel: the grays of a table without colors
    Colors,  ///< red, green and blue: the numbers only stand for colors
};

/// Numbers where the file was written by a microscopy program (`measured`: ImageJ or OME metadata), where they have more than
/// 8 bits, or where the table is a ramp of false colors: 256 entries, at least half of them different, of which hardly any
/// differs from its neighbor by more than 40 in a channel (Fire, Ice, Viridis, Spectrum). Gray where every entry is a gray.
/// Colors for all other tables: photographs and drawings with a palette of their own.
PaletteUse useOf(const Palette &palette, int bits, bool measured);

/// The colors of numbers (H, W), as uint8 (H, W, 3) or, for PaletteUse::Gray, (H, W). Numbers beyond the table are black.
Array looked(const Array &numbers, const Palette &palette, PaletteUse use);

} // namespace reticle::files
