#include "window/parts/runs/RunTableView.h"

#include "widgets/views/Dialogs.h"
#include "window/parts/runs/RunTableModel.h"
#include "window/session/Settings.h"
#include "window/shell/Text.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QSortFilterProxyModel>

#include <algorithm>
#include <cmath>
#include <map>

namespace reticle {

namespace {

constexpr int runRowHeight = 28, narrowestColumn = 56, widestColumn = 280; // px, until someone drags them
constexpr int measuredRows = 60;                                           // of thousands not all are measured

const QString hiddenKey = QStringLiteral("runs/hidden"), chosenKey = QStringLiteral("runs/shown"),
              differingKey = QStringLiteral("runs/differing");

/// "Train" of "train": the heading of a section in the menu of columns.
QString sectionHeading(const std::string &path)
{
    const auto dot = path.find('.');
    if (dot == std::string::npos)
        return RunTableView::tr("General");
    QString heading = qs(path.substr(0, dot));
    heading[0] = heading[0].toUpper();
    return heading;
}

} // namespace

/// Rows by the column's numbers and text, with what is missing at the end, whichever way they are sorted.
class RunTableView::Order : public QSortFilterProxyModel
{
public:
    Order(RunTableModel *model, QObject *parent) : QSortFilterProxyModel(parent), m_model(model)
    {
        setDynamicSortFilter(false); // a row does not move or vanish under the pointer while its run works
        setSourceModel(model);
    }
    void setFilter(const RunFilter &filter)
    {
        m_filter = filter;
        invalidate(); // rows that come back are put in order, not only where others stand
    }
    void filterAgain() { invalidateFilter(); }
    const RunFilter &filter() const { return m_filter; }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &) const override
    {
        return m_filter.matches(m_model->rows()[static_cast<std::size_t>(row)]);
    }
    bool lessThan(const QModelIndex &a, const QModelIndex &b) const override
    {
        const QVariant x = a.data(RunTableModel::SortRole), y = b.data(RunTableModel::SortRole);
        if (!x.isValid() || !y.isValid())
            return sortOrder() == Qt::AscendingOrder ? x.isValid() && !y.isValid() : !x.isValid() && y.isValid();
        if (a.column() == RunTableModel::Score) {
            // Scores of one name are compared, Dice not with errors.
            const auto &first = m_model->rows()[static_cast<std::size_t>(a.row())].score.title;
            const auto &second = m_model->rows()[static_cast<std::size_t>(b.row())].score.title;
            if (first != second)
                return first < second;
        }
        const bool xIsNumber = x.typeId() == QMetaType::Double, yIsNumber = y.typeId() == QMetaType::Double;
        if (xIsNumber && yIsNumber)
            return x.toDouble() < y.toDouble();
        if (xIsNumber != yIsNumber)
            return xIsNumber;
        return x.toString().localeAwareCompare(y.toString()) < 0;
    }

private:
    RunTableModel *m_model;
    RunFilter m_filter;
};

RunTableView::RunTableView(RunTableModel *model, QWidget *parent)
    : QTableView(parent), m_model(model), m_order(new Order(model, this)), m_sorted(model->columnKey(RunTableModel::Number)),
      m_direction(Qt::DescendingOrder), m_hidden(Settings::value(hiddenKey).toStringList()),
      m_chosen(Settings::value(chosenKey).toStringList()), m_differing(Settings::value(differingKey, true).toBool())
{
    setObjectName(QStringLiteral("runTable"));
    setAccessibleName(tr("Runs"));
    setModel(m_order);
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
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(runRowHeight);
    auto *header = horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionsClickable(true);
    header->setSortIndicatorShown(true);
    header->setStretchLastSection(false);
    header->setMinimumSectionSize(narrowestColumn);
    header->setResizeContentsPrecision(measuredRows);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QHeaderView::sectionClicked, this, &RunTableView::sortBy);
    connect(header, &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        auto *menu = new QMenu(this);
        menu->setObjectName(QStringLiteral("runColumns"));
        fillColumnMenu(menu);
        openMenu(menu, horizontalHeader()->mapToGlobal(at));
    });
    connect(this, &QAbstractItemView::activated, this, [this](const QModelIndex &index) {
        if (const auto run = runAt(index.row()))
            Q_EMIT openRequested(run);
    });
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunTableView::chosenChanged);
    sortNow();
    showColumns();
}

