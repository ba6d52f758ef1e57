#pragma once

#include <QColor>
#include <QFont>

namespace reticle {

/// How a figure looks: sizes in points, colors. One style for print (and every export), one each for a light and a dark
/// window. On a dark window the axes and text are light and black series are drawn near-white; what is exported or
/// copied is always drawn in the print style.
struct FigureStyle
{
    QColor page = Qt::white;
    QColor ink = QColor(0x1a, 0x1a, 0x1a);   ///< axes, ticks, text
    QColor faint = QColor(225, 225, 225);    ///< grid
    QColor muted = QColor(0x60, 0x60, 0x60); ///< reference lines, "no data"
    bool dark = false;
    bool grid = false;
    bool interactive = false; ///< on screen: speed before the last bit of smoothness

    double axisPt = 7, tickPt = 6, legendPt = 6, titlePt = 7, letterPt = 8;
    double lineWidth = 0.75, axisWidth = 0.5, gridWidth = 0.25, tickLength = 2;
    double markerSize = 3.5;

    static FigureStyle print();
    static FigureStyle screen(bool dark);

    /// `color` as drawn on this page: on a dark page dark colors are lightened.
    QColor onPage(QColor color) const;
    /// Color `i` of the palette as drawn on this page.
    QColor palette(int i) const;
    /// Liberation Sans (metric twin of Arial, free to embed) with DejaVu Sans for what it lacks, sized in scene units.
    static QFont font(double pt, bool bold = false, bool italic = false);
};

} // namespace reticle
