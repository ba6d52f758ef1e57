#include "widgets/views/volume/SurfaceMesh.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <vtkCallbackCommand.h>
#include <vtkCellArray.h>
#include <vtkFlyingEdges3D.h>
#include <vtkIdList.h>
#include <vtkImageData.h>
#include <vtkMarchingCubesTriangleCases.h>
#include <vtkNew.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkWindowedSincPolyDataFilter.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace reticle {

namespace {

struct Bounds
{
    std::array<std::int64_t, 3> low{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::max()};
    std::array<std::int64_t, 3> high{-1, -1, -1};

    void take(std::int64_t x, std::int64_t y, std::int64_t z)
    {
        low = {std::min(low[0], x), std::min(low[1], y), std::min(low[2], z)};
        high = {std::max(high[0], x), std::max(high[1], y), std::max(high[2], z)};
    }
};

/// Coarse samples along one axis: 0 .. count-1 stand for the voxels in the middle of their strides.
struct MeshAxis
{
    std::int64_t voxels, stride;
    std::int64_t count() const { return (voxels + stride - 1) / stride; }
    std::int64_t voxel(std::int64_t i) const { return std::min(i * stride + stride / 2, voxels - 1); }
};

/// Triangles that marching cubes makes of each of the 256 ways in which corners of a cube can be inside.
const std::array<std::uint8_t, 256> &trianglesOfCases()
{
    static const auto counts = [] {
        std::array<std::uint8_t, 256> n{};
        const auto *cases = vtkMarchingCubesTriangleCases::GetCases();
        for (std::size_t i = 0; i < n.size(); ++i)
            for (int k = 0; k < 15 && cases[i].edges[k] >= 0; k += 3)
                ++n[i];
        return n;
    }();
    return counts;
}

class Builder
{
public:
    using GoOn = std::function<bool(double)>;

    Builder(const VolumeData &volume, const SurfaceRequest &request, const GoOn &goOn)
        : m_volume(volume), m_request(request),
          m_goOn(goOn), m_axes{MeshAxis{volume.nx(), request.stride}, MeshAxis{volume.ny(), request.stride},
                               MeshAxis{volume.nz(), request.stride}},
          m_mesh(std::make_shared<SurfaceMesh>())
    {
        m_mesh->stride = request.stride;
    }

    void check(double fraction)
    {
        m_done = fraction;
        if (m_goOn && !m_goOn(fraction))
            throw Error(Error::Kind::Cancelled, "surfaces", "were not finished.");
    }

    /// The object whose samples `value(x, y, z)` exceed `level`, within `b` (samples); around it lies `outside`.
    template <class Value> void add(std::int64_t label, const Bounds &b, double level, float outside, Value value)
    {
        vtkNew<vtkImageData> samples;
        const int nx = static_cast<int>(b.high[0] - b.low[0] + 3), ny = static_cast<int>(b.high[1] - b.low[1] + 3),
                  nz = static_cast<int>(b.high[2] - b.low[2] + 3);
        samples->SetDimensions(nx, ny, nz);
        samples->AllocateScalars(VTK_FLOAT, 1);
        auto *out = static_cast<float *>(samples->GetScalarPointer());
        std::fill(out, out + std::int64_t(nx) * ny * nz, outside);
        for (std::int64_t z = b.low[2]; z <= b.high[2]; ++z) {
            check(m_done);
            for (std::int64_t y = b.low[1]; y <= b.high[1]; ++y) {
                float *row = out + ((z - b.low[2] + 1) * ny + y - b.low[1] + 1) * nx + 1;
                for (std::int64_t x = b.low[0]; x <= b.high[0]; ++x)
                    *row++ = value(m_axes[0].voxel(x), m_axes[1].voxel(y), m_axes[2].voxel(z));
            }
        }
        if (countTriangles(out, nx, ny, nz, level) == 0)
            return;
        vtkNew<vtkFlyingEdges3D> edges;
        edges->SetInputData(samples);
        edges->SetValue(0, level);
        edges->ComputeNormalsOff();
        edges->ComputeGradientsOff();
        edges->ComputeScalarsOff();
        edges->Update();
        check(m_done);
        vtkPolyData *result = edges->GetOutput();
        vtkNew<vtkWindowedSincPolyDataFilter> sinc;
        if (m_request.smooth > 0 && result->GetNumberOfPolys() > 0) {
            sinc->SetInputData(result);
            sinc->SetNumberOfIterations(m_request.smooth);
            sinc->SetPassBand(0.1);
            sinc->BoundarySmoothingOff();
            sinc->FeatureEdgeSmoothingOff();
            sinc->NonManifoldSmoothingOn();
            sinc->NormalizeCoordinatesOn();
            vtkNew<vtkCallbackCommand> progress;
            progress->SetClientData(this);
            progress->SetCallback([](vtkObject *filter, unsigned long, void *self, void *) {
                const auto &builder = *static_cast<const Builder *>(self);
                if (builder.m_goOn && !builder.m_goOn(builder.m_done))
                    static_cast<vtkAlgorithm *>(filter)->SetAbortExecute(1);
            });
            sinc->AddObserver(vtkCommand::ProgressEvent, progress);
            sinc->Update();
            check(m_done);
            result = sinc->GetOutput();
        }
        append(label, b, *result);
    }

