#include "widgets/render/QPainterContextDevice.h"

#include "widgets/render/FigureStyle.h"

#include <vtkBrush.h>
#include <vtkImageData.h>
#include <vtkMarkerUtilities.h>
#include <vtkMatrix3x3.h>
#include <vtkObjectFactory.h>
#include <vtkPen.h>
#include <vtkRect.h>
#include <vtkStdString.h>
#include <vtkTextProperty.h>
#include <vtkUnicodeString.h>

#include <QPainterPath>

#include <cmath>

namespace reticle {

vtkStandardNewMacro(QPainterContextDevice);

namespace {

QColor colorAt(const unsigned char *colors, int components, int i)
{
    const unsigned char *c = colors + static_cast<std::ptrdiff_t>(i) * components;
    switch (components) {
    case 4: return QColor(c[0], c[1], c[2], c[3]);
    case 3: return QColor(c[0], c[1], c[2]);
    case 2: return QColor(c[0], c[0], c[0], c[1]);
    default: return QColor(c[0], c[0], c[0]);
    }
}

QTransform fromVtk(vtkMatrix3x3 *m) // VTK has column vectors, Qt row vectors
{
    return QTransform(m->GetElement(0, 0), m->GetElement(1, 0), m->GetElement(2, 0), m->GetElement(0, 1), m->GetElement(1, 1),
                      m->GetElement(2, 1), m->GetElement(0, 2), m->GetElement(1, 2), m->GetElement(2, 2));
}

/// What is left of the transform without the painter's own is the shift and pixel ratio of a widget's backing store.
void useDevicePixels(QPainter &painter)
{
    painter.resetTransform();
    painter.setWorldTransform(painter.deviceTransform().inverted());
}

bool isFinite(QPointF p)
{
    return std::isfinite(p.x()) && std::isfinite(p.y());
}

} // namespace

QPainterPath markerPath(int shape, double size)
{
    const double r = size / 2;
    QPainterPath path;
    switch (shape) {
    case vtkMarkerUtilities::SQUARE: path.addRect(-0.89 * r, -0.89 * r, 1.78 * r, 1.78 * r); break;
    case vtkMarkerUtilities::DIAMOND:
        path.addPolygon(QPolygonF{{{0, -1.2 * r}, {1.2 * r, 0}, {0, 1.2 * r}, {-1.2 * r, 0}}});
        path.closeSubpath();
        break;
    case vtkMarkerUtilities::CROSS:
    case vtkMarkerUtilities::PLUS: {
        const double a = 0.22 * r, b = 1.1 * r;
        path.addPolygon(QPolygonF{
            {{-a, -b}, {a, -b}, {a, -a}, {b, -a}, {b, a}, {a, a}, {a, b}, {-a, b}, {-a, a}, {-b, a}, {-b, -a}, {-a, -a}}});
        path.closeSubpath();
        if (shape == vtkMarkerUtilities::CROSS) {
            QTransform turn;
            turn.rotate(45);
            path = turn.map(path);
        }
        break;
    }
    default: path.addEllipse(QPointF(0, 0), r, r);
    }
    return path;
}

QImage toQImage(vtkImageData *image)
{
    int dims[3];
    image->GetDimensions(dims);
    const int components = image->GetNumberOfScalarComponents();
    QImage out(dims[0], dims[1], QImage::Format_ARGB32);
    const auto *data = static_cast<const unsigned char *>(image->GetScalarPointer());
    for (int y = 0; y < dims[1]; ++y) { // VTK's first row is the lowest
        auto *line = reinterpret_cast<QRgb *>(out.scanLine(dims[1] - 1 - y));
        for (int x = 0; x < dims[0]; ++x)
            line[x] = colorAt(data, components, y * dims[0] + x).rgba();
    }
    return out;
}

QImage enlargedForVector(const QImage &image, QSizeF sizePt)
{
    if (image.isNull())
        return image;
    const double wanted = sizePt.width() / 72 * 300 / image.width();
    const int factor = static_cast<int>(std::clamp(std::ceil(wanted), 1.0, 64.0));
    return factor == 1 ? image : image.scaled(image.size() * factor, Qt::IgnoreAspectRatio, Qt::FastTransformation);
}

void QPainterContextDevice::attach(QPainter *painter, QSizeF size, PaintTarget target, std::vector<TextMark> *marks)
{
    m_painter = painter;
    m_size = size;
    m_target = target;
    m_marks = marks;
    m_matrix.reset();
    m_stack.clear();
    m_clipping = false;
    Geometry[0] = static_cast<int>(std::ceil(size.width()));
    Geometry[1] = static_cast<int>(std::ceil(size.height()));
}

QPointF QPainterContextDevice::mapped(float x, float y) const
{
    const QPointF p = m_matrix.map(QPointF(x, y));
    return {p.x(), m_size.height() - p.y()};
}

QPolygonF QPainterContextDevice::mapped(const float *points, int n) const
{
    QPolygonF polygon;
    polygon.reserve(n);
    for (int i = 0; i < n; ++i)
        polygon << mapped(points[2 * i], points[2 * i + 1]);
    return polygon;
}

QPen QPainterContextDevice::pen() const
{
    const unsigned char *c = Pen->GetColor();
    QPen pen(QColor(c[0], c[1], c[2], Pen->GetOpacity()), Pen->GetWidth());
    pen.setCapStyle(Qt::FlatCap);
    pen.setJoinStyle(Qt::RoundJoin);
    switch (Pen->GetLineType()) {
    case vtkPen::NO_PEN: return QPen(Qt::NoPen);
    case vtkPen::DASH_LINE: pen.setDashPattern({5, 2.5}); break;
    case vtkPen::DOT_LINE: pen.setDashPattern({1.2, 2}); break;
    case vtkPen::DASH_DOT_LINE: pen.setDashPattern({6, 2, 1.2, 2}); break;
    case vtkPen::DASH_DOT_DOT_LINE: pen.setDashPattern({6, 2, 1.2, 2, 1.2, 2}); break;
    case vtkPen::DENSE_DOT_LINE: pen.setDashPattern({1, 1}); break;
    default: break;
    }
    return pen;
}

QBrush QPainterContextDevice::brush() const
{
    const unsigned char *c = Brush->GetColor();
    return QColor(c[0], c[1], c[2], Brush->GetOpacity());
}

// A wide polyline is stroked as one path at a cost that grows faster than its length: 3 s for 100 000 points. In short
// runs with round caps it looks the same; translucent lines would show the caps, hence the layer.
void QPainterContextDevice::strokeInRuns(QPainter &painter, const QPolygonF &line, QPen pen) const
{
    constexpr int run = 8;
    const bool dashed = pen.style() != Qt::SolidLine;
    pen.setJoinStyle(Qt::BevelJoin); // arcs cost most of the time and do not show on dense lines
    if (!dashed)
        pen.setCapStyle(Qt::RoundCap);
    const QVector<qreal> pattern = pen.dashPattern();
    double offset = 0;
    for (int i = 0; i + 1 < line.size(); i += run) {
        const int n = std::min<int>(run + 1, line.size() - i);
        painter.setPen(pen);
        painter.drawPolyline(line.constData() + i, n);
        if (!dashed)
            continue;
        for (int k = i; k + 1 < i + n; ++k)
            offset += QLineF(line[k], line[k + 1]).length() / pen.widthF();
        pen.setDashPattern(pattern);
        pen.setDashOffset(offset);
    }
}

// Axes, ticks and grids are upright or level and thin: put on whole pixels they are crisp instead of two gray ones.
bool QPainterContextDevice::strokeOnPixels(const QPolygonF &line, QPen pen)
{
    const QTransform device = m_painter->deviceTransform();
    QPointF a = device.map(line[0]), b = device.map(line[1]);
    const double width = std::max(1.0, std::round(pen.widthF() * device.m11()));
    const bool upright = std::abs(a.x() - b.x()) < 1e-3, level = std::abs(a.y() - b.y()) < 1e-3;
    if (width > 3 || upright == level)
        return false;
    const double half = std::fmod(width, 2) / 2;
    if (upright)
        a.setX(std::floor(a.x() - half + 0.5) + half), b.setX(a.x());
    else
        a.setY(std::floor(a.y() - half + 0.5) + half), b.setY(a.y());
    m_painter->save();
    useDevicePixels(*m_painter);
    pen.setWidthF(width);
    m_painter->setPen(pen);
    m_painter->drawLine(a, b);
    m_painter->restore();
    return true;
}

void QPainterContextDevice::stroke(const QPolygonF &line, const QPen &pen)
{
    if (line.size() < 2 || pen.style() == Qt::NoPen)
        return;
    m_painter->setBrush(Qt::NoBrush);
    const QTransform &world = m_painter->transform();
    if (m_target == PaintTarget::Raster && line.size() == 2 && pen.style() == Qt::SolidLine && strokeOnPixels(line, pen))
        return;
    const bool opaque = pen.color().alpha() == 255;
    const bool thin = pen.widthF() * world.m11() <= 1 && pen.style() == Qt::SolidLine;
    if (m_target == PaintTarget::Vector || line.size() <= 64 || (thin && opaque)) {
        m_painter->setPen(pen);
        if (line.size() > 3 && line.first() == line.last()) {
            QPen closed = pen;
            closed.setJoinStyle(Qt::MiterJoin);
            m_painter->setPen(closed);
            m_painter->drawConvexPolygon(line.constData(), line.size() - 1);
        } else {
            m_painter->drawPolyline(line);
        }
        return;
    }
    if (opaque) {
        strokeInRuns(*m_painter, line, pen);
        return;
    }
    const QRectF clip = m_clipping ? m_clip : QRectF(QPointF(0, 0), m_size);
    const QRect device = m_painter->deviceTransform().mapRect(clip).toAlignedRect();
    QImage layer(device.size(), QImage::Format_ARGB32_Premultiplied);
    layer.fill(Qt::transparent);
    QPainter painter(&layer);
    painter.setRenderHints(m_painter->renderHints());
    painter.setTransform(m_painter->deviceTransform() * QTransform::fromTranslate(-device.x(), -device.y()));
    QPen full = pen;
    QColor color = pen.color();
    const double opacity = color.alphaF();
    color.setAlpha(255);
    full.setColor(color);
    if (thin) {
        painter.setPen(full);
        painter.drawPolyline(line);
    } else {
        strokeInRuns(painter, line, full);
    }
    painter.end();
    m_painter->save();
    m_painter->setOpacity(m_painter->opacity() * opacity);
    useDevicePixels(*m_painter);
    m_painter->drawImage(device.topLeft(), layer);
    m_painter->restore();
}

void QPainterContextDevice::DrawPoly(float *points, int n, unsigned char *colors, int components)
{
    if (n < 2)
        return;
    QPen pen = this->pen();
    if (colors && pen.style() != Qt::NoPen) {
        pen.setCapStyle(Qt::RoundCap);
        for (int i = 0; i + 1 < n; ++i) {
            pen.setColor(colorAt(colors, components, i));
            stroke(mapped(points + 2 * i, 2), pen);
        }
        return;
    }
    QPolygonF piece;
    for (int i = 0; i <= n; ++i) {
        const QPointF p = i < n ? mapped(points[2 * i], points[2 * i + 1]) : QPointF();
        if (i < n && isFinite(p)) {
            piece << p;
            continue;
        }
        stroke(piece, pen);
        piece.clear();
    }
}

void QPainterContextDevice::DrawLines(float *points, int n, unsigned char *colors, int components)
{
    QPen pen = this->pen();
    if (pen.style() == Qt::NoPen)
        return;
    m_painter->setPen(pen);
    for (int i = 0; i + 1 < n; i += 2) {
        if (colors) {
            pen.setColor(colorAt(colors, components, i));
            m_painter->setPen(pen);
        }
        const QLineF line(mapped(points[2 * i], points[2 * i + 1]), mapped(points[2 * i + 2], points[2 * i + 3]));
        if (isFinite(line.p1()) && isFinite(line.p2()))
            m_painter->drawLine(line);
    }
}

void QPainterContextDevice::DrawPoints(float *points, int n, unsigned char *colors, int components)
{
    DrawMarkers(vtkMarkerUtilities::CIRCLE, false, points, n, colors, components);
}

void QPainterContextDevice::DrawPointSprites(vtkImageData *, float *points, int n, unsigned char *colors, int components)
{
    DrawMarkers(vtkMarkerUtilities::CIRCLE, false, points, n, colors, components);
}

// The size of a marker is the pen's width and its color the pen's. A marker is drawn whole when its center lies in the
// clip, so that points on the edge of a plot are not halved.
void QPainterContextDevice::DrawMarkers(int shape, bool, float *points, int n, unsigned char *colors, int components)
{
    const double size = Pen->GetWidth();
    const unsigned char *c = Pen->GetColor();
    QColor color(c[0], c[1], c[2], Pen->GetOpacity());
    const QPainterPath path = markerPath(shape, size);
    m_painter->save();
    if (m_clipping)
        m_painter->setClipping(false);
    const QRectF clip = m_clip.adjusted(-0.01, -0.01, 0.01, 0.01);

    const double scale = m_painter->transform().m11();
    const bool sprites = m_target == PaintTarget::Raster && n > 300 && !colors;
    constexpr int phases = 4;
    std::vector<QImage> cache(sprites ? phases * phases : 0);
    const int half = static_cast<int>(std::ceil(size * scale * 0.7)) + 1;
    const QTransform device = m_painter->deviceTransform();
    if (sprites) {
        useDevicePixels(*m_painter);
    } else {
        m_painter->setPen(Qt::NoPen);
        m_painter->setBrush(color);
    }
    for (int i = 0; i < n; ++i) {
        const QPointF p = mapped(points[2 * i], points[2 * i + 1]);
        if (!isFinite(p) || (m_clipping && !clip.contains(p)))
            continue;
        if (!sprites) {
            if (colors)
                m_painter->setBrush(colorAt(colors, components, i));
            m_painter->drawPath(path.translated(p));
            continue;
        }
        const QPointF at = device.map(p);
        const double fx = std::floor(at.x()), fy = std::floor(at.y());
        const int px = static_cast<int>((at.x() - fx) * phases), py = static_cast<int>((at.y() - fy) * phases);
        QImage &sprite = cache[static_cast<std::size_t>(py * phases + px)];
        if (sprite.isNull()) {
            sprite = QImage(2 * half + 1, 2 * half + 1, QImage::Format_ARGB32_Premultiplied);
            sprite.fill(Qt::transparent);
            QPainter painter(&sprite);
            painter.setRenderHint(QPainter::Antialiasing);
            painter.translate(half + (px + 0.5) / phases, half + (py + 0.5) / phases);
            painter.scale(scale, scale);
            painter.fillPath(path, color);
        }
        m_painter->drawImage(QPointF(fx - half, fy - half), sprite);
    }
    m_painter->restore();
}

void QPainterContextDevice::fill(const QPolygonF &polygon, const QBrush &brush)
{
    if (polygon.size() < 3 || brush.color().alpha() == 0)
        return;
    m_painter->setPen(Qt::NoPen);
    m_painter->setBrush(brush);
    m_painter->drawPolygon(polygon);
}

void QPainterContextDevice::DrawQuad(float *points, int n)
{
    for (int i = 0; i + 4 <= n; i += 4)
        fill(mapped(points + 2 * i, 4), brush());
}

// As one polygon: separate quads would show hairlines between them.
void QPainterContextDevice::DrawQuadStrip(float *points, int n)
{
    QPolygonF outline;
    for (int i = 0; i < n; i += 2)
        outline << mapped(points[2 * i], points[2 * i + 1]);
    for (int i = n - 1 - (n % 2); i > 0; i -= 2)
        outline << mapped(points[2 * i], points[2 * i + 1]);
    fill(outline, brush());
}

void QPainterContextDevice::DrawPolygon(float *points, int n)
{
    fill(mapped(points, n), brush());
}

void QPainterContextDevice::DrawColoredPolygon(float *points, int n, unsigned char *colors, int components)
{
    fill(mapped(points, n), colors ? QBrush(colorAt(colors, components, 0)) : brush());
}

void QPainterContextDevice::DrawEllipseWedge(float x, float y, float outRx, float outRy, float inRx, float inRy, float startAngle,
                                             float stopAngle)
{
    const QPointF center = mapped(x, y), corner = mapped(x + 1, y + 1);
    const double sx = std::abs(corner.x() - center.x()), sy = std::abs(corner.y() - center.y());
    const auto sector = [&](double rx, double ry) {
        const QRectF box(center.x() - rx * sx, center.y() - ry * sy, 2 * rx * sx, 2 * ry * sy);
        QPainterPath path;
        if (std::abs(stopAngle - startAngle) >= 360) {
            path.addEllipse(box);
        } else {
            path.moveTo(center);
            path.arcTo(box, startAngle, stopAngle - startAngle);
            path.closeSubpath();
        }
        return path;
    };
    QPainterPath path = sector(outRx, outRy);
    if (inRx > 0 && inRy > 0)
        path -= sector(inRx, inRy);
    m_painter->fillPath(path, brush());
}

void QPainterContextDevice::DrawEllipticArc(float x, float y, float rX, float rY, float startAngle, float stopAngle)
{
    const QPointF center = mapped(x, y), corner = mapped(x + 1, y + 1);
    const double rx = rX * std::abs(corner.x() - center.x()), ry = rY * std::abs(corner.y() - center.y());
    const QRectF box(center.x() - rx, center.y() - ry, 2 * rx, 2 * ry);
    QPainterPath path;
    path.arcMoveTo(box, startAngle);
    path.arcTo(box, startAngle, stopAngle - startAngle);
    m_painter->fillPath(path, brush());
    m_painter->strokePath(path, pen());
}

QFont QPainterContextDevice::font() const
{
    return FigureStyle::font(TextProp->GetFontSize(), TextProp->GetBold() != 0, TextProp->GetItalic() != 0);
}

namespace {

HAlign horizontal(vtkTextProperty *p)
{
    const int j = p->GetJustification();
    return j == VTK_TEXT_LEFT ? HAlign::Left : j == VTK_TEXT_CENTERED ? HAlign::Center : HAlign::Right;
}

VAlign vertical(vtkTextProperty *p)
{
    const int j = p->GetVerticalJustification();
    return j == VTK_TEXT_TOP ? VAlign::Top : j == VTK_TEXT_CENTERED ? VAlign::Center : VAlign::Bottom;
}

} // namespace

void QPainterContextDevice::drawText(QPointF at, const QString &text)
{
    const double *rgb = TextProp->GetColor();
    const QColor color = QColor::fromRgbF(static_cast<float>(rgb[0]), static_cast<float>(rgb[1]), static_cast<float>(rgb[2]),
                                          static_cast<float>(TextProp->GetOpacity()));
    reticle::drawText(*m_painter, at, font(), color, text, horizontal(TextProp), vertical(TextProp), TextProp->GetOrientation(),
                      m_marks);
}

QRectF QPainterContextDevice::textBounds(const QString &text) const
{
    const QRectF box = textBox({0, 0}, font(), text, horizontal(TextProp), vertical(TextProp), TextProp->GetOrientation());
    const double sx = std::hypot(m_matrix.m11(), m_matrix.m12()), sy = std::hypot(m_matrix.m21(), m_matrix.m22());
    return {box.x() / sx, -box.bottom() / sy, box.width() / sx, box.height() / sy}; // upwards
}

void QPainterContextDevice::DrawString(float *point, const vtkStdString &string)
{
    drawText(mapped(point[0], point[1]), QString::fromStdString(string));
}

void QPainterContextDevice::DrawString(float *point, const vtkUnicodeString &string)
{
    drawText(mapped(point[0], point[1]), QString::fromUtf8(string.utf8_str()));
}

void QPainterContextDevice::ComputeStringBounds(const vtkStdString &string, float bounds[4])
{
    const QRectF box = textBounds(QString::fromStdString(string));
    bounds[0] = bounds[1] = 0;
    bounds[2] = static_cast<float>(box.width());
    bounds[3] = static_cast<float>(box.height());
}

void QPainterContextDevice::ComputeStringBounds(const vtkUnicodeString &string, float bounds[4])
{
    ComputeStringBounds(vtkStdString(string.utf8_str()), bounds);
}

void QPainterContextDevice::ComputeJustifiedStringBounds(const char *string, float bounds[4])
{
    const QRectF box = textBounds(QString::fromUtf8(string));
    bounds[0] = static_cast<float>(box.x());
    bounds[1] = static_cast<float>(box.y());
    bounds[2] = static_cast<float>(box.width());
    bounds[3] = static_cast<float>(box.height());
}

void QPainterContextDevice::DrawMathTextString(float *point, const vtkStdString &string)
{
    DrawString(point, string);
}

void QPainterContextDevice::DrawImage(float p[2], float scale, vtkImageData *image)
{
    int dims[3];
    image->GetDimensions(dims);
    DrawImage(vtkRectf(p[0], p[1], static_cast<float>(dims[0]) * scale, static_cast<float>(dims[1]) * scale), image);
}

void QPainterContextDevice::DrawImage(const vtkRectf &rect, vtkImageData *image)
{
    const QRectF target =
        QRectF(mapped(rect.GetX(), rect.GetY()), mapped(rect.GetX() + rect.GetWidth(), rect.GetY() + rect.GetHeight()))
            .normalized();
    QImage picture = toQImage(image);
    if (m_target == PaintTarget::Vector)
        picture = enlargedForVector(picture, target.size());
    m_painter->drawImage(target, picture);
}

// Pen and brush are kept by the base class and read when something is drawn.
void QPainterContextDevice::SetColor4(unsigned char color[4])
{
    Pen->SetColor(color[0], color[1], color[2], color[3]);
}
void QPainterContextDevice::SetTexture(vtkImageData *, int) {}
void QPainterContextDevice::SetPointSize(float size)
{
    Pen->SetWidth(size);
}
void QPainterContextDevice::SetLineWidth(float width)
{
    Pen->SetWidth(width);
}
void QPainterContextDevice::SetLineType(int type)
{
    Pen->SetLineType(type);
}

void QPainterContextDevice::SetMatrix(vtkMatrix3x3 *m)
{
    m_matrix = fromVtk(m);
}

void QPainterContextDevice::GetMatrix(vtkMatrix3x3 *m)
{
    const double rows[3][3] = {{m_matrix.m11(), m_matrix.m21(), m_matrix.m31()},
                               {m_matrix.m12(), m_matrix.m22(), m_matrix.m32()},
                               {m_matrix.m13(), m_matrix.m23(), m_matrix.m33()}};
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j)
            m->SetElement(i, j, rows[i][j]);
}

void QPainterContextDevice::MultiplyMatrix(vtkMatrix3x3 *m)
{
    m_matrix = fromVtk(m) * m_matrix;
}

void QPainterContextDevice::PushMatrix()
{
    m_stack.push_back(m_matrix);
}

void QPainterContextDevice::PopMatrix()
{
    if (m_stack.empty())
        return;
    m_matrix = m_stack.back();
    m_stack.pop_back();
}

void QPainterContextDevice::SetClipping(int *rect)
{
    m_clip = QRectF(rect[0], m_size.height() - rect[1] - rect[3], rect[2], rect[3]);
    if (m_clipping)
        m_painter->setClipRect(m_clip);
}

void QPainterContextDevice::EnableClipping(bool enable)
{
    m_clipping = enable;
    if (enable)
        m_painter->setClipRect(m_clip);
    else
        m_painter->setClipping(false);
}

} // namespace reticle
