#pragma once

#include "history/BudgetRuns.h"

#include <QWidget>

class QLabel;

namespace reticle {

class FigureView;
class OpenProject;

/// Whether more minutes would help, from the finished runs of one recipe: a sentence, and where their times differ the
/// learning curve. Hidden as long as no run has finished. GUI thread.
class LearningCurveCard : public QWidget
{
    Q_OBJECT
public:
    explicit LearningCurveCard(QWidget *parent = nullptr);

    /// Of the recipe of `run`; reads the project again only where its runs have changed.
    void setRun(const OpenProject &project, std::int64_t run);
    QString text() const;
    FigureView *figure() const { return m_figure; }

Q_SIGNALS:
    void exported(const QString &path);

private:
    QLabel *m_text;
    FigureView *m_figure;
    std::vector<std::pair<std::int64_t, RunStatus>> m_seen;
};

} // namespace reticle
