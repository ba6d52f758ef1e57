#pragma once

#include "files/Reader.h"
#include "files/formats/Orientation.h"

#include <deque>

namespace reticle::files {

/// What the raw directory of one TIFF page says; read here and not by libtiff, because a stack of many pages is opened
/// by its chain of directories alone.
struct TiffDirectory
{
    std::uint64_t offset = 0, next = 0;
    std::int64_t width = 0, height = 0, samples = 1;
    int bits = 1, format = 1; ///< of the first sample; 0 where they are stored apart and were not read
    int orientation = 1;      ///< as it is stored, 1 to 8
    std::int64_t ordinal = 0; ///< in the chain, thumbnails and pyramid levels counted
    bool reduced = false;     ///< a thumbnail, a pyramid level or a mask
    int descriptions = 0;     ///< tags ImageDescription; of the last one where it begins and how long it is
    std::uint64_t lastDescription = 0, lastDescriptionBytes = 0;

    std::int64_t uprightWidth() const { return exchangesSides(orientation) ? height : width; }
    std::int64_t uprightHeight() const { return exchangesSides(orientation) ? width : height; }
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
    std::deque<TiffDirectory> m_pages; ///< page() gives their addresses away, which stay good as it grows
    TiffDirectory m_reduced;           ///< the first of these, shown where there is nothing else
    std::int64_t m_directories = 0;
    std::uint64_t m_next = 0, m_mark = 0;
};

} // namespace reticle::files
