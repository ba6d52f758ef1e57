#pragma once

#include "window/RunCurves.h"

#include <QStringList>
#include <QTimer>
#include <QWidget>

#include <set>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace reticle {

class ExampleStrip;
class FigureView;
class MessageBar;
class Session;
class TableView;
class Work;

/// A comparison, live or past: the curves of all its runs, what each model makes of one place, and as runs get done the
/// table of models, the points of each seed and the paired tests. GUI thread.
class ComparisonPage : public QWidget
{
    Q_OBJECT
public:
    ComparisonPage(Session *session, std::int64_t comparison, QWidget *parent = nullptr);

    std::int64_t comparison() const { return m_comparison; }
    const std::vector<std::int64_t> &runs() const { return m_runs; } ///< made so far, by number
    FigureView *curves() const { return m_curves; }
    FigureView *figure() const { return m_figure; }
    TableView *models() const { return m_models; }
    TableView *tests() const { return m_tests; }
    ExampleStrip *examples() const { return m_examples; }
    MessageBar *message() const { return m_message; }
    QString state() const; ///< "4 of 9 runs are done · …"

Q_SIGNALS:
    void resumeRequested(std::int64_t run); ///< any run of the comparison
    void reportRequested(std::int64_t run); ///< the analysis "compare-runs"
    void runRequested(std::int64_t run);    ///< the page of one run

private:
    void follow(Work *work);
    void takeRuns();
    void load(std::size_t index);
    void takeEvents(const std::vector<Event> &events);
    void takeExample(const Event &event, std::size_t index);
    void showCurves();
    void showExamples();
    void showScores();
    void showState();
    std::string labelOf(std::size_t index) const; ///< of a run's model
    Work *work() const;

    Session *m_session;
    std::int64_t m_comparison;
    std::vector<std::int64_t> m_runs;
    std::vector<Metrics> m_metrics;    ///< one a run
    std::vector<std::string> m_labels; ///< of the models, as the recipe has them
    std::vector<Json> m_sections;
    std::size_t m_planned = 0;
    QString m_name;
    std::vector<Array> m_originals; ///< input, and target where that is another picture
    QStringList m_originalTitles;
    std::map<std::string, Array> m_outputs; ///< by label of the model
    bool m_images = false;                  ///< outputs are images, not classes
    std::set<std::int64_t> m_followed;      ///< numbers of work
    std::int64_t m_stripOf = 0;             ///< number of the result whose strip is shown
    MessageBar *m_message;
    QLabel *m_title, *m_subtitle, *m_summary;
    FigureView *m_curves, *m_scores, *m_figure, *m_strip;
    ExampleStrip *m_examples;
    TableView *m_models, *m_tests, *m_table;
    QWidget *m_result;
    QCheckBox *m_log;
    QComboBox *m_axis;
    QPushButton *m_report, *m_resume;
    QTimer m_repaint;
};

} // namespace reticle
