#include "widgets/views/volume/VolumeScene_p.h"

#include "figure/ColorMap.h"

#include <vtkActor.h>
#include <vtkCellArray.h>
#include <vtkFloatArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkTexture.h>
#include <vtkUnsignedCharArray.h>
#include <vtkUnsignedShortArray.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

template <class T, class VtkArray> vtkSmartPointer<VtkArray> numbers(const VolumeData &v, bool mirrored)
{
    auto out = vtkSmartPointer<VtkArray>::New();
    const std::int64_t nx = v.nx(), ny = v.ny(), nz = v.nz();
    const auto *in = v.values.data<T>();
    const std::int64_t mx = std::max<std::int64_t>(2, nx), my = std::max<std::int64_t>(2, ny), mz = std::max<std::int64_t>(2, nz);
    if (!mirrored && mx == nx && my == ny && mz == nz) {
        out->SetArray(const_cast<T *>(in), nx * ny * nz, 1); // VTK only reads; the frame keeps the volume alive
        return out;
    }
    out->SetNumberOfValues(mx * my * mz);
    T *p = out->GetPointer(0);
    for (std::int64_t z = 0; z < mz; ++z)
        for (std::int64_t y = 0; y < my; ++y)
            for (std::int64_t x = 0; x < mx; ++x) {
                const T value = in[(std::min(z, nz - 1) * ny + std::min(y, ny - 1)) * nx + std::min(x, nx - 1)];
                *p++ = mirrored ? static_cast<T>(std::numeric_limits<T>::max() - value) : value;
            }
    return out;
}

} // namespace

vtkSmartPointer<vtkImageData> samplesOf(const VolumeData &v, bool mirrored)
{
    auto image = vtkSmartPointer<vtkImageData>::New();
    const auto two = [](std::int64_t n) { return static_cast<int>(std::max<std::int64_t>(2, n)); };
    image->SetDimensions(two(v.nx()), two(v.ny()), two(v.nz()));
    if (v.values.dtype() == DType::UInt8)
        image->GetPointData()->SetScalars(numbers<std::uint8_t, vtkUnsignedCharArray>(v, mirrored));
    else
        image->GetPointData()->SetScalars(numbers<std::uint16_t, vtkUnsignedShortArray>(v, mirrored));
    return image;
}

vtkSmartPointer<vtkPolyData> polyDataOf(const SurfaceMesh &mesh)
{
    const auto n = static_cast<vtkIdType>(mesh.pointCount()), count = static_cast<vtkIdType>(mesh.triangleCount());
    vtkNew<vtkFloatArray> coordinates;
    coordinates->SetNumberOfComponents(3);
    coordinates->SetNumberOfTuples(n);
    std::copy(mesh.points.begin(), mesh.points.end(), coordinates->GetPointer(0));
    vtkNew<vtkPoints> points;
    points->SetData(coordinates);
    vtkNew<vtkTypeInt32Array> corners, offsets;
    corners->SetNumberOfValues(count * 3);
    std::copy(mesh.triangles.begin(), mesh.triangles.end(), corners->GetPointer(0));
    offsets->SetNumberOfValues(count + 1);
    for (vtkIdType i = 0; i <= count; ++i)
        offsets->SetValue(i, static_cast<vtkTypeInt32>(i * 3));
    vtkNew<vtkCellArray> cells;
    cells->SetData(offsets, corners);
    // Normals weighted by the triangles' areas: what the cross product is long.
    vtkNew<vtkFloatArray> normals;
    normals->SetNumberOfComponents(3);
    normals->SetNumberOfTuples(n);
    normals->FillValue(0);
    float *to = normals->GetPointer(0);
    const float *p = mesh.points.data();
    for (std::size_t t = 0; t < mesh.triangleCount(); ++t) {
        const std::uint32_t *c = mesh.triangles.data() + 3 * t;
        const float *a = p + 3 * c[0], *b = p + 3 * c[1], *d = p + 3 * c[2];
        const float u[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]}, v[3] = {d[0] - a[0], d[1] - a[1], d[2] - a[2]};
        const float normal[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
        for (int k = 0; k < 3; ++k)
            for (int i = 0; i < 3; ++i)
                to[3 * c[k] + static_cast<std::uint32_t>(i)] += normal[i];
    }
    for (vtkIdType i = 0; i < n; ++i) {
        float *v = to + 3 * i;
        const float length = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        if (length > 0)
            for (int k = 0; k < 3; ++k)
                v[k] /= length;
    }
    vtkNew<vtkUnsignedCharArray> colors;
    colors->SetNumberOfComponents(3);
    colors->SetNumberOfTuples(n);
    for (const auto &piece : mesh.pieces) {
        const std::uint32_t c = labelColor(piece.label);
        unsigned char *out = colors->GetPointer(0) + 3 * piece.firstPoint;
        for (std::size_t i = 0; i < piece.points; ++i, out += 3) {
            out[0] = static_cast<unsigned char>(c >> 16);
            out[1] = static_cast<unsigned char>(c >> 8);
            out[2] = static_cast<unsigned char>(c);
        }
    }
    auto data = vtkSmartPointer<vtkPolyData>::New();
    data->SetPoints(points);
    data->SetPolys(cells);
    data->GetPointData()->SetNormals(normals);
    data->GetPointData()->SetScalars(colors);
    return data;
}

