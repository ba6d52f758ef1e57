#include "widgets/render/PanelPainting.h"

#include "figure/ColorMap.h"
#include "widgets/render/FigureTable.h"
#include "widgets/render/QPainterContextDevice.h"
#include "widgets/render/ReferenceLabels.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr double square = 5, squareGap = 2.5, scaleEntryGap = 8;

/// Calls visit(entry, where) for each class; returns the size.
template <class F>
QSizeF flowClasses(const std::vector<std::pair<QString, QColor>> &classes, const FigureStyle &style, double width, F &&visit)
{
    const QFont font = FigureStyle::font(style.legendPt);
    const double row = style.legendPt * 1.4;
    double x = 0, y = 0, widest = 0;
    for (const auto &entry : classes) {
        const double w = square + squareGap + textWidth(font, entry.first);
        if (x > 0 && x + w > width) {
            x = 0;
            y += row;
        }
        visit(entry, QRectF(x, y, w, row));
        widest = std::max(widest, x + w);
        x += w + scaleEntryGap;
    }
    return {widest, y + row};
}

/// Diagonal lines: values that are not there. Drawn as lines so that every format shows them.
void hatch(QPainter &painter, const QRectF &rect, const FigureStyle &style)
{
    painter.save();
    painter.fillRect(rect, style.dark ? QColor(0x40, 0x42, 0x46) : QColor(0xe4, 0xe4, 0xe4));
    painter.setPen(QPen(QColor(0x9a, 0x9a, 0x9a), 0.5));
    constexpr double step = 4;
    for (double c = step; c < rect.width() + rect.height(); c += step) {
        const double x1 = std::max(0.0, c - rect.height()), x2 = std::min(c, rect.width());
        painter.drawLine(QPointF(rect.left() + x1, rect.top() + c - x1), QPointF(rect.left() + x2, rect.top() + c - x2));
    }
    painter.restore();
}

void drawPicture(QPainter &painter, const QImage &image, const QRectF &rect, PaintTarget target)
{
    if (target == PaintTarget::Vector) {
        painter.drawImage(rect, enlargedForVector(image, rect.size()));
        return;
    }
    // Shrinking averages, enlarging keeps the pixels square.
    const double scale = rect.width() * painter.deviceTransform().m11() / image.width();
    if (scale >= 1) {
        painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
        painter.drawImage(rect, image);
        return;
    }
    const QSize size(std::max(1, static_cast<int>(std::lround(image.width() * scale))),
                     std::max(1, static_cast<int>(std::lround(image.height() * scale))));
    painter.setRenderHint(QPainter::SmoothPixmapTransform, true);
    painter.drawImage(rect, image.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
}

void drawScaleBar(QPainter &painter, const ImagePanel &panel, const QImage &image, const QRectF &rect, const FigureStyle &style,
                  std::vector<TextMark> *marks)
{
    const ScaleBar bar = scaleBar(image.width(), panel.pixelSize, panel.unit);
    if (bar.pixels <= 0)
        return;
    const double length = bar.pixels / image.width() * rect.width();
    const QFont font = FigureStyle::font(style.tickPt);
    const double width = std::max(length, textWidth(font, bar.label)), height = capHeight(font) + 8;
    if (width + 10 > rect.width() || height + 6 > rect.height())
        return;
    // A plate behind: legible on any image.
    const QRectF plate(rect.right() - width - 9, rect.bottom() - height - 3, width + 6, height);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0, 0, 0, 150));
    painter.drawRoundedRect(plate, 1.5, 1.5);
    painter.fillRect(QRectF(plate.center().x() - length / 2, plate.bottom() - 3.5, length, 1.5), Qt::white);
    drawText(painter, {plate.center().x(), plate.top() + 2}, font, Qt::white, bar.label, HAlign::Center, VAlign::Top, 0, marks);
}

void drawBarFrame(QPainter &painter, const PanelLayout &layout, const FigureStyle &style)
{
    const ColorBar &bar = *layout.bar;
    const QRectF &strip = layout.barStrip;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(style.ink, style.axisWidth));
    painter.drawRect(strip);
    // Values beyond the bar: a triangle in the end color.
    const auto tip = [&](double y, double to, int level) {
        painter.setBrush(QColor::fromRgba(colorTable(bar.map)[static_cast<std::size_t>(level)]));
        painter.drawPolygon(QPolygonF{{{strip.left(), y}, {strip.right(), y}, {strip.center().x(), to}}});
    };
    if (bar.above)
        tip(strip.top(), strip.top() - 4, 255);
    if (bar.below)
        tip(strip.bottom(), strip.bottom() + 4, 0);
}

void drawGridTitles(QPainter &painter, const ImageGridPanel &grid, const QRectF &rect, const QSize &pixels,
                    const FigureStyle &style, std::vector<TextMark> *marks)
{
    const QFont font = FigureStyle::font(style.axisPt);
    const int columns = std::max(1, grid.columns);
    const int rows = std::max(1, (static_cast<int>(grid.cells.size()) + columns - 1) / columns);
    const double scale = rect.width() / std::max(1, pixels.width());
    const double w = (pixels.width() - (columns - 1.0) * grid.gap) / columns;
    const double h = (pixels.height() - (rows - 1.0) * grid.gap) / rows;
    for (int c = 0; c < std::min<int>(columns, static_cast<int>(grid.columnTitles.size())); ++c)
        drawText(painter, {rect.left() + (c * (w + grid.gap) + w / 2) * scale, rect.top() - 3}, font, style.ink,
                 QString::fromStdString(grid.columnTitles[static_cast<std::size_t>(c)]), HAlign::Center, VAlign::Bottom, 0,
                 marks);
    for (int r = 0; r < std::min<int>(rows, static_cast<int>(grid.rowTitles.size())); ++r)
        drawText(painter, {rect.left() - 3, rect.top() + (r * (h + grid.gap) + h / 2) * scale}, font, style.ink,
                 QString::fromStdString(grid.rowTitles[static_cast<std::size_t>(r)]), HAlign::Center, VAlign::Bottom, 90, marks);
}

