#pragma once

#include "widgets/views/volume/SurfaceMesh.h"
#include "widgets/views/volume/VolumeCamera.h"
#include "widgets/views/volume/VolumeData.h"
#include "widgets/views/volume/VolumeOptions.h"

#include <QColor>
#include <QSize>

#include <memory>

namespace reticle {

/// Everything a picture of the 3-D view is made from; a value, so that it can go to the thread that draws.
struct VolumeFrame
{
    QSize size; ///< of the picture
    VolumeCamera camera;
    VolumeOptions options;
    std::shared_ptr<const VolumeData> image;
    std::shared_ptr<const SurfaceMesh> surface, coarse; ///< `coarse` stands in while moving; null = none needed
    Point3 voxel{1, 1, 1};                              ///< size of a file voxel in pixels of the stack
    std::array<std::int64_t, 3> at{};                   ///< column, row and slice of the planes, in file voxels
    double black = 0, white = 1;                        ///< of the slices and the volume's colors
    QColor background, edges;
    bool moving = false; ///< coarse: quick rather than fine
};

/// Width, height and depth of the stack in pixels of the stack.
inline Point3 extentOf(const VolumeFrame &f)
{
    if (!f.image)
        return {1, 1, 1};
    const auto &n = f.image->source;
    return {static_cast<double>(n[0]) * f.voxel[0], static_cast<double>(n[1]) * f.voxel[1],
            static_cast<double>(n[2]) * f.voxel[2]};
}

/// Depth of the cut through slice `at[2]`: the middle of that slice.
inline double cutDepth(const VolumeFrame &f)
{
    return (static_cast<double>(f.at[2]) + 0.5) * f.voxel[2];
}

} // namespace reticle
