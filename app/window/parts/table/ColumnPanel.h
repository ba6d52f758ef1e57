#pragma once

#include "window/parts/table/TableRoles.h"

#include <QWidget>

#include <optional>

class QGridLayout;
class QLabel;
class QPushButton;

namespace reticle {

class FigureView;
class TableView;

/// The chosen column of a table: its figure, its numbers and what can be done with it; below it the classes of the target with
/// the rows of each part of the split. GUI thread.
class ColumnPanel : public QWidget
{
    Q_OBJECT
public:
    explicit ColumnPanel(QWidget *parent = nullptr);

    /// Null: nothing is shown.
    void setTable(std::shared_ptr<const ReadTable> table, std::shared_ptr<const TableRoles> roles);
    void setColumn(int column);
    int column() const { return m_column; }
    void setParts(const TableParts &parts); ///< of the split; with its problem where there is none
    FigureView *figure() const { return m_figure; }
    TableView *parts() const { return m_parts; }

Q_SIGNALS:
    void targetRequested();
    void featureRequested(); ///< take the column, or leave it out
    void exported(const QString &path);

private:
    void showColumn();

    std::shared_ptr<const ReadTable> m_table;
    std::shared_ptr<const TableRoles> m_roles;
    int m_column = -1;
    QLabel *m_name, *m_kind, *m_partsTitle, *m_partsText;
    QGridLayout *m_facts;
    FigureView *m_figure;
    QPushButton *m_target, *m_feature;
    TableView *m_parts;
};

} // namespace reticle