/// Grid lines end at the legend. Where it was placed by hand it may cover data, which stay visible through it.
void drawLegendBackground(QPainter &painter, const PanelLayout &layout, const FigureStyle &style)
{
    if (!style.grid || !layout.legend.inside())
        return;
    QColor color = style.page;
    if (layout.chart->legend != LegendPlace::Auto && coversData(*layout.chart, layout.plot, layout.legendRect))
        color.setAlphaF(0.75f);
    painter.fillRect(layout.legendRect, color);
}

} // namespace

QSizeF classLegendSize(const std::vector<std::pair<QString, QColor>> &classes, const FigureStyle &style, double width)
{
    return flowClasses(classes, style, width, [](const auto &, const QRectF &) {});
}

AxisPlan planColorBar(const ColorBar &bar, double length, const FigureStyle &style)
{
    AxisPlan plan;
    if (bar.range.low < bar.range.high) {
        plan = planAxis(bar.axis, bar.range.low, bar.range.high, length, true, style);
        if (plan.ticks.major.size() < 2) { // too short for round values: its ends
            plan.ticks.major = {bar.range.low, bar.range.high};
            plan.ticks.labels = {formatShort(bar.range.low), formatShort(bar.range.high)};
        }
    } else {
        plan = planAxis(bar.axis, bar.range.low - 0.5, bar.range.low + 0.5, length, true, style);
        plan.ticks = {{bar.range.low}, {formatShort(bar.range.low)}, {}};
    }
    plan.far = true;
    return plan;
}

void paintPicture(QPainter &painter, const Panel &panel, const PanelLayout &layout, const FigureStyle &style, PaintTarget target,
                  std::vector<TextMark> *marks)
{
    painter.save();
    if (layout.image && !layout.image->image.isNull()) {
        if (layout.image->nothingKnown)
            hatch(painter, layout.plot, style);
        else
            drawPicture(painter, layout.image->image, layout.plot, target);
        drawScaleBar(painter, std::get<ImagePanel>(panel.content), layout.image->image, layout.plot, style, marks);
        const QFont font = FigureStyle::font(style.legendPt);
        flowClasses(layout.image->classes, style, layout.plot.width(), [&](const auto &entry, const QRectF &where) {
            const QRectF box = where.translated(layout.plot.left(), layout.plot.bottom() + 3);
            painter.fillRect(QRectF(box.left(), box.center().y() - square / 2, square, square), entry.second);
            drawText(painter, {box.left() + square + squareGap, box.center().y()}, font, style.ink, entry.first, HAlign::Left,
                     VAlign::Center, 0, marks);
        });
    } else if (!layout.grid.isNull()) {
        drawPicture(painter, layout.grid, layout.plot, target);
        drawGridTitles(painter, std::get<ImageGridPanel>(panel.content), layout.plot, layout.grid.size(), style, marks);
    } else if (const auto *table = std::get_if<TablePanel>(&panel.content)) {
        drawTable(painter, table->table, layout.plot, style, marks);
    }
    painter.restore();
}

void paintGlue(QPainter &painter, const Panel &panel, const PanelLayout &layout, const FigureStyle &style,
               const std::set<int> &hidden, std::vector<TextMark> *marks)
{
    painter.save();
    const QRectF &plot = layout.plot;
    if (layout.bar)
        drawBarFrame(painter, layout, style);
    if (layout.chart) {
        if (!layout.chart->image.isNull()) {
            bool known = false;
            const Array &values = std::get<HeatMapPanel>(panel.content).values;
            for (std::int64_t i = 0; i < values.size() && !known; ++i)
                known = !std::isnan(values.value(i));
            if (!known)
                hatch(painter, plot, style);
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(style.ink, style.axisWidth));
            painter.drawRect(plot);
        }
        for (const auto &label : referenceLabels(*layout.chart, plot, style))
            drawText(painter, label.anchor, FigureStyle::font(style.tickPt), style.muted, label.text, label.h, label.v, 0, marks);
        drawLegendBackground(painter, layout, style);
        drawLegend(painter, layout.legend, style, hidden, marks);
    }
    const bool nothing = layout.chart ? layout.chart->empty
                                      : (layout.image && layout.image->image.isNull()) ||
                                            (std::holds_alternative<ImageGridPanel>(panel.content) && layout.grid.isNull());
    if (nothing)
        drawText(painter, plot.center(), FigureStyle::font(style.axisPt), style.muted, QStringLiteral("no data"), HAlign::Center,
                 VAlign::Center, 0, marks);

    const QFont letterFont = FigureStyle::font(style.letterPt, true), titleFont = FigureStyle::font(style.titlePt);
    const double baseline = layout.cell.top() + style.titlePt * 0.9;
    double titleLeft = plot.left();
    if (!panel.letter.empty()) {
        const QString letter = QString::fromStdString(panel.letter);
        drawText(painter, {layout.cell.left(), baseline}, letterFont, style.ink, letter, HAlign::Left, VAlign::Bottom, 0, marks);
        titleLeft = std::max(titleLeft, layout.cell.left() + textWidth(letterFont, letter) + 5);
    }
    for (int i = 0; i < layout.titleLines.size(); ++i)
        drawText(painter, {titleLeft, layout.titleBaseline + i * style.titlePt * 1.15}, titleFont, style.ink,
                 layout.titleLines[i], HAlign::Left, VAlign::Bottom, 0, marks);
    painter.restore();
}

} // namespace reticle
