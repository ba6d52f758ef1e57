#include "widgets/render/ChartModel.h"

#include "figure/ColorMap.h"
#include "foundation/Nan.h"

#include <vtkMarkerUtilities.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

double toAxis(double value, bool log)
{
    if (!log)
        return std::isfinite(value) ? value : nan;
    return value > 0 && std::isfinite(value) ? std::log10(value) : nan;
}

std::vector<double> toAxis(const std::vector<double> &values, bool log)
{
    std::vector<double> out(values.size());
    std::transform(values.begin(), values.end(), out.begin(), [&](double v) { return toAxis(v, log); });
    return out;
}

/// Grows to hold what it is shown.
struct Extent
{
    double low = std::numeric_limits<double>::infinity(), high = -low;
    void add(double v)
    {
        if (std::isfinite(v)) {
            low = std::min(low, v);
            high = std::max(high, v);
        }
    }
    void add(const std::vector<double> &values)
    {
        for (const double v : values)
            add(v);
    }
    bool empty() const { return !(low <= high); }
};

Range shownRange(const Axis &axis, Extent data, double pad, bool fromZero, const std::optional<Range> &zoom)
{
    const bool log = axis.scale == Axis::Scale::Log;
    Range range{0, 1};
    if (!axis.categories.empty()) {
        range = {-0.5, static_cast<double>(axis.categories.size()) - 0.5};
    } else {
        const bool wasEmpty = data.empty();
        if (fromZero && !log)
            data.add(0);
        if (!data.empty())
            range = {data.low, data.high};
        // Values that differ by rounding alone (a curve and its mean after one point) are one value.
        const double size = std::max(std::abs(range.low), std::abs(range.high));
        const double span = range.span() > 1e-9 * size ? range.span() : 0;
        if (wasEmpty && !(fromZero && !log)) {
            // the unit range, as it is
        } else if (span > 0) {
            if (!(fromZero && !log && range.low == 0))
                range.low -= pad * span;
            if (!(fromZero && !log && range.high == 0))
                range.high += pad * span;
        } else if (!wasEmpty) {
            const double half = log ? 0.5 : range.low == 0 ? 0.5 : std::abs(range.low) * 0.1;
            range = {range.low - half, range.high + half};
        }
    }
    if (axis.min && std::isfinite(toAxis(*axis.min, log)))
        range.low = toAxis(*axis.min, log);
    if (axis.max && std::isfinite(toAxis(*axis.max, log)))
        range.high = toAxis(*axis.max, log);
    if (!(range.low < range.high))
        range.high = range.low + std::max(1.0, std::abs(range.low) * 0.1);
    return zoom ? *zoom : range;
}

/// Smallest distance of neighboring positions; 1 where there is none.
double spacing(std::vector<double> positions)
{
    std::sort(positions.begin(), positions.end());
    double minimum = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < positions.size(); ++i)
        if (const double d = positions[i] - positions[i - 1]; d > 1e-12 * std::max(1.0, std::abs(positions[i])))
            minimum = std::min(minimum, d);
    return std::isfinite(minimum) ? minimum : 1;
}

/// Surfaces leave out the palette's black: they would be black slabs.
QColor seriesColor(const std::string &given, int &next, double opacity, bool surface, const FigureStyle &style)
{
    if (surface && given.empty() && next % paletteSize() == 0)
        ++next;
    QColor color = given.empty() ? style.palette(next++) : style.onPage(QColor(QString::fromStdString(given)));
    color.setAlphaF(static_cast<float>(std::clamp(opacity, 0.0, 1.0)));
    return color;
}

constexpr int markers[] = {vtkMarkerUtilities::CIRCLE, vtkMarkerUtilities::SQUARE, vtkMarkerUtilities::DIAMOND,
                           vtkMarkerUtilities::CROSS, vtkMarkerUtilities::PLUS};

void addReferences(ChartModel &model, const std::vector<ReferenceLine> &references, Extent &x, Extent &y)
{
    for (const auto &r : references) {
        const bool horizontal = r.axis == 'y';
        double at = toAxis(r.value, (horizontal ? model.y : model.x).scale == Axis::Scale::Log);
        if (horizontal && model.yDown)
            at = model.yMirror - at;
        if (!std::isfinite(at))
            continue;
        model.references.push_back({horizontal, at, QString::fromStdString(r.label)});
        (horizontal ? y : x).add(at);
    }
}

/// The series of a panel made ready one after another; what is counted on the way decides how the next one looks.
class XYBuilder
{
public:
    XYBuilder(const XYPanel &panel, const PanelView &view, const FigureStyle &style)
        : m_panel(panel), m_view(view), m_style(style), m_logX(panel.x.scale == Axis::Scale::Log),
          m_logY(panel.y.scale == Axis::Scale::Log), m_lying(panel.x.categories.empty() && !panel.y.categories.empty())
    {
        m_model.x = panel.x;
        m_model.y = panel.y;
        m_model.legend = panel.legend;
        if (m_lying) {
            m_model.yDown = true;
            m_model.yMirror = static_cast<double>(panel.y.categories.size()) - 1;
        }
    }

