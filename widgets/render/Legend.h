#pragma once

#include "widgets/render/ChartModel.h"
#include "widgets/render/FigureText.h"

#include <QRectF>

class QPainter;

namespace reticle {

struct LegendEntry
{
    int series = 0; ///< index in the panel
    QString name;
    DrawnSeries look; ///< color, dash, marker, kind; without data
    QRectF box;       ///< where it was put
};

/// The names of a panel's series, and where they stand.
struct Legend
{
    std::vector<LegendEntry> entries;
    LegendPlace place = LegendPlace::None; ///< as decided; never Auto
    bool below = false;                    ///< Outside: in rows below the panel, not beside it
    QSizeF size;                           ///< in the arrangement decided on

    bool inside() const { return place != LegendPlace::None && place != LegendPlace::Outside; }
};

/// Entries of all named series; empty place (None) where fewer than two names would be told apart, unless asked for.
Legend legendOf(const ChartModel &model, const FigureStyle &style);
/// One column of entries.
QSizeF columnSize(const Legend &legend, const FigureStyle &style);
/// Rows no wider than `width`.
QSizeF rowsSize(const Legend &legend, const FigureStyle &style, double width);

/// The first corner (the one used before, then top right, top left, bottom right, bottom left) in which a legend of its
/// size covers no data of `model` drawn in `plot`; Outside when there is none or there are more than 6 entries.
LegendPlace emptiestCorner(const ChartModel &model, const QRectF &plot, QSizeF size, const FigureStyle &style,
                           LegendPlace before);
QRectF cornerRect(const QRectF &plot, QSizeF size, LegendPlace corner);

/// Puts the entries into `rect` (in rows where legend.below) and draws them.
void placeEntries(Legend &legend, const QRectF &rect, const FigureStyle &style);
void drawLegend(QPainter &painter, const Legend &legend, const FigureStyle &style, const std::set<int> &hidden,
                std::vector<TextMark> *marks);

} // namespace reticle
