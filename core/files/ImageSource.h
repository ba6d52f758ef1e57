#pragma once

#include "foundation/Array.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace reticle {

/// What is known of an image or stack without reading its pixels.
struct ImageInfo
{
    std::string path;
    std::string format;     ///< "TIFF", "OME-TIFF", "PNG", "JPEG", "NumPy", "folder"
    std::int64_t pages = 1; ///< Z (or T) slices
    std::int64_t height = 0, width = 0;
    std::int64_t channels = 1; ///< 1, 3 (RGB), 4 (RGBA) or more
    DType dtype = DType::UInt8;
    int bits = 0;       ///< significant bits of whole numbers where the file has fewer than `dtype`: 12 = 0 to 4095
    bool alpha = false; ///< the last channel is opacity (RGBA, gray with alpha)
    double pixelSizeX = 0, pixelSizeY = 0, pixelSizeZ = 0; ///< nm; 0 = not known
    std::int64_t times = 1, planes = 1; ///< time points, and planes of each z that are pages; their product divides `pages`
    std::int64_t probabilityClass = -1; ///< whose probability the file says its values are, as Reticle writes it; -1 = not said
    std::string axes;                   ///< "YX", "ZYX", "ZYXC", "TZYX", ... of (page, row, column, channel)
    std::vector<std::string> notes;     ///< sentences about what was left out of a file, for the user to see
    Json toJson() const;
};

/// An image or stack that is read lazily: opening reads the header, readPage one page, readRegion a part of one.
/// Thread-safe: calls from several threads are allowed (serialized inside where the library needs it).
/// Memory stays bounded by a few pages whatever the size of the file.
/// Pages of a file with more axes run over planes of one z fastest (where there are any), then z, then t. Up to 16 planes of one
/// z and t that are stored apart (OME-TIFF, ImageJ hyperstacks) are the channels of one page; more of them are pages of their
/// own.
class ImageSource
{
public:
    virtual ~ImageSource() = default;
    virtual const ImageInfo &info() const = 0;
    /// Page `page` as (H, W) or, with more than one channel, (H, W, C), in the file's own number type, native order.
    /// Throws Error naming file and page when it cannot be decoded.
    virtual Array readPage(std::int64_t page) const = 0;
    /// The region with its top left corner at (y, x); must lie inside the page. The base version cuts it from readPage.
    virtual Array readRegion(std::int64_t page, std::int64_t y, std::int64_t x, std::int64_t height, std::int64_t width) const;
};

/// Opens a file or a folder of slices (natural order: 2 before 10; all of one size). The formats that are
/// registered are tried by priority: TIFF (libtiff), PNG, JPEG, NumPy .npy, …, at last libvips for everything else where the
/// build has it. Throws Error naming the file, what
/// was expected, what was found (empty, truncated, of unknown kind, slices of differing size) and the way out.
///
/// An image is read as it is meant to be seen: turned upright where the file says how it is stored (EXIF, TIFF tag
/// Orientation), white-is-zero of up to 16 bits inverted, gray of 1, 2 and 4 bits spread over 0 to 255. Numbers of 10, 12 or 14
/// bits stay as they are (ImageInfo::bits). A table of colors is looked up, unless it only says how to show numbers
/// (files::PaletteUse).
/// NumPy axes: (H, W); (Z, H, W); channels last where the last axis has up to 4 elements and the one before it more than 4,
/// or up to 16 where both before it have four times as many; (Z, C <= 4, H, W); further leading axes are pages.
/// An OME-TIFF of several files is read from all of them where they are in one folder; otherwise from the opened one, and
/// ImageInfo::notes says so.
/// A folder that holds "x.png" and "x_mask.png" alike gives its images here and its labels through openLabels.
std::shared_ptr<ImageSource> openImage(const std::filesystem::path &path);
/// As openImage, but for labels: the numbers of a file as they are stored, whatever colors they are shown in. Of a folder that
/// holds both, the label images.
std::shared_ptr<ImageSource> openLabels(const std::filesystem::path &path);

/// Endings of the usual formats, for a file dialog: ".tif", ".png", ….
std::vector<std::string> usualImageEndings();

/// A source over pages in memory, (Z, H, W), (H, W) or (Z, H, W, C) with more than one channel.
std::shared_ptr<ImageSource> imageFromArray(Array stack, std::string name = "memory");

} // namespace reticle
