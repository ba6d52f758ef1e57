#include "window/pages/ComparisonPage.h"

#include "compare/Comparison.h"
#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "widgets/views/Theme.h"
#include "window/pages/Pages.h"
#include "window/parts/ComparisonStrip.h"
#include "window/parts/TableExport.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr int comparisonRepaintMs = 150; // nine runs of curves; the processor belongs to the training
constexpr int lookMs = 1000;             // between looks at what the run at work has measured

} // namespace

ComparisonPage::ComparisonPage(Session *session, std::int64_t comparison, QWidget *parent)
    : QWidget(parent), m_session(session), m_comparison(comparison),
      m_plan(Recipe(session->project()->store().comparison(comparison).recipe)), m_message(new MessageBar(this)),
      m_title(new QLabel(this)), m_subtitle(new QLabel(this)), m_summary(new QLabel(this)), m_notes(mutedLabel()),
      m_curves(new FigureView(this)), m_scores(new FigureView(this)), m_figure(new FigureView(this)),
      m_models(new TableView(this)), m_tests(new TableView(this)), m_table(new TableView(this)), m_result(new QWidget(this)),
      m_log(new QCheckBox(tr("Log scale"), this)), m_axis(new QComboBox(this)), m_score(new QComboBox(this)),
      m_report(new QPushButton(tr("Make the report"), this)),
      m_resume(new QPushButton(themeIcon(QStringLiteral("resume")), tr("Go on"), this)),
      m_csv(new QPushButton(themeIcon(QStringLiteral("export")), tr("Export all as CSV…"), this))
{
    setObjectName(QStringLiteral("comparisonPage"));
    const Project &store = m_session->project()->store();
    const auto info = store.comparison(comparison);
    m_name = qs(info.title);
    if (m_session->catalog())
        m_recipeNotes = comparisonNotes(Recipe(info.recipe), *m_session->catalog());
    m_strip = new ComparisonStrip(m_plan.labels(), m_plan.repeats, this);
    setUpParts();
    setUpViews();
    layOut();
    connectControls();
    connectExports();
    connectSession();
    takeRuns();
    showCurves();
    showScores();
    showState();
}

void ComparisonPage::setUpParts()
{
    m_subtitle->setObjectName(QStringLiteral("comparisonState"));
    m_notes->setObjectName(QStringLiteral("comparisonNotes"));
    m_notes->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_score->setObjectName(QStringLiteral("comparisonScore"));
    m_score->setAccessibleName(tr("Score that is compared"));
    m_score->setToolTip(tr("Score that the models are compared by, here and in the report"));
    m_csv->setObjectName(QStringLiteral("comparisonCsv"));
    m_csv->setToolTip(tr("Runs, means, spreads and paired tests in one file"));
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_report->setObjectName(QStringLiteral("comparisonReport"));
    m_report->setToolTip(tr("Keeps tables and figures as a result of the project, with a strip of outputs of each model"));
    m_resume->setObjectName(QStringLiteral("resumeComparison"));
    m_log->setObjectName(QStringLiteral("logScale"));
    m_log->setChecked(true); // losses of several models lie far apart
    m_axis->addItems({tr("by step"), tr("by time")});
    m_axis->setAccessibleName(tr("Horizontal axis"));
}

void ComparisonPage::setUpViews()
{
    m_curves->setObjectName(QStringLiteral("curves"));
    m_scores->setObjectName(QStringLiteral("scores"));
    m_figure->setObjectName(QStringLiteral("comparisonFigure"));
    m_models->setObjectName(QStringLiteral("modelTable"));
    m_tests->setObjectName(QStringLiteral("testTable"));
    m_curves->setMinimumHeight(240);
    m_curves->setMaximumHeight(340);
    m_scores->setMinimumHeight(200);
    m_scores->setMaximumHeight(260);
    m_scores->hide();
    m_figure->setMinimumHeight(320); // with the table of tests below the charts
    m_figure->setMaximumHeight(460);
}

QHBoxLayout *ComparisonPage::buildCurveControls()
{
    auto *controls = new QHBoxLayout;
    controls->addWidget(sectionTitle(m_plan.axes.empty()
                                         ? tr("Loss: a color for each model, training drawn solid, validation dashed")
                                         : tr("Loss: a color for each setting, training drawn solid, validation dashed")));
    controls->addStretch(1);
    controls->addWidget(m_log);
    controls->addWidget(m_axis);
    return controls;
}

QHBoxLayout *ComparisonPage::buildModelsHead()
{
    auto *modelsHead = new QHBoxLayout;
    modelsHead->addWidget(sectionTitle(m_plan.axes.empty() ? tr("Models") : tr("Settings")));
    modelsHead->addStretch(1);
    modelsHead->addWidget(new QLabel(tr("compared by"), this));
    modelsHead->addWidget(m_score);
    modelsHead->addWidget(m_csv);
    return modelsHead;
}

