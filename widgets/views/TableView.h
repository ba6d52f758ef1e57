#pragma once

#include "foundation/Table.h"

#include <QTableView>

#include <memory>

namespace reticle {

/// A base Table: numbers right-aligned, sorted by a click on a heading (a third click gives the first order back), copied
/// as tab-separated text with Ctrl+C, exported by its context menu.
class TableView : public QTableView
{
    Q_OBJECT
public:
    explicit TableView(QWidget *parent = nullptr);
    ~TableView() override;

    /// What is selected, and where one is in it, stays of a table with the same columns: live tables are set again and again.
    void setTable(const Table &table);
    const Table &table() const;
    /// Row of table() for each selected row, ascending.
    std::vector<std::size_t> selectedTableRows() const;
    /// What Ctrl+C copies: selected cells (all where none is), with headings.
    QString selectionAsText() const;
    void copySelection() const;

Q_SIGNALS:
    void exportRequested(); ///< "Export as CSV…" was chosen; write table().toCsv()
    void rowActivated(std::size_t tableRow);

protected:
    void keyPressEvent(QKeyEvent *) override;
    void contextMenuEvent(QContextMenuEvent *) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace reticle
