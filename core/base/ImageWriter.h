#pragma once

#include "base/Array.h"

#include <filesystem>
#include <memory>

namespace reticle {

/// Writes a stack page by page as TIFF: uint8, uint16, uint32 or float32, grey, RGB or any channels, deflate; BigTIFF
/// when it may pass 4 GB. Written beside and renamed by close(); a writer that is destroyed before leaves nothing behind.
class TiffWriter
{
public:
    /// Width of a pixel, distance of slices and height of a pixel in nm are stored as resolution and in an OME-free
    /// ImageJ-style description; 0 = unknown, for the height: as the width. Throws Error (Kind::Failed) for an unwritable
    /// folder, and as files/OutputGuard.h does for a place where no result may go. `newOnly`: a file that is there is never
    /// replaced.
    TiffWriter(const std::filesystem::path &path, std::int64_t expectedBytes, double pixelSize = 0,
               double sliceDistance = 0, double pixelHeight = 0, bool newOnly = false);
    ~TiffWriter();
    void writePage(const Array &page); ///< (H, W) or (H, W, C); C = 3 is RGB
    void close();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// (…) of any shape as NumPy .npy version 1.0, C order, written beside and renamed.
void writeNpy(const std::filesystem::path &path, const Array &array);

/// (H, W) or (H, W, 3|4) uint8 as PNG through libvips; throws Error in a build without it.
void writePng(const std::filesystem::path &path, const Array &image);

} // namespace reticle