void ComparisonPage::buildResult()
{
    auto *results = new QVBoxLayout(m_result);
    results->setContentsMargins(0, 0, 0, 0);
    results->setSpacing(12);
    results->addWidget(m_summary);
    results->addWidget(m_figure);
    results->addWidget(sectionTitle(tr("Paired tests over %1s").arg(qs(wordOf(m_plan.repeats)))));
    results->addWidget(m_tests);
    m_result->hide();
}

void ComparisonPage::layOut()
{
    auto *head = pageHead(m_title, m_subtitle);
    head->addWidget(m_resume, 0, Qt::AlignTop);
    head->addWidget(m_report, 0, Qt::AlignTop);
    auto *controls = buildCurveControls();
    auto *modelsHead = buildModelsHead();
    buildResult();

    auto *column = scrolledColumn(this, m_message);
    column->addLayout(head);
    column->addLayout(controls);
    column->addWidget(m_curves, 3);
    column->addWidget(m_scores, 2);
    column->addWidget(m_strip);
    column->addLayout(modelsHead);
    column->addWidget(m_models);
    column->addWidget(m_notes);
    column->addWidget(m_result);
    column->addWidget(sectionTitle(tr("Runs")));
    column->addWidget(m_table);
    column->addStretch(1);
}

void ComparisonPage::connectControls()
{
    m_repaint.setSingleShot(true);
    m_repaint.setInterval(comparisonRepaintMs);
    connect(&m_repaint, &QTimer::timeout, this, &ComparisonPage::showCurves);
    connect(m_log, &QCheckBox::toggled, this, &ComparisonPage::showCurves);
    connect(m_axis, &QComboBox::currentIndexChanged, this, &ComparisonPage::showCurves);
    connect(m_report, &QPushButton::clicked, this, [this] { Q_EMIT reportRequested(m_runs.front(), score()); });
    connect(m_resume, &QPushButton::clicked, this, [this] { Q_EMIT resumeRequested(m_runs.front()); });
    connect(m_table, &TableView::rowActivated, this, [this](std::size_t row) {
        if (row < m_runs.size())
            Q_EMIT runRequested(m_runs[row]);
    });
    connect(m_score, &QComboBox::activated, this, &ComparisonPage::showScores);
}

void ComparisonPage::connectExports()
{
    connect(m_csv, &QPushButton::clicked, this, [this] {
        try {
            exportTableAsCsv(this, comparisonTable(compareRuns(infos(), 0, score(), "validation", &m_plan)),
                             QStringLiteral("comparison"));
        } catch (const std::exception &e) {
            m_message->say(MessageBar::Level::Warning, QString::fromUtf8(e.what()));
        }
    });
    for (auto *view : {m_models, m_tests, m_table})
        connect(view, &TableView::exportRequested, this,
                [this, view] { exportTableAsCsv(this, view->table(), qs(view->table().title)); });
    for (auto *view : {m_curves, m_scores, m_figure})
        connect(view, &FigureView::exported, this,
                [this](const QString &path) { m_message->say(MessageBar::Level::Positive, tr("Written: %1").arg(path)); });
    connect(m_strip, &ComparisonStrip::exported, this,
            [this](const QString &path) { m_message->say(MessageBar::Level::Positive, tr("Written: %1").arg(path)); });
}

void ComparisonPage::connectSession()
{
    connect(m_session->jobs(), &JobList::added, this, &ComparisonPage::follow);
    connect(m_session->project(), &OpenProject::changed, this, [this] {
        takeRuns();
        showScores();
        showState();
    });
}

ExampleStrip *ComparisonPage::examples() const
{
    return m_strip->examples();
}

QString ComparisonPage::notes() const
{
    return m_notes->text();
}

std::string ComparisonPage::score() const
{
    return m_score->currentIndex() < 0 ? "auto" : ss(m_score->currentData().toString());
}

QString ComparisonPage::state() const
{
    return m_subtitle->text();
}

Job *ComparisonPage::job() const
{
    if (m_session->project())
        for (const auto run : m_runs)
            if (auto *job = m_session->jobs()->activeOn(m_session->project()->folder(), run))
                return job;
    return nullptr;
}

std::string ComparisonPage::labelOf(std::size_t index) const
{
    const auto *info = m_session->project() ? m_session->project()->run(m_runs.at(index)) : nullptr;
    const auto setting = info ? m_plan.settingOf(info->recipe) : m_plan.settings.size();
    return setting < m_plan.settings.size() ? m_plan.settings[setting].label : std::string();
}

