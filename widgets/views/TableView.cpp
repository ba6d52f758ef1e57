#include "widgets/views/TableView.h"

#include "widgets/itemmodels/TableModel.h"

#include <QSortFilterProxyModel>

namespace reticle {

struct TableView::Private
{
    TableModel *model = nullptr;
    QSortFilterProxyModel *sorted = nullptr;
};

TableView::TableView(QWidget *parent) : QTableView(parent), d(std::make_unique<Private>())
{
    d->model = new TableModel(this);
    d->sorted = new QSortFilterProxyModel(this);
    d->sorted->setSourceModel(d->model);
    d->sorted->setSortRole(TableModel::SortRole);
    setModel(d->sorted);
    setSortingEnabled(true);
}
TableView::~TableView() = default;
void TableView::setTable(const Table &table) { d->model->setTable(table); }
const Table &TableView::table() const { return d->model->table(); }
std::vector<std::size_t> TableView::selectedTableRows() const { return {}; }
QString TableView::selectionAsText() const { return {}; }
void TableView::copySelection() const {}
void TableView::keyPressEvent(QKeyEvent *e) { QTableView::keyPressEvent(e); }
void TableView::contextMenuEvent(QContextMenuEvent *e) { QTableView::contextMenuEvent(e); }

} // namespace reticle
