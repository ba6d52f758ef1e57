#pragma once

#include "foundation/Array.h"

#include <cstdarg>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <tiffio.h>
#include <vector>

namespace reticle::test {

/// A page as libtiff writes it, for compressions and tags that MadeTiff does not make.
struct TiffPage
{
    Array pixels; ///< (H, W) or (H, W, C)
    int compression = COMPRESSION_NONE, photometric = PHOTOMETRIC_MINISBLACK;
    int tile = 0; ///< width and height of tiles; 0 = one strip
    int rowsPerStrip = 0;
    int orientation = 0, bits = 0; ///< 0 = none said, those of the numbers
    bool reduced = false, separate = false;
    bool opacity = false; ///< the last sample
    int subsampling = 2;  ///< of the chroma of JPEG
    int quality = 100;
    int levels = 0; ///< the next so many pages are its SubIFDs
    std::string description;
    double perCentimetre = 0;
    std::vector<std::uint16_t> red, green, blue; ///< a table of colors
};

inline void writeTiff(const std::filesystem::path &path, const std::vector<TiffPage> &pages, const char *mode = "w")
{
    TIFFSetWarningHandler(nullptr);
    TIFF *t = TIFFOpen(path.c_str(), mode);
    const auto check = [&](bool good) {
        if (!good)
            throw std::runtime_error("libtiff cannot write " + path.string());
    };
    check(t != nullptr);
    for (const auto &p : pages) {
        const auto height = static_cast<std::uint32_t>(p.pixels.dim(0)), width = static_cast<std::uint32_t>(p.pixels.dim(1));
        const auto samples = static_cast<std::uint32_t>(p.pixels.rank() > 2 ? p.pixels.dim(2) : 1);
        const std::size_t size = byteSize(p.pixels.dtype());
        const bool real = p.pixels.dtype() == DType::Float32 || p.pixels.dtype() == DType::Float64;
        TIFFSetField(t, TIFFTAG_IMAGEWIDTH, width);
        TIFFSetField(t, TIFFTAG_IMAGELENGTH, height);
        TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, samples);
        TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, p.bits ? p.bits : static_cast<int>(8 * size));
        TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, real ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
        TIFFSetField(t, TIFFTAG_PLANARCONFIG, p.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
        TIFFSetField(t, TIFFTAG_PHOTOMETRIC, p.photometric);
        TIFFSetField(t, TIFFTAG_COMPRESSION, p.compression);
        if (p.compression == COMPRESSION_JPEG) {
            TIFFSetField(t, TIFFTAG_JPEGQUALITY, p.quality);
            if (p.photometric == PHOTOMETRIC_YCBCR) {
                TIFFSetField(t, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
                TIFFSetField(t, TIFFTAG_YCBCRSUBSAMPLING, p.subsampling, p.subsampling);
            }
        }
        if (p.tile) {
            TIFFSetField(t, TIFFTAG_TILEWIDTH, p.tile);
            TIFFSetField(t, TIFFTAG_TILELENGTH, p.tile);
        } else {
            TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, p.rowsPerStrip ? static_cast<std::uint32_t>(p.rowsPerStrip) : height);
        }
        if (p.opacity) {
            const std::uint16_t kind = EXTRASAMPLE_UNASSALPHA;
            TIFFSetField(t, TIFFTAG_EXTRASAMPLES, 1, &kind);
        }
        if (p.orientation)
            TIFFSetField(t, TIFFTAG_ORIENTATION, p.orientation);
        if (p.reduced)
            TIFFSetField(t, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
        if (p.levels) {
            const std::vector<toff_t> places(static_cast<std::size_t>(p.levels), 0);
            TIFFSetField(t, TIFFTAG_SUBIFD, p.levels, places.data());
        }
        if (!p.description.empty())
            TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, p.description.c_str());
        if (p.perCentimetre > 0) {
            TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
            TIFFSetField(t, TIFFTAG_XRESOLUTION, p.perCentimetre);
            TIFFSetField(t, TIFFTAG_YRESOLUTION, p.perCentimetre);
        }
        if (!p.red.empty())
            TIFFSetField(t, TIFFTAG_COLORMAP, p.red.data(), p.green.data(), p.blue.data());
        // Whole-byte numbers only but for one sample, whose bits are packed here.
        const auto row = [&](std::uint32_t y, std::uint32_t x, std::uint32_t count, int sample) {
            std::string bytes;
            std::uint64_t kept = 0;
            int bits = 0;
            const bool packed = p.bits && p.bits != static_cast<int>(8 * size);
            for (std::uint32_t i = x; i < x + count; ++i)
                for (std::uint32_t s = sample < 0 ? 0 : static_cast<std::uint32_t>(sample);
                     s < (sample < 0 ? samples : static_cast<std::uint32_t>(sample) + 1); ++s) {
                    const std::size_t at = (static_cast<std::size_t>(y) * width + std::min(i, width - 1)) * samples + s;
                    if (!packed) {
                        bytes.append(reinterpret_cast<const char *>(p.pixels.raw()) + at * size, size);
                        continue;
                    }
                    kept = kept << p.bits | static_cast<std::uint64_t>(p.pixels.value(static_cast<std::int64_t>(at)));
                    for (bits += p.bits; bits >= 8; bits -= 8)
                        bytes += static_cast<char>(kept >> (bits - 8) & 255);
                }
            if (bits)
                bytes += static_cast<char>(kept << (8 - bits) & 255);
            return bytes;
        };
        for (int s = 0; s < (p.separate ? static_cast<int>(samples) : 1); ++s) {
            const int sample = p.separate ? s : -1;
            if (p.tile) {
                const auto side = static_cast<std::uint32_t>(p.tile);
                for (std::uint32_t y = 0; y < height; y += side)
                    for (std::uint32_t x = 0; x < width; x += side) {
                        std::string tile;
                        for (std::uint32_t k = 0; k < side; ++k)
                            tile += row(std::min(y + k, height - 1), x, side, sample);
                        check(TIFFWriteTile(t, tile.data(), x, y, 0, static_cast<std::uint16_t>(s)) >= 0);
                    }
            } else {
                for (std::uint32_t y = 0; y < height; ++y) {
                    std::string line = row(y, 0, width, sample);
                    check(TIFFWriteScanline(t, line.data(), y, static_cast<std::uint16_t>(s)) == 1);
                }
            }
        }
        check(TIFFWriteDirectory(t) == 1);
    }
    TIFFClose(t);
}

} // namespace reticle::test
