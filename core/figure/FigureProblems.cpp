#include "figure/ColorMap.h"
#include "figure/Figure.h"
#include "foundation/Error.h"

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Gathers sentences about one panel.
class Check
{
public:
    Check(std::vector<std::string> &problems, std::string where) : m_problems(problems), m_where(std::move(where)) {}

    void say(const std::string &sentence) { m_problems.push_back(m_where + sentence); }

    void operator()(const XYPanel &p)
    {
        axis("x", p.x);
        axis("y", p.y);
        const bool lying = p.x.categories.empty() && !p.y.categories.empty();
        for (std::size_t i = 0; i < p.series.size(); ++i) {
            const Series &s = p.series[i];
            const std::string name = s.name.empty() ? "series " + std::to_string(i + 1) : "series \"" + s.name + "\"";
            const bool span = s.kind == SeriesKind::Band || s.kind == SeriesKind::ErrorBar;
            if (span)
                lengths(name, s, "lower", s.lower, s.upper.size());
            if (!span || !s.y.empty())
                lengths(name, s, "y", s.y, s.y.size());
            color(name, s.color);
            if (lying && s.kind != SeriesKind::Bar && s.kind != SeriesKind::Scatter)
                say(name + " cannot be drawn over categories of the y axis; only bars and points can.");
            if (!(s.opacity >= 0 && s.opacity <= 1))
                say(name + " has an opacity of " + std::to_string(s.opacity) + "; it must lie within 0 and 1.");
            if (!(s.width >= 0 && s.width <= 50))
                say(name + " has a width of " + std::to_string(s.width) + " pt; it must lie within 0 and 50.");
        }
        references(p.references, p.x, p.y);
    }

    void operator()(const HistogramPanel &p)
    {
        axis("x", p.x);
        axis("y", p.y);
        for (std::size_t i = 0; i < p.histograms.size(); ++i) {
            const Histogram &h = p.histograms[i];
            const std::string name = h.name.empty() ? "histogram " + std::to_string(i + 1) : "histogram \"" + h.name + "\"";
            if (!(h.counts.empty() && h.edges.empty()) && h.edges.size() != h.counts.size() + 1)
                say(name + " has " + std::to_string(h.edges.size()) + " edges for " + std::to_string(h.counts.size()) +
                    " counts; there must be one edge more than counts.");
            for (std::size_t k = 1; k < h.edges.size(); ++k)
                if (!(h.edges[k] > h.edges[k - 1])) {
                    say(name + " has edges that do not rise.");
                    break;
                }
            color(name, h.color);
        }
        references(p.references, p.x, p.y);
    }

    void operator()(const HeatMapPanel &p)
    {
        axis("x", p.x);
        axis("y", p.y);
        axis("color", p.color);
        map(p.colorMap);
        if (p.x.scale == Axis::Scale::Log || p.y.scale == Axis::Scale::Log)
            say("a heat map has no log axes.");
        if (!p.x.second.positions.empty())
            say("a heat map has no second scale.");
        if (p.values.empty())
            return;
        if (p.values.rank() != 2) {
            say("a heat map needs values of rank 2, not " + std::to_string(p.values.rank()) + ".");
            return;
        }
        categories("columns", p.values.dim(1), p.x);
        categories("rows", p.values.dim(0), p.y);
    }

    void operator()(const ImagePanel &p)
    {
        map(p.colorMap);
        if (p.image.empty())
            return;
        const bool colors = p.image.rank() == 3 && p.image.dim(2) == 3 && p.image.dtype() == DType::UInt8;
        if (p.image.rank() != 2 && !colors) {
            say("an image must be (H, W) or (H, W, 3) uint8.");
            return;
        }
        if (p.black && p.white && !(*p.black <= *p.white))
            say("black lies above white.");
        for (std::size_t i = 0; i < p.overlays.size(); ++i) {
            const Overlay &o = p.overlays[i];
            const std::string name = "overlay " + std::to_string(i + 1);
            map(o.colorMap);
            if (o.values.rank() != 2 || o.values.dim(0) != p.image.dim(0) || o.values.dim(1) != p.image.dim(1))
                say(name + " is not of the image's size.");
            if (!(o.opacity >= 0 && o.opacity <= 1))
                say(name + " has an opacity outside 0 and 1.");
        }
        if (!(p.pixelSize >= 0) || std::isinf(p.pixelSize))
            say("the pixel size must be a number from 0.");
    }

    void operator()(const ImageGridPanel &p)
    {
        if (p.columns < 1)
            say("an image grid needs at least 1 column, not " + std::to_string(p.columns) + ".");
        if (p.gap < 0 || p.gap > 1000)
            say("the gap must lie within 0 and 1000 pixels.");
        for (std::size_t i = 0; i < p.cells.size(); ++i) {
            Check cell(m_problems, m_where + "cell " + std::to_string(i + 1) + ": ");
            cell(p.cells[i]);
            const auto &a = p.cells[i].image, &first = p.cells[0].image;
            if (a.rank() >= 2 && first.rank() >= 2 && (a.dim(0) != first.dim(0) || a.dim(1) != first.dim(1)))
                cell.say("is not of the first cell's size.");
        }
        const auto rows =
            p.columns < 1 ? 0 : (p.cells.size() + static_cast<std::size_t>(p.columns) - 1) / static_cast<std::size_t>(p.columns);
        if (!p.columnTitles.empty() && p.columnTitles.size() != static_cast<std::size_t>(std::max(p.columns, 0)))
            say(std::to_string(p.columns) + " columns but " + std::to_string(p.columnTitles.size()) + " column titles.");
        if (!p.rowTitles.empty() && p.rowTitles.size() != rows)
            say(std::to_string(rows) + " rows but " + std::to_string(p.rowTitles.size()) + " row titles.");
    }

