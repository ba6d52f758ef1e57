#pragma once

#include "widgets/render/ChartModel.h"
#include "widgets/render/FigureText.h"

namespace reticle {

/// The name of a reference line and where it stands.
struct ReferenceLabel
{
    QString text;
    QPointF anchor;
    HAlign h;
    VAlign v;
    QRectF box;
};

/// Names of horizontal lines stand inside the plot at the end of their line that is free of data; those of vertical lines
/// above the plot, one over another where they would collide.
std::vector<ReferenceLabel> referenceLabels(const ChartModel &model, const QRectF &plot, const FigureStyle &style);

/// Whether any series of `model`, drawn in `plot`, reaches into `rect`.
bool coversData(const ChartModel &model, const QRectF &plot, const QRectF &rect);

} // namespace reticle
