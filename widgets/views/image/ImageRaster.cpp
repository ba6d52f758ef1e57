#include "widgets/views/image/ImageRaster.h"

#include "figure/ColorMap.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

/// For each picture column (or row) the index of the value under its center, and of two values a quarter of a pixel to
/// either side: their mean over both axes stands for the area, exactly so at steps of 1 and 2 values a pixel.
struct RasterAxis
{
    int begin = 0, end = 0; ///< picture pixels that the plane covers
    std::vector<std::int64_t> nearest, before, after;
    bool coarse = false; ///< a picture pixel covers more than one value
};

RasterAxis axisOf(int pixels, double origin, double step, double corner, double scale, std::int64_t count)
{
    RasterAxis a;
    const double first = (corner - origin) / step - 0.5,
                 last = (corner + scale * static_cast<double>(count) - origin) / step - 0.5;
    a.begin = static_cast<int>(std::clamp(std::ceil(first), 0.0, static_cast<double>(pixels)));
    a.end = static_cast<int>(std::clamp(std::ceil(last), 0.0, static_cast<double>(pixels)));
    a.coarse = step > scale * 1.0001;
    const auto n = static_cast<std::size_t>(std::max(0, a.end - a.begin));
    a.nearest.resize(n);
    if (a.coarse) {
        a.before.resize(n);
        a.after.resize(n);
    }
    const auto index = [&](double position) {
        return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor((position - corner) / scale)), 0, count - 1);
    };
    for (std::size_t i = 0; i < n; ++i) {
        const double at = origin + (a.begin + static_cast<double>(i) + 0.5) * step;
        a.nearest[i] = index(at);
        if (a.coarse) {
            a.before[i] = index(at - 0.25 * step);
            a.after[i] = index(at + 0.25 * step);
        }
    }
    return a;
}

QRgb hatch(int x, int y, QRgb missing)
{
    return ((x + y) & 7) < 3 ? qRgb(qRed(missing) * 3 / 4, qGreen(missing) * 3 / 4, qBlue(missing) * 3 / 4) : missing;
}

QRgb blended(QRgb below, QRgb above, int alpha)
{
    const int rest = 256 - alpha;
    const QRgb rb = ((below & 0xff00ff) * static_cast<QRgb>(rest) + (above & 0xff00ff) * static_cast<QRgb>(alpha)) >> 8;
    const QRgb g = ((below & 0x00ff00) * static_cast<QRgb>(rest) + (above & 0x00ff00) * static_cast<QRgb>(alpha)) >> 8;
    return 0xff000000 | (rb & 0xff00ff) | (g & 0x00ff00);
}

template <class T> T meanOf(T a, T b, T c, T d)
{
    if constexpr (std::is_floating_point_v<T>)
        return (a + b + c + d) / 4;
    else
        return static_cast<T>((static_cast<std::int64_t>(a) + b + c + d + 2) >> 2);
}

struct Geometry
{
    RasterAxis x, y;
    std::int64_t width, channels;
    bool empty() const { return x.begin >= x.end || y.begin >= y.end; }
};

Geometry geometryOf(const QImage &picture, const Mapping &mapping, const Plane &plane)
{
    Geometry g;
    g.width = plane.data.dim(1);
    g.channels = plane.data.rank() > 2 ? plane.data.dim(2) : 1;
    g.x = axisOf(picture.width(), mapping.origin.x(), mapping.step, plane.x, plane.scale, g.width);
    g.y = axisOf(picture.height(), mapping.origin.y(), mapping.step, plane.y, plane.scale, plane.data.dim(0));
    return g;
}

bool drawable(const QImage &picture, const Plane &plane)
{
    return !picture.isNull() && plane.data.rank() >= 2 && !plane.data.empty();
}

/// Colors of labels, remembered: asking labelColor at every pixel would cost more than drawing.
class LabelColors
{
public:
    explicit LabelColors(QRgb fixed) : m_fixed(fixed), m_known(table()) {}
    QRgb of(std::int64_t id)
    {
        if (id == 0)
            return 0;
        if (m_fixed)
            return m_fixed;
        if (id == m_last)
            return m_lastColor;
        m_last = id;
        if (static_cast<std::uint64_t>(id) >= m_known.size())
            return m_lastColor = labelColor(id);
        auto &c = m_known[static_cast<std::size_t>(id)];
        if (c == 0)
            c = labelColor(id);
        return m_lastColor = c;
    }

private:
    static std::vector<QRgb> &table()
    {
        static thread_local std::vector<QRgb> known(65536, 0);
        return known;
    }
    QRgb m_fixed;
    std::vector<QRgb> &m_known;
    std::int64_t m_last = 0;
    QRgb m_lastColor = 0;
};

/// Lays a row of colors, 0 = clear, over the picture.
void layOver(QRgb *line, const std::vector<QRgb> &ink, int alpha)
{
    for (std::size_t i = 0; i < ink.size(); ++i) {
        const QRgb mixed = blended(line[i], ink[i], alpha);
        line[i] = ink[i] ? mixed : line[i];
    }
}

