#include "window/shell/SidePanel.h"

#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "widgets/views/Theme.h"
#include "window/pages/Pages.h"
#include "window/parts/RunTitle.h"
#include "window/session/Session.h"
#include "window/shell/AskMenu.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace reticle {

namespace {

constexpr int askAfterMs = 300;

/// In a panel whose lines run from side to side the form keeps its own distance.
QScrollArea *scrolledInset(QWidget *form)
{
    auto *holder = new QWidget;
    auto *column = new QVBoxLayout(holder);
    column->setContentsMargins(12, 0, 6, 12);
    column->addWidget(form);
    return scrolled(holder);
}

/// The schema of the kind of data that a section names; an empty one where the worker does not know it.
SchemaInfo datasetOf(const Catalog &catalog, const Json &section)
{
    try {
        return catalog.find("datasets", section.value("name", std::string(Recipe::findSection("data")->defaultName)));
    } catch (const std::exception &) {
        return {};
    }
}

QString dataPath(const Catalog &catalog, const Json &recipe)
{
    const Json section = recipe.is_object() ? recipe.value("data", Json()) : Json();
    return section.is_object() ? pathOfData(datasetOf(catalog, section), section) : QString();
}

QFrame *line()
{
    auto *l = new QFrame;
    l->setProperty("line", true);
    l->setFrameShape(QFrame::NoFrame);
    return l;
}

} // namespace

TrainForm::TrainForm(Session *session, QWidget *parent)
    : QWidget(parent), m_session(session), m_title(headingLabel({}, this)), m_estimate(mutedLabel()), m_form(new RecipeForm),
      m_message(new MessageBar(this, MessageBar::Place::InColumn)),
      m_train(new QPushButton(themeIcon(QStringLiteral("play"), ColorRole::AccentText), tr("Train"), this)),
      m_augment(new QPushButton(tr("Preview augmentation"), this)), m_layers(new QPushButton(tr("Layer table"), this)),
      m_ask(new QPushButton(tr("Ask of the data"), this))
{
    setObjectName(QStringLiteral("trainForm"));
    m_train->setObjectName(QStringLiteral("train"));
    m_train->setProperty("primary", true);
    m_train->setMinimumHeight(36);
    m_augment->setObjectName(QStringLiteral("augmentPreview"));
    m_layers->setObjectName(QStringLiteral("layerTable"));
    m_ask->setObjectName(QStringLiteral("askData"));
    m_ask->setMenu(new QMenu(m_ask));
    m_ask->menu()->setToolTipsVisible(true);
    connect(m_ask->menu(), &QMenu::aboutToShow, this, &TrainForm::fillDataMenu);
    for (auto *b : {m_augment, m_layers, m_ask})
        b->setProperty("quiet", true);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_title->setContentsMargins(14, 12, 12, 8);
    column->addWidget(m_title);
    column->addWidget(scrolledInset(m_form), 1);
    column->addWidget(line());
    column->addWidget(m_message);
    auto *bottom = new QVBoxLayout;
    bottom->setContentsMargins(14, 8, 14, 12);
    auto *previews = new QHBoxLayout;
    previews->addWidget(m_augment);
    previews->addWidget(m_layers);
    previews->addStretch(1);
    bottom->addWidget(m_ask, 0, Qt::AlignLeft);
    bottom->setSpacing(8);
    bottom->addLayout(previews);
    bottom->addWidget(m_estimate);
    bottom->addWidget(m_train);
    m_estimate->setObjectName(QStringLiteral("trainingEstimate"));
    m_estimate->hide();
    m_asking.setSingleShot(true);
    m_asking.setInterval(askAfterMs);
    connect(&m_asking, &QTimer::timeout, this, &TrainForm::askForEstimate);
    const auto askSoon = qOverload<>(&QTimer::start);
    connect(m_form, &RecipeForm::changed, &m_asking, askSoon);
    connect(m_session->jobs(), &JobList::finished, &m_asking, askSoon);
    column->addLayout(bottom);
    connect(m_train, &QPushButton::clicked, this, [this] { Q_EMIT trainRequested(m_form->recipe()); });
    connect(m_augment, &QPushButton::clicked, this, [this] { Q_EMIT augmentPreviewRequested(m_form->recipe()); });
    connect(m_layers, &QPushButton::clicked, this, [this] { Q_EMIT layerTableRequested(m_form->recipe()); });
    connect(m_form, &RecipeForm::validityChanged, this, &TrainForm::updateButton);
    connect(m_form, &RecipeForm::changed, m_message, &MessageBar::clear);
    connect(m_form, &RecipeForm::changed, this, &TrainForm::updateButton);
    const auto takeCatalog = [this] {
        if (!m_session->catalog())
            return;
        if (m_form->catalog().kinds.empty()) {
            m_form->setCatalog(*m_session->catalog());
            if (m_wanted.is_object())
                m_form->setRecipe(m_wanted);
        }
        m_form->setDevices(m_session->devices());
        updateButton();
    };
    connect(m_session, &Session::catalogReady, this, takeCatalog);
    takeCatalog();
    updateButton();
}

