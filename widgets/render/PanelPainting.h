#pragma once

#include "widgets/render/FigureScene.h"

class QPainter;

namespace reticle {

/// Under the charts: pictures of image panels, tables.
void paintPicture(QPainter &painter, const Panel &panel, const PanelLayout &layout, const FigureStyle &style, PaintTarget target,
                  std::vector<TextMark> *marks);
/// Over the charts: letters, titles, legends, labels of reference lines, "no data".
void paintGlue(QPainter &painter, const Panel &panel, const PanelLayout &layout, const FigureStyle &style,
               const std::set<int> &hidden, std::vector<TextMark> *marks);

AxisPlan planColorBar(const ColorBar &bar, double length, const FigureStyle &style);

/// Squares of color with class names, in rows no wider than `width`.
QSizeF classLegendSize(const std::vector<std::pair<QString, QColor>> &classes, const FigureStyle &style, double width);

} // namespace reticle
