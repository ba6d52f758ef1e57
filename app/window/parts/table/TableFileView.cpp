#include "window/parts/table/TableFileView.h"

#include "widgets/views/Theme.h"
#include "window/parts/table/TableFileModel.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>

namespace reticle {

namespace {

constexpr int padding = 10, lineGap = 1, barHeight = 3;
constexpr int narrowest = 64, widest = 260; // px of a column until someone drags it

} // namespace

TableFileHeader::TableFileHeader(QWidget *parent) : QHeaderView(Qt::Horizontal, parent)
{
    setObjectName(QStringLiteral("tableHeader"));
    setSectionsClickable(true);
    setHighlightSections(false);
    setStretchLastSection(false);
    setMinimumSectionSize(48);
    setContextMenuPolicy(Qt::CustomContextMenu);
}

QFont TableFileHeader::firstFont() const
{
    QFont f = font();
    f.setWeight(QFont::DemiBold);
    return f;
}

QFont TableFileHeader::secondFont() const
{
    QFont f = themeFont(FontRole::Small);
    f.setWeight(QFont::Normal);
    return f;
}

QString TableFileHeader::second(int column) const
{
    const auto *m = qobject_cast<const TableFileModel *>(model());
    return m && m->roles() ? m->roles()->kindAndRole(static_cast<std::size_t>(column)) : QString();
}

QSize TableFileHeader::sectionSizeFromContents(int column) const
{
    const QFontMetrics first(firstFont()), below(secondFont());
    const QString name = model() ? model()->headerData(column, Qt::Horizontal).toString() : QString();
    return {std::max(first.horizontalAdvance(name), below.horizontalAdvance(second(column))) + 2 * padding,
            first.height() + below.height() + lineGap + 12};
}

void TableFileHeader::paintSection(QPainter *painter, const QRect &rect, int column) const
{
    const auto *m = qobject_cast<const TableFileModel *>(model());
    if (!rect.isValid() || !m)
        return;
    const auto role = m->roles() ? m->roles()->of(static_cast<std::size_t>(column)) : ColumnRole::Ignored;
    const bool chosen =
        selectionModel() && selectionModel()->currentIndex().isValid() && selectionModel()->currentIndex().column() == column;
    painter->save();
    painter->setClipRect(rect);
    painter->fillRect(rect, themeColor(chosen ? ColorRole::AccentSoft : ColorRole::Window));
    painter->setPen(themeColor(ColorRole::Border));
    painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    if (role == ColumnRole::Target)
        painter->fillRect(QRect(rect.left(), rect.bottom() - barHeight + 1, rect.width(), barHeight),
                          themeColor(ColorRole::Accent));
    const int align = m->headerData(column, Qt::Horizontal, Qt::TextAlignmentRole).toInt() & Qt::AlignHorizontal_Mask;
    QRect line = rect.adjusted(padding, 5, -padding, 0);
    const auto write = [&](const QFont &font, const QString &text, ColorRole color) {
        const QFontMetrics metrics(font);
        line.setHeight(metrics.height());
        painter->setFont(font);
        painter->setPen(themeColor(color));
        painter->drawText(line, align | Qt::AlignVCenter | Qt::TextSingleLine,
                          metrics.elidedText(text, Qt::ElideRight, line.width()));
        line.moveTop(line.bottom() + 1 + lineGap);
    };
    write(firstFont(), m->headerData(column, Qt::Horizontal).toString(),
          role == ColumnRole::Ignored ? ColorRole::TextMuted : ColorRole::Text);
    write(secondFont(), second(column), role == ColumnRole::Target ? ColorRole::Text : ColorRole::TextMuted);
    painter->restore();
}

TableFileView::TableFileView(QWidget *parent)
    : QTableView(parent), m_model(new TableFileModel(this)), m_header(new TableFileHeader(this))
{
    setObjectName(QStringLiteral("tableCells"));
    setAccessibleName(tr("Rows of the table"));
    setHorizontalHeader(m_header);
    setModel(m_model);
    setSelectionMode(ContiguousSelection);
    setEditTriggers(NoEditTriggers);
    setAlternatingRowColors(true);
    setShowGrid(false);
    setWordWrap(false);
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    setCornerButtonEnabled(false);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed); // of thousands of rows none is measured
    verticalHeader()->setHighlightSections(false);
    verticalHeader()->setAccessibleName(tr("Numbers of the rows"));
    fitRows();
    connect(selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &now) {
        m_header->viewport()->update();
        if (now.isValid() && now.column() != m_chosen) {
            m_chosen = now.column();
            Q_EMIT columnChosen(m_chosen);
        }
    });
    connect(m_header, &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        if (const int column = m_header->logicalIndexAt(at); column >= 0) {
            chooseColumn(column);
            Q_EMIT menuRequested(m_header->viewport()->mapToGlobal(at));
        }
    });
}