template <class T> std::int64_t labelOf(T value)
{
    if constexpr (std::is_floating_point_v<T>)
        return std::isfinite(value) ? static_cast<std::int64_t>(value) : 0;
    else
        return static_cast<std::int64_t>(value);
}

} // namespace

void ContrastTable::update(DType dtype, double black, double white, double gamma, const std::string &map)
{
    if (m_fresh && dtype == m_dtype && black == m_black && white == m_white && gamma == m_gamma && map == m_map)
        return;
    m_fresh = true;
    m_dtype = dtype;
    m_black = black;
    m_white = white;
    m_gamma = gamma;
    m_map = map;
    const auto &colors = colorTable(map);
    const double width = white > black ? white - black : std::numeric_limits<double>::min();
    int count = steps;
    m_lowest = 0;
    switch (dtype) {
    case DType::UInt8: count = 256; break;
    case DType::Int8:
        count = 256;
        m_lowest = -128;
        break;
    case DType::UInt16: count = 65536; break;
    case DType::Int16:
        count = 65536;
        m_lowest = -32768;
        break;
    default: break;
    }
    m_factor = steps / width;
    m_table.resize(static_cast<std::size_t>(count));
    const bool byValue = byteSize(dtype) <= 2;
    for (int i = 0; i < count; ++i) {
        double f = byValue ? (i + m_lowest - black) / width : (i + 0.5) / steps;
        f = f > 0 ? (f < 1 ? f : 1) : 0;
        if (gamma != 1)
            f = std::pow(f, 1 / gamma);
        m_table[static_cast<std::size_t>(i)] = colors[static_cast<std::size_t>(std::lround(f * 255))];
    }
}

void drawPlane(QImage &picture, const Mapping &mapping, const Plane &plane, int channel, const ContrastTable &table, QRgb missing)
{
    if (!drawable(picture, plane))
        return;
    const auto g = geometryOf(picture, mapping, plane);
    const auto n = g.x.nearest.size();
    Array::visit(plane.data.dtype(), [&](auto t) {
        using T = decltype(t);
        const T *data = plane.data.data<T>() + std::clamp<std::int64_t>(channel, 0, g.channels - 1);
        const bool coarse = g.x.coarse;
        for (int y = g.y.begin; y < g.y.end; ++y) {
            auto *line = reinterpret_cast<QRgb *>(picture.scanLine(y)) + g.x.begin;
            const auto row = static_cast<std::size_t>(y - g.y.begin);
            const auto rowAt = [&](std::int64_t r) { return data + r * g.width * g.channels; };
            if (!coarse) {
                const T *in = rowAt(g.y.nearest[row]);
                for (std::size_t i = 0; i < n; ++i) {
                    const QRgb c = table.color(in[g.x.nearest[i] * g.channels], 0);
                    line[i] = c ? c : hatch(g.x.begin + static_cast<int>(i), y, missing);
                }
            } else {
                const T *a = rowAt(g.y.before[row]), *b = rowAt(g.y.after[row]);
                for (std::size_t i = 0; i < n; ++i) {
                    const auto l = g.x.before[i] * g.channels, r = g.x.after[i] * g.channels;
                    const QRgb c = table.color(meanOf(a[l], a[r], b[l], b[r]), 0);
                    line[i] = c ? c : hatch(g.x.begin + static_cast<int>(i), y, missing);
                }
            }
        }
    });
}

void drawColorPlane(QImage &picture, const Mapping &mapping, const Plane &plane, const std::array<ContrastTable, 3> &tables,
                    QRgb missing)
{
    if (!drawable(picture, plane))
        return;
    const auto g = geometryOf(picture, mapping, plane);
    if (g.channels < 3)
        return;
    const auto n = g.x.nearest.size();
    Array::visit(plane.data.dtype(), [&](auto t) {
        using T = decltype(t);
        const T *data = plane.data.data<T>();
        for (int y = g.y.begin; y < g.y.end; ++y) {
            auto *line = reinterpret_cast<QRgb *>(picture.scanLine(y)) + g.x.begin;
            const auto row = static_cast<std::size_t>(y - g.y.begin);
            const T *a = data + (g.x.coarse ? g.y.before[row] : g.y.nearest[row]) * g.width * g.channels;
            const T *b = g.x.coarse ? data + g.y.after[row] * g.width * g.channels : a;
            for (std::size_t i = 0; i < n; ++i) {
                QRgb c[3];
                for (int k = 0; k < 3; ++k) {
                    if (g.x.coarse) {
                        const auto l = g.x.before[i] * g.channels + k, r = g.x.after[i] * g.channels + k;
                        c[k] = tables[static_cast<std::size_t>(k)].color(meanOf(a[l], a[r], b[l], b[r]), 0);
                    } else {
                        c[k] = tables[static_cast<std::size_t>(k)].color(a[g.x.nearest[i] * g.channels + k], 0);
                    }
                }
                line[i] = c[0] && c[1] && c[2] ? 0xff000000 | (c[0] & 0xff0000) | (c[1] & 0x00ff00) | (c[2] & 0x0000ff)
                                               : hatch(g.x.begin + static_cast<int>(i), y, missing);
            }
        }
    });
}

