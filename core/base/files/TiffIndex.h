#pragma once

#include "base/files/Reader.h"

#include <map>

namespace reticle::files {

/// What the raw directory of one TIFF page says; read here and not by libtiff, because a stack of many pages is opened
/// by its chain of directories alone.
struct TiffDirectory
{
    std::uint64_t offset = 0, next = 0;
    std::int64_t width = 0, height = 0, samples = 1;
    int bits = 1, format = 1; ///< of the first sample; 0 where they are stored apart and were not read
    bool reduced = false;     ///< a thumbnail, a pyramid level or a mask
};

/// The chain of directories, followed as far as it was asked for. Not thread-safe: its owner locks.
class TiffIndex
{
public:
    /// Throws Error unless the file begins as a TIFF whose first directory can be read.
    explicit TiffIndex(const RandomFile &file);
    static bool isTiff(const RandomFile &file);

    bool bigEndian() const { return m_bigEndian; }
    bool bigTiff() const { return m_big; }
    /// The full-resolution page `index`, or nothing when there are fewer. Throws Error when the chain leads out of the
    /// file, and when a page differs from the first in size or kind.
    const TiffDirectory *page(std::int64_t index);
    /// Follows the chain to its end.
    std::int64_t count();

private:
    TiffDirectory readDirectory(std::uint64_t offset, std::int64_t index) const;
    std::uint64_t number(const unsigned char *p, int bytes) const;

    const RandomFile &m_file;
    bool m_bigEndian = false, m_big = false, m_end = false;
    std::vector<TiffDirectory> m_pages;
    std::int64_t m_directories = 0;
    std::uint64_t m_next = 0, m_mark = 0;
};

/// What ImageDescription says beyond the TIFF's own tags.
struct TiffDescription
{
    enum class Kind { None, ImageJ, Ome, Shaped };
    Kind kind = Kind::None;
    std::int64_t sizeZ = 1, sizeC = 1, sizeT = 1;
    std::int64_t images = 0;  ///< planes announced; 0 = not said
    std::string order = "CZT"; ///< of planes in the file, fastest first
    double pixelX = 0, pixelY = 0, pixelZ = 0; ///< nm
    double unit = 0, unitY = 0; ///< ImageJ: nm of the units that the resolution tags count in, along x and y
    std::vector<std::int64_t> directory; ///< OME: directory of plane (t * sizeZ + z) * sizeC + c where it is said
};

/// `samples`: those of one directory (OME counts them in SizeC).
TiffDescription readDescription(const std::string &text, std::int64_t samples);

/// A size in nm as files tell it, of a length that microscopes and telescopes make pixels of: without its sign, which
/// some programs give to the direction of slices; 0 (not known) below 1e-6 nm and above 1e9 nm.
double plausibleSize(double nm);

/// nm of "um", "µm", "micron", "nm", "mm", "cm", "inch", ...; 0 for an unknown one.
double nanometres(const std::string &unit);

} // namespace reticle::files
