#pragma once

#include "widgets/render/FigureScene.h"

namespace reticle {

/// What lies under or near `point` (page, points): "validation: epoch 12, loss 0.31", "row 3, column a: 0.8",
/// "x 12, y 40: 1023"; empty text when nothing is within 12 points.
std::pair<QString, QPointF> readoutOf(const Panel &panel, const PanelLayout &layout, QPointF point);

} // namespace reticle
