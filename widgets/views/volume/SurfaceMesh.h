#pragma once

#include "widgets/views/volume/VolumeData.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace reticle {

/// Triangles around the objects of a stack. Every object is closed, also where it touches the border of the stack; corners
/// run so that, seen from outside, they go round against the clock.
struct SurfaceMesh
{
    /// The triangles of one object: a range of the lists.
    struct Piece
    {
        std::int64_t label = 0;
        std::size_t firstPoint = 0, points = 0, firstTriangle = 0, triangles = 0;
    };

    std::vector<float> points;            ///< x, y, z in voxels of the file; voxel n covers n to n + 1
    std::vector<std::uint32_t> triangles; ///< three points each
    std::vector<Piece> pieces;
    int stride = 1; ///< only every n-th voxel of the volume was looked at

    std::size_t pointCount() const { return points.size() / 3; }
    std::size_t triangleCount() const { return triangles.size() / 3; }
};

struct SurfaceRequest
{
    double level = 0.5; ///< of an Image: values above it are inside (below it where `dark`)
    bool dark = false;
    std::vector<std::int64_t> labels; ///< of Labels: only these; empty = all
    int smooth = 20;                  ///< rounds of windowed sinc smoothing (Taubin 1996), which keeps the size
    int stride = 1;                   ///< looks at every n-th voxel only: a coarser mesh for moving
    std::size_t mostTriangles = 20'000'000;
};

/// Surfaces by flying edges (Schroeder, Maynard, Geveci 2015), one object at a time within its own bounds. Any thread.
/// `goOn` is asked with the fraction done; false ends with Error::Kind::Cancelled. Throws Error (Kind::Failed) when there
/// would be more than `mostTriangles`: they are counted before memory is taken for them.
std::shared_ptr<const SurfaceMesh> surfacesOf(const VolumeData &volume, const SurfaceRequest &request,
                                              const std::function<bool(double)> &goOn = {});

/// What software OpenGL draws a dozen times a second, also where it has a part of the computer only.
constexpr std::size_t movingTriangles = 60'000;
/// Of the same request a mesh for moving, of every second to eighth voxel: the first of no more than `movingTriangles`, else
/// the coarsest. Null where `full` itself is small enough. As surfacesOf().
std::shared_ptr<const SurfaceMesh> coarseSurfacesOf(const VolumeData &volume, SurfaceRequest request, const SurfaceMesh &full,
                                                    const std::function<bool(double)> &goOn = {});

} // namespace reticle
