#include "widgets/render/FigureLayout.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace reticle {

namespace {

constexpr double pagePad = 3, columnGap = 8, rowGap = 8;

double sum(const std::vector<double> &v, int first, int count)
{
    return std::accumulate(v.begin() + first, v.begin() + first + count, 0.0);
}

} // namespace

double layoutGrid(std::vector<GridCell> &cells, double width, std::optional<double> height)
{
    int columns = 1, rows = 1;
    for (const auto &cell : cells) {
        columns = std::max(columns, cell.column + cell.columnSpan);
        rows = std::max(rows, cell.row + cell.rowSpan);
    }
    const auto nc = static_cast<std::size_t>(columns), nr = static_cast<std::size_t>(rows);
    std::vector<double> left(nc), right(nc), top(nr), bottom(nr), heights(nr, 60);
    double unit = width / columns * 0.8;

    const auto contentSize = [&](const GridCell &cell) {
        double w = unit * cell.columnSpan, h = sum(heights, cell.row, cell.rowSpan);
        for (int c = cell.column; c + 1 < cell.column + cell.columnSpan; ++c)
            w += right[static_cast<std::size_t>(c)] + columnGap + left[static_cast<std::size_t>(c) + 1];
        for (int r = cell.row; r + 1 < cell.row + cell.rowSpan; ++r)
            h += bottom[static_cast<std::size_t>(r)] + rowGap + top[static_cast<std::size_t>(r) + 1];
        return QSizeF(w, h);
    };

    // Margins depend on the contents' sizes (labels thin out, titles wrap) and those on the margins. The first passes
    // settle; from then on margins only grow, until they hold what is asked for.
    constexpr int settling = 3, most = 12;
    double used = 0;
    for (int pass = 0; pass < most; ++pass) {
        std::vector<QMarginsF> margins;
        for (const auto &cell : cells)
            margins.push_back(cell.margins(contentSize(cell)));
        if (pass < settling)
            for (auto *side : {&left, &right, &top, &bottom})
                std::fill(side->begin(), side->end(), 0);
        bool grown = false;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto grow = [&](double &to, double by) {
                grown |= std::ceil(by) > to;
                to = std::max(to, std::ceil(by));
            };
            const GridCell &cell = cells[i];
            grow(left[static_cast<std::size_t>(cell.column)], margins[i].left());
            grow(right[static_cast<std::size_t>(cell.column + cell.columnSpan - 1)], margins[i].right());
            grow(top[static_cast<std::size_t>(cell.row)], margins[i].top());
            grow(bottom[static_cast<std::size_t>(cell.row + cell.rowSpan - 1)], margins[i].bottom());
        }
        if (pass > settling && !grown)
            break;
        unit = (width - 2 * pagePad - sum(left, 0, columns) - sum(right, 0, columns) - columnGap * (columns - 1)) / columns;
        unit = std::max(std::floor(unit), 24.0); // whole units: VTK puts the corners of charts there

        std::vector<double> wanted(nr, 0);
        std::vector<bool> stiff(nr, false);
        for (const auto &cell : cells) {
            if (cell.rowSpan > 1)
                continue;
            const auto r = static_cast<std::size_t>(cell.row);
            const double h = cell.height(contentSize(cell).width());
            // A chart beside an image takes the image's height.
            if (!cell.stretches && !stiff[r]) {
                wanted[r] = h;
                stiff[r] = true;
            } else if (cell.stretches == !stiff[r]) {
                wanted[r] = std::max(wanted[r], h);
            }
        }
        for (const auto &cell : cells) {
            if (cell.rowSpan == 1)
                continue;
            const double h = cell.height(contentSize(cell).width());
            double there = rowGap * (cell.rowSpan - 1);
            for (int r = cell.row; r < cell.row + cell.rowSpan; ++r)
                there += wanted[static_cast<std::size_t>(r)];
            for (int r = cell.row; r < cell.row + cell.rowSpan && h > there; ++r)
                wanted[static_cast<std::size_t>(r)] += (h - there) / cell.rowSpan;
        }
        for (double &h : wanted)
            h = std::max(h, 12.0);

        const double around = 2 * pagePad + sum(top, 0, rows) + sum(bottom, 0, rows) + rowGap * (rows - 1);
        if (height) {
            const double available = std::max(*height - around, 12.0 * rows);
            double stiffSum = 0, softSum = 0;
            for (std::size_t r = 0; r < nr; ++r)
                (stiff[r] ? stiffSum : softSum) += wanted[r];
            // Charts give way (or take the room) as long as they keep a third of the page; then everything does.
            const double soft = available - stiffSum;
            if (softSum > 0 && soft >= std::min(softSum, available / 3.0)) {
                for (std::size_t r = 0; r < nr; ++r)
                    wanted[r] *= stiff[r] ? 1 : soft / softSum;
            } else {
                const double scale = available / (stiffSum + softSum);
                for (double &h : wanted)
                    h *= scale;
            }
        }
        for (double &h : wanted)
            h = std::floor(h);
        heights = wanted;
        used = around + sum(heights, 0, rows);
    }

    for (auto &cell : cells) {
        double x = pagePad, y = pagePad;
        for (int c = 0; c < cell.column; ++c)
            x += left[static_cast<std::size_t>(c)] + unit + right[static_cast<std::size_t>(c)] + columnGap;
        for (int r = 0; r < cell.row; ++r)
            y += top[static_cast<std::size_t>(r)] + heights[static_cast<std::size_t>(r)] + bottom[static_cast<std::size_t>(r)] +
                 rowGap;
        const double l = left[static_cast<std::size_t>(cell.column)], t = top[static_cast<std::size_t>(cell.row)];
        const QSizeF size = contentSize(cell);
        const double x1 = x + l, y1 = y + t;
        cell.content = QRectF(x1, y1, size.width(), size.height());
        cell.outer = QRectF(QPointF(x, y),
                            QPointF(x + l + size.width() + right[static_cast<std::size_t>(cell.column + cell.columnSpan - 1)],
                                    y + t + size.height() + bottom[static_cast<std::size_t>(cell.row + cell.rowSpan - 1)]));
    }
    return height ? *height : std::ceil(used);
}

} // namespace reticle