    ChartModel build()
    {
        measureBars();
        for (int i = 0; i < static_cast<int>(m_panel.series.size()); ++i) {
            const Series &s = m_panel.series[static_cast<std::size_t>(i)];
            DrawnSeries d;
            d.index = i;
            d.kind = s.kind;
            d.name = QString::fromStdString(s.name);
            d.hidden = m_view.hidden.count(i) > 0;
            look(s, d);
            place(s, d);
            arrangeBars(s, d);
            reach(d);
            m_model.series.push_back(std::move(d));
        }
        addReferences(m_model, m_panel.references, m_xData, m_yData);
        setRanges();
        sketchLongLines();
        return std::move(m_model);
    }

private:
    void measureBars();
    void look(const Series &s, DrawnSeries &d);
    void place(const Series &s, DrawnSeries &d) const;
    void arrangeBars(const Series &s, DrawnSeries &d);
    void reach(const DrawnSeries &d); ///< grows what is shown
    void setRanges();
    void sketchLongLines();

    const XYPanel &m_panel;
    const PanelView &m_view;
    const FigureStyle &m_style;
    const bool m_logX, m_logY;
    const bool m_lying; ///< bars: y is their category, x their length
    ChartModel m_model;
    Extent m_xData, m_yData;
    int m_colors = 0, m_dashes = 0, m_scatters = 0; ///< given out so far
    int m_bars = 0, m_bar = 0;                      ///< series of bars: all, and those that are placed
    double m_barWidth = 0;
    double m_shift = 0; ///< of the bars drawn last: error bars that follow sit on them
    bool m_filled = false;
};

void XYBuilder::measureBars()
{
    std::vector<double> positions;
    for (const auto &s : m_panel.series)
        if (s.kind == SeriesKind::Bar) {
            ++m_bars;
            const auto at = m_lying ? toAxis(s.y, m_logY) : toAxis(s.x, m_logX);
            std::copy_if(at.begin(), at.end(), std::back_inserter(positions), [](double v) { return std::isfinite(v); });
        }
    m_barWidth = spacing(positions) * 0.8 / std::max(1, m_bars);
}

void XYBuilder::look(const Series &s, DrawnSeries &d)
{
    const bool band = s.kind == SeriesKind::Band;
    d.color = seriesColor(s.color, m_colors, band && s.opacity == 1 ? 0.2 : s.opacity,
                          s.kind == SeriesKind::Bar || s.kind == SeriesKind::Area || band, m_style);
    d.width = s.width > 0 ? s.width : m_style.lineWidth;
    d.dash = s.dash;
    // Told apart without color too, where the author left it open.
    if (s.kind == SeriesKind::Line && s.dash == Dash::Solid && s.color.empty() && s.opacity == 1) {
        if (s.x.size() <= 500)
            d.dash = static_cast<Dash>(m_dashes % 4);
        ++m_dashes;
    }
    if (s.kind == SeriesKind::Scatter)
        d.marker = markers[m_scatters++ % 5];
    else
        d.marker = vtkMarkerUtilities::CIRCLE;
}

void XYBuilder::place(const Series &s, DrawnSeries &d) const
{
    d.x = toAxis(s.x, m_logX);
    d.y = toAxis(s.y, m_logY);
    d.lower = toAxis(s.lower, m_logY);
    d.upper = toAxis(s.upper, m_logY);
    // What reaches down to 0 or below on a log axis is drawn to the edge of the plot, once that is known.
    for (std::size_t k = 0; m_logY && k < std::min(d.lower.size(), d.upper.size()); ++k)
        if (s.lower[k] <= 0 && std::isfinite(d.upper[k]))
            d.lower[k] = -std::numeric_limits<double>::infinity();
    if (m_lying)
        for (double &y : d.y)
            y = m_model.yMirror - y;
}

void XYBuilder::arrangeBars(const Series &s, DrawnSeries &d)
{
    if (s.kind == SeriesKind::Bar) {
        m_shift = m_barWidth * (m_bar++ - (m_bars - 1) / 2.0);
        d.outline = true;
        for (const double at : m_lying ? d.y : d.x) {
            const double middle = m_lying ? at - m_shift : at + m_shift;
            (m_lying ? d.low : d.left).push_back(middle - m_barWidth / 2);
            (m_lying ? d.high : d.right).push_back(middle + m_barWidth / 2);
        }
    } else if (s.kind == SeriesKind::ErrorBar) {
        for (double &x : d.x)
            x += m_shift;
    } else {
        m_shift = 0;
    }
}

