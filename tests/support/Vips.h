#pragma once

namespace reticle::test {

/// Whether this build reads and writes PNG, JPEG and the like; tests of a build without libvips check its refusals.
#ifdef RETICLE_VIPS
inline constexpr bool withVips = true;
#else
inline constexpr bool withVips = false;
#endif

/// What such a build says of a file that it would leave to libvips.
inline constexpr const char *refusalWithoutVips = "all that a build without libvips reads";

} // namespace reticle::test
