#pragma once

#include "foundation/Array.h"

#include <filesystem>
#include <memory>

namespace reticle {

/// What a TIFF says of its pages together.
struct TiffStack
{
    double pixelSize = 0, sliceDistance = 0, pixelHeight = 0; ///< nm; 0 = unknown, for the height: as the width
    std::int64_t pages = 0;             ///< that will be written; 0 = not known, and then no axes are stored
    std::int64_t times = 1, planes = 1; ///< as in ImageInfo; their product divides `pages`
    bool ome = false;                   ///< with OME-XML in place of ImageJ's description; `pages` must be known
    std::int64_t probabilityClass = -1; ///< as in ImageInfo
};

/// Writes a stack page by page as TIFF: uint8, uint16, uint32 or float32, gray, RGB or any channels, deflate; BigTIFF
/// when it may pass 4 GB. Written beside and renamed by close(); a writer that is destroyed before leaves nothing behind.
class TiffWriter
{
public:
    /// Width of a pixel, distance of slices and height of a pixel in nm are stored as resolution and in an OME-free
    /// ImageJ-style description. Throws Error (Kind::Failed) for an unwritable folder, and as files/OutputGuard.h does for a
    /// place where no result may go. `newOnly`: a file that is there is never replaced.
    TiffWriter(const std::filesystem::path &path, std::int64_t expectedBytes, double pixelSize = 0, double sliceDistance = 0,
               double pixelHeight = 0, bool newOnly = false);
    /// The same with axes: time points and planes of one z become frames and channels of an ImageJ hyperstack, or of OME.
    TiffWriter(const std::filesystem::path &path, std::int64_t expectedBytes, const TiffStack &stack, bool newOnly = false);
    ~TiffWriter();
    void writePage(const Array &page); ///< (H, W) or (H, W, C); C = 3 is RGB
    void close();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// (…) of any shape as NumPy .npy version 1.0, C order, written beside and renamed.
void writeNpy(const std::filesystem::path &path, const Array &array);

/// The same piece by piece: entries of the first axis one after the other. One of them is the array itself.
class NpyWriter
{
public:
    /// Throws Error (Kind::Failed) for an unwritable folder.
    NpyWriter(const std::filesystem::path &path, std::int64_t entries);
    ~NpyWriter();
    void write(const Array &entry); ///< all of one type and shape
    /// Throws Error unless all were written; `early`: unless at least one was.
    void close(bool early = false);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// (H, W) or (H, W, 3|4) uint8, or (H, W) uint16, as PNG through libvips; throws Error in a build without it.
/// `probabilityClass` as in ImageInfo.
void writePng(const std::filesystem::path &path, const Array &image, std::int64_t probabilityClass = -1);

} // namespace reticle