RunTableView::~RunTableView() = default;

std::int64_t RunTableView::runAt(int row) const
{
    if (row < 0 || row >= m_order->rowCount())
        return 0;
    return m_model->rows()[static_cast<std::size_t>(m_order->mapToSource(m_order->index(row, 0)).row())].id;
}

void RunTableView::setFilter(const RunFilter &filter)
{
    m_order->setFilter(filter);
    showColumns();
}

const RunFilter &RunTableView::filter() const
{
    return m_order->filter();
}

void RunTableView::whileChanging(const std::function<void()> &change)
{
    const int topRow = rowAt(0);
    const auto top = runAt(topRow);
    const int offset = topRow < 0 ? 0 : rowViewportPosition(topRow);
    const bool scrolled = verticalScrollBar()->value() > 0;
    change();
    m_order->filterAgain();
    sortNow();
    showColumns();
    if (!scrolled || top == 0)
        return;
    // Rows have come or gone above: what one was reading stays where it is.
    executeDelayedItemsLayout();
    updateGeometries();
    for (int row = 0; row < m_order->rowCount(); ++row)
        if (runAt(row) == top) {
            verticalScrollBar()->setValue(verticalScrollBar()->value() + rowViewportPosition(row) - offset);
            break;
        }
}

std::vector<const RunRow *> RunTableView::shownRows() const
{
    std::vector<const RunRow *> rows;
    for (int row = 0; row < m_order->rowCount(); ++row)
        rows.push_back(&m_model->rows()[static_cast<std::size_t>(m_order->mapToSource(m_order->index(row, 0)).row())]);
    return rows;
}

std::vector<std::int64_t> RunTableView::selectedRuns() const
{
    std::vector<std::int64_t> runs;
    for (const auto &index : selectionModel()->selectedRows(RunTableModel::Name))
        runs.push_back(runAt(index.row()));
    std::sort(runs.begin(), runs.end());
    return runs;
}

void RunTableView::selectRuns(const std::vector<std::int64_t> &runs)
{
    QItemSelection rows;
    QModelIndex first;
    for (const auto run : runs)
        if (const int source = m_model->rowOf(run); source >= 0) {
            const auto index = m_order->mapFromSource(m_model->index(source, RunTableModel::Name));
            if (!index.isValid())
                continue;
            rows.select(index, index);
            if (!first.isValid())
                first = index;
        }
    selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (first.isValid())
        selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
}

Table RunTableView::shownTable() const
{
    std::vector<int> rows, columns;
    const bool all = !selectionModel()->hasSelection();
    for (int row = 0; row < m_order->rowCount(); ++row)
        if (all || selectionModel()->isRowSelected(row))
            rows.push_back(m_order->mapToSource(m_order->index(row, 0)).row());
    for (int column = 0; column < m_model->columnCount(); ++column)
        if (!isColumnHidden(column))
            columns.push_back(column);
    return m_model->table(rows, columns);
}

void RunTableView::sortBy(int column)
{
    const QString key = m_model->columnKey(column);
    auto first = Qt::AscendingOrder;
    if (column == RunTableModel::Number || column == RunTableModel::Started) {
        first = Qt::DescendingOrder;
    } else if (column == RunTableModel::Score) {
        const auto rows = shownRows();
        const auto scored = std::find_if(rows.begin(), rows.end(), [](const RunRow *row) { return !std::isnan(row->best); });
        if (scored != rows.end() && !(*scored)->score.lowerIsBetter)
            first = Qt::DescendingOrder; // the best comes first
    }
    if (m_sorted != key) {
        m_sorted = key;
        m_direction = first;
    } else if (m_direction == first) {
        m_direction = first == Qt::AscendingOrder ? Qt::DescendingOrder : Qt::AscendingOrder;
    } else {
        m_sorted = m_model->columnKey(RunTableModel::Number);
        m_direction = Qt::DescendingOrder;
    }
    sortNow();
    if (currentIndex().isValid() && selectionModel()->hasSelection())
        scrollTo(currentIndex());
}

void RunTableView::sortNow()
{
    const int column = std::max(0, m_model->columnOf(m_sorted));
    m_order->sort(column, m_direction);
    horizontalHeader()->setSortIndicator(column, m_direction);
}