vtkSmartPointer<vtkPolyData> boxOf(const Point3 &size)
{
    vtkNew<vtkPoints> points;
    points->SetDataTypeToDouble();
    for (int i = 0; i < 8; ++i)
        points->InsertNextPoint(i & 1 ? size[0] : 0, i & 2 ? size[1] : 0, i & 4 ? size[2] : 0);
    vtkNew<vtkCellArray> lines;
    for (int i = 0; i < 8; ++i)
        for (const int bit : {1, 2, 4})
            if (!(i & bit)) {
                const vtkIdType ends[2] = {i, i | bit};
                lines->InsertNextCell(2, ends);
            }
    auto data = vtkSmartPointer<vtkPolyData>::New();
    data->SetPoints(points);
    data->SetLines(lines);
    return data;
}

SlicePicture::SlicePicture(int axis)
    : m_axis(axis), m_actor(vtkSmartPointer<vtkActor>::New()), m_texture(vtkSmartPointer<vtkTexture>::New()),
      m_plane(vtkSmartPointer<vtkPolyData>::New()), m_picture(vtkSmartPointer<vtkImageData>::New())
{
    vtkNew<vtkPoints> points;
    points->SetDataTypeToDouble();
    points->SetNumberOfPoints(4);
    vtkNew<vtkFloatArray> places;
    places->SetNumberOfComponents(2);
    for (const auto &[u, v] : {std::pair{0.0, 0.0}, std::pair{1.0, 0.0}, std::pair{1.0, 1.0}, std::pair{0.0, 1.0}})
        places->InsertNextTuple2(u, v);
    const vtkIdType corners[4] = {0, 1, 2, 3};
    vtkNew<vtkCellArray> cells;
    cells->InsertNextCell(4, corners);
    m_plane->SetPoints(points);
    m_plane->SetPolys(cells);
    m_plane->GetPointData()->SetTCoords(places);
    vtkNew<vtkPolyDataMapper> mapper;
    mapper->SetInputData(m_plane);
    m_texture->SetInputData(m_picture);
    m_texture->InterpolateOn();
    m_texture->MipmapOn();
    m_texture->EdgeClampOn();
    m_actor->SetMapper(mapper);
    m_actor->SetTexture(m_texture);
    m_actor->GetProperty()->SetLighting(false);
    m_actor->VisibilityOff();
}

SlicePicture::~SlicePicture() = default;

vtkActor *SlicePicture::actor() const
{
    return m_actor;
}

void SlicePicture::show(const VolumeFrame &f)
{
    const bool shown = f.image && (m_axis == 2 ? f.options.slice : f.options.across);
    m_actor->SetVisibility(shown);
    if (!shown)
        return;
    fill(f);
    const Point3 size = extentOf(f);
    const auto axis = static_cast<std::size_t>(m_axis);
    // A little in front of the cut, which would else flicker through.
    const double depth = (static_cast<double>(f.at[axis]) + 0.5 - (m_axis == 2 ? 0.02 : 0)) * f.voxel[axis];
    auto *points = m_plane->GetPoints();
    const std::size_t u = m_axis == 0 ? 1 : 0, v = m_axis == 2 ? 1 : 2;
    for (int i = 0; i < 4; ++i) {
        Point3 p{};
        p[axis] = depth;
        p[u] = i == 1 || i == 2 ? size[u] : 0;
        p[v] = i >= 2 ? size[v] : 0;
        // What lies above the cut is not drawn.
        if (m_axis != 2 && f.options.cut && i < 2)
            p[2] = std::min(cutDepth(f), size[2]);
        points->SetPoint(i, p.data());
    }
    if (m_axis != 2) {
        const double from = f.options.cut ? cutDepth(f) / size[2] : 0;
        auto *places = m_plane->GetPointData()->GetTCoords();
        for (int i = 0; i < 2; ++i)
            places->SetTuple2(i, i == 1 ? 1 : 0, from);
        places->Modified();
    }
    points->Modified();
    m_plane->Modified();
}

void SlicePicture::fill(const VolumeFrame &f)
{
    const auto axis = static_cast<std::size_t>(m_axis);
    const auto &image = *f.image;
    const std::int64_t n[3] = {image.nx(), image.ny(), image.nz()};
    const std::int64_t at = std::clamp<std::int64_t>(f.at[axis] / image.factor[axis], 0, n[axis] - 1);
    if (m_image == f.image && m_at == at && m_black == f.black && m_white == f.white && m_colors == f.options.colors)
        return;
    m_image = f.image;
    m_at = at;
    m_black = f.black;
    m_white = f.white;
    m_colors = f.options.colors;
    const std::size_t u = m_axis == 0 ? 1 : 0, v = m_axis == 2 ? 1 : 2;
    const std::int64_t stride[3] = {1, n[0], n[0] * n[1]};
    m_picture->SetDimensions(static_cast<int>(n[u]), static_cast<int>(n[v]), 1);
    m_picture->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
    auto *out = static_cast<unsigned char *>(m_picture->GetScalarPointer());
    const auto &table = colorTable(m_colors);
    const double factor = m_white > m_black ? 1 / (m_white - m_black) : 1;
    Array::visit(image.values.dtype(), [&](auto t) {
        const auto *in = image.values.data<decltype(t)>() + at * stride[axis];
        for (std::int64_t j = 0; j < n[v]; ++j)
            for (std::int64_t i = 0; i < n[u]; ++i) {
                const double value = image.low + image.step * static_cast<double>(in[j * stride[v] + i * stride[u]]);
                const std::uint32_t c = mapColor(table, (value - m_black) * factor);
                *out++ = static_cast<unsigned char>(c >> 16);
                *out++ = static_cast<unsigned char>(c >> 8);
                *out++ = static_cast<unsigned char>(c);
            }
    });
    m_picture->Modified();
}

} // namespace reticle
