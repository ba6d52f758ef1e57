#pragma once

namespace reticle {

/// Color maps as 256 x 6 hexadecimal digits.
extern const char *const viridisHex;
extern const char *const cividisHex;
extern const char *const magmaHex;
extern const char *const infernoHex;
extern const char *const blueRedHex;

} // namespace reticle