void XYBuilder::reach(const DrawnSeries &d)
{
    if (!d.hidden) {
        m_xData.add(d.left.empty() ? d.x : d.left);
        m_xData.add(d.right);
        m_yData.add(d.y);
        m_yData.add(d.lower);
        m_yData.add(d.upper);
        m_filled |= d.kind == SeriesKind::Bar || d.kind == SeriesKind::Area;
    }
    const auto points = std::min(d.x.size(), std::max({d.y.size(), d.lower.size()}));
    for (std::size_t k = 0; k < points; ++k)
        if (std::isfinite(d.x[k]) &&
            ((k < d.y.size() && std::isfinite(d.y[k])) || (k < d.upper.size() && std::isfinite(d.upper[k]))))
            m_model.empty = false;
}

void XYBuilder::setRanges()
{
    m_model.xRange = shownRange(m_panel.x, m_xData, m_bars ? 0.04 : 0.02, m_lying && m_bars, m_view.x);
    m_model.yRange = shownRange(m_panel.y, m_yData, 0.05, m_filled, m_view.y);
    for (auto &s : m_model.series)
        for (std::size_t k = 0; k < s.lower.size(); ++k)
            if (std::isinf(s.lower[k]))
                s.lower[k] = std::min(m_model.yRange.low, s.upper[k]);
    // Zero and one alone may be shares.
    m_model.xWhole = m_panel.x.categories.empty() && m_panel.x.scale == Axis::Scale::Linear &&
                     (m_xData.high - m_xData.low >= 2 || m_xData.high == m_xData.low) &&
                     std::all_of(m_panel.series.begin(), m_panel.series.end(), [](const Series &s) {
                         return std::all_of(s.x.begin(), s.x.end(), [](double v) { return v == std::floor(v); });
                     });
}

void XYBuilder::sketchLongLines()
{
    for (auto &s : m_model.series)
        if (s.kind == SeriesKind::Line && s.x.size() > 2000) {
            ThinnedLine sketch = thinLine(s.x, s.y, m_model.xRange, 256);
            s.sketchX = std::move(sketch.x);
            s.sketchY = std::move(sketch.y);
        }
}

} // namespace

ChartModel chartModel(const XYPanel &panel, const PanelView &view, const FigureStyle &style)
{
    return XYBuilder(panel, view, style).build();
}

ChartModel chartModel(const HistogramPanel &panel, const PanelView &view, const FigureStyle &style)
{
    ChartModel model;
    model.x = panel.x;
    model.y = panel.y;
    const bool logX = panel.x.scale == Axis::Scale::Log, logY = panel.y.scale == Axis::Scale::Log;
    Extent xData, yData;
    int colors = 0;
    const bool several = panel.histograms.size() > 1;
    for (int i = 0; i < static_cast<int>(panel.histograms.size()); ++i) {
        const Histogram &h = panel.histograms[static_cast<std::size_t>(i)];
        DrawnSeries d;
        d.index = i;
        d.kind = SeriesKind::Bar;
        d.name = QString::fromStdString(h.name);
        d.hidden = view.hidden.count(i) > 0;
        int blue = 5; // of the palette
        d.color = several ? seriesColor(h.color, colors, 0.6, true, style) : seriesColor(h.color, blue, 0.85, true, style);
        const auto edges = toAxis(h.edges, logX);
        for (std::size_t k = 0; k < h.counts.size() && k + 1 < edges.size(); ++k) {
            d.left.push_back(edges[k]);
            d.right.push_back(edges[k + 1]);
            d.x.push_back((edges[k] + edges[k + 1]) / 2);
        }
        d.y = toAxis(h.counts, logY);
        d.y.resize(d.x.size());
        if (!d.hidden) {
            xData.add(d.left);
            xData.add(d.right);
            yData.add(d.y);
        }
        model.empty &= d.x.empty();
        model.series.push_back(std::move(d));
    }
    addReferences(model, panel.references, xData, yData);
    model.xRange = shownRange(panel.x, xData, 0, false, view.x);
    model.yRange = shownRange(panel.y, yData, 0.05, true, view.y);
    return model;
}

std::optional<QRectF> barBox(const ChartModel &model, const DrawnSeries &s, std::size_t i)
{
    const bool lying = !s.low.empty();
    const auto &from = lying ? s.low : s.left, &to = lying ? s.high : s.right, &values = lying ? s.x : s.y;
    if (i >= std::min({from.size(), to.size(), values.size()}))
        return {};
    const bool log = (lying ? model.x : model.y).scale == Axis::Scale::Log;
    const double base = log ? (lying ? model.xRange : model.yRange).low : 0, length = values[i] - base;
    if (std::isnan(from[i]) || std::isnan(to[i]) || std::isnan(length) || length == 0)
        return {};
    return (lying ? QRectF(base, from[i], length, to[i] - from[i]) : QRectF(from[i], base, to[i] - from[i], length)).normalized();
}

