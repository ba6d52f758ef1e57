#include "widgets/render/FigureLayout.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace reticle {

namespace {

constexpr double pagePad = 3, columnGap = 8, rowGap = 8;

double sum(const std::vector<double> &v, int first, int count)
{
    return std::accumulate(v.begin() + first, v.begin() + first + count, 0.0);
}

/// The rows and columns of a page while its cells are placed. Columns are equally wide without their margins.
class PageGrid
{
public:
    PageGrid(std::vector<GridCell> &cells, double width, std::optional<double> height)
        : m_cells(cells), m_width(width), m_height(height)
    {
        for (const auto &cell : cells) {
            m_columns = std::max(m_columns, cell.column + cell.columnSpan);
            m_rows = std::max(m_rows, cell.row + cell.rowSpan);
        }
        m_left.resize(index(m_columns));
        m_right.resize(index(m_columns));
        m_top.resize(index(m_rows));
        m_bottom.resize(index(m_rows));
        m_heights.assign(index(m_rows), 60);
        m_unit = width / m_columns * 0.8;
    }

    /// Margins depend on the contents' sizes (labels thin out, titles wrap) and those on the margins. The first passes
    /// settle; from then on margins only grow, until they hold what is asked for.
    void solve()
    {
        constexpr int settling = 3, maximum = 12;
        for (int pass = 0; pass < maximum; ++pass) {
            const bool grown = growMargins(pass < settling);
            if (pass > settling && !grown)
                break;
            solveWidth();
            solveHeights();
        }
    }

    void placeCells()
    {
        for (auto &cell : m_cells) {
            const QPointF corner = cornerOf(cell);
            const double l = m_left[index(cell.column)], t = m_top[index(cell.row)];
            const QSizeF size = contentSize(cell);
            cell.content = QRectF(corner.x() + l, corner.y() + t, size.width(), size.height());
            cell.outer = QRectF(corner, QPointF(corner.x() + l + size.width() + m_right[lastColumn(cell)],
                                                corner.y() + t + size.height() + m_bottom[lastRow(cell)]));
        }
    }

    double usedHeight() const { return heightAround() + sum(m_heights, 0, m_rows); }

private:
    /// What the rows ask for. A stiff one has a cell that cannot be made higher or lower.
    struct RowHeights
    {
        std::vector<double> wanted;
        std::vector<bool> stiff;
    };

    static std::size_t index(int i) { return static_cast<std::size_t>(i); }
    static std::size_t lastColumn(const GridCell &cell) { return index(cell.column + cell.columnSpan - 1); }
    static std::size_t lastRow(const GridCell &cell) { return index(cell.row + cell.rowSpan - 1); }

    QSizeF contentSize(const GridCell &cell) const
    {
        double w = m_unit * cell.columnSpan, h = sum(m_heights, cell.row, cell.rowSpan);
        for (int c = cell.column; c + 1 < cell.column + cell.columnSpan; ++c)
            w += m_right[index(c)] + columnGap + m_left[index(c) + 1];
        for (int r = cell.row; r + 1 < cell.row + cell.rowSpan; ++r)
            h += m_bottom[index(r)] + rowGap + m_top[index(r) + 1];
        return QSizeF(w, h);
    }

    /// Upper left corner of the cell with its margins.
    QPointF cornerOf(const GridCell &cell) const
    {
        double x = pagePad, y = pagePad;
        for (int c = 0; c < cell.column; ++c)
            x += m_left[index(c)] + m_unit + m_right[index(c)] + columnGap;
        for (int r = 0; r < cell.row; ++r)
            y += m_top[index(r)] + m_heights[index(r)] + m_bottom[index(r)] + rowGap;
        return QPointF(x, y);
    }

    /// All that stands above, between and below the contents of the rows.
    double heightAround() const { return 2 * pagePad + sum(m_top, 0, m_rows) + sum(m_bottom, 0, m_rows) + rowGap * (m_rows - 1); }

