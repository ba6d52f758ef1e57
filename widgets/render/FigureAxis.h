#pragma once

#include "figure/Figure.h"
#include "widgets/render/FigureStyle.h"
#include "widgets/render/Ticks.h"

#include <vtkAxis.h>

#include <QString>

namespace reticle {

/// What an axis shows and how much room that takes, worked out before anything is drawn. Lengths in points.
struct AxisPlan
{
    bool vertical = false;
    bool far = false;         ///< on the right (color bars) or along the top (second scales)
    double low = 0, high = 1; ///< range in axis coordinates (decimal logarithm on a log axis)
    Ticks ticks;
    QStringList titleLines;
    double angle = 0;                         ///< of the labels of a horizontal axis: 0, 45 or 90 degrees
    double labelRoom = 0;                     ///< from the axis line to the far side of the labels
    double titleGap = 0;                      ///< from the axis line to the near side of the title; at least labelRoom + gap
    double room = 0;                          ///< all of it, with the title
    double overhangLow = 0, overhangHigh = 0; ///< how far labels stand out beyond the ends of the axis
};

/// "label (unit)".
QString axisTitle(const Axis &axis);
/// Ticks that fit an axis of `length`; on crowded horizontal axes the labels turn by 45, then 90 degrees, never vanish.
/// With `mirror` the axis runs downwards: a coordinate c is labeled mirror - c. With `whole` ticks
/// are whole numbers.
AxisPlan planAxis(const Axis &axis, double low, double high, double length, bool vertical, const FigureStyle &style,
                  std::optional<double> mirror = {}, bool whole = false);

/// The second scale of an axis that shows `low` to `high`, along the top of the same length; where labels would touch,
/// only every second (third, ...) is written, the last always. Nothing (room 0) where it has no position in that range.
AxisPlan planSecondScale(const Axis &axis, double low, double high, double length, const FigureStyle &style);

/// vtkAxis with ticks at exact, round positions, minor ticks and typeset labels. VTK's own rounds tick positions to whole
/// scene units, starts them at the range's minimum and has no minor ticks.
class FigureAxis : public vtkAxis
{
public:
    vtkTypeMacro(FigureAxis, vtkAxis);
    static FigureAxis *New();

    void setPlan(const AxisPlan &plan, const FigureStyle &style);

    void Update() override;
    bool Paint(vtkContext2D *painter) override;
    void AutoScale() override {}
    void RecalculateTickSpacing() override {}

protected:
    FigureAxis() = default;
    ~FigureAxis() override = default;
    void GenerateTickLabels(double, double) override {}
    void GenerateTickLabels() override {}

private:
    float position(double value) const;

    AxisPlan m_plan;
    FigureStyle m_style;
};

} // namespace reticle
