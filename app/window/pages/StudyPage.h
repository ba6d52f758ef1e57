#pragma once

#include "ablation/AblationStudy.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QComboBox;
class QFormLayout;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTreeWidget;
class QVBoxLayout;

namespace reticle {

class MessageBar;
class Session;
class StudyResultView;
class Job;

/// Plans a study of knockouts and rescues from two runs of the project, starts it, and shows what it gives. GUI thread.
class StudyPage : public QWidget
{
    Q_OBJECT
public:
    /// `run`: one of the two; the other is chosen among the runs that differ from it.
    StudyPage(Session *session, std::int64_t run, QWidget *parent = nullptr);

    std::int64_t good() const; ///< number of a run
    std::int64_t bad() const;
    QTreeWidget *axes() const { return m_axes; }
    QString plan() const;     ///< what would be trained, or why nothing can be
    QString estimate() const; ///< of its time; empty where that is not known
    QPushButton *trainButton() const { return m_train; }
    MessageBar *message() const { return m_message; }
    StudyResultView *result() const { return m_result; } ///< null until a study was started here
    const std::optional<AblationStudy> &study() const { return m_study; }

public Q_SLOTS:
    void choose(std::int64_t good, std::int64_t bad);
    void exchange();     ///< the good with the bad run
    void joinSelected(); ///< the selected differences change as one
    void splitSelected();
    void train();

Q_SIGNALS:
    void reportRequested(std::int64_t run, std::int64_t comparison);

private:
    QHBoxLayout *buildHead();
    QHBoxLayout *buildRuns(); ///< the good and the bad one, and the button that exchanges them
    QHBoxLayout *buildAxes(); ///< sets up the list of differences; gives the buttons below it
    QFormLayout *buildDesign();
    QHBoxLayout *buildStart();
    void layOut();
    void connectParts();

    void listRuns();
    void chooseOther(std::int64_t run);
    void showAxes();
    void showPlan();
    void askForEstimate();
    void follow(Job *job);
    std::optional<std::vector<std::int64_t>> seeds() const; ///< nothing where they cannot be read

    Session *m_session;
    MessageBar *m_message;
    QComboBox *m_good, *m_bad;
    QTreeWidget *m_axes;
    QPushButton *m_join, *m_split, *m_train;
    QLineEdit *m_seeds;
    QSpinBox *m_budget;
    QLabel *m_plan, *m_estimate;
    QVBoxLayout *m_column;
    StudyResultView *m_result = nullptr;
    std::vector<std::vector<std::string>> m_joined; ///< paths of the settings that change as one
    std::optional<AblationStudy> m_study;
    QTimer m_typed; ///< whoever types is not answered at every key
};

} // namespace reticle