    void operator()(const TablePanel &p)
    {
        for (const auto &column : p.table.columns) {
            const auto rows = std::visit([](const auto &v) { return v.size(); }, column.values);
            if (rows != p.table.rows())
                say("column \"" + column.name + "\" has " + std::to_string(rows) + " rows, the first has " +
                    std::to_string(p.table.rows()) + ".");
        }
    }

private:
    void lengths(const std::string &name, const Series &s, const char *field, const std::vector<double> &values,
                 std::size_t upper)
    {
        if (values.size() == s.x.size() && upper == s.x.size())
            return;
        const auto wrong = values.size() != s.x.size() ? values.size() : upper;
        say(name + " has " + std::to_string(s.x.size()) + " x but " + std::to_string(wrong) + " " +
            (values.size() != s.x.size() ? field : "upper") + " values.");
    }

    void axis(const char *name, const Axis &a)
    {
        if (a.min && a.max && !(*a.min < *a.max))
            say(std::string("the ") + name + " axis' min is not below its max.");
        if ((a.min && !std::isfinite(*a.min)) || (a.max && !std::isfinite(*a.max)))
            say(std::string("the ") + name + " axis' range is not finite.");
        if (a.scale == Axis::Scale::Log && ((a.min && *a.min <= 0) || (a.max && *a.max <= 0)))
            say(std::string("the ") + name + " axis is a log axis whose range is not above 0.");
        if (a.scale == Axis::Scale::Log && !a.categories.empty())
            say(std::string("the ") + name + " axis has categories and a log scale.");
        for (std::size_t i = 0; i < a.ticks.size(); ++i)
            if (!rises(a, a.ticks, i)) {
                say(std::string("the ticks of the ") + name + " axis do not rise, or the axis does not have them.");
                break;
            }
        if (!a.ticks.empty() && !a.categories.empty())
            say(std::string("the ") + name + " axis has categories and ticks.");
        secondScale(name, a);
    }

    /// Whether position i is on the axis, after the one before.
    static bool rises(const Axis &a, const std::vector<double> &positions, std::size_t i)
    {
        return std::isfinite(positions[i]) && (a.scale != Axis::Scale::Log || positions[i] > 0) &&
               (i == 0 || positions[i] > positions[i - 1]);
    }

    void secondScale(const char *name, const Axis &a)
    {
        const auto &[label, unit, positions, labels] = a.second;
        const std::string what = std::string("the second scale of the ") + name + " axis ";
        if (positions.empty() && labels.empty())
            return;
        if (std::string(name) != "x")
            say(what + "cannot be drawn; only x axes have one.");
        if (positions.size() != labels.size())
            say(what + "has " + std::to_string(positions.size()) + " positions but " + std::to_string(labels.size()) +
                " labels.");
        for (std::size_t i = 0; i < positions.size(); ++i)
            if (!rises(a, positions, i)) {
                say(what + "has positions that do not rise, or that the axis does not have.");
                break;
            }
    }

    void references(const std::vector<ReferenceLine> &lines, const Axis &x, const Axis &y)
    {
        for (const auto &r : lines) {
            const Axis &a = r.axis == 'x' ? x : y;
            if (!std::isfinite(r.value) || (a.scale == Axis::Scale::Log && r.value <= 0))
                say("the reference line \"" + r.label + "\" at " + std::to_string(r.value) + " cannot be drawn.");
        }
    }

    void categories(const char *what, std::int64_t cells, const Axis &a)
    {
        if (!a.categories.empty() && static_cast<std::int64_t>(a.categories.size()) != cells)
            say(std::to_string(cells) + " " + what + " but " + std::to_string(a.categories.size()) + " names.");
    }

    void color(const std::string &name, const std::string &text)
    {
        const bool right =
            text.empty() || (text.size() == 7 && text[0] == '#' &&
                             std::all_of(text.begin() + 1, text.end(), [](unsigned char c) { return std::isxdigit(c); }));
        if (!right)
            say(name + " has the color \"" + text + "\"; colors are written #rrggbb.");
    }

    void map(const std::string &name)
    {
        try {
            colorTable(name);
        } catch (const Error &e) {
            say(e.what());
        }
    }

    std::vector<std::string> &m_problems;
    std::string m_where;
};

} // namespace

std::vector<std::string> Figure::problems() const
{
    std::vector<std::string> problems;
    if (!(widthMm >= 20 && widthMm <= 2000))
        problems.emplace_back("The width must lie within 20 and 2000 mm.");
    if (!(heightMm == 0 || (heightMm >= 10 && heightMm <= 5000)))
        problems.emplace_back("The height must be 0 or lie within 10 and 5000 mm.");
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const Panel &p = panels[i];
        Check check(problems, "Panel " + (p.letter.empty() ? std::to_string(i + 1) : p.letter) + ": ");
        if (p.row < 0 || p.column < 0 || p.rowSpan < 1 || p.columnSpan < 1 || p.row + p.rowSpan > 100 ||
            p.column + p.columnSpan > 100)
            check.say("row and column must lie within 0 and 99, spans from 1.");
        for (std::size_t k = 0; k < i; ++k) {
            const Panel &q = panels[k];
            if (p.row < q.row + q.rowSpan && q.row < p.row + p.rowSpan && p.column < q.column + q.columnSpan &&
                q.column < p.column + p.columnSpan)
                check.say("it overlaps panel " + (q.letter.empty() ? std::to_string(k + 1) : q.letter) + ".");
        }
        std::visit(check, p.content);
    }
    return problems;
}

} // namespace reticle
