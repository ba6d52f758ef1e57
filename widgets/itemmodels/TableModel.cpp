#include "widgets/itemmodels/TableModel.h"

namespace reticle {

TableModel::TableModel(QObject *parent) : QAbstractTableModel(parent) {}

void TableModel::setTable(Table table)
{
    beginResetModel();
    m_table = std::move(table);
    endResetModel();
}

int TableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_table.rows());
}

int TableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_table.columns.size());
}

QVariant TableModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const auto row = static_cast<std::size_t>(index.row()), column = static_cast<std::size_t>(index.column());
    const bool text = std::holds_alternative<std::vector<std::string>>(m_table.columns[column].values);
    switch (role) {
    case Qt::DisplayRole: return QString::fromStdString(m_table.text(row, column));
    case SortRole:
        return text ? QVariant(QString::fromStdString(m_table.text(row, column))) : QVariant(m_table.number(row, column));
    case Qt::TextAlignmentRole: return int((text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default: return {};
    }
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const auto &c = m_table.columns[static_cast<std::size_t>(section)];
    if (role == Qt::TextAlignmentRole)
        return int((std::holds_alternative<std::vector<std::string>>(c.values) ? Qt::AlignLeft : Qt::AlignRight) |
                   Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return QString::fromStdString(c.unit.empty() ? c.name : c.name + " (" + c.unit + ")");
}

} // namespace reticle
