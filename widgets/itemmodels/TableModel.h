#pragma once

#include "foundation/Table.h"

#include <QAbstractTableModel>

namespace reticle {

/// A base Table for Qt's views. SortRole gives numbers for numbers, so that 9 comes before 10.
class TableModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    static constexpr int SortRole = Qt::UserRole;

    explicit TableModel(QObject *parent = nullptr);
    void setTable(Table table);
    const Table &table() const { return m_table; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    Table m_table;
};

} // namespace reticle
