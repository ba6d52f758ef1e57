#include "widgets/render/FigureAxis.h"

#include "widgets/render/FigureText.h"

#include <vtkContext2D.h>
#include <vtkDoubleArray.h>
#include <vtkFloatArray.h>
#include <vtkObjectFactory.h>
#include <vtkPen.h>
#include <vtkStringArray.h>
#include <vtkTextProperty.h>

#include <algorithm>
#include <cmath>

namespace reticle {

vtkStandardNewMacro(FigureAxis);

namespace {

constexpr double labelGap = 1.5; ///< between tick and label
constexpr double titleGap = 3;   ///< between labels and title

Ticks categoryTicks(const Axis &axis, double low, double high)
{
    Ticks ticks;
    for (std::size_t i = 0; i < axis.categories.size(); ++i)
        if (const auto at = static_cast<double>(i); at >= low && at <= high) {
            ticks.major.push_back(at);
            ticks.labels.push_back(axis.categories[i]);
        }
    return ticks;
}

/// Those that the axis asks for, inside the range: the last has a label, and before it every `step`-th.
Ticks ownTicks(const Axis &axis, double low, double high, std::size_t step)
{
    const double slack = 1e-6 * (high - low); // they may stand on the very ends
    std::vector<double> seen;
    for (const double tick : axis.ticks)
        if (const double at = axis.scale == Axis::Scale::Log ? std::log10(tick) : tick; at >= low - slack && at <= high + slack)
            seen.push_back(tick);
    Ticks ticks;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const double at = axis.scale == Axis::Scale::Log ? std::log10(seen[i]) : seen[i];
        const bool labeled = (seen.size() - 1 - i) % step == 0;
        (labeled ? ticks.major : ticks.minor).push_back(at);
        if (labeled)
            ticks.labels.push_back(formatShort(seen[i]));
    }
    return ticks;
}

Ticks mirrored(Ticks ticks, double about)
{
    for (auto *positions : {&ticks.major, &ticks.minor}) {
        for (double &v : *positions)
            v = about - v;
        std::reverse(positions->begin(), positions->end());
    }
    std::reverse(ticks.labels.begin(), ticks.labels.end());
    return ticks;
}

QStringList labelsOf(const Ticks &ticks)
{
    QStringList labels;
    for (const auto &label : ticks.labels)
        labels << QString::fromStdString(label);
    return labels;
}

/// Whether neighboring labels, written along the axis, keep half an em between them.
bool fits(const AxisPlan &plan, const QStringList &labels, const QFont &font, double length, bool across)
{
    const double scale = length / (plan.high - plan.low), em = font.pixelSize();
    double end = -1e300;
    for (int i = 0; i < labels.size(); ++i) {
        const double at = (plan.ticks.major[static_cast<std::size_t>(i)] - plan.low) * scale;
        const double extent = across ? capHeight(font) : textWidth(font, labels[i]);
        if (at - extent / 2 < end + (across ? 0.3 : 0.5) * em)
            return false;
        end = at + extent / 2;
    }
    return true;
}

} // namespace

QString axisTitle(const Axis &axis)
{
    QString title = QString::fromStdString(axis.label);
    if (!axis.unit.empty())
        title += (title.isEmpty() ? "(" : " (") + QString::fromStdString(axis.unit) + ")";
    return title;
}

namespace {

/// Fills in the room that labels and title take.
void measure(AxisPlan &plan, const QStringList &labels, const QString &title, double length, const FigureStyle &style)
{
    const QFont font = FigureStyle::font(style.tickPt);
    double widest = 0;
    for (const QString &label : labels)
        widest = std::max(widest, textWidth(font, label));
    const double tick = style.tickLength + labelGap;
    const double radians = plan.angle * M_PI / 180;
    const double across = plan.vertical ? widest
                                        : widest * std::sin(radians) +
                                              (capHeight(font) + (plan.angle == 0 ? textDescent(font) : 0)) * std::cos(radians);
    plan.labelRoom = tick + (labels.isEmpty() ? 0 : across);

    const double scale = length / (plan.high - plan.low);
    for (int i = 0; i < labels.size(); ++i) {
        const double at = (plan.ticks.major[static_cast<std::size_t>(i)] - plan.low) * scale;
        const double width = textWidth(font, labels[i]), slanted = width * std::cos(radians);
        const QRectF box = plan.vertical     ? QRectF(0, at - capHeight(font) / 2, 1, capHeight(font))
                           : plan.angle == 0 ? QRectF(at - width / 2, 0, width, 1)
                                             : QRectF(at - slanted - capHeight(font) / 2, 0, slanted + capHeight(font), 1);
        plan.overhangLow = std::max(plan.overhangLow, plan.vertical ? -box.top() : -box.left());
        plan.overhangHigh = std::max(plan.overhangHigh, (plan.vertical ? box.bottom() : box.right()) - length);
    }

    plan.titleGap = plan.labelRoom + titleGap;
    plan.room = plan.labelRoom;
    if (!title.isEmpty()) {
        const QFont titleFont = FigureStyle::font(style.axisPt);
        plan.titleLines = wrapText(titleFont, title, std::max(length * 1.05, 40.0));
        plan.room = plan.titleGap + titleFont.pixelSize() * 1.15 * (plan.titleLines.size() - 1) + capHeight(titleFont) +
                    textDescent(titleFont);
        double longest = 0;
        for (const QString &line : plan.titleLines)
            longest = std::max(longest, textWidth(titleFont, line));
        plan.overhangLow = std::max(plan.overhangLow, (longest - length) / 2);
        plan.overhangHigh = std::max(plan.overhangHigh, (longest - length) / 2);
    }
}

} // namespace

