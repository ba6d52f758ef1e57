#pragma once

#include "figure/Figure.h"
#include "widgets/render/FigureStyle.h"

#include <QImage>
#include <QRectF>

#include <array>
#include <optional>
#include <set>
#include <vector>

namespace reticle {

/// A range in axis coordinates: the value itself, or its decimal logarithm on a log axis.
struct Range
{
    double low = 0, high = 1;
    double span() const { return high - low; }
    double fraction(double v) const { return (v - low) / (high - low); }
    bool operator==(const Range &) const = default;
};

/// What the person changed about a panel: zoom, series switched off.
struct PanelView
{
    std::optional<Range> x, y;
    std::set<int> hidden; ///< indices of series (histograms)
};

/// A series ready to draw, in axis coordinates. Values that a log axis cannot show are NaN.
struct DrawnSeries
{
    int index = 0; ///< in the panel
    SeriesKind kind = SeriesKind::Line;
    QString name;
    QColor color; ///< with its opacity
    double width = 0.75;
    Dash dash = Dash::Solid;
    int marker = 0; ///< VTK_MARKER_…
    std::vector<double> x, y, lower, upper;
    std::vector<double> left, right;      ///< edges of upright bars
    std::vector<double> low, high;        ///< edges of lying bars
    std::vector<double> sketchX, sketchY; ///< of a long line: few points with the same outline, for finding free room
    bool outline = false;                 ///< of bars
    bool hidden = false;
};

struct DrawnReference
{
    bool horizontal = true;
    double value = 0;
    QString label;
};

/// What stands beside a picture of values.
struct ColorBar
{
    Axis axis;
    Range range;
    std::string map;
    bool below = false, above = false; ///< values clipped to the end colors (infinite, or outside a given range)
};

/// A panel with axes as the chart draws it: XY, histogram and heat map alike.
struct ChartModel
{
    Axis x, y;
    Range xRange, yRange; ///< shown: all data, or what the person zoomed into
    bool xWhole = false;  ///< all x are whole numbers (slices, steps): ticks are, too
    bool yDown = false; ///< heat maps and lying bars: row 0 on top; coordinates run upwards all the same, labels are turned over
    double yMirror = 0; ///< label value = yMirror - coordinate, where yDown
    std::vector<DrawnSeries> series;
    std::vector<DrawnReference> references;
    LegendPlace legend = LegendPlace::Auto;
    QImage image;     ///< heat map: one pixel a cell, row 0 on top
    QRectF imageRect; ///< where, in axis coordinates (top() is the lower edge)
    std::optional<ColorBar> bar;
    bool empty = true; ///< nothing to draw
};

/// Bars lie where the y axis has categories and the x axis has none: y is then the category, the first on top, x the length.
ChartModel chartModel(const XYPanel &panel, const PanelView &view, const FigureStyle &style);
ChartModel chartModel(const HistogramPanel &panel, const PanelView &view, const FigureStyle &style);
ChartModel chartModel(const HeatMapPanel &panel, const PanelView &view, const FigureStyle &style);

/// Bar i in axis coordinates, from 0 or the lower end of a log axis to its value (top() is the lower edge); nothing where
/// a number is missing or the bar has no length.
std::optional<QRectF> barBox(const ChartModel &model, const DrawnSeries &series, std::size_t i);

/// Values as colors, NaN hatched gray when all are NaN, else plain gray. `bar` tells the range and whether values were cut.
QImage coloredValues(const Array &values, const std::string &map, std::optional<double> low, std::optional<double> high,
                     ColorBar &bar);

/// The points of a line that are needed to draw it right on `columns` columns over `shown`: where a column holds more than
/// four, its first, lowest, highest and last, in their order. NaN gaps stay; points outside are dropped but for one neighbor
/// on each side. Lines whose x does not rise are returned whole.
struct ThinnedLine
{
    std::vector<double> x, y;
};
ThinnedLine thinLine(const std::vector<double> &x, const std::vector<double> &y, const Range &shown, int columns);

} // namespace reticle
