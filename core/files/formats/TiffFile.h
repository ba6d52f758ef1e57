#pragma once

#include "files/Samples.h"
#include "files/formats/Palette.h"
#include "files/formats/TiffIndex.h"

#include <mutex>

namespace reticle::files {

/// How the pixels of a directory are stored.
struct TiffLayout
{
    std::uint32_t width = 0, height = 0, tileWidth = 0, tileHeight = 0, rowsPerStrip = 0;
    std::uint16_t bits = 1, samples = 1, format = 1, planar = 1, photometric = 1, compression = 1, fillOrder = 1;
    bool tiled = false, alpha = false;

    StoredNumber number() const;
    std::size_t sampleBytes() const; ///< in memory
    bool hasPalette() const;
};

/// One TIFF: its directories, and the numbers in them as they are stored (of JPEG, the decoded colors). Thread-safe.
class TiffFile
{
public:
    /// Throws Error unless the first directory can be read and decoded.
    explicit TiffFile(const std::filesystem::path &path);
    ~TiffFile();

    const RandomFile &file() const { return m_file; }
    TiffIndex &index() { return m_index; } ///< for the thread that opens the file only
    /// Of the first page.
    const TiffLayout &layout() const { return m_first; }
    DType dtype() const { return m_dtype; }
    std::int64_t samples() const { return m_samples; }
    bool alpha() const { return m_alpha; }
    bool decodedByOthers() const { return m_other != nullptr; } ///< by libvips, into numbers as they are meant
    const std::string &description() const { return m_description; }
    /// The last of several tags ImageDescription; empty where there is one. tifffile writes its own after that of the user.
    std::string lastDescription() const;
    Palette palette() const { return m_palette; }
    /// The tags XResolution, YResolution and ResolutionUnit of the first page.
    struct Resolution
    {
        double x = 0, y = 0; ///< pixels a unit; 0 = not said
        int unit = 0;        ///< 1 = none, 2 = inch, 3 = cm
    };
    Resolution resolution() const { return m_resolution; }
    /// Where the first strip begins; 0 for tiles.
    std::uint64_t firstStrip() const;
    /// The largest ratio of decoded to stored bytes; 0 = not known.
    double ratio() const;

    /// What one read gives.
    struct Page
    {
        Array numbers; ///< (H, W) or (H, W, samples), turned upright
        int photometric = 1;
        Palette palette; ///< where photometric says that there is one
    };
    /// The upright `box` of full-resolution page `index`; `where` names the page in messages.
    Page read(std::int64_t index, const Box &box, const std::string &where) const;
    /// The same of a page that has no directory: rows without gaps from byte `offset` on, stored as the first page.
    Page readBehind(std::uint64_t offset, const Box &box, const std::string &where) const;

private:
    struct Handle;
    const TiffDirectory &select(std::int64_t index, const std::string &where) const;
    void readRaw(std::uint64_t base, bool table, std::uint16_t sample, const Box &box, const std::string &where,
                 std::byte *to) const;
    void readStrips(std::uint16_t sample, const Box &box, const std::string &where, std::byte *to) const;
    void readTiles(std::uint16_t sample, const Box &box, const std::string &where, std::byte *to) const;
    void verifyStrip(std::uint32_t strip, std::size_t bytes, const std::string &where) const;
    Array readStored(const Box &box, const std::string &where) const;
    Array readLuma(const Box &box, const std::string &where) const;
    Palette paletteOfSelected() const;

    RandomFile m_file;
    mutable TiffIndex m_index;
    std::unique_ptr<Handle> m_handle;
    mutable std::mutex m_mutex;
    TiffLayout m_first;
    mutable TiffLayout m_layout; ///< of the selected directory
    mutable std::int64_t m_selected = -1;
    std::shared_ptr<ImageSource> m_other; ///< decodes where libtiff cannot
    DType m_dtype = DType::UInt8;
    std::int64_t m_samples = 1;
    bool m_alpha = false, m_swap = false;
    bool m_ours = false; ///< written by Reticle
    std::string m_description;
    Palette m_palette;
    Resolution m_resolution;
};

} // namespace reticle::files