AxisPlan planAxis(const Axis &axis, double low, double high, double length, bool vertical, const FigureStyle &style,
                  std::optional<double> mirror, bool whole)
{
    AxisPlan plan;
    plan.vertical = vertical;
    plan.low = low;
    plan.high = high;
    const QFont font = FigureStyle::font(style.tickPt);
    const bool log = axis.scale == Axis::Scale::Log;
    const bool categories = !axis.categories.empty();
    QStringList labels;
    const int maximum = std::clamp(static_cast<int>(length / (vertical ? 16 : 18)), 2, 8);
    const double from = mirror ? *mirror - high : low, to = mirror ? *mirror - low : high;
    // A view that holds fewer than two of them gets round numbers.
    const bool own = !categories && ownTicks(axis, from, to, 1).major.size() > 1;
    std::size_t step = 0;
    for (int wanted = maximum; wanted >= 1; --wanted) {
        plan.ticks = categories ? categoryTicks(axis, from, to)
                     : own      ? ownTicks(axis, from, to, ++step)
                     : log      ? logTicks(from, to, wanted)
                                : linearTicks(from, to, wanted, whole);
        if (mirror)
            plan.ticks = mirrored(std::move(plan.ticks), *mirror);
        labels = labelsOf(plan.ticks);
        if (categories || fits(plan, labels, font, length, vertical))
            break;
    }
    if (!vertical && categories && !fits(plan, labels, font, length, false)) {
        // Slanted lines of text stand apart by their spacing times sin 45.
        const double spacing = length / (high - low);
        plan.angle = spacing * std::sqrt(0.5) > font.pixelSize() ? 45 : 90;
    }
    measure(plan, labels, axisTitle(axis), length, style);
    return plan;
}

AxisPlan planSecondScale(const Axis &axis, double low, double high, double length, const FigureStyle &style)
{
    AxisPlan plan;
    plan.far = true;
    plan.low = low;
    plan.high = high;
    const auto &second = axis.second;
    const bool log = axis.scale == Axis::Scale::Log;
    const double slack = 1e-6 * (high - low); // labels may stand on the very ends
    for (std::size_t i = 0; i < std::min(second.positions.size(), second.labels.size()); ++i) {
        const double at = log ? std::log10(second.positions[i]) : second.positions[i];
        if (!(at >= low - slack && at <= high + slack))
            continue;
        plan.ticks.major.push_back(at);
        plan.ticks.labels.push_back(second.labels[i]);
    }
    if (plan.ticks.major.empty())
        return plan;
    const Ticks all = std::move(plan.ticks);
    const std::size_t n = all.major.size();
    for (std::size_t step = 1; step <= n; ++step) {
        plan.ticks = {};
        for (std::size_t i = 0; i < n; ++i) {
            const bool labeled = (n - 1 - i) % step == 0;
            (labeled ? plan.ticks.major : plan.ticks.minor).push_back(all.major[i]);
            if (labeled)
                plan.ticks.labels.push_back(all.labels[i]);
        }
        if (fits(plan, labelsOf(plan.ticks), FigureStyle::font(style.tickPt), length, false))
            break;
    }
    Axis named;
    named.label = second.label;
    named.unit = second.unit;
    measure(plan, labelsOf(plan.ticks), axisTitle(named), length, style);
    return plan;
}

void FigureAxis::setPlan(const AxisPlan &plan, const FigureStyle &style)
{
    m_plan = plan;
    m_style = style;
    SetBehavior(vtkAxis::FIXED);
    SetRange(0, 1); // what the chart draws is scaled to its view beforehand: single precision is enough then
    SetTitle("");
    SetGridVisible(style.grid);
    GridPen->SetColor(static_cast<unsigned char>(style.faint.red()), static_cast<unsigned char>(style.faint.green()),
                      static_cast<unsigned char>(style.faint.blue()));
    GridPen->SetWidth(static_cast<float>(style.gridWidth));
}

float FigureAxis::position(double value) const
{
    const double t = (value - m_plan.low) / (m_plan.high - m_plan.low);
    const int axis = m_plan.vertical ? 1 : 0;
    return static_cast<float>(Point1[axis] + t * (Point2[axis] - Point1[axis]));
}

