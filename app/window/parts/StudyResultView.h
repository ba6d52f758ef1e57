#pragma once

#include "ablation/AblationStudy.h"

#include <QWidget>

#include <optional>

class QLabel;
class QPushButton;

namespace reticle {

class FigureView;
class MessageBar;
class Session;
class TableView;

/// What a study of knockouts and rescues has given so far: the verdict in sentences, the effects, the scores of the recipes.
/// Follows the project while runs are trained. GUI thread.
class StudyResultView : public QWidget
{
    Q_OBJECT
public:
    /// Throws Error where the comparison is not in the open project or is no study.
    StudyResultView(Session *session, MessageBar *message, std::int64_t comparison, QWidget *parent = nullptr);

    std::int64_t comparison() const { return m_comparison; }
    QString state() const;   ///< "8 of 24 runs are done."
    QString verdict() const; ///< empty until the good and the bad recipe have a run
    FigureView *effects() const { return m_effects; }
    TableView *table() const { return m_table; }

Q_SIGNALS:
    /// Asks for the analysis that keeps tables and figures; `run`: one of the study.
    void reportRequested(std::int64_t run, std::int64_t comparison);

private:
    void showResult();

    Session *m_session;
    MessageBar *m_message;
    std::int64_t m_comparison;
    std::optional<AblationStudy> m_study;
    std::int64_t m_run = 0; ///< a run of the study that is done; 0 = none yet
    QLabel *m_verdict, *m_state, *m_notes;
    FigureView *m_effects, *m_scores;
    TableView *m_table;
    QPushButton *m_report;
};

} // namespace reticle