void TrainForm::setRecipe(const Json &recipe, const QString &title)
{
    m_title->setText(title);
    m_ask->menu()->close(); // it is of the data before
    m_wanted = recipe;
    m_message->clear();
    if (m_session->project())
        m_form->setBaseFolder(m_session->project()->folder());
    if (m_session->catalog())
        m_form->setRecipe(recipe);
    updateButton();
}

Json TrainForm::recipe() const
{
    return m_form->recipe();
}

void TrainForm::updateButton()
{
    const bool ready = m_session->catalog().has_value();
    for (auto *b : {m_train, m_augment, m_layers})
        b->setEnabled(ready && m_form->isValid());
    m_augment->setVisible(!ready || m_form->shows(QStringLiteral("augment")));
    m_train->setText(ready ? tr("Train") : tr("Starting the worker…"));
    m_train->setToolTip(m_form->isValid() ? QString() : m_form->problems().join('\n'));
    const QString path = ready ? dataPath(*m_session->catalog(), m_form->recipe()) : QString();
    m_ask->setEnabled(!path.isEmpty());
    m_ask->setToolTip(!path.isEmpty() ? tr("Start an analysis of %1, without a trained model").arg(path)
                      : ready         ? tr("Choose the data above first.")
                                      : QString());
}

void TrainForm::fillDataMenu()
{
    const Json recipe = m_form->recipe();
    const Json data = recipe.is_object() ? recipe.value("data", Json::object()) : Json::object();
    fillAskMenu(m_ask->menu(), *m_session, AskedSubject::ofData(data),
                [this, data](const QString &name) { Q_EMIT dataAnalysisRequested(name, data); });
}

QString TrainForm::estimate() const
{
    return m_estimate->text();
}

void TrainForm::showEstimate(const QString &text)
{
    m_estimate->setText(text);
    m_estimate->setVisible(!text.isEmpty());
}

void TrainForm::askForEstimate()
{
    // For a remark alone no worker is started again.
    if (!m_session->catalog() || !m_session->service()->isRunning() || !m_form->isValid())
        return showEstimate({});
    // In a channel of its own: of what was typed meanwhile only the last counts. A worker of before does not know it.
    m_session->service()->request(
        QStringLiteral("training-estimate"), {{"recipe", m_form->recipe()}}, this,
        [this](const Json &answer) { showEstimate(qs(answer.value("text", std::string()))); },
        [this](const Failure &) { showEstimate({}); }, QStringLiteral("estimate"));
}

void TrainForm::showFailure(const Failure &failure)
{
    if (failure.kind != QStringLiteral("input") || failure.where.isEmpty() || !m_form->setProblem(failure.where, failure.message))
        m_message->sayFailure(failure);
}