QImage coloredValues(const Array &values, const std::string &map, std::optional<double> low, std::optional<double> high,
                     ColorBar &bar)
{
    const int width = values.rank() > 1 ? static_cast<int>(values.dim(1)) : 0;
    const int height = values.rank() > 1 ? static_cast<int>(values.dim(0)) : 0;
    Extent data;
    const auto n = values.size();
    for (std::int64_t i = 0; i < n; ++i)
        data.add(values.value(i));
    bar.map = map;
    bar.range = {low.value_or(data.empty() ? 0 : data.low), high.value_or(data.empty() ? 1 : data.high)};
    QImage image(width, height, QImage::Format_ARGB32);
    const auto &table = colorTable(map);
    const bool constant = !(bar.range.low < bar.range.high);
    for (int y = 0; y < height; ++y) {
        auto *line = reinterpret_cast<QRgb *>(image.scanLine(y));
        for (int x = 0; x < width; ++x) {
            const double v = values.value(static_cast<std::int64_t>(y) * width + x);
            bar.below |= v < bar.range.low;
            bar.above |= v > bar.range.high;
            line[x] = mapColor(table, constant && std::isfinite(v) ? 0.5 : bar.range.fraction(v));
        }
    }
    return image;
}

ChartModel chartModel(const HeatMapPanel &panel, const PanelView &view, const FigureStyle &)
{
    ChartModel model;
    model.x = panel.x;
    model.y = panel.y;
    model.legend = LegendPlace::None;
    const auto rows = panel.values.rank() == 2 ? panel.values.dim(0) : 0;
    const auto columns = panel.values.rank() == 2 ? panel.values.dim(1) : 0;
    const auto whole = [](const Axis &axis, std::int64_t cells) {
        const Range index{-0.5, std::max<double>(1, static_cast<double>(cells)) - 0.5};
        if (!axis.categories.empty())
            return index;
        return Range{axis.min.value_or(index.low), axis.max.value_or(index.high)};
    };
    const Range x = whole(panel.x, columns), y = whole(panel.y, rows);
    ColorBar bar;
    bar.axis = panel.color;
    model.image = coloredValues(panel.values, panel.colorMap, panel.color.min, panel.color.max, bar);
    model.imageRect = QRectF(x.low, y.low, x.span(), y.span());
    model.xRange = view.x.value_or(x);
    model.yRange = view.y.value_or(y);
    model.yDown = true;
    model.yMirror = y.low + y.high;
    model.bar = bar;
    model.empty = rows * columns == 0;
    return model;
}

ThinnedLine thinLine(const std::vector<double> &x, const std::vector<double> &y, const Range &shown, int columns)
{
    const std::size_t n = std::min(x.size(), y.size());
    ThinnedLine out;
    if (n <= static_cast<std::size_t>(4 * columns) || columns < 1) {
        out.x.assign(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(n));
        out.y.assign(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(n));
        return out;
    }
    double before = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < n; ++i) {
        if (std::isnan(x[i]))
            continue;
        if (x[i] < before) {
            out.x.assign(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(n));
            out.y.assign(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(n));
            return out;
        }
        before = x[i];
    }
    const auto keep = [&](std::size_t i) {
        out.x.push_back(x[i]);
        out.y.push_back(y[i]);
    };
    // Everything left of the view is one column, everything right of it another: of those only the nearest points count.
    const auto columnOf = [&](double v) {
        return static_cast<long>(std::clamp(std::floor(shown.fraction(v) * columns), -1.0, static_cast<double>(columns)));
    };
    std::size_t i = 0;
    while (i < n) {
        if (std::isnan(x[i]) || std::isnan(y[i])) {
            out.x.push_back(nan);
            out.y.push_back(nan);
            while (i < n && (std::isnan(x[i]) || std::isnan(y[i])))
                ++i;
            continue;
        }
        const long column = columnOf(x[i]);
        std::size_t end = i, lowest = i, highest = i;
        while (end < n && !std::isnan(x[end]) && !std::isnan(y[end]) && columnOf(x[end]) == column) {
            if (y[end] < y[lowest])
                lowest = end;
            if (y[end] > y[highest])
                highest = end;
            ++end;
        }
        if (column < 0) {
            keep(end - 1);
        } else if (column >= columns) {
            keep(i);
        } else if (end - i <= 4) {
            for (std::size_t k = i; k < end; ++k)
                keep(k);
        } else {
            keep(i);
            const std::size_t first = std::min(lowest, highest), second = std::max(lowest, highest);
            if (first != i)
                keep(first);
            if (second != first && second != end - 1)
                keep(second);
            if (end - 1 != first)
                keep(end - 1);
        }
        i = end;
    }
    return out;
}

} // namespace reticle
