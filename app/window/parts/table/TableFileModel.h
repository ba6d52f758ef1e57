#pragma once

#include "window/parts/table/TableRoles.h"

#include <QAbstractTableModel>

#include <memory>

namespace reticle {

/// The cells of a table as the file has them, and above each column what it is. Holds nothing but the table: a cell becomes a
/// text when it is shown.
class TableFileModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit TableFileModel(QObject *parent = nullptr);
    void setTable(std::shared_ptr<const ReadTable> table); ///< without roles until setRoles(); null empties it
    void setRoles(std::shared_ptr<const TableRoles> roles);
    const ReadTable *table() const { return m_table.get(); }
    const TableRoles *roles() const { return m_roles.get(); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::shared_ptr<const ReadTable> m_table;
    std::shared_ptr<const TableRoles> m_roles;
};

/// A table's number for a person: six digits and a minus sign.
QString cellText(double value);

} // namespace reticle