    std::shared_ptr<const SurfaceMesh> finish() { return m_mesh; }
    const MeshAxis &axis(int i) const { return m_axes[static_cast<std::size_t>(i)]; }

private:
    /// Of the samples (nx, ny, nz; x fastest). Throws when there would be too many with those there are.
    std::size_t countTriangles(const float *samples, std::int64_t nx, std::int64_t ny, std::int64_t nz, double level)
    {
        const auto &counts = trianglesOfCases();
        const std::int64_t plane = nx * ny;
        std::size_t n = 0;
        for (std::int64_t z = 0; z + 1 < nz; ++z) {
            check(m_done);
            for (std::int64_t y = 0; y + 1 < ny; ++y) {
                const float *p = samples + z * plane + y * nx;
                // Corners 0, 3, 4, 7 of a cube are the last cube's 1, 2, 5, 6.
                const auto side = [&](std::int64_t x) {
                    return static_cast<unsigned>(p[x] >= level) | static_cast<unsigned>(p[x + nx] >= level) << 1 |
                           static_cast<unsigned>(p[x + plane] >= level) << 2 |
                           static_cast<unsigned>(p[x + plane + nx] >= level) << 3;
                };
                unsigned last = side(0);
                for (std::int64_t x = 1; x < nx; ++x) {
                    const unsigned here = side(x);
                    if (last | here) {
                        const unsigned cube = (last & 1) | (here & 1) << 1 | (here & 2) << 1 | (last & 2) << 2 | (last & 4) << 2 |
                                              (here & 4) << 3 | (here & 8) << 3 | (last & 8) << 4;
                        n += counts[cube];
                    }
                    last = here;
                }
            }
            if (m_mesh->triangleCount() + n > m_request.mostTriangles)
                throw Error(Error::Kind::Failed, "surfaces",
                            fmt::format("have more than {} triangles; choose fewer labels, another level or fewer voxels.",
                                        m_request.mostTriangles < 1'000'000
                                            ? fmt::format("{}", m_request.mostTriangles)
                                            : fmt::format("{} million", m_request.mostTriangles / 1'000'000)));
        }
        return n;
    }

    void append(std::int64_t label, const Bounds &b, vtkPolyData &data)
    {
        const auto points = static_cast<std::size_t>(data.GetNumberOfPoints());
        const auto triangles = static_cast<std::size_t>(data.GetNumberOfPolys());
        if (triangles == 0)
            return;
        auto &m = *m_mesh;
        SurfaceMesh::Piece piece{label, m.pointCount(), points, m.triangleCount(), triangles};
        std::array<double, 3> p{};
        for (std::size_t i = 0; i < points; ++i) {
            data.GetPoint(static_cast<vtkIdType>(i), p.data());
            for (std::size_t k = 0; k < 3; ++k) {
                // Sample s (one of padding in front) stands for the middle of its stride of voxels.
                const double sample = p[k] - 1 + static_cast<double>(b.low[k]);
                const double voxel = (sample + 0.5) * static_cast<double>(m_request.stride);
                m.points.push_back(static_cast<float>(voxel * static_cast<double>(m_volume.factor[k])));
            }
        }
        vtkCellArray *cells = data.GetPolys();
        vtkNew<vtkIdList> corners;
        for (vtkIdType c = 0; c < cells->GetNumberOfCells(); ++c) {
            cells->GetCellAtId(c, corners);
            for (vtkIdType k = 0; k < 3; ++k)
                m.triangles.push_back(static_cast<std::uint32_t>(piece.firstPoint + static_cast<std::size_t>(corners->GetId(k))));
        }
        m.pieces.push_back(piece);
    }

