#include "widgets/export/SvgDevice.h"

#include "widgets/export/FontSubset.h"
#include "widgets/render/LabeledEngine.h"

#include <QBuffer>
#include <QImage>
#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>
#include <QSet>

#include <cmath>
#include <map>
#include <set>

namespace reticle {

namespace {

/// A thousandth of a point is far below what any printer resolves.
QByteArray svgNumber(double v)
{
    QByteArray text = QByteArray::number(std::isfinite(v) ? v : 0, 'f', 3);
    while (text.endsWith('0'))
        text.chop(1);
    if (text.endsWith('.'))
        text.chop(1);
    return text == "-0" ? QByteArray("0") : text;
}

QByteArray escaped(const QString &text)
{
    QString out;
    for (const QChar c : text) // control characters have no place in XML 1.0
        if (c.unicode() >= 0x20 || c == u'\t')
            out += c;
    return out.toHtmlEscaped().toUtf8();
}

QByteArray point(QPointF p)
{
    return svgNumber(p.x()) + ',' + svgNumber(p.y());
}

QByteArray pathData(const QPainterPath &path)
{
    QByteArray d;
    for (int i = 0; i < path.elementCount(); ++i) {
        const auto &e = path.elementAt(i);
        switch (e.type) {
        case QPainterPath::MoveToElement: d += 'M' + point(e); break;
        case QPainterPath::LineToElement: d += 'L' + point(e); break;
        case QPainterPath::CurveToElement: d += 'C' + point(e); break;
        case QPainterPath::CurveToDataElement: d += ' ' + point(e); break;
        }
    }
    return d;
}

} // namespace

class SvgDevice::Engine : public QPaintEngine, public LabeledEngine
{
public:
    explicit Engine(QPointF origin)
        : QPaintEngine(PaintEngineFeatures(AllFeatures) &
                       ~PaintEngineFeatures(PatternBrush | PerspectiveTransform | ConicalGradientFill | PorterDuff)),
          m_shift(QTransform::fromTranslate(-origin.x(), -origin.y()))
    {
    }

    bool begin(QPaintDevice *) override { return true; }
    bool end() override
    {
        closeClip();
        return true;
    }
    Type type() const override { return QPaintEngine::User; }

    void updateState(const QPaintEngineState &state) override
    {
        m_transform = state.transform() * m_shift;
        m_pen = state.pen();
        m_brush = state.brush();
        m_opacity = state.opacity();
        m_clip = painter()->hasClipping() ? m_transform.mapRect(painter()->clipBoundingRect()) : QRectF();
    }

    void drawPath(const QPainterPath &path) override
    {
        openClip();
        body += "<path d=\"" + pathData(m_transform.map(path)) + '"' + fill(m_brush) + stroke();
        if (path.fillRule() == Qt::OddEvenFill && m_brush.style() != Qt::NoBrush)
            body += " fill-rule=\"evenodd\"";
        body += "/>\n";
    }

    void drawPolygon(const QPointF *points, int n, PolygonDrawMode mode) override
    {
        openClip();
        const bool open = mode == PolylineMode;
        body += open ? "<polyline points=\"" : "<polygon points=\"";
        for (int i = 0; i < n; ++i)
            body += (i ? " " : "") + point(m_transform.map(points[i]));
        body += '"' + (open ? QByteArray(" fill=\"none\"") : fill(m_brush)) + stroke();
        if (mode == OddEvenMode && !open && m_brush.style() != Qt::NoBrush)
            body += " fill-rule=\"evenodd\"";
        body += "/>\n";
    }

    void drawImage(const QRectF &rect, const QImage &image, const QRectF &source, Qt::ImageConversionFlags) override
    {
        openClip();
        QByteArray png;
        QBuffer buffer(&png);
        buffer.open(QIODevice::WriteOnly);
        const QRect part = source.toAlignedRect();
        (part == image.rect() ? image : image.copy(part)).save(&buffer, "PNG");
        const QRectF r = m_transform.mapRect(rect);
        body += "<image x=\"" + svgNumber(r.x()) + "\" y=\"" + svgNumber(r.y()) + "\" width=\"" + svgNumber(r.width()) +
                "\" height=\"" + svgNumber(r.height()) + "\" preserveAspectRatio=\"none\"" + opacity() +
                " xlink:href=\"data:image/png;base64," + png.toBase64() + "\"/>\n";
    }

