#include "widgets/render/FigureText.h"

#include "widgets/render/LabeledEngine.h"

#include <QFontMetricsF>
#include <QHash>
#include <QPainter>
#include <QTransform>

#include <map>
#include <tuple>

namespace reticle {

namespace {

/// Layouts ask for the same few widths over and over, and finding a font's engine costs more than measuring with it.
/// Figures use one family, so that size and style tell fonts apart.
struct Measures
{
    double cap = 0, descent = 0;
    QHash<QString, double> widths;
};

Measures &measuresOf(const QFont &font)
{
    thread_local std::map<std::tuple<int, bool, bool>, Measures> all;
    const std::tuple key(font.pixelSize(), font.bold(), font.italic());
    if (const auto it = all.find(key); it != all.end())
        return it->second;
    const QFontMetricsF metrics(font);
    return all.emplace(key, Measures{metrics.capHeight(), metrics.descent(), {}}).first->second;
}

} // namespace

double textWidth(const QFont &font, const QString &text)
{
    Measures &m = measuresOf(font);
    if (const auto it = m.widths.constFind(text); it != m.widths.cend())
        return *it;
    if (m.widths.size() > 4000)
        m.widths.clear();
    return *m.widths.insert(text, QFontMetricsF(font).horizontalAdvance(text));
}

double capHeight(const QFont &font)
{
    return measuresOf(font).cap;
}

double textDescent(const QFont &font)
{
    return measuresOf(font).descent;
}

namespace {

/// Start of the baseline relative to the anchor, unrotated, y down.
QPointF baseline(const QFont &font, const QString &text, HAlign h, VAlign v)
{
    const double width = textWidth(font, text), cap = capHeight(font);
    const double x = h == HAlign::Left ? 0 : h == HAlign::Center ? -width / 2 : -width;
    const double y = v == VAlign::Bottom ? 0 : v == VAlign::Center ? cap / 2 : cap;
    return {x, y};
}

QTransform placed(QPointF anchor, double angle)
{
    QTransform t = QTransform::fromTranslate(anchor.x(), anchor.y());
    t.rotate(-angle);
    return t;
}

} // namespace

QRectF textBox(QPointF anchor, const QFont &font, const QString &text, HAlign h, VAlign v, double angle)
{
    const QPointF start = baseline(font, text, h, v);
    const double cap = capHeight(font), descent = textDescent(font);
    return placed(anchor, angle).mapRect(QRectF(start.x(), start.y() - cap, textWidth(font, text), cap + descent));
}

void drawText(QPainter &painter, QPointF anchor, const QFont &font, const QColor &color, const QString &text, HAlign h, VAlign v,
              double angle, std::vector<TextMark> *marks)
{
    if (text.isEmpty())
        return;
    painter.setFont(font);
    painter.setPen(color);
    const QPointF start = baseline(font, text, h, v);
    if (LabeledEngine *engine = labeledEngine(painter)) {
        engine->drawLabel(placed(anchor, angle) * painter.transform(), start, font, color, painter.opacity(), text);
    } else if (angle == 0) {
        painter.drawText(anchor + start, text);
    } else {
        const QTransform before = painter.transform();
        painter.setTransform(placed(anchor, angle), true);
        painter.drawText(start, text);
        painter.setTransform(before);
    }
    if (marks)
        marks->push_back({text, textBox(anchor, font, text, h, v, angle), static_cast<double>(font.pixelSize())});
}

QStringList wrapText(const QFont &font, const QString &text, double width)
{
    QStringList lines;
    for (const QString &paragraph : text.split('\n')) {
        QString line;
        for (const QString &word : paragraph.split(' ', Qt::SkipEmptyParts)) {
            const QString longer = line.isEmpty() ? word : line + ' ' + word;
            if (!line.isEmpty() && textWidth(font, longer) > width) {
                lines << line;
                line = word;
            } else {
                line = longer;
            }
        }
        lines << line;
    }
    return lines;
}

} // namespace reticle