void ComparisonPage::takeRuns()
{
    if (!m_session->project())
        return;
    std::vector<std::int64_t> gone = m_runs;
    for (const auto &run : m_session->project()->runs()) {
        if (run.comparison != m_comparison)
            continue;
        if (const auto it = std::find(gone.begin(), gone.end(), run.id); it != gone.end()) {
            gone.erase(it);
            continue;
        }
        m_runs.push_back(run.id);
        m_metrics.emplace_back();
        load(m_runs.size() - 1);
    }
    for (const auto id : gone) {
        const auto at = std::find(m_runs.begin(), m_runs.end(), id) - m_runs.begin();
        m_runs.erase(m_runs.begin() + at);
        m_metrics.erase(m_metrics.begin() + at);
    }
    for (auto *job : m_session->jobs()->active())
        follow(job);
}

void ComparisonPage::load(std::size_t index)
{
    try {
        const Project &store = m_session->project()->store();
        Metrics metrics;
        for (const auto &name : store.metricNames(m_runs[index]))
            metrics[name] = store.metric(m_runs[index], name);
        m_metrics[index] = std::move(metrics);
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
    }
}

void ComparisonPage::follow(Job *job)
{
    if (!m_session->project() || job->project() != m_session->project()->folder() || job->kind() != Job::Kind::Train ||
        std::find(m_runs.begin(), m_runs.end(), job->run()) == m_runs.end() || !m_followed.insert(job->id()).second)
        return;
    m_message->clear();
    connect(job, &Job::events, this, &ComparisonPage::takeEvents);
    connect(job, &Job::changed, this, &ComparisonPage::showState);
    connect(job, &Job::finished, this, [this, job] {
        takeRuns();
        for (std::size_t i = 0; i < m_runs.size(); ++i)
            load(i);
        showCurves();
        showScores();
        showState();
        if (job->failure() && job->state() != Job::State::Cancelled)
            m_message->sayFailure(*job->failure());
    });
    if (job->lastExample())
        takeEvents({*job->lastExample()});
    showState();
}

void ComparisonPage::takeEvents(const std::vector<Event> &events)
{
    bool curves = false;
    for (const auto &event : events) {
        auto it = std::find(m_runs.begin(), m_runs.end(), event.run);
        if (it == m_runs.end()) {
            takeRuns();
            it = std::find(m_runs.begin(), m_runs.end(), event.run);
        }
        if (it == m_runs.end())
            continue;
        const auto index = static_cast<std::size_t>(it - m_runs.begin());
        if (event.kind == Event::Kind::Metric) {
            auto &points = m_metrics[index][event.name];
            // A resumed run says steps again; the later word counts.
            while (!points.empty() && points.back().step >= event.step)
                points.pop_back();
            points.push_back({event.step, event.time, event.value});
            curves = true;
        } else if (event.kind == Event::Kind::Example && event.data.is_object() && event.data.contains("images")) {
            try {
                if (const auto *info = m_session->project()->run(m_runs[index]))
                    m_strip->take(repeatOf(*info), labelOf(index), event);
            } catch (const std::exception &e) {
                m_message->say(MessageBar::Level::Warning, tr("An example could not be shown: %1").arg(e.what()));
            }
        } else if (event.kind == Event::Kind::Warning) {
            if (!notes().contains(qs(event.text))) // else it stands beside the numbers
                m_message->say(MessageBar::Level::Warning, qs(event.text));
        } else if (event.kind == Event::Kind::Done || event.kind == Event::Kind::Cancelled) {
            m_session->project()->refresh(); // its scores
        }
    }
    if (curves && !m_repaint.isActive())
        m_repaint.start();
}

/// The newest report: its strip stands for what this window has not seen, and it knows the scores that take a
/// prediction.
void ComparisonPage::takeKept()
{
    const Project::ResultInfo *newest = nullptr;
    for (const auto &r : m_session->project()->results())
        if (r.name == "compare-runs" && std::find(m_runs.begin(), m_runs.end(), r.run) != m_runs.end() &&
            (!newest || r.id > newest->id))
            newest = &r;
    if ((newest ? newest->id : 0) == m_keptNumber)
        return;
    m_keptNumber = newest ? newest->id : 0;
    m_regions.clear();
    try {
        const Result kept = newest ? m_session->project()->store().result(newest->id) : Result();
        const Figure *strip = nullptr;
        for (const auto &figure : kept.figures)
            if (figure.name == "outputs")
                strip = &figure;
        m_strip->setKept(strip);
        if (kept.values.value("part", std::string("validation")) != "validation")
            return;
        for (const auto &table : kept.tables)
            if (const auto *runs = table.find("run"); runs && table.title == "Runs")
                for (std::size_t row = 0; row < table.rows(); ++row)
                    for (const char *name : {"v-rand", "v-info"})
                        for (std::size_t c = 0; c < table.columns.size(); ++c)
                            if (table.columns[c].name == scoreTitle(name) && !std::isnan(table.number(row, c)))
                                m_regions[std::get<std::vector<std::int64_t>>(runs->values).at(row)][name] = table.number(row, c);
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Warning, QString::fromUtf8(e.what()));
    }
}

