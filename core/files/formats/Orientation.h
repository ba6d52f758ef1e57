#pragma once

#include "foundation/Array.h"

#include <span>

namespace reticle::files {

/// How an image is stored, as EXIF and the TIFF tag Orientation count it: 1 = upright, 2 mirrored left to right, 3 upside
/// down, 4 mirrored top to bottom, 5 rows and columns exchanged, 6 to be turned a quarter clockwise, 7 exchanged across the
/// other diagonal, 8 to be turned a quarter counterclockwise. Other numbers mean 1.
int plainOrientation(std::int64_t orientation);
/// True where the height of the upright image is the width of the stored one.
constexpr bool exchangesSides(int orientation)
{
    return orientation >= 5;
}

/// A rectangle of pixels with its top left corner at (y, x).
struct Box
{
    std::int64_t y = 0, x = 0, height = 0, width = 0;
};

/// The stored pixels that `upright`, a box of the upright image, comes from; `height` and `width` are those of the whole
/// stored image.
Box storedBox(const Box &upright, int orientation, std::int64_t height, std::int64_t width);
/// Stored pixels (H, W) or (H, W, C) turned upright.
Array turnedUpright(const Array &stored, int orientation);

/// The orientation that a block of EXIF says (a TIFF header and its first directory, with or without "Exif\0\0" before it);
/// 1 where it says none or is damaged.
int orientationOfExif(std::span<const unsigned char> exif);

} // namespace reticle::files
