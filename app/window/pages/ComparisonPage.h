#pragma once

#include "compare/Comparison.h"
#include "window/parts/RunCurves.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <map>
#include <optional>
#include <set>

class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QPushButton;

namespace reticle {

class ComparisonStrip;
class ExampleStrip;
class FigureView;
class MessageBar;
class Session;
class TableView;
class Job;

/// A comparison, live or past: the curves of all its runs, what each model makes of one place, the table of models as far
/// as it is known, and as runs get done the points of each seed and the paired tests of the chosen score. GUI thread.
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
    ComparisonStrip *strip() const { return m_strip; }
    ExampleStrip *examples() const;
    MessageBar *message() const { return m_message; }
    QString state() const;     ///< "4 of 9 runs are done · …"
    QString notes() const;     ///< what is to be known of the numbers, a sentence a line
    std::string score() const; ///< that is compared: "dice", "rmse", …; "auto" until runs have some

Q_SIGNALS:
    void resumeRequested(std::int64_t run);                           ///< any run of the comparison
    void reportRequested(std::int64_t run, const std::string &score); ///< the analysis "compare-runs"
    void runRequested(std::int64_t run);                              ///< the page of one run

private:
    void setUpParts(); ///< names and tips of what is read and pressed
    void setUpViews(); ///< names and heights of charts and tables
    QHBoxLayout *buildCurveControls();
    QHBoxLayout *buildModelsHead();
    void buildResult(); ///< what shows once runs are done
    void layOut();
    void connectControls();
    void connectExports();
    void connectSession();

    void follow(Job *job);
    void takeRuns();
    void load(std::size_t index);
    void takeEvents(const std::vector<Event> &events);
    void takeKept();
    void showCurves();
    void offerScores(const std::vector<RunInfo> &infos);
    void showScores();
    void showModels(const std::vector<RunInfo> &infos);
    std::vector<RunInfo> infos() const;
    void showState();
    std::string labelOf(std::size_t index) const; ///< of a run's model or setting
    Job *job() const;

    Session *m_session;
    std::int64_t m_comparison;
    std::vector<std::int64_t> m_runs;
    std::vector<Metrics> m_metrics; ///< one a run
    ComparisonPlan m_plan;          ///< as the recipe has it
    std::vector<std::string> m_recipeNotes;
    QString m_name;
    std::optional<RunInfo> m_live; ///< the run at work, as the store has it now
    QElapsedTimer m_lookedAt;
    std::set<std::int64_t> m_followed;      ///< numbers of work
    std::int64_t m_keptNumber = 0;          ///< of the newest report
    std::map<std::int64_t, Json> m_regions; ///< V_Rand and V_Info by run, from the newest report on validation slices
    bool m_whole = false;                   ///< all planned runs are done
    MessageBar *m_message;
    QLabel *m_title, *m_subtitle, *m_summary, *m_notes;
    FigureView *m_curves, *m_scores, *m_figure;
    ComparisonStrip *m_strip;
    TableView *m_models, *m_tests, *m_table;
    QWidget *m_result;
    QCheckBox *m_log;
    QComboBox *m_axis, *m_score;
    QPushButton *m_report, *m_resume, *m_csv;
    QTimer m_repaint;
};

} // namespace reticle