void TableFileView::setTable(std::shared_ptr<const ReadTable> table)
{
    m_chosen = -1;
    m_model->setTable(std::move(table));
}

void TableFileView::setRoles(std::shared_ptr<const TableRoles> roles)
{
    const bool first = !m_model->roles();
    m_model->setRoles(std::move(roles));
    if (first)
        fitColumns();
}

int TableFileView::currentColumn() const
{
    return m_model->columnCount() > m_chosen ? m_chosen : -1;
}

void TableFileView::chooseColumn(int column)
{
    const int row = std::max(0, currentIndex().row());
    if (column >= 0 && column < m_model->columnCount() && row < m_model->rowCount())
        setCurrentIndex(m_model->index(row, column));
}

void TableFileView::showCell(std::int64_t row, std::int64_t column)
{
    const QModelIndex cell = m_model->index(static_cast<int>(row), static_cast<int>(column));
    if (!cell.isValid())
        return;
    setCurrentIndex(cell);
    scrollTo(cell, PositionAtCenter);
    setFocus(Qt::OtherFocusReason);
}

void TableFileView::fitRows()
{
    verticalHeader()->setDefaultSectionSize(std::max(28, fontMetrics().height() + 12));
}

/// By the longest text of each column, which was found when the table was read.
void TableFileView::fitColumns()
{
    const auto *table = m_model->table();
    for (int c = 0; table && c < m_model->columnCount(); ++c) {
        const auto &facts = table->facts(static_cast<std::size_t>(c));
        const QString text = m_model->index(static_cast<int>(facts.widest), c).data().toString();
        const int cells = fontMetrics().horizontalAdvance(text) + 2 * padding + 6; // the style's own margins
        setColumnWidth(c, std::clamp(std::max(cells, m_header->sectionSizeFromContents(c).width()), narrowest, widest));
    }
}

QString TableFileView::selectionAsText() const
{
    const auto selected = selectionModel()->selection();
    if (selected.isEmpty())
        return {};
    const auto &range = selected.first();
    if (std::int64_t(range.width()) * range.height() > mostCopied)
        return {};
    QString all;
    const auto add = [&](QString text, int column) {
        all += text.replace('\t', ' ').replace('\n', ' ');
        all += column == range.right() ? QLatin1Char('\n') : QLatin1Char('\t');
    };
    if (range.height() == m_model->rowCount())
        for (int c = range.left(); c <= range.right(); ++c)
            add(m_model->headerData(c, Qt::Horizontal).toString(), c);
    for (int r = range.top(); r <= range.bottom(); ++r)
        for (int c = range.left(); c <= range.right(); ++c) // as in the file: a missing value is empty
            add(QString::fromStdString(m_model->table()->column(static_cast<std::size_t>(c)).cells[static_cast<std::size_t>(r)]),
                c);
    return all;
}

void TableFileView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        if (const QString text = selectionAsText(); !text.isEmpty())
            QGuiApplication::clipboard()->setText(text);
        else if (selectionModel()->hasSelection())
            Q_EMIT copyRefused();
        return;
    }
    if (currentColumn() >= 0 && event->modifiers() == Qt::NoModifier) {
        if (event->key() == Qt::Key_T)
            return Q_EMIT targetKeyed();
        if (event->key() == Qt::Key_Space)
            return Q_EMIT featureKeyed();
    }
    QTableView::keyPressEvent(event);
}

void TableFileView::contextMenuEvent(QContextMenuEvent *event)
{
    if (currentColumn() < 0)
        return;
    QPoint at = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard) // next to the cell, wherever the pointer is
        at = viewport()->mapToGlobal(visualRect(currentIndex()).center());
    Q_EMIT menuRequested(at);
}

void TableFileView::changeEvent(QEvent *event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        fitRows();
        if (event->type() == QEvent::FontChange) // a change of theme leaves widths as they were dragged
            fitColumns();
    }
}

} // namespace reticle
