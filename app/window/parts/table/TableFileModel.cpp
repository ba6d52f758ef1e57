#include "window/parts/table/TableFileModel.h"

#include "widgets/views/Theme.h"
#include "window/shell/Text.h"

#include <QStringList>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr qsizetype mostShown = 200, mostInTip = 1000; // characters of a long text

/// One line, however long the text is.
QString shownText(const std::string &cell)
{
    // A character has at most four bytes.
    QString text = QString::fromUtf8(cell.data(), std::min<qsizetype>(qsizetype(cell.size()), 4 * mostShown));
    if (text.size() > mostShown)
        text = text.left(mostShown) + QChar(0x2026);
    return text.simplified() == text ? text : text.replace('\n', ' ').replace('\r', ' ').replace('\t', ' ');
}

/// Tool tips read marks such as <b>; names and cells are shown as they are.
QString plainTip(const QString &text)
{
    return QStringLiteral("<span>%1</span>").arg(text.toHtmlEscaped().replace('\n', QStringLiteral("<br>")));
}

} // namespace

QString cellText(double value)
{
    if (std::isnan(value))
        return QStringLiteral("n/a");
    return QString::number(value, 'g', 6).replace('-', QChar(0x2212));
}

TableFileModel::TableFileModel(QObject *parent) : QAbstractTableModel(parent) {}

void TableFileModel::setTable(std::shared_ptr<const ReadTable> table)
{
    beginResetModel();
    m_table = std::move(table);
    m_roles = nullptr;
    endResetModel();
}

void TableFileModel::setRoles(std::shared_ptr<const TableRoles> roles)
{
    m_roles = std::move(roles);
    if (columnCount() == 0)
        return;
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {Qt::ForegroundRole});
}

int TableFileModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_table ? 0 : static_cast<int>(m_table->rows());
}

int TableFileModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_table ? 0 : static_cast<int>(m_table->columns());
}

QVariant TableFileModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || !m_table)
        return {};
    const auto row = static_cast<std::size_t>(index.row()), column = static_cast<std::size_t>(index.column());
    const auto &c = m_table->column(column);
    const auto &cell = c.cells[row];
    const bool missing = cell.empty(), bad = !missing && m_table->isNumeric(column) && std::isnan(c.numbers[row]);
    switch (role) {
    case Qt::DisplayRole: return missing ? QString(QChar(0x2013)) : shownText(cell);
    case Qt::AccessibleTextRole: return missing ? tr("missing") : QVariant();
    case Qt::ToolTipRole:
        if (missing)
            return tr("missing");
        if (bad)
            return plainTip(tr("'%1' is not a number").arg(shownText(cell)));
        if (cell.size() > 30)
            return plainTip(qs(cell).left(mostInTip));
        return {};
    case Qt::ForegroundRole:
        if (bad)
            return themeColor(ColorRole::Danger);
        if (missing || (m_roles && m_roles->of(column) == ColumnRole::Ignored))
            return themeColor(ColorRole::TextMuted);
        return {};
    case Qt::TextAlignmentRole: return int((m_table->isNumeric(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default: return {};
    }
}

QVariant TableFileModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (!m_table || section < 0 || section >= (orientation == Qt::Horizontal ? columnCount() : rowCount()))
        return {};
    if (orientation == Qt::Vertical) {
        if (role == Qt::TextAlignmentRole)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    }
    const auto column = static_cast<std::size_t>(section);
    const auto &c = m_table->column(column);
    if (role == Qt::DisplayRole)
        return qs(c.name);
    if (role == Qt::TextAlignmentRole)
        return int((m_table->isNumeric(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::ToolTipRole)
        return {};
    const auto &f = m_table->facts(column);
    QStringList lines{qs(c.name)};
    if (m_roles)
        lines << m_roles->kindAndRole(column);
    if (!std::isnan(f.mean)) {
        lines << tr("Range: %1 to %2").arg(cellText(f.low), cellText(f.high));
        lines << tr("Mean: %1").arg(cellText(f.mean));
    }
    if (c.kind == ColumnKind::Category)
        lines << tr("Categories: %1").arg(c.values.size());
    lines << tr("Missing: %1").arg(countText(c.missing));
    if (c.kind != ColumnKind::Number || f.bad > 0)
        lines << qs(c.reason);
    return plainTip(lines.join('\n'));
}

} // namespace reticle
