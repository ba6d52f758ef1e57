#pragma once

#include "files/Reader.h"

namespace reticle::files {

/// The bytes of a BMP or GIF with tables of colors, each table replaced by the grays 0, 1, 2, ... and nothing transparent: what
/// is decoded from them are the numbers that stood for colors. Empty for other files, and for a BMP without a table.
std::string withGrayRamp(const RandomFile &file);

} // namespace reticle::files