bool RunTableView::isDefault(int column) const
{
    if (column < RunTableModel::FirstSetting)
        return column != RunTableModel::Comparison && column != RunTableModel::Message;
    return m_differing && std::binary_search(m_differ.begin(), m_differ.end(), ss(m_model->columnKey(column)));
}

void RunTableView::showColumns()
{
    m_differ = differingSettings(shownRows());
    for (int column = 0; column < m_model->columnCount(); ++column) {
        const QString key = m_model->columnKey(column);
        const bool shown =
            column == RunTableModel::Name || m_chosen.contains(key) || (isDefault(column) && !m_hidden.contains(key));
        setColumnHidden(column, !shown);
    }
    fitColumns();
}

void RunTableView::fitColumns()
{
    if (!isVisible())
        return;
    for (int column = 0; column < m_model->columnCount(); ++column) {
        if (isColumnHidden(column))
            continue;
        int &fitted = m_fitted[m_model->columnKey(column)];
        const int wanted = std::clamp(std::max(sizeHintForColumn(column), horizontalHeader()->sectionSizeHint(column)) + 16,
                                      narrowestColumn, widestColumn);
        if (fitted != 0 && (columnWidth(column) != fitted || wanted <= fitted))
            continue; // someone has dragged it, or it is wide enough
        setColumnWidth(column, wanted);
        fitted = columnWidth(column);
    }
}

void RunTableView::showEvent(QShowEvent *event)
{
    QTableView::showEvent(event);
    fitColumns();
}

bool RunTableView::isShown(const QString &column) const
{
    const int c = m_model->columnOf(column);
    return c >= 0 && !isColumnHidden(c);
}

void RunTableView::setShown(const QString &column, bool shown)
{
    m_hidden.removeAll(column);
    m_chosen.removeAll(column);
    (shown ? m_chosen : m_hidden) << column;
    rememberColumns();
    showColumns();
}

void RunTableView::rememberColumns() const
{
    Settings::setValue(hiddenKey, m_hidden);
    Settings::setValue(chosenKey, m_chosen);
    Settings::setValue(differingKey, m_differing);
}

void RunTableView::fillColumnMenu(QMenu *menu)
{
    qDeleteAll(menu->findChildren<QMenu *>(QString(), Qt::FindDirectChildrenOnly)); // which clear() leaves
    menu->clear();
    const auto add = [this](QMenu *to, int column, const QString &title) {
        const QString key = m_model->columnKey(column);
        auto *action = to->addAction(title);
        action->setObjectName(QStringLiteral("column.") + key);
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(column));
        action->setEnabled(column != RunTableModel::Name); // a table of nothing would be left
        connect(action, &QAction::triggered, this, [this, key](bool on) { setShown(key, on); });
    };
    for (int column = 0; column < RunTableModel::FirstSetting; ++column)
        add(menu, column, m_model->headerData(column, Qt::Horizontal).toString());
    menu->addSeparator();
    auto *differing = menu->addAction(tr("Settings that differ"));
    differing->setObjectName(QStringLiteral("columns.differing"));
    differing->setCheckable(true);
    differing->setChecked(m_differing);
    connect(differing, &QAction::triggered, this, [this](bool on) {
        m_differing = on;
        rememberColumns();
        showColumns();
    });
    std::map<QString, QMenu *> sections;
    for (std::size_t i = 0; i < m_model->settings().size(); ++i) {
        const auto &path = m_model->settings()[i];
        auto *&section = sections[sectionHeading(path)];
        if (!section)
            section = menu->addMenu(sectionHeading(path));
        add(section, RunTableModel::FirstSetting + static_cast<int>(i), qs(path.substr(path.find('.') + 1)));
    }
    menu->addSeparator();
    auto *reset = menu->addAction(tr("Reset the columns"));
    reset->setObjectName(QStringLiteral("columns.reset"));
    reset->setEnabled(!m_hidden.isEmpty() || !m_chosen.isEmpty() || !m_differing);
    connect(reset, &QAction::triggered, this, [this] {
        m_hidden.clear();
        m_chosen.clear();
        m_differing = true;
        rememberColumns();
        showColumns();
    });
}

void RunTableView::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Delete && event->modifiers() == Qt::NoModifier)
        Q_EMIT removeRequested();
    else
        QTableView::keyPressEvent(event);
}

void RunTableView::contextMenuEvent(QContextMenuEvent *event)
{
    Q_EMIT menuRequested(event->globalPos());
}

} // namespace reticle
