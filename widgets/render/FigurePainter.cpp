#include "widgets/render/FigurePainter.h"

#include "widgets/render/FigureScene.h"

#include <QPainter>

namespace reticle {

void paintFigure(QPainter &painter, const Figure &figure, QSizeF size, PaintTarget target, const FigureStyle &style)
{
    FigureScene scene(style);
    scene.setFigure(figure);
    scene.layout(size, target == PaintTarget::Raster ? painter.deviceTransform().m11() : 0);
    scene.paint(painter, target);
}

double figureHeight(const Figure &figure, double width)
{
    FigureScene scene;
    scene.setFigure(figure);
    return scene.heightFor(width);
}

} // namespace reticle
