#pragma once

#include "foundation/Table.h"
#include "widgets/render/FigureStyle.h"
#include "widgets/render/FigureText.h"

#include <QSizeF>

class QPainter;

namespace reticle {

/// Room a table takes with rules above, below and under its header: numbers right-aligned, text left-aligned.
QSizeF tableSize(const Table &table, const FigureStyle &style);
/// Draws it at the top left of `rect`; where the rows do not fit, the last line says how many more there are.
/// Columns share out what `rect` is wider than the table.
void drawTable(QPainter &painter, const Table &table, const QRectF &rect, const FigureStyle &style, std::vector<TextMark> *marks);

} // namespace reticle
