#pragma once

#include <QWidget>

class QLabel;
class QVBoxLayout;
class QScrollArea;
class QTabWidget;
class QToolButton;

namespace reticle {

class LogView;
class Job;
class JobList;

/// The bottom of the window: running work with progress, time left, pause, stop and cancel, and the log. Folded it is one
/// line that still says what runs.
class ActivityPanel : public QWidget
{
    Q_OBJECT
public:
    explicit ActivityPanel(JobList *jobs, QWidget *parent = nullptr);

    bool isFolded() const { return m_folded; }
    /// Folded, the panel is as high as its header and no higher.
    void setFolded(bool folded);
    int foldedHeight() const;
    void log(const QString &line, bool error = false);
    LogView *logView() const { return m_log; }

Q_SIGNALS:
    void openRequested(reticle::Job *job);
    void resumeRequested(reticle::Job *job); ///< of work whose worker was lost
    void foldedChanged(bool folded);

protected:
    void changeEvent(QEvent *event) override;

private:
    void addRow(Job *job);
    void holdHeight();
    void updateSummary();

    JobList *m_jobs;
    QWidget *m_head;
    QToolButton *m_fold;
    QLabel *m_summary;
    QWidget *m_body;
    QVBoxLayout *m_rows;
    QLabel *m_nothing;
    LogView *m_log;
    bool m_folded = false;
};

} // namespace reticle