    const VolumeData &m_volume;
    const SurfaceRequest &m_request;
    const GoOn &m_goOn;
    double m_done = 0;
    std::array<MeshAxis, 3> m_axes;
    std::shared_ptr<SurfaceMesh> m_mesh;
};

} // namespace

std::shared_ptr<const SurfaceMesh> surfacesOf(const VolumeData &volume, const SurfaceRequest &request,
                                              const std::function<bool(double)> &goOn)
{
    Builder builder(volume, request, goOn);
    const auto check = [&](double fraction) { builder.check(fraction); };
    check(0);
    const std::int64_t sx = builder.axis(0).count(), sy = builder.axis(1).count(), sz = builder.axis(2).count();
    if (volume.kind == VolumeData::Kind::Image) {
        const double sign = request.dark ? -1 : 1;
        const auto outside = static_cast<float>(sign * (request.dark ? volume.maximum : volume.minimum) -
                                                1e-3 * (volume.maximum - volume.minimum) - 1e-6);
        const Bounds all{{0, 0, 0}, {sx - 1, sy - 1, sz - 1}};
        // Outside counts as far from the level as the values' end, so that the cap lies close to the border.
        builder.add(
            1, all, sign * request.level,
            std::min(outside, static_cast<float>(2 * sign * request.level) -
                                  static_cast<float>(sign * (request.dark ? volume.minimum : volume.maximum))),
            [&](std::int64_t x, std::int64_t y, std::int64_t z) { return static_cast<float>(sign * volume.value(x, y, z)); });
        check(1);
        return builder.finish();
    }
    const auto *labels = volume.values.data<std::int32_t>();
    const auto at = [&](std::int64_t x, std::int64_t y, std::int64_t z) {
        return labels[(z * volume.ny() + y) * volume.nx() + x];
    };
    std::unordered_map<std::int32_t, Bounds> found;
    for (std::int64_t z = 0; z < sz; ++z) {
        check(0.2 * static_cast<double>(z) / static_cast<double>(sz));
        Bounds *last = nullptr;
        std::int32_t lastLabel = 0;
        for (std::int64_t y = 0; y < sy; ++y)
            for (std::int64_t x = 0; x < sx; ++x) {
                const auto label = at(builder.axis(0).voxel(x), builder.axis(1).voxel(y), builder.axis(2).voxel(z));
                if (label == 0)
                    continue;
                if (label != lastLabel || !last) {
                    last = &found[label];
                    lastLabel = label;
                }
                last->take(x, y, z);
            }
    }
    std::vector<std::int32_t> order;
    for (const auto &[label, bounds] : found)
        if (request.labels.empty() || std::find(request.labels.begin(), request.labels.end(), label) != request.labels.end())
            order.push_back(label);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i) {
        check(0.2 + 0.8 * static_cast<double>(i) / static_cast<double>(order.size()));
        const auto label = order[i];
        builder.add(label, found[label], 0.5, 0.0F,
                    [&](std::int64_t x, std::int64_t y, std::int64_t z) { return at(x, y, z) == label ? 1.0F : 0.0F; });
    }
    check(1);
    return builder.finish();
}

std::shared_ptr<const SurfaceMesh> coarseSurfacesOf(const VolumeData &volume, SurfaceRequest request, const SurfaceMesh &full,
                                                    const std::function<bool(double)> &goOn)
{
    std::shared_ptr<const SurfaceMesh> coarse;
    constexpr int coarsest = 8;
    for (request.stride = 2; request.stride <= coarsest && (coarse ? *coarse : full).triangleCount() > movingTriangles;
         ++request.stride)
        coarse = surfacesOf(volume, request, goOn);
    return coarse;
}

} // namespace reticle
