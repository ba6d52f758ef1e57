#pragma once

#include "base/Array.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

/// What is known of a picture or stack without reading its pixels.
struct ImageInfo
{
    std::string path;
    std::string format;        ///< "TIFF", "OME-TIFF", "PNG", "JPEG", "NumPy", "folder"
    std::int64_t pages = 1;    ///< Z (or T) slices
    std::int64_t height = 0, width = 0;
    std::int64_t channels = 1; ///< 1, 3 (RGB), 4 (RGBA) or more
    DType dtype = DType::UInt8;
    int bits = 0;              ///< significant bits of whole numbers where the file has fewer than `dtype`: 12 = 0 to 4095
    bool alpha = false;        ///< the last channel is opacity (RGBA, grey with alpha)
    double pixelSizeX = 0, pixelSizeY = 0, pixelSizeZ = 0; ///< nm; 0 = not known
    std::int64_t times = 1, planes = 1; ///< time points, and planes of each z that are pages; their product divides `pages`
    std::string axes;          ///< "YX", "ZYX", "ZYXC", "TZYX", ... of (page, row, column, channel)
    std::vector<std::string> notes; ///< sentences about what was left out of a file, for the user to see
    Json toJson() const;
};

/// A picture or stack that is read lazily: opening reads the header, readPage one page, readRegion a part of one.
/// Thread-safe: calls from several threads are allowed (serialised inside where the library needs it).
/// Memory stays bounded by a few pages whatever the size of the file.
/// Pages of a file with more axes run over planes of one z fastest (where there are any), then z, then t. Up to 16 planes of one z and t that are stored apart
/// (OME-TIFF, ImageJ hyperstacks) are the channels of one page; more of them are pages of their own.
class ImageSource
{
public:
    virtual ~ImageSource() = default;
    virtual const ImageInfo &info() const = 0;
    /// Page `page` as (H, W) or, with more than one channel, (H, W, C), in the file's own number type, native order.
    /// Throws Error naming file and page when it cannot be decoded.
    virtual Array readPage(std::int64_t page) const = 0;
    /// The region with its top left corner at (y, x); must lie inside the page. The base version cuts it from readPage.
    virtual Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height,
                             std::int64_t width) const;
};

/// Opens a file or a folder of slices (natural order: 2 before 10; all of one size). Readers are tried in order: TIFF
/// (libtiff), NumPy .npy, then libvips for everything else where the build has it. Throws Error naming the file, what
/// was expected and what was found (empty, truncated, of unknown kind, slices of differing size).
/// NumPy axes: (H, W), (Z, H, W), (H, W, 3|4), (Z, H, W, C <= 4), (Z, C <= 4, H, W); further leading axes are pages.
/// A folder that holds "x.png" and "x_mask.png" alike gives its images here and its labels through openLabels.
std::shared_ptr<ImageSource> openImage(const std::filesystem::path &path);
/// As openImage, but the label pictures of a folder that holds both.
std::shared_ptr<ImageSource> openLabels(const std::filesystem::path &path);

/// A source over pages in memory, (Z, H, W), (H, W) or (Z, H, W, C) with more than one channel.
std::shared_ptr<ImageSource> imageFromArray(Array stack, std::string name = "memory");

} // namespace reticle
