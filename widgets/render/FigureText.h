#pragma once

#include <QColor>
#include <QFont>
#include <QPainterPath>
#include <QPointF>
#include <QRectF>
#include <QString>

#include <vector>

class QPainter;

namespace reticle {

/// One piece of text that was drawn: for the checks on size and overlap, and to find what leaves the page.
struct TextMark
{
    QString text;
    QRectF box;  ///< scene units (points), of the rotated text
    double size; ///< font size in points
};

/// Where text hangs on its anchor. Vertical: Top and Bottom are those of capitals and digits, so that labels center
/// optically; Baseline is Bottom.
enum class HAlign { Left, Center, Right };
enum class VAlign { Top, Center, Bottom };

/// Width of the text in scene units.
double textWidth(const QFont &font, const QString &text);
/// Height of capitals and digits.
double capHeight(const QFont &font);
double textDescent(const QFont &font);

/// Box of the text drawn with drawText at the same arguments; `angle` in degrees, counter-clockwise about the anchor.
QRectF textBox(QPointF anchor, const QFont &font, const QString &text, HAlign h, VAlign v, double angle = 0);
/// Draws text and records it in `marks` where given.
void drawText(QPainter &painter, QPointF anchor, const QFont &font, const QColor &color, const QString &text, HAlign h, VAlign v,
              double angle = 0, std::vector<TextMark> *marks = nullptr);
/// A marker of VTK's kinds (VTK_MARKER_CIRCLE, …) about the origin, `size` across.
QPainterPath markerPath(int shape, double size);
/// Lines no wider than `width`, broken at spaces; a word wider than that stays whole.
QStringList wrapText(const QFont &font, const QString &text, double width);

} // namespace reticle