RunForm::RunForm(Session *session, QWidget *parent)
    : QWidget(parent), m_session(session), m_title(headingLabel({}, this)), m_form(new RecipeForm),
      m_again(new QPushButton(tr("Train again with changes…"), this)), m_layers(new QPushButton(tr("Layer table"), this)),
      m_resume(new QPushButton(themeIcon(QStringLiteral("resume")), tr("Resume"), this)),
      m_ask(new QPushButton(tr("Ask the model"), this))
{
    setObjectName(QStringLiteral("runForm"));
    m_again->setObjectName(QStringLiteral("trainAgain"));
    m_layers->setObjectName(QStringLiteral("runLayerTable"));
    m_layers->setProperty("quiet", true);
    m_resume->setObjectName(QStringLiteral("resumeRun"));
    m_ask->setObjectName(QStringLiteral("askModel"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_title->setContentsMargins(14, 12, 12, 8);
    column->addWidget(m_title);
    m_form->setReadOnly(true);
    column->addWidget(scrolledInset(m_form), 1);
    column->addWidget(line());
    auto *bottom = new QVBoxLayout;
    bottom->setContentsMargins(14, 8, 14, 12);
    bottom->setSpacing(8);
    bottom->addWidget(m_resume);
    bottom->addWidget(m_ask);
    bottom->addWidget(m_again);
    bottom->addWidget(m_layers, 0, Qt::AlignLeft);
    column->addLayout(bottom);
    connect(m_layers, &QPushButton::clicked, this, [this] { Q_EMIT layerTableRequested(m_run); });
    connect(m_again, &QPushButton::clicked, this, [this] { Q_EMIT againRequested(m_run); });
    connect(m_resume, &QPushButton::clicked, this, [this] { Q_EMIT resumeRequested(m_run); });
    m_ask->setMenu(new QMenu(m_ask));
    m_ask->menu()->setToolTipsVisible(true);
    connect(m_ask->menu(), &QMenu::aboutToShow, this, [this] {
        m_ask->menu()->clear(); // of the run before, where this one is gone
        if (const auto *info = m_session->project() ? m_session->project()->run(m_run) : nullptr)
            fillAskMenu(m_ask->menu(), *m_session, AskedSubject::ofRun(*info),
                        [this](const QString &name) { Q_EMIT analysisRequested(name, m_run); });
        if (m_session->catalog() && m_session->project())
            addPageActions(m_ask->menu(), *m_session->project(), {ItemKey::Kind::Run, m_run}, this,
                           [this](const ItemKey &page) { Q_EMIT pageRequested(page); });
    });
    connect(m_session, &Session::catalogReady, this, &RunForm::refresh);
    connect(m_session->jobs(), &JobList::finished, this, &RunForm::refresh);
    connect(m_session->jobs(), &JobList::added, this, &RunForm::refresh);
}

void RunForm::setRun(std::int64_t run)
{
    if (run != m_run)
        m_ask->menu()->close(); // it is of the run before
    m_run = run;
    refresh();
}

void RunForm::refresh()
{
    const auto *info = m_session->project() ? m_session->project()->run(m_run) : nullptr;
    if (!info)
        return;
    m_title->setText(tr("Recipe of run %1").arg(m_run));
    if (m_session->catalog()) {
        if (m_form->catalog().kinds.empty()) {
            m_form->setCatalog(*m_session->catalog());
            m_form->setReadOnly(true);
        }
        m_form->setRecipe(info->recipe);
    }
    const bool active = m_session->jobs()->activeOn(m_session->project()->folder(), m_run) != nullptr;
    m_resume->setVisible(!active && info->status != RunStatus::Done && info->status != RunStatus::Running);
    m_again->setEnabled(m_session->catalog().has_value());
    m_layers->setEnabled(m_session->catalog().has_value());
    m_ask->setVisible(m_session->project()->hasModel(m_run));
}

AnalysisForm::AnalysisForm(QWidget *parent)
    : QWidget(parent), m_title(headingLabel({}, this)), m_help(new QLabel(this)), m_missing(mutedLabel()), m_form(new SchemaForm),
      m_start(new QPushButton(themeIcon(QStringLiteral("play"), ColorRole::AccentText), tr("Start"), this))
{
    setObjectName(QStringLiteral("analysisForm"));
    m_help->setWordWrap(true);
    m_help->setProperty("muted", true);
    m_start->setProperty("primary", true);
    m_start->setMinimumHeight(36);
    m_start->setObjectName(QStringLiteral("startAnalysis"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_title->setContentsMargins(14, 12, 12, 4);
    m_help->setContentsMargins(14, 0, 12, 8);
    column->addWidget(m_title);
    column->addWidget(m_help);
    column->addWidget(scrolledInset(m_form), 1);
    column->addWidget(line());
    auto *bottom = new QVBoxLayout;
    bottom->setContentsMargins(14, 8, 14, 12);
    bottom->setSpacing(8);
    m_missing->setObjectName(QStringLiteral("missingOptions"));
    bottom->addWidget(m_missing);
    bottom->addWidget(m_start);
    column->addLayout(bottom);
    connect(m_form, &SchemaForm::validityChanged, this, &AnalysisForm::updateButton);
    connect(m_form, &SchemaForm::changed, this, &AnalysisForm::updateButton);
    connect(m_start, &QPushButton::clicked, this, [this] {
        Q_EMIT startRequested(qs(m_schema.name), m_subject.run, m_form->values(),
                              m_subject.run > 0 ? m_subject.about : m_subject.title);
    });
}

void AnalysisForm::updateButton()
{
    const Json values = m_form->values();
    QStringList missing;
    for (const auto &option : m_subject.given) {
        const Json value = values.value(option, Json());
        if (value.is_null() || (value.is_string() && value.get<std::string>().empty()) || (value.is_array() && value.empty()))
            missing << fieldTitle(m_schema, option);
    }
    // Every form has its reason in sight, not only under the pointer.
    m_missing->setText(missing.isEmpty() ? QString() : tr("To start, fill in: %1.").arg(missing.join(QStringLiteral(", "))));
    m_missing->setVisible(!missing.isEmpty() && !m_form->isReadOnly());
    m_start->setEnabled(missing.isEmpty() && m_form->isValid());
}

void AnalysisForm::setAnalysis(const SchemaInfo &schema, const Subject &subject)
{
    m_schema = schema;
    m_subject = subject;
    m_title->setText(schema.title.empty() ? qs(schema.name) : qs(schema.title));
    m_help->setText(subject.title.isEmpty() ? qs(schema.help) : tr("Of %1. %2").arg(subject.title, qs(schema.help)));
    m_form->setReadOnly(false);
    m_form->setSchema(schema);
    m_form->setValues(subject.options);
    m_start->show();
    updateButton();
}

void AnalysisForm::setOptions(const SchemaInfo &schema, const Json &options)
{
    m_schema = schema;
    m_subject = {};
    m_title->setText(schema.title.empty() ? qs(schema.name) : qs(schema.title));
    m_help->setText(tr("The options that this result was made with."));
    m_form->setSchema(schema);
    if (options.is_object())
        m_form->setValues(options);
    m_form->setReadOnly(true);
    m_missing->hide();
    m_start->hide();
}

SidePanel::SidePanel(Session *session, QWidget *parent)
    : QWidget(parent), m_session(session), m_stack(new QStackedWidget(this)),
      m_nothing(new QLabel(tr("Select data to train on it, or a run to see its settings."), this)),
      m_train(new TrainForm(session, this)), m_run(new RunForm(session, this)), m_analysis(new AnalysisForm(this))
{
    setObjectName(QStringLiteral("sidePanel"));
    m_nothing->setWordWrap(true);
    m_nothing->setProperty("muted", true);
    m_nothing->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_nothing->setContentsMargins(14, 14, 14, 14);
    for (QWidget *page : std::initializer_list<QWidget *>{m_nothing, m_train, m_run, m_analysis})
        m_stack->addWidget(page);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_stack);
    connect(m_train, &TrainForm::dataAnalysisRequested, this, &SidePanel::showDataAnalysis);
    // A menu that is open belongs to the form that was there.
    connect(m_stack, &QStackedWidget::currentChanged, this, [this] {
        for (auto *menu : findChildren<QMenu *>())
            menu->close();
    });
}

void SidePanel::takeBack()
{
    if (!m_lent)
        return;
    QWidget *lent = std::exchange(m_lent, nullptr);
    m_stack->removeWidget(lent);
    lent->setParent(m_lender);
    lent->hide();
    m_lender = nullptr;
}

void SidePanel::showNothing()
{
    takeBack();
    m_stack->setCurrentWidget(m_nothing);
}

void SidePanel::keep()
{
    if (m_lent)
        showNothing();
}

void SidePanel::showTraining(const Json &recipe, const QString &title)
{
    m_train->setRecipe(recipe, title);
    showTraining();
}

void SidePanel::showTraining()
{
    takeBack();
    m_stack->setCurrentWidget(m_train);
}

void SidePanel::showRun(std::int64_t run)
{
    takeBack();
    m_run->setRun(run);
    m_stack->setCurrentWidget(m_run);
}

void SidePanel::showAnalysis(const QString &name, std::int64_t run, const Json &options, const QString &of)
{
    if (!m_session->catalog())
        return;
    takeBack();
    try {
        const auto *info = m_session->project() ? m_session->project()->run(run) : nullptr;
        AnalysisForm::Subject subject;
        subject.run = run;
        subject.options = options;
        subject.about = of;
        if (info) {
            subject.title = of.isEmpty() ? runTitleInText(*info) : tr("%1, on %2").arg(runTitleInText(*info), of);
            subject.given =
                optionsThatMustBeGiven(*m_session, ss(name), AskedSubject::ofRun(*info)).value_or(std::vector<std::string>());
        }
        m_analysis->setAnalysis(m_session->catalog()->find("analyses", ss(name)), subject);
        m_stack->setCurrentWidget(m_analysis);
    } catch (const std::exception &) {
        showNothing();
    }
}

void SidePanel::showDataAnalysis(const QString &name, const Json &data)
{
    if (!m_session->catalog())
        return;
    takeBack();
    try {
        const Catalog &catalog = *m_session->catalog();
        const SchemaInfo &schema = catalog.find("analyses", ss(name));
        const SchemaInfo dataset = datasetOf(catalog, data);
        AnalysisForm::Subject subject;
        subject.title = QFileInfo(pathOfData(dataset, data)).fileName();
        subject.options = optionsOfData(schema, dataset, data);
        subject.given =
            optionsThatMustBeGiven(*m_session, ss(name), AskedSubject::ofData(data)).value_or(std::vector<std::string>());
        m_analysis->setAnalysis(schema, subject);
        m_stack->setCurrentWidget(m_analysis);
    } catch (const std::exception &) {
        showNothing(); // an analysis that this worker does not have
    }
}

void SidePanel::showResult(const Project::ResultInfo &result)
{
    takeBack();
    if (!m_session->catalog())
        return showNothing();
    try {
        m_analysis->setOptions(m_session->catalog()->find("analyses", result.name), result.options);
        m_stack->setCurrentWidget(m_analysis);
    } catch (const std::exception &) {
        showNothing(); // a result of a method that this worker does not have
    }
}

void SidePanel::showLent(QWidget *panel)
{
    if (m_lent == panel)
        return;
    takeBack();
    m_lent = panel;
    m_lender = panel->parentWidget();
    m_stack->addWidget(panel);
    m_stack->setCurrentWidget(panel);
    connect(panel, &QObject::destroyed, this, [this, panel] {
        if (m_lent == panel)
            m_lent = nullptr;
    });
    connect(m_lender, &QObject::destroyed, panel, [this, panel] {
        // The page is gone while its form is lent: the form goes too.
        if (m_lent == panel) {
            m_lent = nullptr;
            m_lender = nullptr;
            panel->deleteLater();
            m_stack->setCurrentWidget(m_nothing);
        }
    });
}

} // namespace reticle
