#pragma once

#include "files/ImageSource.h"
#include "foundation/FreeMemory.h"

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace reticle {

/// A stack in memory for the 3-D view, no larger than was allowed.
struct VolumeData
{
    enum class Kind {
        Image,  ///< values: UInt8 or UInt16; value = low + step * stored
        Labels, ///< values: Int32, as they are in the file; 0 = nothing
    };

    Kind kind = Kind::Image;
    Array values;                                ///< (Z, Y, X), each of at least one voxel
    double low = 0, step = 1;                    ///< Image
    double minimum = 0, maximum = 0;             ///< of the finite values in the file's units; equal for a constant stack
    bool anyFinite = true;                       ///< false: nothing but NaN
    std::array<std::int64_t, 3> source{};        ///< voxels of the file along x, y, z
    std::array<std::int64_t, 3> factor{1, 1, 1}; ///< file voxels in one of ours along x, y, z
    std::array<double, 3> nanometres{};          ///< size of a file voxel along x, y, z; 0 = not known
    bool shortOfMemory = false;                  ///< reduced further than was wished, as there was no memory for more
    std::vector<std::int64_t> histogram;         ///< Image: 256 bins from least to most

    std::int64_t nx() const { return values.dim(2); }
    std::int64_t ny() const { return values.dim(1); }
    std::int64_t nz() const { return values.dim(0); }
    bool isReduced() const { return factor[0] * factor[1] * factor[2] > 1; }
    double stored(double value) const { return step > 0 ? (value - low) / step : 0; }
    double value(std::int64_t x, std::int64_t y, std::int64_t z) const
    {
        return low + step * values.value((z * ny() + y) * nx() + x);
    }
    /// Value below which this fraction of the voxels lies.
    double percentile(double fraction) const;
    /// Otsu's threshold (1979): parts the values into two groups with the least spread within them.
    double otsu() const;
};

/// Reads the whole stack strip by strip, so that memory stays bounded by the result and some 32 MB. A stack of more than
/// `mostVoxels`, or than there is free memory for, is reduced by whole factors, along the finest axis first (`voxel`: size
/// of a voxel along x, y, z in any unit): images by the mean of each block, labels by the value in its middle. `channel` -1:
/// gray (Rec. 601 luma of RGB), else that one. NaN counts as the least value. `goOn` is asked with the fraction done; false
/// ends with Error::Kind::Cancelled. Any thread. Throws Error as the source does.
std::shared_ptr<const VolumeData> loadVolume(const ImageSource &source, VolumeData::Kind kind, int channel,
                                             std::int64_t mostVoxels, const std::array<double, 3> &voxel = {1, 1, 1},
                                             const std::function<bool(double)> &goOn = {});

/// How many voxels of a stack of `dtype` may be read and drawn in half of `bytes`: the numbers, while they are read the
/// means too, and what VTK keeps for each when it shades.
std::int64_t voxelsWithin(std::int64_t bytes, VolumeData::Kind kind, DType dtype);

/// Which pages of a file make a volume: those of one time point and plane, or all.
struct VolumePages
{
    std::int64_t first = 0, step = 1, count = 1;

    bool has(std::int64_t page) const { return page >= first && (page - first) % step == 0 && (page - first) / step < count; }
    std::int64_t slice(std::int64_t page) const { return (page - first) / step; }
    std::int64_t page(std::int64_t slice) const { return first + slice * step; }
    bool operator==(const VolumePages &) const = default;
};
/// Of the time point and plane that `page` belongs to; `all`: every page is a slice.
VolumePages volumePagesOf(const ImageInfo &info, std::int64_t page, bool all);
/// Those pages as a stack of their own; `source` itself when they are all it has.
std::shared_ptr<ImageSource> sourceOf(std::shared_ptr<ImageSource> source, const VolumePages &pages);
/// Whether whole numbers are shades (a probability stored in 8 or 16 bits) and no labels: looks at the page in the middle.
/// Labels are few, or jump from one to any other; shades change little from pixel to pixel. Throws Error as the source does.
bool looksLikeShades(const ImageSource &source);

} // namespace reticle
