#pragma once

#include "window/RunCurves.h"

#include <QTimer>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;
class QGridLayout;

namespace reticle {

class ExampleStrip;
class FigureView;
class LearningCurveCard;
class MessageBar;
class Session;
class TableView;
class Work;

/// One run, live or past, or several side by side: curves, key numbers, current examples, whether more minutes would help, and
/// the table that compares them. Metrics come from the project's database once and from the worker's events after that.
class TrainingPage : public QWidget
{
    Q_OBJECT
public:
    TrainingPage(Session *session, std::vector<std::int64_t> runs, QWidget *parent = nullptr);

    const std::vector<std::int64_t> &runs() const { return m_runs; }
    FigureView *curves() const { return m_curves; }
    MessageBar *message() const { return m_message; }
    TableView *table() const { return m_table; }
    ExampleStrip *examples() const { return m_examples; }
    LearningCurveCard *learningCurve() const { return m_budgets; }
    /// The text of a key number on show: "step", "left", "training", "best", "speed".
    QString keyNumber(const QString &name) const;

Q_SIGNALS:
    void resumeRequested(std::int64_t run);
    void lookRequested(std::int64_t run); ///< "See it": the data with this run's prediction
    void evaluateRequested(std::int64_t run);
    void compareRequested(const std::vector<std::int64_t> &runs);

private:
    void follow(Work *work);
    void load();
    void takeEvents(std::size_t index, const std::vector<Event> &events);
    void showFigures();
    void showNumbers();
    void showTable();
    void showState();
    void showBudgets();
    /// What the run says of its scores.
    RunScores scoresOf(std::int64_t run) const;
    void setNumber(const QString &name, const QString &value);
    Work *work() const;
    bool single() const { return m_runs.size() == 1; }

    Session *m_session;
    std::vector<std::int64_t> m_runs;
    std::vector<Metrics> m_metrics; ///< one a run
    Json m_described;               ///< data of the Started event that was seen
    MessageBar *m_message;
    QString m_said; ///< in the message bar, of how the run ended
    QLabel *m_title, *m_subtitle;
    QWidget *m_numbers;
    FigureView *m_curves, *m_scores;
    LearningCurveCard *m_budgets;
    ExampleStrip *m_examples;
    QLabel *m_examplesTitle;
    TableView *m_table;
    QCheckBox *m_log;
    QComboBox *m_axis;
    QSlider *m_smoothing;
    QWidget *m_actions;
    QTimer m_repaint;
    std::map<QString, QLabel *> m_number;
    std::vector<Work *> m_followed;
};

} // namespace reticle
