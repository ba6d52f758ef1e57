#include "widgets/render/FigureTable.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr double gap = 8;

double tableRowHeight(const FigureStyle &style)
{
    return style.tickPt * 1.55;
}

QString header(const Table::Column &column)
{
    QString text = QString::fromStdString(column.name);
    if (!column.unit.empty())
        text += " (" + QString::fromStdString(column.unit) + ")";
    return text;
}

std::vector<double> columnWidths(const Table &table, const FigureStyle &style)
{
    const QFont head = FigureStyle::font(style.tickPt, true), body = FigureStyle::font(style.tickPt);
    std::vector<double> widths;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        double width = textWidth(head, header(table.columns[c]));
        for (std::size_t r = 0; r < table.rows(); ++r)
            width = std::max(width, textWidth(body, QString::fromStdString(table.text(r, c))));
        widths.push_back(width + gap);
    }
    return widths;
}

} // namespace

QSizeF tableSize(const Table &table, const FigureStyle &style)
{
    double width = 0;
    for (const double w : columnWidths(table, style))
        width += w;
    return {width, tableRowHeight(style) * (static_cast<double>(table.rows()) + 1) + 4};
}

void drawTable(QPainter &painter, const Table &table, const QRectF &rect, const FigureStyle &style, std::vector<TextMark> *marks)
{
    const QFont head = FigureStyle::font(style.tickPt, true), body = FigureStyle::font(style.tickPt);
    auto widths = columnWidths(table, style);
    if (widths.empty())
        return;
    double total = 0;
    for (const double w : widths)
        total += w;
    // A table much narrower than its place keeps its columns together.
    const double spare = std::min(std::max(0.0, rect.width() - total), total * 0.6) / static_cast<double>(widths.size());
    for (double &w : widths)
        w += spare;
    total += spare * static_cast<double>(widths.size());

    const double row = tableRowHeight(style);
    const auto fit = static_cast<std::size_t>(std::max(0.0, std::floor((rect.height() - 2 + 0.5) / row) - 1));
    const std::size_t shown = table.rows() <= fit ? table.rows() : std::max<std::size_t>(fit, 1) - 1;
    const auto rule = [&](double y, double width) {
        painter.setPen(QPen(style.ink, width));
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.left() + total, y));
    };
    const auto cell = [&](std::size_t c, double x, double y, const QFont &font, const QString &text) {
        const bool number = !std::holds_alternative<std::vector<std::string>>(table.columns[c].values);
        drawText(painter, {number ? x + widths[c] - gap / 2 : x + gap / 2, y + row / 2}, font, style.ink, text,
                 number ? HAlign::Right : HAlign::Left, VAlign::Center, 0, marks);
    };
    double y = rect.top() + 0.5;
    rule(y, 0.75);
    double x = rect.left();
    for (std::size_t c = 0; c < widths.size(); ++c) {
        cell(c, x, y, head, header(table.columns[c]));
        x += widths[c];
    }
    y += row;
    rule(y, 0.5);
    for (std::size_t r = 0; r < shown; ++r) {
        x = rect.left();
        for (std::size_t c = 0; c < widths.size(); ++c) {
            cell(c, x, y, body, QString::fromStdString(table.text(r, c)));
            x += widths[c];
        }
        y += row;
    }
    if (shown < table.rows()) {
        drawText(painter, {rect.left() + gap / 2, y + row / 2}, body, style.muted,
                 QString::fromUtf8("\u2026 %1 more rows").arg(table.rows() - shown), HAlign::Left, VAlign::Center, 0, marks);
        y += row;
    }
    rule(y, 0.75);
}

} // namespace reticle
