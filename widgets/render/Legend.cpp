#include "widgets/render/Legend.h"

#include "widgets/render/ReferenceLabels.h"

#include <vtkMarkerUtilities.h>

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr double swatch = 14, swatchGap = 3, entryGap = 9, padding = 2;

double legendRowHeight(const FigureStyle &style)
{
    return style.legendPt * 1.4;
}

double entryWidth(const LegendEntry &entry, const FigureStyle &style)
{
    return swatch + swatchGap + textWidth(FigureStyle::font(style.legendPt), entry.name);
}

} // namespace

Legend legendOf(const ChartModel &model, const FigureStyle &style)
{
    Legend legend;
    for (const auto &s : model.series) {
        if (s.name.isEmpty())
            continue;
        LegendEntry entry;
        entry.series = s.index;
        entry.name = s.name;
        entry.look.kind = s.kind;
        entry.look.color = s.color;
        entry.look.width = s.width;
        entry.look.dash = s.dash;
        entry.look.marker = s.marker;
        entry.look.outline = s.outline;
        legend.entries.push_back(std::move(entry));
    }
    if (legend.entries.empty() || model.legend == LegendPlace::None)
        return {};
    legend.place = model.legend;
    legend.size = columnSize(legend, style);
    return legend;
}

QSizeF columnSize(const Legend &legend, const FigureStyle &style)
{
    double width = 0;
    for (const auto &entry : legend.entries)
        width = std::max(width, entryWidth(entry, style));
    return {width + 2 * padding, legendRowHeight(style) * static_cast<double>(legend.entries.size()) + padding};
}

QSizeF rowsSize(const Legend &legend, const FigureStyle &style, double width)
{
    double x = 0, widest = 0;
    int rows = 1;
    for (const auto &entry : legend.entries) {
        const double w = entryWidth(entry, style);
        if (x > 0 && x + w > width) {
            ++rows;
            x = 0;
        }
        widest = std::max(widest, x + w);
        x += w + entryGap;
    }
    return {widest, rows * legendRowHeight(style) + padding};
}

QRectF cornerRect(const QRectF &plot, QSizeF size, LegendPlace corner)
{
    constexpr double away = 3;
    const bool right = corner == LegendPlace::TopRight || corner == LegendPlace::BottomRight;
    const bool bottom = corner == LegendPlace::BottomRight || corner == LegendPlace::BottomLeft;
    return {right ? plot.right() - away - size.width() : plot.left() + away,
            bottom ? plot.bottom() - away - size.height() : plot.top() + away * 0.5, size.width(), size.height()};
}

LegendPlace emptiestCorner(const ChartModel &model, const QRectF &plot, QSizeF size, const FigureStyle &style, LegendPlace before)
{
    if (size.width() > plot.width() * 0.75 || size.height() > plot.height() * 0.75)
        return LegendPlace::Outside;
    std::vector<LegendPlace> corners{LegendPlace::TopRight, LegendPlace::TopLeft, LegendPlace::BottomRight,
                                     LegendPlace::BottomLeft};
    if (const auto it = std::find(corners.begin(), corners.end(), before); it != corners.end())
        std::rotate(corners.begin(), it, it + 1);
    const auto labels = referenceLabels(model, plot, style);
    const auto free = [&](const QRectF &rect) {
        for (const auto &label : labels)
            if (label.box.intersects(rect))
                return false;
        for (const auto &r : model.references) {
            const double x = plot.left() + model.xRange.fraction(r.value) * plot.width();
            const double y = plot.bottom() - model.yRange.fraction(r.value) * plot.height();
            if (r.horizontal ? y > rect.top() && y < rect.bottom() : x > rect.left() && x < rect.right())
                return false;
        }
        return !coversData(model, plot, rect);
    };
    for (const LegendPlace corner : corners)
        if (free(cornerRect(plot, size, corner).adjusted(-2, -2, 2, 2)))
            return corner;
    return LegendPlace::Outside;
}

void placeEntries(Legend &legend, const QRectF &rect, const FigureStyle &style)
{
    const double row = legendRowHeight(style);
    if (!legend.below) {
        double y = rect.top() + padding / 2;
        for (auto &entry : legend.entries) {
            entry.box = QRectF(rect.left() + padding, y, entryWidth(entry, style), row);
            y += row;
        }
        return;
    }
    double x = rect.left(), y = rect.top();
    for (auto &entry : legend.entries) {
        const double w = entryWidth(entry, style);
        if (x > rect.left() && x + w > rect.right() + 0.01) {
            x = rect.left();
            y += row;
        }
        entry.box = QRectF(x, y, w, row);
        x += w + entryGap;
    }
}

void drawLegend(QPainter &painter, const Legend &legend, const FigureStyle &style, const std::set<int> &hidden,
                std::vector<TextMark> *marks)
{
    const QFont font = FigureStyle::font(style.legendPt);
    for (const auto &entry : legend.entries) {
        const bool off = hidden.count(entry.series) > 0;
        painter.save();
        if (off)
            painter.setOpacity(0.35);
        const QRectF sample(entry.box.left(), entry.box.center().y() - 2.5, swatch, 5);
        const QPointF middle = sample.center();
        const DrawnSeries &look = entry.look;
        QColor color = look.color;
        switch (look.kind) {
        case SeriesKind::Line: {
            color.setAlphaF(std::max(color.alphaF(), 0.5f));
            QPen pen(color, look.width);
            pen.setCapStyle(Qt::FlatCap);
            switch (look.dash) {
            case Dash::Dashed: pen.setDashPattern({5, 2.5}); break;
            case Dash::Dotted: pen.setDashPattern({1.2, 2}); break;
            case Dash::DashDot: pen.setDashPattern({6, 2, 1.2, 2}); break;
            case Dash::Solid: break;
            }
            painter.setPen(pen);
            painter.drawLine(QPointF(sample.left(), middle.y()), QPointF(sample.right(), middle.y()));
            break;
        }
        case SeriesKind::ErrorBar:
            painter.setPen(QPen(color, look.width));
            painter.drawLine(QPointF(middle.x(), sample.top()), QPointF(middle.x(), sample.bottom()));
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawEllipse(middle, style.markerSize / 2, style.markerSize / 2);
            break;
        case SeriesKind::Scatter:
            painter.translate(middle);
            painter.fillPath(markerPath(look.marker, style.markerSize), color);
            break;
        case SeriesKind::Bar:
        case SeriesKind::Area:
        case SeriesKind::Band:
            if (look.kind == SeriesKind::Area && color.alpha() == 255)
                color.setAlphaF(0.35f);
            painter.setPen(look.outline ? QPen(style.ink, style.axisWidth) : QPen(Qt::NoPen));
            painter.setBrush(color);
            painter.drawRect(sample.adjusted(1, 0, -1, 0));
            break;
        }
        painter.restore();
        painter.save();
        if (off)
            painter.setOpacity(0.45);
        drawText(painter, {entry.box.left() + swatch + swatchGap, entry.box.center().y()}, font, style.ink, entry.name,
                 HAlign::Left, VAlign::Center, 0, marks);
        painter.restore();
    }
}

} // namespace reticle
