#pragma once

#include "widgets/render/ChartModel.h"
#include "widgets/render/FigureAxis.h"
#include "widgets/render/FigurePainter.h"
#include "widgets/render/FigureText.h"

#include <memory>

class QPainter;

namespace reticle {

/// The VTK side of a figure: a context scene with one chart for each panel with axes and each color bar. Built anew for
/// every layout; it is cheap and carries no state from one to the next. Not thread-safe; one thread may use it at a time.
class ChartScene
{
public:
    ChartScene();
    ~ChartScene();

    /// Empties the scene. `page` in points; `pixelsPerPoint` decides how far long lines are thinned; 0 = not at all.
    void start(QSizeF page, const FigureStyle &style, double pixelsPerPoint);
    /// `plot`: the rectangle of the axes, whole points, y down. `second`: along the top; without ticks there is none.
    void addChart(const ChartModel &model, const AxisPlan &x, const AxisPlan &y, const AxisPlan &second, const QRectF &plot);
    /// A strip of colors with its axis on the right.
    void addColorBar(const ColorBar &bar, const AxisPlan &axis, const QRectF &strip);

    void paint(QPainter &painter, PaintTarget target, std::vector<TextMark> *marks);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
