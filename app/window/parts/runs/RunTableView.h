#pragma once

#include "compare/RunFilter.h"
#include "foundation/Table.h"

#include <QStringList>
#include <QTableView>

#include <functional>
#include <map>
#include <vector>

class QMenu;

namespace reticle {

class RunTableModel;

/// The rows of a RunTableModel that a filter lets through, newest first until a heading is clicked: up, down, and newest first
/// again; best first under the score. Settings on which the shown runs do not agree have a column each; which columns are
/// shown besides is chosen in a menu and remembered for all projects. GUI thread.
class RunTableView : public QTableView
{
    Q_OBJECT
public:
    explicit RunTableView(RunTableModel *model, QWidget *parent = nullptr);
    ~RunTableView() override;

    void setFilter(const RunFilter &filter);
    const RunFilter &filter() const;
    /// Calls `change`, which changes the model, then filters and sorts anew. Selection, current row and the rows in sight stay.
    void whileChanging(const std::function<void()> &change);

    std::vector<const RunRow *> shownRows() const;          ///< in the order of the view; valid until the model changes
    std::vector<std::int64_t> selectedRuns() const;         ///< by number
    void selectRuns(const std::vector<std::int64_t> &runs); ///< those that are shown
    /// The selected rows, or all that are shown where none is selected, with the columns on show.
    Table shownTable() const;

    bool isShown(const QString &column) const; ///< by its key: "state", "train.batch"
    void setShown(const QString &column, bool shown);
    void fillColumnMenu(QMenu *menu);

Q_SIGNALS:
    void openRequested(std::int64_t run); ///< Enter or a double click
    void removeRequested();               ///< Delete, of the selected runs
    void chosenChanged();                 ///< other runs are selected
    void menuRequested(const QPoint &global);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    class Order;

    void sortBy(int column);
    void sortNow();
    void showColumns();
    void fitColumns();
    void rememberColumns() const;
    bool isDefault(int column) const;  ///< whether it is shown where nobody has chosen
    std::int64_t runAt(int row) const; ///< 0 where there is none

    RunTableModel *m_model;
    Order *m_order;
    QString m_sorted; ///< key of the column
    Qt::SortOrder m_direction;
    QStringList m_hidden, m_chosen; ///< keys of columns that someone has hidden, or shown
    bool m_differing;               ///< settings that differ are shown
    std::vector<std::string> m_differ;
    std::map<QString, int> m_fitted; ///< widths as they were made, by the contents
};

} // namespace reticle
