#include "window/parts/table/ReadTable.h"

#include "compare/PairedTest.h"
#include "window/shell/Text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <unordered_map>

namespace reticle {

namespace {

constexpr int mostBins = 40;
constexpr const char *barColor = "#0072B2";

/// Interpolated between the two nearest values.
double quantile(std::vector<double> &values, double q)
{
    const double place = q * static_cast<double>(values.size() - 1);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(values.begin(), at, values.end());
    if (at + 1 == values.end())
        return *at;
    return std::lerp(*at, *std::min_element(at + 1, values.end()), place - std::floor(place));
}

/// Names of bars leave room for the bars.
std::string shortened(const std::string &text)
{
    constexpr std::size_t maximum = 28; // bytes
    if (text.size() <= maximum)
        return text;
    std::size_t end = maximum;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) // inside a character
        --end;
    return text.substr(0, end) + "\u2026";
}

/// Whole numbers of a small range get a bin each; others the width 2 IQR n^(-1/3) of Freedman and Diaconis (1981), between
/// 5 and 40 bins.
void fillHistogram(ColumnFacts &f, std::vector<double> values)
{
    const double span = f.high - f.low;
    if (values.empty() || !std::isfinite(span))
        return;
    const bool whole = std::all_of(values.begin(), values.end(), [](double v) { return v == std::floor(v); });
    double first = f.low, width = 1;
    int bins = 1;
    if (span == 0 || (whole && span < mostBins)) {
        first = f.low - 0.5;
        bins = static_cast<int>(span) + 1;
    } else {
        const double iqr = quantile(values, 0.75) - quantile(values, 0.25);
        const double wanted = iqr > 0 ? span * std::cbrt(static_cast<double>(values.size())) / (2 * iqr) : mostBins;
        bins = static_cast<int>(std::clamp(std::ceil(wanted), 5.0, static_cast<double>(mostBins)));
        width = span / bins;
    }
    for (int i = 0; i <= bins; ++i)
        f.edges.push_back(first + i * width);
    // Of numbers whose digits end there, such as 1e16, edges would fall together.
    if (std::adjacent_find(f.edges.begin(), f.edges.end(), [](double a, double b) { return !(b > a); }) != f.edges.end()) {
        f.edges.clear();
        return;
    }
    f.counts.assign(static_cast<std::size_t>(bins), 0);
    for (const double v : values)
        ++f.counts[static_cast<std::size_t>(std::clamp(static_cast<int>((v - first) / width), 0, bins - 1))];
}

ColumnFacts factsOf(const FileColumn &c)
{
    ColumnFacts f;
    std::unordered_map<std::string_view, std::int64_t> rows;
    std::size_t longest = 0;
    for (std::size_t row = 0; row < c.cells.size(); ++row) {
        const auto &cell = c.cells[row];
        if (cell.empty()) {
            f.firstMissing = f.firstMissing < 0 ? static_cast<std::int64_t>(row) : f.firstMissing;
            continue;
        }
        if (cell.size() > longest) {
            longest = cell.size();
            f.widest = static_cast<std::int64_t>(row);
        }
        if (!c.values.empty())
            ++rows[cell];
        if (!c.numbers.empty() && std::isnan(c.numbers[row]))
            ++f.bad;
    }
    for (const auto &value : c.values)
        f.rowsOf.push_back(rows[value]);
    std::vector<double> numbers;
    for (const double v : c.numbers)
        if (!std::isnan(v))
            numbers.push_back(v);
    if (numbers.empty())
        return f;
    const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
    f.low = *low;
    f.high = *high;
    const auto m = meanAndSpread(numbers);
    f.mean = m.mean;
    f.sd = m.sd;
    fillHistogram(f, std::move(numbers));
    return f;
}

} // namespace

ReadTable::ReadTable(TableFile file) : m_file(std::move(file))
{
    for (const auto &column : m_file.columns())
        m_facts.push_back(factsOf(column));
}

std::shared_ptr<const ReadTable> ReadTable::read(const std::filesystem::path &path, HeaderLine header)
{
    return std::make_shared<const ReadTable>(TableFile::read(path, header));
}

std::int64_t ReadTable::indexOf(const std::string &name) const
{
    const auto &all = m_file.columns();
    const auto it = std::find_if(all.begin(), all.end(), [&](const FileColumn &c) { return c.name == name; });
    return it == all.end() ? -1 : it - all.begin();
}

Figure ReadTable::figure(std::size_t index, bool target) const
{
    const auto &c = column(index);
    const auto &f = facts(index);
    Figure figure;
    figure.name = ss(fileName(qs(c.name)));
    figure.title = c.name;
    figure.widthMm = 85;
    Panel panel;
    const auto present = rows() - c.missing;
    if (!c.values.empty() && (target || c.numbers.empty())) {
        std::vector<std::size_t> order(c.values.size());
        std::iota(order.begin(), order.end(), std::size_t(0));
        // Classes in their own order, as tables of scores list them.
        if (!target || order.size() > mostBars)
            std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return f.rowsOf[a] > f.rowsOf[b]; });
        XYPanel bars;
        bars.x.label = "rows";
        bars.x.min = 0;
        bars.y.label = c.name;
        bars.legend = LegendPlace::None;
        Series series;
        series.kind = SeriesKind::Bar;
        series.color = barColor;
        double others = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const auto n = static_cast<double>(f.rowsOf[order[i]]);
            // The last bar is of one category, or of several together.
            if (i + 1 >= mostBars && order.size() > mostBars) {
                others += n;
                continue;
            }
            bars.y.categories.push_back(shortened(c.values[order[i]]));
            series.x.push_back(n);
        }
        if (order.size() > mostBars) {
            bars.y.categories.push_back(fmt::format("{} others", order.size() - mostBars + 1));
            series.x.push_back(others);
        }
        for (std::size_t i = 0; i < series.x.size(); ++i)
            series.y.push_back(static_cast<double>(i));
        bars.series.push_back(std::move(series));
        figure.caption =
            fmt::format("Rows of each value of {}: {} rows, {} values, {} missing.", c.name, present, c.values.size(), c.missing);
        // Bars of one height, whatever their number.
        figure.heightMm = std::max(45.0, 18 + 5.0 * static_cast<double>(bars.y.categories.size()));
        panel.content = std::move(bars);
    } else if (!f.counts.empty()) {
        HistogramPanel h;
        h.x.label = c.name;
        h.y.label = "rows";
        h.y.min = 0;
        h.histograms.push_back({"", f.edges, f.counts, barColor});
        figure.caption = fmt::format("Histogram of {}: {} values from {:.6g} to {:.6g}, mean {:.4g}, {} missing.", c.name,
                                     present - f.bad, f.low, f.high, f.mean, c.missing);
        figure.heightMm = 58;
        panel.content = std::move(h);
    } else {
        return figure;
    }
    figure.panels.push_back(std::move(panel));
    return figure;
}

} // namespace reticle