// The grid of the chart reads these.
void FigureAxis::Update()
{
    TickPositions->SetNumberOfTuples(0);
    TickScenePositions->SetNumberOfTuples(0);
    TickLabels->SetNumberOfTuples(0);
    for (std::size_t i = 0; i < m_plan.ticks.major.size(); ++i) {
        TickPositions->InsertNextValue((m_plan.ticks.major[i] - m_plan.low) / (m_plan.high - m_plan.low));
        TickScenePositions->InsertNextValue(position(m_plan.ticks.major[i]));
        TickLabels->InsertNextValue(m_plan.ticks.labels[i]);
    }
}

bool FigureAxis::Paint(vtkContext2D *painter)
{
    if (!Visible)
        return false;
    vtkPen *pen = painter->GetPen();
    pen->SetColor(static_cast<unsigned char>(m_style.ink.red()), static_cast<unsigned char>(m_style.ink.green()),
                  static_cast<unsigned char>(m_style.ink.blue()), 255);
    pen->SetLineType(vtkPen::SOLID_LINE);
    pen->SetWidth(static_cast<float>(m_style.axisWidth));
    const float half = static_cast<float>(m_style.axisWidth / 2);
    // The line ends flush with the other axis' line.
    if (m_plan.vertical)
        painter->DrawLine(Point1[0], Point1[1] - half, Point2[0], Point2[1] + half);
    else
        painter->DrawLine(Point1[0] - half, Point1[1], Point2[0] + half, Point2[1]);

    const float out = m_plan.far ? 1 : -1;
    const auto tick = [&](double value, double length) {
        const float at = position(value), reach = out * static_cast<float>(length);
        if (m_plan.vertical)
            painter->DrawLine(Point1[0], at, Point1[0] + reach, at);
        else
            painter->DrawLine(at, Point1[1], at, Point1[1] + reach);
    };
    for (const double value : m_plan.ticks.major)
        tick(value, m_style.tickLength);
    pen->SetWidth(static_cast<float>(m_style.axisWidth * 0.7));
    for (const double value : m_plan.ticks.minor)
        tick(value, m_style.tickLength * 0.6);

    vtkTextProperty *text = painter->GetTextProp();
    text->SetColor(m_style.ink.redF(), m_style.ink.greenF(), m_style.ink.blueF());
    text->SetOpacity(1);
    text->SetFontFamilyToArial();
    text->SetBold(0);
    text->SetItalic(0);
    text->SetFontSize(static_cast<int>(std::lround(m_style.tickPt)));
    const float gap = out * static_cast<float>(m_style.tickLength + labelGap);
    for (std::size_t i = 0; i < m_plan.ticks.major.size(); ++i) {
        const float at = position(m_plan.ticks.major[i]);
        const vtkStdString label = m_plan.ticks.labels[i];
        if (m_plan.vertical) {
            text->SetOrientation(0);
            text->SetJustification(m_plan.far ? VTK_TEXT_LEFT : VTK_TEXT_RIGHT);
            text->SetVerticalJustification(VTK_TEXT_CENTERED);
            painter->DrawString(Point1[0] + gap, at, label);
        } else {
            text->SetOrientation(m_plan.angle);
            text->SetJustification(m_plan.angle == 0 ? VTK_TEXT_CENTERED : VTK_TEXT_RIGHT);
            text->SetVerticalJustification(m_plan.angle == 90 ? VTK_TEXT_CENTERED : m_plan.far ? VTK_TEXT_BOTTOM : VTK_TEXT_TOP);
            painter->DrawString(at, Point1[1] + gap, label);
        }
    }

    text->SetFontSize(static_cast<int>(std::lround(m_style.axisPt)));
    text->SetJustification(VTK_TEXT_CENTERED);
    const int lines = static_cast<int>(m_plan.titleLines.size());
    const double lineHeight = m_style.axisPt * 1.15;
    for (int i = 0; i < lines; ++i) {
        const vtkStdString line = m_plan.titleLines[i].toStdString();
        if (m_plan.vertical) {
            // Read from below; on the right side the first line is the nearest to the axis.
            const int nth = m_plan.far ? i : lines - 1 - i;
            text->SetOrientation(90);
            text->SetVerticalJustification(m_plan.far ? VTK_TEXT_TOP : VTK_TEXT_BOTTOM);
            painter->DrawString(Point1[0] + out * static_cast<float>(m_plan.titleGap + nth * lineHeight),
                                (Point1[1] + Point2[1]) / 2, line);
        } else {
            const int nth = m_plan.far ? lines - 1 - i : i;
            text->SetOrientation(0);
            text->SetVerticalJustification(m_plan.far ? VTK_TEXT_BOTTOM : VTK_TEXT_TOP);
            painter->DrawString((Point1[0] + Point2[0]) / 2,
                                Point1[1] + out * static_cast<float>(m_plan.titleGap + nth * lineHeight), line);
        }
    }
    text->SetOrientation(0);
    return true;
}

} // namespace reticle
