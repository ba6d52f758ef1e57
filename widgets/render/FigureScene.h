#pragma once

#include "widgets/render/ChartScene.h"
#include "widgets/render/ImageComposite.h"
#include "widgets/render/Legend.h"

#include <QMarginsF>

#include <memory>

namespace reticle {

/// A panel with everything about it worked out for one size of page. Points, y down.
struct PanelLayout
{
    int index = 0;
    QRectF cell; ///< the panel with its axes, titles, legend and color bar
    QRectF plot; ///< inside its axes; the picture of an image panel; the room of a table
    QMarginsF margins;
    QStringList titleLines;
    double titleBaseline = 0; ///< of its first line

    std::optional<ChartModel> chart;
    AxisPlan x, y, second; ///< second: along the top, of x
    std::optional<ColorBar> bar;
    AxisPlan barPlan;
    QRectF barStrip;
    std::optional<ImageComposite> image;
    QImage grid;
    Legend legend; ///< series of charts
    QRectF legendRect;
    int passes = 0; ///< of the layout so far
};

/// A figure laid out and ready to paint again and again: the engine behind exports and FigureView.
/// Not thread-safe; any one thread may use it. Needs a QGuiApplication for its fonts.
class FigureScene
{
public:
    explicit FigureScene(const FigureStyle &style = FigureStyle::print());
    ~FigureScene();

    /// Keeps zoom and hidden series of panels that are still there.
    void setFigure(const Figure &figure);
    void setStyle(const FigureStyle &style);
    const Figure &figure() const;
    const FigureStyle &style() const;

    PanelView &view(int panel); ///< call relayout() after changes
    void resetViews();

    /// Height in points at which `width` shows the figure as its author asked: its own height, or from its content.
    double heightFor(double width);
    /// Margins come from measured text, panels of one column share their axes' left and right ends, rows their upper and
    /// lower ones. `pixelsPerPoint` 0: lines are not thinned.
    void layout(QSizeF page, double pixelsPerPoint);
    void relayout();
    QSizeF page() const;
    const std::vector<PanelLayout> &panels() const;

    void paint(QPainter &painter, PaintTarget target);
    /// Every text of the last paint.
    const std::vector<TextMark> &marks() const;
    /// Union of the boxes of everything drawn in the last paint, without the page's own color.
    QRectF ink() const;

    /// Panel whose plot holds the point, or -1.
    int panelAt(QPointF point) const;
    /// Panel and series whose legend entry holds the point, or {-1, -1}.
    std::pair<int, int> legendAt(QPointF point) const;
    /// Axis coordinates of a point in a panel with axes.
    QPointF toAxes(int panel, QPointF point) const;

    struct Readout
    {
        QString text; ///< "" = nothing near
        QPointF at;   ///< the data point
    };
    Readout readout(QPointF point) const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
