#include "widgets/export/FigureCsv.h"

#include <charconv>
#include <cmath>

namespace reticle {

namespace {

/// Shortest text that reads back as the same double.
std::string csvNumber(double v)
{
    if (std::isnan(v))
        return "nan";
    if (std::isinf(v))
        return v < 0 ? "-inf" : "inf";
    char buffer[40];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr};
}

std::string field(const std::string &text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

std::string at(const std::vector<double> &v, std::size_t i)
{
    return i < v.size() ? csvNumber(v[i]) : "";
}

std::string position(const Axis &axis, double v)
{
    const auto i = std::lround(v);
    if (!axis.categories.empty() && v == static_cast<double>(i) && i >= 0 && i < static_cast<long>(axis.categories.size()))
        return field(axis.categories[static_cast<std::size_t>(i)]);
    return csvNumber(v);
}

/// Where arrays too large for a text go.
struct Beside
{
    std::string name, suffix; ///< of the panel's file
    std::vector<NumberFile> files;

    /// Its file name.
    std::string put(const Array &array, const std::string &part)
    {
        files.push_back({suffix + part + ".npy", {}, array});
        return name + files.back().suffix;
    }
};

std::string csv(const XYPanel &panel, Beside &)
{
    std::string out = "series,x,y,ylo,yhi,label\n";
    for (const auto &s : panel.series) {
        const std::size_t n = std::max({s.x.size(), s.y.size(), s.lower.size(), s.upper.size()});
        for (std::size_t i = 0; i < n; ++i) {
            const auto &named = panel.x.categories.empty() ? panel.y : panel.x;
            const auto &places = panel.x.categories.empty() ? s.y : s.x;
            const auto category = named.categories.empty() || i >= places.size() ? "" : position(named, places[i]);
            out += field(s.name) + ',' + at(s.x, i) + ',' + at(s.y, i) + ',' + at(s.lower, i) + ',' + at(s.upper, i) + ',' +
                   category + '\n';
        }
    }
    return out;
}

std::string csv(const HistogramPanel &panel, Beside &)
{
    std::string out = "series,low,high,count\n";
    for (const auto &h : panel.histograms)
        for (std::size_t i = 0; i < h.counts.size(); ++i)
            out += field(h.name) + ',' + at(h.edges, i) + ',' + at(h.edges, i + 1) + ',' + csvNumber(h.counts[i]) + '\n';
    return out;
}

std::string header(const Axis &axis, std::int64_t index, std::int64_t cells)
{
    if (!axis.categories.empty())
        return index < static_cast<std::int64_t>(axis.categories.size()) ? field(axis.categories[static_cast<std::size_t>(index)])
                                                                         : "";
    if (!axis.min || !axis.max)
        return std::to_string(index);
    return csvNumber(*axis.min + (*axis.max - *axis.min) * (static_cast<double>(index) + 0.5) / static_cast<double>(cells));
}

std::string csv(const HeatMapPanel &panel, Beside &)
{
    if (panel.values.rank() != 2)
        return "\n";
    const auto rows = panel.values.dim(0), columns = panel.values.dim(1);
    std::string out;
    for (std::int64_t c = 0; c < columns; ++c)
        out += ',' + header(panel.x, c, columns);
    out += '\n';
    for (std::int64_t r = 0; r < rows; ++r) {
        out += header(panel.y, r, rows);
        for (std::int64_t c = 0; c < columns; ++c)
            out += ',' + csvNumber(panel.values.value(r * columns + c));
        out += '\n';
    }
    return out;
}

void pixels(std::string &out, const ImagePanel &panel, const std::string &lead, const std::string &part, Beside &beside)
{
    const Array &a = panel.image;
    if (a.rank() < 2)
        return;
    const auto rows = a.dim(0), columns = a.dim(1), channels = a.size() / std::max<std::int64_t>(1, rows * columns);
    if (isLargeForCsv(a)) {
        out += lead + "size," + std::to_string(rows) + ',' + std::to_string(columns) +
               (beside.name.empty() ? "" : ',' + field(beside.put(a, part))) + '\n';
        return;
    }
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; ++c) {
            out += lead + std::to_string(r) + ',' + std::to_string(c);
            for (std::int64_t k = 0; k < channels; ++k)
                out += ',' + csvNumber(a.value((r * columns + c) * channels + k));
            out += '\n';
        }
}

std::string csv(const ImagePanel &panel, Beside &beside)
{
    const bool color = panel.image.rank() == 3 && panel.image.dim(2) >= 3;
    std::string out = color ? "row,col,red,green,blue\n" : "row,col,value\n";
    pixels(out, panel, "", "", beside);
    return out;
}

std::string csv(const ImageGridPanel &panel, Beside &beside)
{
    std::string out = "cell,row,col,value\n";
    for (std::size_t i = 0; i < panel.cells.size(); ++i)
        pixels(out, panel.cells[i], std::to_string(i) + ',', "-" + std::to_string(i), beside);
    return out;
}

std::string csv(const TablePanel &panel, Beside &)
{
    return panel.table.toCsv();
}

} // namespace

bool isLargeForCsv(const Array &image)
{
    return image.rank() >= 2 && image.dim(0) * image.dim(1) >= 65536;
}

std::vector<NumberFile> figureCsv(const Figure &figure, const std::string &name)
{
    std::vector<NumberFile> files;
    for (std::size_t i = 0; i < figure.panels.size(); ++i) {
        const Panel &panel = figure.panels[i];
        Beside beside{name, {}, {}};
        if (figure.panels.size() > 1)
            beside.suffix = "-" + (panel.letter.empty() ? std::to_string(i + 1) : panel.letter);
        std::string text = std::visit([&](const auto &content) { return csv(content, beside); }, panel.content);
        files.push_back({beside.suffix + ".csv", std::move(text), {}});
        for (auto &file : beside.files)
            files.push_back(std::move(file));
    }
    return files;
}

} // namespace reticle
