#pragma once

#include "foundation/Json.h"
#include "project/Project.h"
#include "project/Recipe.h"
#include "window/session/ItemKey.h"
#include "window/session/OpenProject.h"

#include <QTimer>
#include <QWidget>

class QStackedWidget;
class QLabel;
class QPushButton;
class QScrollArea;

namespace reticle {

class MessageBar;
class RecipeForm;
class SchemaForm;
class Session;
struct Failure;

/// A page that brings the form on the right with it.
class HasSidePanel
{
public:
    virtual ~HasSidePanel() = default;
    virtual QWidget *sidePanel() = 0; ///< owned by the page; lent to the panel while the page is current
};

/// The recipe of a training to come: form, checks, previews, what to expect of it, and the Train button at the bottom.
class TrainForm : public QWidget
{
    Q_OBJECT
public:
    explicit TrainForm(Session *session, QWidget *parent = nullptr);

    void setRecipe(const Json &recipe, const QString &title);
    Json recipe() const;
    RecipeForm *form() const { return m_form; }
    MessageBar *message() const { return m_message; }
    QPushButton *trainButton() const { return m_train; }
    /// What trainings like it on the worker's machine say; empty where that is not known.
    QString estimate() const;
    /// Under the setting that it is about where that is known, else above the button.
    void showFailure(const Failure &failure);

Q_SIGNALS:
    void trainRequested(const reticle::Json &recipe);
    void augmentPreviewRequested(const reticle::Json &recipe);
    void layerTableRequested(const reticle::Json &recipe);
    void dataAnalysisRequested(const QString &name, const reticle::Json &data); ///< of the recipe's data, without a run

private:
    void updateButton();
    void fillDataMenu();
    void askForEstimate();
    void showEstimate(const QString &text);

    Session *m_session;
    QLabel *m_title, *m_estimate;
    RecipeForm *m_form;
    MessageBar *m_message;
    QPushButton *m_train, *m_augment, *m_layers, *m_ask;
    QTimer m_asking; ///< whoever types is not answered at every key
    Json m_wanted;
};

/// A stored run's recipe, read-only, and what can be done with the run.
class RunForm : public QWidget
{
    Q_OBJECT
public:
    explicit RunForm(Session *session, QWidget *parent = nullptr);
    void setRun(std::int64_t run);
    std::int64_t run() const { return m_run; }

Q_SIGNALS:
    void againRequested(std::int64_t run); ///< "Train again with changes"
    void resumeRequested(std::int64_t run);
    void layerTableRequested(std::int64_t run);
    void analysisRequested(const QString &name, std::int64_t run);
    void pageRequested(const reticle::ItemKey &page); ///< of this run

private:
    void refresh();

    Session *m_session;
    std::int64_t m_run = 0;
    QLabel *m_title;
    RecipeForm *m_form;
    QPushButton *m_again, *m_layers, *m_resume, *m_ask;
};

/// The options of an analysis and the button that starts it.
class AnalysisForm : public QWidget
{
    Q_OBJECT
public:
    /// What the analysis is asked of.
    struct Subject
    {
        std::int64_t run = 0;           ///< 0 = none
        QString title;                  ///< "run 3", "cells.tif"; empty = of nothing that has a name
        QString about;                  ///< other data than the run's own, by name
        Json options = Json::object();  ///< filled in for it, such as the files of data
        std::vector<std::string> given; ///< options without which it cannot be started
    };

    explicit AnalysisForm(QWidget *parent = nullptr);
    void setAnalysis(const SchemaInfo &schema, const Subject &subject);
    void setOptions(const SchemaInfo &schema, const Json &options); ///< of a stored result, read-only
    SchemaForm *form() const { return m_form; }

Q_SIGNALS:
    /// `subject`: the title of what it is asked of, where that is no run.
    void startRequested(const QString &name, std::int64_t run, const reticle::Json &options, const QString &subject);

private:
    void updateButton();

    SchemaInfo m_schema;
    Subject m_subject;
    QLabel *m_title, *m_help, *m_missing;
    SchemaForm *m_form;
    QPushButton *m_start;
};

/// The right side of the window: the form of what is selected.
class SidePanel : public QWidget
{
    Q_OBJECT
public:
    explicit SidePanel(Session *session, QWidget *parent = nullptr);

    void showNothing();
    void showTraining(const Json &recipe, const QString &title);
    /// The form as it is, without starting it anew.
    void showTraining();
    void showRun(std::int64_t run);
    /// `options`: what its form begins with; `of`: other data than the run's own that they are about.
    void showAnalysis(const QString &name, std::int64_t run, const Json &options = Json::object(), const QString &of = {});
    /// Of the data that a section of a recipe names, without a run.
    void showDataAnalysis(const QString &name, const Json &data);
    void showResult(const Project::ResultInfo &result);
    void showLent(QWidget *panel);
    void keep(); ///< what is there stays, unless it was lent

    TrainForm *trainForm() const { return m_train; }
    RunForm *runForm() const { return m_run; }
    AnalysisForm *analysisForm() const { return m_analysis; }

private:
    void takeBack();

    Session *m_session;
    QStackedWidget *m_stack;
    QLabel *m_nothing;
    TrainForm *m_train;
    RunForm *m_run;
    AnalysisForm *m_analysis;
    QWidget *m_lent = nullptr;
    QWidget *m_lender = nullptr;
};

} // namespace reticle
