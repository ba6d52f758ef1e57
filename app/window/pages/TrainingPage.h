#pragma once

#include "window/parts/RunCurves.h"

#include <QTimer>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;
class QHBoxLayout;
class QVBoxLayout;

namespace reticle {

class ExampleStrip;
class FigureView;
class LearningCurveCard;
class MessageBar;
class Session;
class TableView;
class Job;

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
    FigureView *exampleFigure() const { return m_exampleFigure; }
    LearningCurveCard *learningCurve() const { return m_budgets; }
    /// The text of a key number on show: "step", "left", "training", "best", "speed".
    QString keyNumber(const QString &name) const;

Q_SIGNALS:
    void resumeRequested(std::int64_t run);
    void lookRequested(std::int64_t run); ///< "See it": the data with this run's prediction
    void evaluateRequested(std::int64_t run);
    void compareRequested(const std::vector<std::int64_t> &runs);

private:
    void buildNumbers();
    /// A key number's value above its title; the value is kept in m_number.
    QVBoxLayout *makeNumber(const QString &name, const QString &title);
    void buildActions();
    QHBoxLayout *buildCurveControls();
    void layOut();
    void setUpViews(); ///< their heights and names, and which show at first
    void connectControls();
    void connectSession();

    void follow(Job *job);
    void load();
    void takeEvents(std::size_t index, const std::vector<Event> &events);
    void showFigures();
    void showNumbers();
    void showTable();
    void showState();
    void showBudgets();
    /// What the run says of its scores, in its summary or as it began.
    RunScores scoresOf(std::int64_t run) const;
    void setNumber(const QString &name, const QString &value);
    Job *job() const;
    bool single() const { return m_runs.size() == 1; }

    Session *m_session;
    std::vector<std::int64_t> m_runs;
    std::vector<Metrics> m_metrics; ///< one a run
    MessageBar *m_message;
    QString m_said; ///< in the message bar, of how the run ended
    QLabel *m_title, *m_subtitle;
    QWidget *m_numbers;
    FigureView *m_curves, *m_scores;
    LearningCurveCard *m_budgets;
    ExampleStrip *m_examples;
    FigureView *m_exampleFigure; ///< in its place where a run shows a figure of itself
    QLabel *m_examplesTitle;
    TableView *m_table;
    QCheckBox *m_log;
    QComboBox *m_axis;
    QSlider *m_smoothing;
    QWidget *m_actions;
    QTimer m_repaint;
    std::map<QString, QLabel *> m_number;
    std::vector<Job *> m_followed;
};

} // namespace reticle
