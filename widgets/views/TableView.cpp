#include "widgets/views/TableView.h"

#include "widgets/itemmodels/TableModel.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/Theme.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QMenu>
#include <QScrollBar>
#include <QSortFilterProxyModel>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Numbers by size with those that are missing at the end, whichever way it is sorted; text by the locale.
class Sorted : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    bool lessThan(const QModelIndex &a, const QModelIndex &b) const override
    {
        const QVariant x = a.data(TableModel::SortRole), y = b.data(TableModel::SortRole);
        if (x.typeId() == QMetaType::Double && y.typeId() == QMetaType::Double) {
            const double u = x.toDouble(), v = y.toDouble();
            const bool ascending = sortOrder() == Qt::AscendingOrder;
            if (std::isnan(u) || std::isnan(v))
                return ascending ? !std::isnan(u) && std::isnan(v) : std::isnan(u) && !std::isnan(v);
            return u < v;
        }
        return x.toString().localeAwareCompare(y.toString()) < 0;
    }
};

/// Missing numbers are alike.
bool alike(const Table::Column &a, const Table::Column &b)
{
    if (a.name != b.name || a.unit != b.unit || a.decimals != b.decimals || a.values.index() != b.values.index())
        return false;
    if (const auto *numbers = std::get_if<std::vector<double>>(&a.values)) {
        const auto &others = std::get<std::vector<double>>(b.values);
        return std::equal(numbers->begin(), numbers->end(), others.begin(), others.end(),
                          [](double u, double v) { return u == v || (std::isnan(u) && std::isnan(v)); });
    }
    return a.values == b.values;
}

bool alike(const Table &a, const Table &b)
{
    return a.title == b.title && std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                                            [](const auto &u, const auto &v) { return alike(u, v); });
}

} // namespace

struct TableView::Private
{
    TableModel *model = nullptr;
    Sorted *sorted = nullptr;
    int column = -1; ///< sorted by; -1 = the table's own order
    Qt::SortOrder order = Qt::AscendingOrder;
    std::vector<int> fitted; ///< widths of columns as they were made, by the contents
};

TableView::TableView(QWidget *parent) : QTableView(parent), d(std::make_unique<Private>())
{
    d->model = new TableModel(this);
    d->sorted = new Sorted(this);
    d->sorted->setSourceModel(d->model);
    d->sorted->setDynamicSortFilter(false);
    setModel(d->sorted);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setAlternatingRowColors(true);
    setShowGrid(false);
    setWordWrap(false);
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(28);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionsClickable(true);
    horizontalHeader()->setStretchLastSection(false);
    horizontalHeader()->setMinimumSectionSize(48);
    horizontalHeader()->setSortIndicatorShown(false);
    connect(horizontalHeader(), &QHeaderView::sectionClicked, this, [this](int column) {
        // Up, down, and back to the table's own order.
        if (d->column != column) {
            d->column = column;
            d->order = Qt::AscendingOrder;
        } else if (d->order == Qt::AscendingOrder) {
            d->order = Qt::DescendingOrder;
        } else {
            d->column = -1;
        }
        horizontalHeader()->setSortIndicatorShown(d->column >= 0);
        if (d->column >= 0)
            horizontalHeader()->setSortIndicator(d->column, d->order);
        d->sorted->sort(d->column, d->order);
    });
    connect(this, &QAbstractItemView::activated, this, [this](const QModelIndex &index) {
        Q_EMIT rowActivated(static_cast<std::size_t>(d->sorted->mapToSource(index).row()));
    });
}

TableView::~TableView() = default;