    /// Makes room for the margins that the cells ask for at their sizes of now, from none where `anew`. Whether it took more.
    bool growMargins(bool anew)
    {
        std::vector<QMarginsF> margins;
        for (const auto &cell : m_cells)
            margins.push_back(cell.margins(contentSize(cell)));
        if (anew)
            for (auto *side : {&m_left, &m_right, &m_top, &m_bottom})
                std::fill(side->begin(), side->end(), 0);
        bool grown = false;
        const auto grow = [&](double &to, double by) {
            grown |= std::ceil(by) > to;
            to = std::max(to, std::ceil(by));
        };
        for (std::size_t i = 0; i < m_cells.size(); ++i) {
            const GridCell &cell = m_cells[i];
            grow(m_left[index(cell.column)], margins[i].left());
            grow(m_right[lastColumn(cell)], margins[i].right());
            grow(m_top[index(cell.row)], margins[i].top());
            grow(m_bottom[lastRow(cell)], margins[i].bottom());
        }
        return grown;
    }

    void solveWidth()
    {
        m_unit = (m_width - 2 * pagePad - sum(m_left, 0, m_columns) - sum(m_right, 0, m_columns) - columnGap * (m_columns - 1)) /
                 m_columns;
        m_unit = std::max(std::floor(m_unit), 24.0); // whole units: VTK puts the corners of charts there
    }

    void solveHeights()
    {
        RowHeights rows = wantedHeights();
        heightenSpanned(rows.wanted);
        for (double &h : rows.wanted)
            h = std::max(h, 12.0);
        if (m_height)
            fit(rows, std::max(*m_height - heightAround(), 12.0 * m_rows));
        for (double &h : rows.wanted)
            h = std::floor(h);
        m_heights = std::move(rows.wanted);
    }

    /// Of the cells that take one row.
    RowHeights wantedHeights() const
    {
        RowHeights rows{std::vector<double>(index(m_rows), 0), std::vector<bool>(index(m_rows), false)};
        for (const auto &cell : m_cells) {
            if (cell.rowSpan > 1)
                continue;
            const auto r = index(cell.row);
            const double h = cell.height(contentSize(cell).width());
            // A chart beside an image takes the image's height.
            if (!cell.stretches && !rows.stiff[r]) {
                rows.wanted[r] = h;
                rows.stiff[r] = true;
            } else if (cell.stretches == !rows.stiff[r]) {
                rows.wanted[r] = std::max(rows.wanted[r], h);
            }
        }
        return rows;
    }

    /// Where a cell of several rows has too little room in them, each of them gives an equal part of what is missing.
    void heightenSpanned(std::vector<double> &wanted) const
    {
        for (const auto &cell : m_cells) {
            if (cell.rowSpan == 1)
                continue;
            const double h = cell.height(contentSize(cell).width());
            double spanned = rowGap * (cell.rowSpan - 1);
            for (int r = cell.row; r < cell.row + cell.rowSpan; ++r)
                spanned += wanted[index(r)];
            for (int r = cell.row; r < cell.row + cell.rowSpan && h > spanned; ++r)
                wanted[index(r)] += (h - spanned) / cell.rowSpan;
        }
    }

    /// Charts give way (or take the room) as long as they keep a third of the page; then everything does.
    static void fit(RowHeights &rows, double available)
    {
        double stiffSum = 0, softSum = 0;
        for (std::size_t r = 0; r < rows.wanted.size(); ++r)
            (rows.stiff[r] ? stiffSum : softSum) += rows.wanted[r];
        const double soft = available - stiffSum;
        if (softSum > 0 && soft >= std::min(softSum, available / 3.0)) {
            for (std::size_t r = 0; r < rows.wanted.size(); ++r)
                rows.wanted[r] *= rows.stiff[r] ? 1 : soft / softSum;
        } else {
            const double scale = available / (stiffSum + softSum);
            for (double &h : rows.wanted)
                h *= scale;
        }
    }

    std::vector<GridCell> &m_cells;
    double m_width;
    std::optional<double> m_height;
    int m_columns = 1, m_rows = 1;
    double m_unit = 0;                   ///< width of a column's content
    std::vector<double> m_heights;       ///< of the rows' contents
    std::vector<double> m_left, m_right; ///< margins of the columns
    std::vector<double> m_top, m_bottom; ///< margins of the rows
};

} // namespace

double layoutGrid(std::vector<GridCell> &cells, double width, std::optional<double> height)
{
    PageGrid grid(cells, width, height);
    grid.solve();
    grid.placeCells();
    return height ? *height : std::ceil(grid.usedHeight());
}

} // namespace reticle