void drawLabels(QImage &picture, const Mapping &mapping, const Plane &plane, QRgb color, double opacity, bool outlines,
                int thickness)
{
    if (!drawable(picture, plane) || opacity <= 0)
        return;
    const auto g = geometryOf(picture, mapping, plane);
    if (g.empty())
        return;
    const int alpha = static_cast<int>(std::lround(std::min(opacity, 1.0) * 256));
    const auto n = g.x.nearest.size();
    const auto distance = static_cast<std::size_t>(std::max(1, thickness));
    LabelColors colors(color);
    std::vector<QRgb> ink(n);
    Array::visit(plane.data.dtype(), [&](auto t) {
        using T = decltype(t);
        const T *data = plane.data.data<T>();
        for (int y = g.y.begin; y < g.y.end; ++y) {
            auto *line = reinterpret_cast<QRgb *>(picture.scanLine(y)) + g.x.begin;
            const T *in = data + g.y.nearest[static_cast<std::size_t>(y - g.y.begin)] * g.width * g.channels;
            if (!outlines) {
                for (std::size_t i = 0; i < n; ++i)
                    ink[i] = colors.of(labelOf(in[g.x.nearest[i] * g.channels]));
            } else {
                const auto above = std::max(y - static_cast<int>(distance), g.y.begin);
                const T *over = data + g.y.nearest[static_cast<std::size_t>(above - g.y.begin)] * g.width * g.channels;
                for (std::size_t i = 0; i < n; ++i) {
                    const auto at = g.x.nearest[i] * g.channels;
                    const T here = in[at], left = in[g.x.nearest[i - std::min(i, distance)] * g.channels], up = over[at];
                    if (left == here && up == here)
                        ink[i] = 0;
                    else
                        ink[i] = colors.of(labelOf(here != T(0) ? here : left != T(0) ? left : up));
                }
            }
            layOver(line, ink, alpha);
        }
    });
}

void drawProbability(QImage &picture, const Mapping &mapping, const Plane &plane, const std::string &map, double scale,
                     double threshold, double opacity)
{
    if (!drawable(picture, plane) || opacity <= 0)
        return;
    const auto g = geometryOf(picture, mapping, plane);
    const auto &colors = colorTable(map);
    const int alpha = static_cast<int>(std::lround(std::min(opacity, 1.0) * 256));
    const auto n = g.x.nearest.size();
    const float factor = static_cast<float>(scale > 0 ? 1 / scale : 1), minimum = static_cast<float>(threshold);
    std::vector<QRgb> ink(n);
    Array::visit(plane.data.dtype(), [&](auto t) {
        using T = decltype(t);
        const T *data = plane.data.data<T>();
        for (int y = g.y.begin; y < g.y.end; ++y) {
            auto *line = reinterpret_cast<QRgb *>(picture.scanLine(y)) + g.x.begin;
            const T *in = data + g.y.nearest[static_cast<std::size_t>(y - g.y.begin)] * g.width * g.channels;
            for (std::size_t i = 0; i < n; ++i) {
                const float v = static_cast<float>(in[g.x.nearest[i] * g.channels]) * factor;
                const float f = v > 0 ? (v < 1 ? v : 1) : 0;
                ink[i] = v >= minimum ? colors[static_cast<std::size_t>(f * 255 + 0.5f)] : 0; // NaN is not
            }
            layOver(line, ink, alpha);
        }
    });
}

QImage thumbnail(const Array &image, QSize size, const std::string &map)
{
    QImage picture(size, QImage::Format_RGB32);
    picture.fill(qRgb(128, 128, 128));
    if (size.isEmpty() || image.rank() < 2 || image.empty())
        return picture;
    // Means are taken down to within a factor of two; drawPlane does the rest.
    Plane plane{image, 0, 0, 1};
    Mapping mapping{
        {0, 0}, std::max(static_cast<double>(image.dim(1)) / size.width(), static_cast<double>(image.dim(0)) / size.height())};
    const auto histogram = histogramOf({image});
    const bool color = image.rank() > 2 && image.dim(2) >= 3;
    const bool plain = color && image.dtype() == DType::UInt8;
    const auto range = plain ? PageHistogram::Range{0, 255} : histogram.all;
    while (mapping.step >= 2 * plane.scale && std::max(plane.data.dim(0), plane.data.dim(1)) > 1) {
        plane.data = halved(plane.data);
        plane.scale *= 2;
    }
    if (color) {
        std::array<ContrastTable, 3> tables;
        for (auto &t : tables)
            t.update(image.dtype(), range.black, range.white, 1, "gray");
        drawColorPlane(picture, mapping, plane, tables, qRgb(170, 170, 170));
    } else {
        ContrastTable table;
        table.update(image.dtype(), range.black, range.white, 1, map);
        drawPlane(picture, mapping, plane, 0, table, qRgb(170, 170, 170));
    }
    return picture;
}

} // namespace reticle
