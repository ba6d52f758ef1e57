#pragma once

#include "foundation/Array.h"
#include "foundation/Table.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace reticle {

/// A figure as data: panels of series, images and tables with axes, units, color maps and captions, never pixels.
/// Saved as `*.figure.json`, {"figure": 2, …}; described on the reference page docs/reference/figure.md.

/// A second labelling of a horizontal axis, along the top: the same positions in other words (periods above frequencies).
struct SecondScale
{
    std::string label, unit;         ///< printed as "label (unit)"
    std::vector<double> positions;   ///< on the axis, rising
    std::vector<std::string> labels; ///< one a position
};

struct Axis
{
    enum class Scale { Linear, Log };

    std::string label;
    std::string unit; ///< printed as "label (unit)"
    Scale scale = Scale::Linear;
    std::optional<double> min, max;      ///< from the data where absent
    std::vector<std::string> categories; ///< category i at position i; empty = a numeric axis
    SecondScale second;                  ///< of x axes of curves and histograms; without positions there is none
    std::vector<double> ticks;           ///< rising; empty = round numbers
};

enum class SeriesKind {
    Line,
    Scatter,
    Bar,      ///< upright; lying, from 0 to x at y, where the y axis has categories (the first on top) and the x axis none
    Area,     ///< between 0 and y
    Band,     ///< between lower and upper
    ErrorBar, ///< from lower to upper at x, marker at y where y is given; right after a Bar series it stands on its bars
};

enum class Dash { Solid, Dashed, Dotted, DashDot };

struct Series
{
    std::string name; ///< legend entry; empty = none
    SeriesKind kind = SeriesKind::Line;
    std::vector<double> x, y;         ///< NaN breaks a line
    std::vector<double> lower, upper; ///< Band and ErrorBar
    std::string color;                ///< "#rrggbb"; empty = next of the palette (Okabe-Ito)
    double opacity = 1;               ///< 0..1; bands default to 0.2 when left at 1
    double width = 0;                 ///< pt; 0 = default 0.75
    Dash dash = Dash::Solid;
};

struct ReferenceLine
{
    char axis = 'y'; ///< 'y': horizontal at y = value; 'x': vertical
    double value = 0;
    std::string label;
};

enum class LegendPlace { Auto, None, TopRight, TopLeft, BottomRight, BottomLeft, Outside };

struct XYPanel
{
    Axis x, y;
    std::vector<Series> series;
    std::vector<ReferenceLine> references;
    LegendPlace legend = LegendPlace::Auto; ///< Auto: the emptiest corner, outside when over 6 entries
};

struct HeatMapPanel
{
    Axis x, y;
    /// (H, W) float64; row 0 on top. Axes run with the array: a numeric axis reaches from min (first row, on top; first
    /// column) to max, 0..n-1 where absent.
    Array values;
    std::string colorMap = "viridis";
    Axis color; ///< label, unit, min, max of the color bar
};

/// Integer labels or a probability drawn over an image.
struct Overlay
{
    enum class Kind { Labels, Outlines, Probability };
    Kind kind = Kind::Labels;
    Array values;                        ///< (H, W): integer labels (0 = nothing drawn) or float 0..1
    std::vector<std::string> classNames; ///< name of label 0, 1, …; may be empty (instances)
    std::string colorMap = "viridis";    ///< for Probability
    double opacity = 0.5;
};

struct ImagePanel
{
    Array image;                        ///< (H, W) any type or (H, W, 3) uint8
    std::optional<double> black, white; ///< shown range; 0.35 and 99.65 percentile where absent
    std::string colorMap = "gray";
    bool colorBar = false;
    std::string colorLabel;
    std::vector<Overlay> overlays;
    double pixelSize = 0; ///< in `unit` a pixel; 0 = not known, then no scale bar
    std::string unit = "nm";
};

struct ImageGridPanel
{
    int columns = 1;
    std::vector<ImagePanel> cells; ///< row by row; all of one size
    std::vector<std::string> columnTitles, rowTitles;
    int gap = 0; ///< image pixels between cells
};

struct Histogram
{
    std::string name;
    std::vector<double> edges;  ///< n + 1
    std::vector<double> counts; ///< n
    std::string color;
};

struct HistogramPanel
{
    Axis x, y;
    std::vector<Histogram> histograms;
    std::vector<ReferenceLine> references;
};

struct TablePanel
{
    Table table;
};

struct Panel
{
    int row = 0, column = 0, rowSpan = 1, columnSpan = 1;
    std::string letter; ///< "a"; empty = none
    std::string title;
    std::variant<XYPanel, HeatMapPanel, ImagePanel, ImageGridPanel, HistogramPanel, TablePanel> content;
};

struct Figure
{
    std::string name;    ///< file name without extension: "segmentation-scores"
    std::string title;   ///< shown in lists and window titles, not printed
    std::string caption; ///< exported as text beside the figure, never burnt in
    double widthMm = 174;
    double heightMm = 0; ///< 0 = from content (golden ratio for curves, the images' own shape)
    std::vector<Panel> panels;

    /// What is wrong with it, in sentences (series of unequal lengths, zero or negative data on a log axis, color bar
    /// without label, …). Empty = fit to draw.
    std::vector<std::string> problems() const;

    Json toJson(bool text = true) const; ///< arrays as text or packed for files, binary for frames
    /// Throws Error naming the panel and field.
    static Figure fromJson(const Json &json);
};

/// What an analysis returns: numbers, tables, arrays and figures. `result.json` is {"result": 2, …}.
struct Result
{
    std::string name;
    std::string summary;          ///< one or two sentences for a person
    Json values = Json::object(); ///< named numbers
    std::vector<Table> tables;
    std::vector<Figure> figures;
    std::vector<std::string> warnings;

    Json toJson(bool text = true) const;
    static Result fromJson(const Json &json);
    /// Writes result.json, one CSV a table, one .figure.json a figure into `folder` (made where absent).
    void save(const std::string &folder) const;
};

} // namespace reticle
