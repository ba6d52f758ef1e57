#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace reticle {

/// 256 colors 0xffRRGGBB from low to high. Throws Error naming the maps there are. The reference stays valid.
const std::array<std::uint32_t, 256> &colorTable(const std::string &map);

/// "viridis", "cividis", "magma", "inferno", "gray" (sequential, lightness only rises) and "blue-red" (diverging, white
/// in the middle).
std::vector<std::string> colorMapNames();

/// Color of a value: 0 -> first, 1 -> last entry; outside 0..1 the end colors; NaN -> `missing`.
std::uint32_t mapColor(const std::array<std::uint32_t, 256> &table, double fraction, std::uint32_t missing = 0xffbdbdbd);

/// Colors of series: Okabe and Ito, "Color universal design" (2008): 000000 E69F00 56B4E9 009E73 F0E442 0072B2 D55E00
/// CC79A7, then again from the start. `i` >= 0.
std::uint32_t paletteColor(int i);
/// Number of different colors in the palette: 8.
int paletteSize();

/// Color of label `id` in overlays: 0 = 0 (transparent: background), 1..7 the palette without black, from 8 on hues
/// turned by the golden angle at changing lightness, so that neighbors differ. The same id always gets the same color.
std::uint32_t labelColor(std::int64_t id);

} // namespace reticle