void TableView::setTable(const Table &table)
{
    const auto names = [](const Table &t) {
        std::vector<std::string> n;
        for (const auto &c : t.columns)
            n.push_back(c.name);
        return n;
    };
    const bool same = names(table) == names(d->model->table());
    if (same && alike(table, d->model->table()))
        return;
    const Table before = d->model->table();
    const auto selected = same ? selectedTableRows() : std::vector<std::size_t>();
    const QModelIndex current = same ? d->sorted->mapToSource(currentIndex()) : QModelIndex();
    const int row = current.row(), column = current.column();
    // Of a row that another has taken the place of nothing stays.
    const auto stays = [&](std::size_t r) {
        return r < table.rows() && r < before.rows() && table.text(r, 0) == before.text(r, 0);
    };
    const int right = horizontalScrollBar()->value(), down = verticalScrollBar()->value();
    d->model->setTable(table);
    d->sorted->setSortRole(TableModel::SortRole);
    if (!same) {
        d->column = -1;
        horizontalHeader()->setSortIndicatorShown(false);
        d->fitted.assign(static_cast<std::size_t>(d->model->columnCount()), 0);
    }
    // As wide as the contents, also of a table that grows; a width that a person chose stays.
    for (int c = 0; c < d->model->columnCount(); ++c) {
        auto &fitted = d->fitted[static_cast<std::size_t>(c)];
        const int wanted = std::clamp(std::max(sizeHintForColumn(c), horizontalHeader()->sectionSizeHint(c)) + 16, 56, 360);
        if (fitted != 0 && (columnWidth(c) != fitted || wanted <= fitted))
            continue;
        setColumnWidth(c, wanted);
        fitted = columnWidth(c);
    }
    d->sorted->sort(d->column, d->order);
    if (!same)
        return;
    QItemSelection rows;
    for (const auto r : selected)
        if (stays(r)) {
            const auto index = d->sorted->mapFromSource(d->model->index(static_cast<int>(r), 0));
            rows.select(index, index);
        }
    selectionModel()->select(rows, QItemSelectionModel::Select | QItemSelectionModel::Rows);
    if (row >= 0 && stays(static_cast<std::size_t>(row)))
        selectionModel()->setCurrentIndex(d->sorted->mapFromSource(d->model->index(row, column)), QItemSelectionModel::NoUpdate);
    horizontalScrollBar()->setValue(right);
    verticalScrollBar()->setValue(down);
}

const Table &TableView::table() const
{
    return d->model->table();
}

std::vector<std::size_t> TableView::selectedTableRows() const
{
    std::vector<std::size_t> rows;
    for (const auto &index : selectionModel()->selectedRows())
        rows.push_back(static_cast<std::size_t>(d->sorted->mapToSource(index).row()));
    std::sort(rows.begin(), rows.end());
    return rows;
}

QString TableView::selectionAsText() const
{
    std::vector<int> rows;
    for (const auto &index : selectionModel()->selectedRows())
        rows.push_back(index.row());
    std::sort(rows.begin(), rows.end());
    if (rows.empty())
        for (int r = 0; r < d->sorted->rowCount(); ++r)
            rows.push_back(r);
    const int columns = d->sorted->columnCount();
    const auto line = [columns](auto &&cell) {
        QStringList cells;
        for (int c = 0; c < columns; ++c) {
            QString text = cell(c);
            text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
            text.replace(QChar(0x2212), QLatin1Char('-')); // spreadsheets read only this one as a minus
            cells << text;
        }
        return cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
    };
    QString all = line([this](int c) { return d->sorted->headerData(c, Qt::Horizontal).toString(); });
    for (const int r : rows)
        all += line([this, r](int c) { return d->sorted->index(r, c).data().toString(); });
    return all;
}

void TableView::copySelection() const
{
    QGuiApplication::clipboard()->setText(selectionAsText());
}

void TableView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        copySelection();
        return;
    }
    QTableView::keyPressEvent(event);
}

void TableView::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->addAction(themeIcon(QStringLiteral("copy")), selectionModel()->hasSelection() ? tr("Copy rows") : tr("Copy table"),
                    this, &TableView::copySelection);
    menu->addAction(themeIcon(QStringLiteral("export")), tr("Export as CSV…"), this, &TableView::exportRequested);
    openMenu(menu, event->globalPos());
}

} // namespace reticle
