#pragma once

#include "window/session/ItemKey.h"
#include "window/session/OpenProject.h"

#include <QPointer>
#include <QTimer>
#include <QWidget>

#include <vector>

class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace reticle {

class Job;
class MessageBar;
class RunTableModel;
class RunTableView;
class Session;

/// All runs of the project in one table, with a search over columns and settings (RunFilter) and what can be done with the
/// selected ones. Runs that work are brought up to date while the page is on show. GUI thread.
class RunsPage : public QWidget
{
    Q_OBJECT
public:
    explicit RunsPage(Session *session, QWidget *parent = nullptr);

    RunTableModel *model() const { return m_model; }
    RunTableView *table() const { return m_table; }
    QLineEdit *search() const { return m_search; }
    MessageBar *message() const { return m_message; }
    QString remark() const; ///< what is wrong with the search; empty where nothing is
    QString counts() const; ///< "3 of 120 runs match · 2 running"
    QString state() const;  ///< of the selection, and why it cannot be deleted
    QString empty() const;  ///< what is said in place of the table; empty while that is shown

Q_SIGNALS:
    void openRequested(const reticle::ItemKey &key);
    void removeRequested(const std::vector<reticle::ItemKey> &runs);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    bool eventFilter(QObject *object, QEvent *event) override;

private:
    void layOut();
    void connectParts();
    void load();
    void updateLive();
    void updateLive(const RunInfo &known, Job *job);
    void applySearch();
    void showState();
    void showButtons();
    void compare();
    void showCurves();
    void removeRuns();
    void exportRuns();
    void showMenu(const QPoint &at);
    QString whyNotRemovable(const std::vector<std::int64_t> &runs) const;
    std::int64_t commonComparison(const std::vector<std::int64_t> &runs) const; ///< 0 where they have none in common

    Session *m_session;
    QPointer<OpenProject> m_project;
    MessageBar *m_message;
    RunTableModel *m_model;
    RunTableView *m_table;
    QLineEdit *m_search;
    QLabel *m_title, *m_counts, *m_remark, *m_state, *m_empty;
    QPushButton *m_columns, *m_clear, *m_compare, *m_curves, *m_remove, *m_export;
    QStackedWidget *m_stack;
    QTimer m_typed; ///< whoever types is not answered at every key
    QTimer m_look;  ///< when runs that work are looked at next
    bool m_stale = false, m_working = false;
};

} // namespace reticle
