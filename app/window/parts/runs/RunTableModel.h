#pragma once

#include "compare/RunRow.h"
#include "foundation/Table.h"

#include <QAbstractTableModel>
#include <QStringList>

#include <map>
#include <vector>

namespace reticle {

/// Runs as rows, by number. Columns: those that every run has, then one for each setting that any run has, by path. Which of
/// them are shown is the view's business. A row that changes keeps its place, and columns are added where new settings come.
/// GUI thread.
class RunTableModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Number, Name, State, Task, Network, Data, Score, Steps, Time, Started, Comparison, Message, FirstSetting };
    /// Numbers for numbers, so that 9 comes before 10; empty (no number, no text) where the run has nothing there.
    static constexpr int SortRole = Qt::UserRole;

    explicit RunTableModel(QObject *parent = nullptr);

    /// All runs, by rising number.
    void setRows(std::vector<RunRow> rows);
    /// A run of the same number as one that is there; nothing where none is. `fraction`: of its work, below 0 while that is not
    /// known or it does not work.
    void updateRow(RunRow row, double fraction);
    const std::vector<RunRow> &rows() const { return m_rows; }
    const RunRow *row(std::int64_t run) const; ///< null where there is none
    int rowOf(std::int64_t run) const;         ///< -1 where there is none

    /// What a column is remembered by: "state", or of a setting its path "train.batch".
    QString columnKey(int column) const;
    int columnOf(const QString &key) const;                                 ///< -1 where there is none
    const std::vector<std::string> &settings() const { return m_settings; } ///< by path
    /// Of a path what the heading says: "batch", and where that would name two columns "train.batch".
    QString settingTitle(const std::string &path) const;
    /// What a run is shown with, e.g. to write it to a file: numbers are numbers.
    Table table(const std::vector<int> &rows, const std::vector<int> &columns) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QVariant shown(const RunRow &row, int column) const;
    QVariant sorted(const RunRow &row, int column) const;
    QString tip(const RunRow &row, int column) const;
    const std::string *settingOf(const RunRow &row, int column) const;
    void addSettings(const std::vector<RunRow> &rows);

    std::vector<RunRow> m_rows;
    std::vector<std::string> m_settings;
    std::map<std::string, int> m_lastParts;     ///< how many paths end so
    std::map<std::int64_t, double> m_fractions; ///< of runs that work
};

/// What a run's name is in a table: its title, or "Run 3".
QString shownName(const RunRow &row);

} // namespace reticle