void ComparisonPage::showCurves()
{
    CurveOptions options;
    options.logScale = m_log->isChecked();
    options.smoothing = 0.9;
    options.byTime = m_axis->currentIndex() == 1;
    std::vector<RunMetrics> runs;
    const auto labels = m_plan.labels();
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        const auto label = labelOf(i);
        const auto at = std::find(labels.begin(), labels.end(), label) - labels.begin();
        const auto *info = m_session->project() ? m_session->project()->run(m_runs[i]) : nullptr;
        const bool told = info && info->summary.is_object() && info->summary.contains("scores");
        const auto *live = told ? nullptr : job(); // what it said as it began
        runs.push_back({label, &m_metrics[i], static_cast<int>(at),
                        RunScores::of(live   ? live->described(m_runs[i])
                                      : info ? info->summary
                                             : Json())});
    }
    // What the run at work has measured by now.
    if (auto *live = job(); live && (!m_lookedAt.isValid() || m_lookedAt.elapsed() >= lookMs)) {
        m_lookedAt.start();
        try {
            m_live = m_session->project()->store().run(live->run());
            const auto now = infos();
            offerScores(now);
            showModels(now);
        } catch (const std::exception &) {
            // The store is busy or the run is gone: the next look, or the end of the work, says so.
        }
    }
    m_curves->setFigure(lossFigure(runs, options));
    const Figure scores = scoreFigure(runs, options);
    m_scores->setVisible(!scores.panels.empty());
    if (!scores.panels.empty())
        m_scores->setFigure(scores);
}

std::vector<RunInfo> ComparisonPage::infos() const
{
    std::vector<RunInfo> all;
    for (const auto id : m_runs)
        if (const auto *info = m_session->project()->run(id)) {
            // The run at work is looked at more often than the project is read.
            const bool newer = m_live && m_live->id == id && info->status == RunStatus::Running;
            all.push_back(newer ? *m_live : *info);
            if (const auto regions = m_regions.find(id);
                regions != m_regions.end() && all.back().summary.is_object() && all.back().summary.contains("best"))
                for (const auto &[name, value] : regions->second.items())
                    all.back().summary["best"][name] = value;
        }
    return all;
}

void ComparisonPage::showState()
{
    auto *project = m_session->project();
    if (!project)
        return;
    m_title->setText(m_name);
    std::size_t done = 0;
    for (const auto id : m_runs)
        if (const auto *info = project->run(id))
            done += info->status == RunStatus::Done;
    QStringList parts{tr("Comparison %1").arg(m_comparison), m_plan.runs == 1
                                                                 ? tr("%1 of 1 run is done").arg(done)
                                                                 : tr("%1 of %2 runs are done").arg(done).arg(m_plan.runs)};
    auto *live = job();
    if (live) {
        const auto at = static_cast<std::size_t>(std::find(m_runs.begin(), m_runs.end(), live->run()) - m_runs.begin());
        const auto *info = project->run(live->run());
        if (info && at < m_runs.size())
            parts << tr("now %1, %2").arg(qs(labelOf(at)), qs(reticle::labelOf(repeatOf(*info), m_plan.repeats)));
        parts << live->statusText();
    }
    m_subtitle->setText(parts.join(QStringLiteral(" · ")));
    m_resume->setVisible(!live && done < m_plan.runs && !m_runs.empty());
}

namespace {

const PageRegistration comparisons({
    .name = "comparison",
    .title = QT_TRANSLATE_NOOP("Pages", "Comparison of models"),
    .icon = "chart",
    .of = ItemKey::Kind::Comparison,
    .rank = 10,
    .fits = [](const OpenProject &, const ItemKey &comparison) { return comparison.id > 0; }, // else make() says so
    .make = [](const PageContext &context, const ItemKey &comparison) -> QWidget * {
        auto *page = new ComparisonPage(context.session, comparison.id);
        const auto info = context.session->project()->store().comparison(comparison.id);
        page->setWindowTitle(ComparisonPage::tr("Comparison %1").arg(qs(info.title)));
        const auto *receiver = context.receiver;
        QObject::connect(page, &ComparisonPage::resumeRequested, receiver, context.resume);
        QObject::connect(page, &ComparisonPage::runRequested, receiver, [context](std::int64_t run) {
            context.open({ItemKey::Kind::Run, run, {}});
        });
        QObject::connect(page, &ComparisonPage::reportRequested, receiver, [context](std::int64_t run, const std::string &score) {
            context.analyze(QStringLiteral("compare-runs"), run, {{"score", score}});
        });
        return page;
    },
});

} // namespace

} // namespace reticle
