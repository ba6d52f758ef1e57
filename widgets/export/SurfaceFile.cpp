#include "widgets/export/SurfaceFile.h"

#include "figure/ColorMap.h"
#include "files/SiblingFile.h"
#include "foundation/Error.h"

#include <QFileInfo>

#include <bit>
#include <cmath>
#include <cstring>

static_assert(std::endian::native == std::endian::little, "STL and PLY are written as the numbers lie in memory");

namespace reticle {

namespace {

/// Gathers small pieces, so that the file is written in large ones.
class Out
{
public:
    explicit Out(const QString &path) : m_file(std::filesystem::path(path.toStdString())) {}
    void text(const QByteArray &bytes)
    {
        m_buffer += bytes;
        if (m_buffer.size() >= 1 << 20)
            flush();
    }
    template <class T> void raw(const T &value)
    {
        text(QByteArray::fromRawData(reinterpret_cast<const char *>(&value), sizeof value));
    }
    void finish()
    {
        flush();
        m_file.finish();
    }

private:
    void flush()
    {
        if (!m_file.writeAt(m_written, m_buffer.constData(), static_cast<std::size_t>(m_buffer.size())))
            m_file.fail(m_file.error());
        m_written += static_cast<std::uint64_t>(m_buffer.size());
        m_buffer.clear();
    }

    files::SiblingFile m_file;
    std::uint64_t m_written = 0;
    QByteArray m_buffer;
};

struct Corner
{
    float x, y, z;
};

class Writer
{
public:
    Writer(const SurfaceMesh &mesh, const SurfaceScale &scale, const QString &path) : m_mesh(mesh), m_scale(scale), m_out(path) {}

    void stl()
    {
        // A header that begins with "solid" would be taken for the text form.
        const QByteArray header = "Reticle surface, lengths in " + unit();
        m_out.text(header.leftJustified(80, ' ', true));
        m_out.raw(static_cast<std::uint32_t>(m_mesh.triangleCount()));
        for (std::size_t t = 0; t < m_mesh.triangleCount(); ++t) {
            const Corner a = at(3 * t), b = at(3 * t + 1), c = at(3 * t + 2);
            const float u[3] = {b.x - a.x, b.y - a.y, b.z - a.z}, v[3] = {c.x - a.x, c.y - a.y, c.z - a.z};
            Corner normal{u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
            const float length = std::sqrt(normal.x * normal.x + normal.y * normal.y + normal.z * normal.z);
            if (length > 0)
                normal = {normal.x / length, normal.y / length, normal.z / length};
            for (const auto &corner : {normal, a, b, c})
                m_out.raw(corner);
            m_out.raw(std::uint16_t(0));
        }
        m_out.finish();
    }

    void ply()
    {
        m_out.text("ply\nformat binary_little_endian 1.0\ncomment Reticle surface, lengths in " + unit() + "\nelement vertex " +
                   QByteArray::number(static_cast<qulonglong>(m_mesh.pointCount())) +
                   "\nproperty float x\nproperty float y\nproperty float z\nproperty uchar red\nproperty uchar green\nproperty "
                   "uchar blue\n"
                   "element face " +
                   QByteArray::number(static_cast<qulonglong>(m_mesh.triangleCount())) +
                   "\nproperty list uchar int vertex_indices\nend_header\n");
        for (const auto &piece : m_mesh.pieces) {
            const std::uint32_t c = labelColor(piece.label);
            const std::uint8_t color[3] = {static_cast<std::uint8_t>(c >> 16), static_cast<std::uint8_t>(c >> 8),
                                           static_cast<std::uint8_t>(c)};
            for (std::size_t i = piece.firstPoint; i < piece.firstPoint + piece.points; ++i) {
                m_out.raw(point(i));
                m_out.raw(color);
            }
        }
        for (std::size_t t = 0; t < m_mesh.triangleCount(); ++t) {
            m_out.raw(std::uint8_t(3));
            for (std::size_t k = 0; k < 3; ++k)
                m_out.raw(static_cast<std::int32_t>(m_mesh.triangles[3 * t + k]));
        }
        m_out.finish();
    }

    void obj()
    {
        m_out.text("# Reticle surface, lengths in " + unit() + "\n");
        for (const auto &piece : m_mesh.pieces) {
            m_out.text("o label_" + QByteArray::number(static_cast<qlonglong>(piece.label)) + "\n");
            for (std::size_t i = piece.firstPoint; i < piece.firstPoint + piece.points; ++i) {
                const Corner p = point(i);
                m_out.text("v " + QByteArray::number(p.x, 'g', 7) + ' ' + QByteArray::number(p.y, 'g', 7) + ' ' +
                           QByteArray::number(p.z, 'g', 7) + '\n');
            }
            for (std::size_t t = piece.firstTriangle; t < piece.firstTriangle + piece.triangles; ++t) {
                m_out.text("f");
                for (std::size_t k = 0; k < 3; ++k)
                    m_out.text(' ' + QByteArray::number(m_mesh.triangles[3 * t + k] + 1));
                m_out.text("\n");
            }
        }
        m_out.finish();
    }

private:
    /// In letters that every reader of these files takes.
    QByteArray unit() const { return m_scale.unit == QString::fromUtf8("µm") ? QByteArray("micrometres") : QByteArray("pixels"); }
    Corner point(std::size_t i) const
    {
        const float *p = m_mesh.points.data() + 3 * i;
        return {static_cast<float>(p[0] * m_scale.voxel[0]), static_cast<float>(p[1] * m_scale.voxel[1]),
                static_cast<float>(p[2] * m_scale.voxel[2])};
    }
    Corner at(std::size_t corner) const { return point(m_mesh.triangles[corner]); }

    const SurfaceMesh &m_mesh;
    const SurfaceScale &m_scale;
    Out m_out;
};

} // namespace

SurfaceScale surfaceScale(double x, double y, double z)
{
    SurfaceScale s;
    if (!(x > 0))
        return s;
    s.unit = QString::fromUtf8("µm");
    s.voxel = {x * 1e-3, (y > 0 ? y : x) * 1e-3, (z > 0 ? z : x) * 1e-3};
    return s;
}

void writeSurface(const SurfaceMesh &mesh, const SurfaceScale &scale, const QString &path)
{
    const QString ending = QFileInfo(path).suffix().toLower();
    if (ending != QStringLiteral("stl") && ending != QStringLiteral("ply") && ending != QStringLiteral("obj"))
        throw Error({path.toStdString(), "a name ending in .stl, .ply or .obj", "\"" + ending.toStdString() + "\"", {}});
    if (mesh.triangleCount() == 0)
        throw Error({path.toStdString(), "a surface", "none", "choose labels, a prediction or another level first"});
    Writer writer(mesh, scale, path);
    if (ending == QStringLiteral("stl"))
        writer.stl();
    else if (ending == QStringLiteral("ply"))
        writer.ply();
    else
        writer.obj();
}

QStringList surfaceFilters()
{
    return {QStringLiteral("STL (*.stl)"), QStringLiteral("PLY (*.ply)"), QStringLiteral("OBJ (*.obj)")};
}

} // namespace reticle
