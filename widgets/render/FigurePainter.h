#pragma once

#include "figure/Figure.h"
#include "widgets/render/FigureStyle.h"

#include <QSizeF>

class QPainter;

namespace reticle {

/// Raster: a pixel grid (screen, PNG). Vector: PDF or SVG, where images are embedded and nothing may be thinned for speed.
enum class PaintTarget { Raster, Vector };

/// Draws `figure` into (0, 0, size), laid out at `size` in points; the caller scales the painter so that one unit is one
/// point. Draws the page's color first. Needs a QGuiApplication (fonts) but no screen.
void paintFigure(QPainter &painter, const Figure &figure, QSizeF size, PaintTarget target,
                 const FigureStyle &style = FigureStyle::print());

/// Height in points that `figure` asks for at `width` points: its own heightMm scaled with the width, or from the content
/// (golden ratio for curves, the images' own shape, rows of a table).
double figureHeight(const Figure &figure, double width);

} // namespace reticle