    void drawPixmap(const QRectF &rect, const QPixmap &pixmap, const QRectF &source) override
    {
        drawImage(rect, pixmap.toImage(), source, Qt::AutoColor);
    }

    void drawTextItem(const QPointF &at, const QTextItem &item) override
    {
        drawLabel(painter()->transform(), at, item.font(), m_pen.color(), m_opacity, item.text());
    }

    void beginGroup(const QString &name) override
    {
        closeClip();
        QString id;
        for (const QChar c : name)
            id += c.isLetterOrNumber() && c.unicode() < 128 ? c : QChar('-');
        QString unique = id;
        for (int i = 2; m_ids.contains(unique); ++i)
            unique = id + '-' + QString::number(i);
        m_ids.insert(unique);
        body += "<g id=\"" + unique.toUtf8() + "\">\n";
    }

    void endGroup() override
    {
        closeClip();
        body += "</g>\n";
    }

    void drawLabel(const QTransform &transform, QPointF baseline, const QFont &font, const QColor &color, double opacity,
                   const QString &text) override
    {
        closeClip(); // text is never clipped
        const QTransform t = transform * m_shift;
        const bool upright = t.type() <= QTransform::TxTranslate;
        const QPointF at = upright ? t.map(baseline) : baseline;
        body += "<text x=\"" + svgNumber(at.x()) + "\" y=\"" + svgNumber(at.y()) + '"';
        if (!upright)
            body += " transform=\"matrix(" + svgNumber(t.m11()) + ' ' + svgNumber(t.m12()) + ' ' + svgNumber(t.m21()) + ' ' +
                    svgNumber(t.m22()) + ' ' + svgNumber(t.dx()) + ' ' + svgNumber(t.dy()) + ")\"";
        body += " font-size=\"" + QByteArray::number(font.pixelSize()) + '"';
        if (font.bold())
            body += " font-weight=\"bold\"";
        if (font.italic())
            body += " font-style=\"italic\"";
        body += " fill=\"" + color.name().toUtf8() + '"';
        if (color.alphaF() * opacity < 1)
            body += " fill-opacity=\"" + svgNumber(color.alphaF() * opacity) + '"';
        body += '>' + escaped(text) + "</text>\n";
        auto &used = letters[{font.bold(), font.italic()}];
        for (const uint c : text.toUcs4())
            used.insert(c);
    }

    QByteArray body, clips;
    std::map<std::pair<bool, bool>, std::set<uint>> letters; ///< by bold, italic

private:
    QByteArray opacity() const { return m_opacity < 1 ? " opacity=\"" + svgNumber(m_opacity) + '"' : QByteArray(); }

    QByteArray fill(const QBrush &brush) const
    {
        if (brush.style() == Qt::NoBrush)
            return " fill=\"none\"";
        QByteArray out = " fill=\"" + brush.color().name().toUtf8() + '"';
        if (const double a = brush.color().alphaF() * m_opacity; a < 1)
            out += " fill-opacity=\"" + svgNumber(a) + '"';
        return out;
    }

    QByteArray stroke() const
    {
        if (m_pen.style() == Qt::NoPen)
            return {};
        const double scale = std::sqrt(std::abs(m_transform.determinant()));
        const double width = m_pen.widthF() > 0 ? m_pen.widthF() * scale : 1;
        QByteArray out = " stroke=\"" + m_pen.color().name().toUtf8() + "\" stroke-width=\"" + svgNumber(width) + '"';
        if (const double a = m_pen.color().alphaF() * m_opacity; a < 1)
            out += " stroke-opacity=\"" + svgNumber(a) + '"';
        if (m_pen.capStyle() != Qt::FlatCap)
            out += m_pen.capStyle() == Qt::RoundCap ? " stroke-linecap=\"round\"" : " stroke-linecap=\"square\"";
        if (m_pen.joinStyle() == Qt::RoundJoin)
            out += " stroke-linejoin=\"round\"";
        if (m_pen.style() != Qt::SolidLine) {
            out += " stroke-dasharray=\"";
            bool first = true;
            for (const double dash : m_pen.dashPattern()) {
                out += (first ? "" : ",") + svgNumber(dash * width);
                first = false;
            }
            out += '"';
            if (m_pen.dashOffset() != 0)
                out += " stroke-dashoffset=\"" + svgNumber(m_pen.dashOffset() * width) + '"';
        }
        return out;
    }

