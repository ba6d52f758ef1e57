#pragma once

#include "files/Reader.h"
#include "files/formats/Palette.h"

namespace reticle::files {

/// What the chunks of a PNG say, its pixels apart.
struct PngChunks
{
    int bits = 8;             ///< of a stored number
    int color = 0;            ///< color type: 0 gray, 2 RGB, 3 palette, 4 gray with opacity, 6 RGBA
    Palette palette;          ///< of color type 3
    bool transparent = false; ///< some of its entries are transparent
    int orientation = 1;
    std::int64_t probabilityClass = -1; ///< as in ImageInfo
};

/// Nothing for a file that is no PNG. Chunks that are damaged end the list; whoever decodes the pixels says so.
std::optional<PngChunks> readPngChunks(const RandomFile &file);

/// The PNG as one of gray numbers, without the table of colors: what was a number of the table is decoded as a gray of as
/// many bits. Throws Error for a file that cannot be read; what is damaged stays so.
std::string asGrayPng(const RandomFile &file);

/// A PNG in memory with a chunk of text behind its header. `key`: Latin letters, up to 79 bytes.
std::string withPngText(std::string png, const std::string &key, const std::string &text);

} // namespace reticle::files
