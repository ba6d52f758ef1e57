#pragma once

#include <QMarginsF>
#include <QRectF>

#include <functional>
#include <optional>
#include <vector>

namespace reticle {

/// One panel as the page's grid sees it.
struct GridCell
{
    int row = 0, column = 0, rowSpan = 1, columnSpan = 1;
    /// Room needed around a content of this size (axes, titles, legends).
    std::function<QMarginsF(QSizeF content)> margins;
    /// Height of the content wanted at this width.
    std::function<double(double width)> height;
    bool stretches = true; ///< may be made higher or lower than wanted (charts; not images and tables)

    QRectF content; ///< result: whole units
    QRectF outer;   ///< result: with the margins of its row and columns
};

/// Places the cells on a page of `width`; contents of one column share left and right ends, of one row upper and lower
/// ones. Without `height` each row gets what its cells want; with it rows share it in that proportion, charts giving way
/// first. Returns the height used.
double layoutGrid(std::vector<GridCell> &cells, double width, std::optional<double> height);

} // namespace reticle