    void openClip()
    {
        if (m_clip == m_open)
            return;
        closeClip();
        m_open = m_clip;
        if (m_open.isNull())
            return;
        const QByteArray rect = "<rect x=\"" + svgNumber(m_open.x()) + "\" y=\"" + svgNumber(m_open.y()) + "\" width=\"" +
                                svgNumber(m_open.width()) + "\" height=\"" + svgNumber(m_open.height()) + "\"/>";
        QByteArray &id = m_clipIds[rect];
        if (id.isEmpty()) {
            id = "clip-" + QByteArray::number(static_cast<int>(m_clipIds.size()));
            clips += "<clipPath id=\"" + id + "\">" + rect + "</clipPath>\n";
        }
        body += "<g clip-path=\"url(#" + id + ")\">\n";
    }

    void closeClip()
    {
        if (!m_open.isNull())
            body += "</g>\n";
        m_open = QRectF();
    }

    QTransform m_shift, m_transform;
    QPen m_pen;
    QBrush m_brush;
    double m_opacity = 1;
    QRectF m_clip, m_open; ///< wanted, and that of the <g> now open
    QSet<QString> m_ids;
    std::map<QByteArray, QByteArray> m_clipIds;
};

SvgDevice::SvgDevice(const QRectF &paper) : m_paper(paper), m_engine(std::make_unique<Engine>(paper.topLeft())) {}
SvgDevice::~SvgDevice() = default;

QPaintEngine *SvgDevice::paintEngine() const
{
    return m_engine.get();
}

int SvgDevice::metric(PaintDeviceMetric metric) const
{
    switch (metric) {
    case PdmWidth: return static_cast<int>(std::ceil(m_paper.width()));
    case PdmHeight: return static_cast<int>(std::ceil(m_paper.height()));
    case PdmWidthMM: return static_cast<int>(std::lround(m_paper.width() / 72 * 25.4));
    case PdmHeightMM: return static_cast<int>(std::lround(m_paper.height() / 72 * 25.4));
    case PdmNumColors: return 0xffffff;
    case PdmDepth: return 32;
    case PdmDpiX:
    case PdmDpiY:
    case PdmPhysicalDpiX:
    case PdmPhysicalDpiY: return 72;
    case PdmDevicePixelRatio: return 1;
    case PdmDevicePixelRatioScaled: return static_cast<int>(QPaintDevice::devicePixelRatioFScale());
    default: return QPaintDevice::metric(metric);
    }
}

QByteArray SvgDevice::document(const QString &title, const QString &description, bool embedFont) const
{
    const auto mm = [](double pt) { return svgNumber(pt / 72 * 25.4); };
    QByteArray out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
                     "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\" width=\"" +
                     mm(m_paper.width()) + "mm\" height=\"" + mm(m_paper.height()) + "mm\" viewBox=\"0 0 " +
                     svgNumber(m_paper.width()) + ' ' + svgNumber(m_paper.height()) + "\">\n";
    if (!title.isEmpty())
        out += "<title>" + escaped(title) + "</title>\n";
    if (!description.isEmpty())
        out += "<desc>" + escaped(description) + "</desc>\n";
    out += "<metadata>Reticle " RETICLE_VERSION "</metadata>\n<defs>\n";
    if (embedFont) {
        QByteArray faces;
        for (const auto &[look, letters] : m_engine->letters) {
            const QByteArray font = fontSubset(look.first, look.second, letters);
            if (font.isEmpty())
                continue;
            faces += "@font-face{font-family:'Liberation Sans';font-weight:" + QByteArray(look.first ? "bold" : "normal") +
                     ";font-style:" + (look.second ? "italic" : "normal") + ";src:url(data:font/ttf;base64," + font.toBase64() +
                     ") format('truetype');}\n";
        }
        if (!faces.isEmpty())
            out += "<style type=\"text/css\"><![CDATA[\n" + faces + "]]></style>\n";
    }
    out += m_engine->clips +
           "</defs>\n<g font-family=\"'Liberation Sans', Arial, Helvetica, 'DejaVu Sans', sans-serif\" "
           "stroke-miterlimit=\"4\" xml:space=\"preserve\">\n" +
           m_engine->body + "</g>\n</svg>\n";
    return out;
}

} // namespace reticle
