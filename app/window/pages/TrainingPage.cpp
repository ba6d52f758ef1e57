#include "window/pages/TrainingPage.h"
#include "window/shell/Fonts.h"

#include "project/ModelFiles.h"

#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "widgets/views/Theme.h"
#include "widgets/views/image/ExampleStrip.h"
#include "window/pages/Pages.h"
#include "window/parts/LearningCurveCard.h"
#include "window/parts/RunTitle.h"
#include "window/parts/TableExport.h"
#include "window/session/Session.h"
#include "window/shell/AskMenu.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

// Curves are drawn anew at most so often while a run goes on: the processor belongs to the training.
constexpr int repaintMs = 100;

/// The best of a metric.
double bestOf(const std::vector<MetricPoint> &points, bool minimum)
{
    double best = std::numeric_limits<double>::quiet_NaN();
    for (const auto &p : points)
        if (std::isfinite(p.value) && (!std::isfinite(best) || (minimum ? p.value < best : p.value > best)))
            best = p.value;
    return best;
}

/// What the pictures of an example event are; none (so: by their titles) where a worker does not say, or says other words.
std::vector<ExampleStrip::Kind> exampleKinds(const Json &data)
{
    std::vector<ExampleStrip::Kind> kinds;
    for (const auto &kind : data.value("kinds", Json::array())) {
        if (kind == "image")
            kinds.push_back(ExampleStrip::Kind::Image);
        else if (kind == "labels")
            kinds.push_back(ExampleStrip::Kind::Labels);
        else if (kind == "probability")
            kinds.push_back(ExampleStrip::Kind::Probability);
        else
            return {};
    }
    return kinds;
}

} // namespace

TrainingPage::TrainingPage(Session *session, std::vector<std::int64_t> runs, QWidget *parent)
    : QWidget(parent), m_session(session), m_runs(std::move(runs)), m_metrics(m_runs.size()), m_message(new MessageBar(this)),
      m_title(new QLabel(this)), m_subtitle(new QLabel(this)), m_numbers(new QWidget(this)), m_curves(new FigureView(this)),
      m_scores(new FigureView(this)), m_budgets(new LearningCurveCard(this)), m_examples(new ExampleStrip(this)),
      m_exampleFigure(new FigureView(this)), m_examplesTitle(sectionTitle(tr("Current examples"))), m_table(new TableView(this)),
      m_log(new QCheckBox(tr("Log scale"), this)), m_axis(new QComboBox(this)), m_smoothing(new QSlider(Qt::Horizontal, this)),
      m_actions(new QWidget(this))
{
    setObjectName(QStringLiteral("trainingPage"));
    buildNumbers();
    buildActions();
    layOut();
    setUpViews();
    connectControls();
    connectSession();
    load();
    showState();
    showTable();
    showBudgets();
    showFigures();
    showNumbers();
}

void TrainingPage::buildNumbers()
{
    auto *row = new QHBoxLayout(m_numbers);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(20);
    const std::pair<const char *, QString> shown[] = {{"step", tr("Step")},
                                                      {"left", tr("Time left")},
                                                      {"training", tr("Training loss")},
                                                      {"best", tr("Best validation")},
                                                      {"speed", tr("Steps a second")}};
    for (const auto &[name, title] : shown)
        row->addLayout(makeNumber(QLatin1String(name), title));
    row->addStretch(1);
}

QVBoxLayout *TrainingPage::makeNumber(const QString &name, const QString &title)
{
    auto *box = new QVBoxLayout;
    box->setSpacing(1);
    auto *value = new QLabel(QStringLiteral("–"), this);
    value->setObjectName(QStringLiteral("number-") + name);
    value->setFont(scaled(value->font(), 1.4));
    auto *label = new QLabel(title, this);
    label->setProperty("muted", true);
    box->addWidget(value);
    box->addWidget(label);
    m_number[name] = value;
    return box;
}

void TrainingPage::buildActions()
{
    auto *row = new QHBoxLayout(m_actions);
    row->setContentsMargins(0, 0, 0, 0);
    auto *see = new QPushButton(tr("See the prediction"), this);
    see->setObjectName(QStringLiteral("seePrediction"));
    auto *evaluate = new QPushButton(tr("Evaluate"), this);
    evaluate->setObjectName(QStringLiteral("evaluateRun"));
    auto *compare = new QPushButton(tr("Compare runs"), this);
    compare->setObjectName(QStringLiteral("compareRuns"));
    connect(see, &QPushButton::clicked, this, [this] { Q_EMIT lookRequested(m_runs.front()); });
    connect(evaluate, &QPushButton::clicked, this, [this] { Q_EMIT evaluateRequested(m_runs.front()); });
    connect(compare, &QPushButton::clicked, this, [this] {
        std::vector<std::int64_t> all;
        for (const auto &r : m_session->project()->runs())
            all.push_back(r.id);
        Q_EMIT compareRequested(all);
    });
    row->addWidget(see);
    row->addWidget(evaluate);
    row->addWidget(compare);
}

QHBoxLayout *TrainingPage::buildCurveControls()
{
    m_axis->addItems({tr("by step"), tr("by time")});
    m_axis->setAccessibleName(tr("Horizontal axis"));
    m_smoothing->setRange(0, 99);
    m_smoothing->setValue(60);
    m_smoothing->setMaximumWidth(140);
    m_smoothing->setAccessibleName(tr("Smoothing"));
    m_smoothing->setObjectName(QStringLiteral("smoothing"));
    m_log->setObjectName(QStringLiteral("logScale"));
    auto *row = new QHBoxLayout;
    row->addWidget(sectionTitle(tr("Loss")));
    row->addStretch(1);
    row->addWidget(new QLabel(tr("Smoothing"), this));
    row->addWidget(m_smoothing);
    row->addWidget(m_log);
    row->addWidget(m_axis);
    return row;
}

void TrainingPage::layOut()
{
    auto *head = pageHead(m_title, m_subtitle);
    head->addWidget(m_actions, 0, Qt::AlignTop);
    auto *curveControls = buildCurveControls();

    auto *column = scrolledColumn(this, m_message);
    column->addLayout(head);
    column->addWidget(m_numbers);
    column->addLayout(curveControls);
    column->addWidget(m_curves, 3);
    column->addWidget(m_scores, 2);
    column->addWidget(m_budgets);
    column->addWidget(m_examplesTitle);
    column->addWidget(m_examples);
    column->addWidget(m_exampleFigure);
    column->addWidget(m_table);
    column->addStretch(1);
}

void TrainingPage::setUpViews()
{
    m_curves->setMinimumHeight(220);
    m_curves->setMaximumHeight(320);
    m_curves->setObjectName(QStringLiteral("curves"));
    m_scores->setMinimumHeight(200);
    m_scores->setMaximumHeight(260);
    m_scores->setObjectName(QStringLiteral("scores"));
    m_scores->hide();
    m_examples->setEmptyText(tr("Input, target and prediction show here as the run goes on."));
    m_examples->setMinimumHeight(150);
    m_exampleFigure->setObjectName(QStringLiteral("exampleFigure"));
    m_exampleFigure->setMinimumHeight(220);
    m_exampleFigure->setMaximumHeight(360);
    m_exampleFigure->hide();
    m_table->setMinimumHeight(single() ? 0 : 140);
    m_table->setVisible(!single());
    m_numbers->setVisible(single());
    m_examples->setVisible(single());
    m_examplesTitle->setVisible(single());
    m_actions->setVisible(single());
}

void TrainingPage::connectControls()
{
    m_repaint.setSingleShot(true);
    m_repaint.setInterval(repaintMs);
    connect(&m_repaint, &QTimer::timeout, this, &TrainingPage::showFigures);
    connect(m_log, &QCheckBox::toggled, this, &TrainingPage::showFigures);
    connect(m_axis, &QComboBox::currentIndexChanged, this, &TrainingPage::showFigures);
    connect(m_smoothing, &QSlider::valueChanged, this, [this] {
        if (!m_repaint.isActive())
            m_repaint.start();
    });
    connect(m_table, &TableView::exportRequested, this,
            [this] { exportTableAsCsv(this, m_table->table(), qs(m_table->table().title)); });
    connect(m_budgets, &LearningCurveCard::exported, this,
            [this](const QString &path) { m_message->say(MessageBar::Level::Positive, tr("Written: %1").arg(path)); });
}

void TrainingPage::connectSession()
{
    connect(m_session->jobs(), &JobList::added, this, &TrainingPage::follow);
    for (auto *job : m_session->jobs()->active())
        follow(job);
    connect(m_session->project(), &OpenProject::changed, this, [this] {
        showState();
        showTable();
        showNumbers();
        showBudgets();
    });
}

Job *TrainingPage::job() const
{
    return m_session->project() ? m_session->jobs()->activeOn(m_session->project()->folder(), m_runs.front()) : nullptr;
}

void TrainingPage::follow(Job *job)
{
    if (!m_session->project() || job->project() != m_session->project()->folder() || job->kind() != Job::Kind::Train)
        return;
    const auto it = std::find(m_runs.begin(), m_runs.end(), job->run());
    if (it == m_runs.end())
        return;
    const std::size_t index = static_cast<std::size_t>(it - m_runs.begin());
    m_message->clear();
    connect(job, &Job::events, this, [this, index](const std::vector<Event> &events) {
        // A comparison's worker goes on to other runs.
        auto own = events;
        std::erase_if(own, [&](const Event &e) { return e.run != 0 && e.run != m_runs[index]; });
        takeEvents(index, own);
    });
    connect(job, &Job::changed, this, &TrainingPage::showNumbers);
    connect(job, &Job::finished, this, [this, job] {
        // The worker goes on from a checkpoint: what it had said beyond is gone from the database.
        load();
        showFigures();
        showNumbers();
        showState();
        if (single() && job->failure() && job->state() != Job::State::Cancelled) {
            const bool resumable = job->state() == Job::State::Lost || job->state() == Job::State::Failed;
            std::vector<MessageBar::Action> actions;
            if (resumable)
                actions.push_back({tr("Resume"), [this] { Q_EMIT resumeRequested(m_runs.front()); }});
            m_message->sayFailure(*job->failure(), std::move(actions));
            m_said = m_message->text();
        }
    });
    if (single() && job->lastExample())
        takeEvents(index, {*job->lastExample()});
    showState();
}

void TrainingPage::load()
{
    if (!m_session->project())
        return;
    const Project &store = m_session->project()->store();
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        try {
            Metrics metrics;
            for (const auto &name : store.metricNames(m_runs[i]))
                metrics[name] = store.metric(m_runs[i], name);
            m_metrics[i] = std::move(metrics);
        } catch (const std::exception &e) {
            m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        }
    }
}

void TrainingPage::takeEvents(std::size_t index, const std::vector<Event> &events)
{
    bool curves = false;
    for (const auto &event : events) {
        if (event.kind == Event::Kind::Metric) {
            auto &points = m_metrics[index][event.name];
            // A resumed run says steps again; the later word counts.
            while (!points.empty() && points.back().step >= event.step)
                points.pop_back();
            points.push_back({event.step, event.time, event.value});
            curves = true;
        } else if (event.kind == Event::Kind::Example && single() && event.data.is_object()) {
            try {
                const bool figure = event.data.contains("figure");
                if (figure)
                    m_exampleFigure->setFigure(Figure::fromJson(event.data.at("figure")));
                m_exampleFigure->setVisible(figure);
                m_examples->setVisible(!figure);
                if (!event.data.contains("images"))
                    continue;
                std::vector<Array> images;
                for (const auto &image : event.data.at("images"))
                    images.push_back(Array::fromJson(image));
                QStringList titles;
                if (event.data.contains("titles"))
                    for (const auto &title : event.data.at("titles"))
                        titles << qs(title.get<std::string>());
                m_examples->setExamples(std::move(images), titles, exampleKinds(event.data));
            } catch (const std::exception &e) {
                m_message->say(MessageBar::Level::Warning, tr("An example could not be shown: %1").arg(e.what()));
            }
        } else if (event.kind == Event::Kind::Warning) {
            m_message->say(MessageBar::Level::Warning, qs(event.text));
        } else if (event.kind == Event::Kind::Started || event.kind == Event::Kind::Paused ||
                   event.kind == Event::Kind::Resumed) {
            showState();
        }
    }
    if (curves && !m_repaint.isActive())
        m_repaint.start();
    showNumbers();
}

RunScores TrainingPage::scoresOf(std::int64_t run) const
{
    // While it trains the page has heard it; then it is in the run's summary.
    const auto *info = m_session->project() ? m_session->project()->run(run) : nullptr;
    const bool told = info && info->summary.is_object() && info->summary.contains("scores");
    if (told)
        return RunScores::of(info->summary);
    // A page that is opened in mid-training has not heard it; the work has.
    for (const auto *job : m_session->jobs()->all())
        if (m_session->isOpen(job->project()))
            if (const Json described = job->described(run); described.is_object())
                return RunScores::of(described);
    return {};
}

void TrainingPage::showFigures()
{
    CurveOptions options;
    options.logScale = m_log->isChecked();
    options.smoothing = m_smoothing->value() / 100.0;
    options.byTime = m_axis->currentIndex() == 1;
    std::vector<RunMetrics> runs;
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        const auto *info = m_session->project() ? m_session->project()->run(m_runs[i]) : nullptr;
        std::string title = "run " + std::to_string(m_runs[i]);
        if (info && !info->title.empty())
            title = ss(numberedRunTitle(*info));
        runs.push_back({title, &m_metrics[i], -1, scoresOf(m_runs[i])});
    }
    m_curves->setFigure(lossFigure(runs, options));
    const Figure scores = scoreFigure(runs, options);
    m_scores->setVisible(!scores.panels.empty());
    if (!scores.panels.empty())
        m_scores->setFigure(scores);
}

void TrainingPage::setNumber(const QString &name, const QString &value)
{
    m_number.at(name)->setText(value.isEmpty() ? QStringLiteral("–") : value);
}

QString TrainingPage::keyNumber(const QString &name) const
{
    const auto it = m_number.find(name);
    return it == m_number.end() ? QString() : it->second->text();
}

void TrainingPage::showNumbers()
{
    if (!single())
        return;
    const Metrics &metrics = m_metrics.front();
    const auto *live = job();
    const auto *info = m_session->project() ? m_session->project()->run(m_runs.front()) : nullptr;
    const std::int64_t step = live && live->step() ? live->step() : info ? info->step : 0;
    QString steps = countText(step);
    if (live && live->total() > 0)
        steps += tr(" of %1").arg(countText(live->total()));
    setNumber(QStringLiteral("step"), steps);
    setNumber(QStringLiteral("left"), live && live->remaining() ? durationText(*live->remaining()) : QString());
    if (const auto it = metrics.find("train.loss"); it != metrics.end() && !it->second.empty()) {
        setNumber(QStringLiteral("training"), scoreText(smoothed(it->second, 0.9).back()));
        const auto &last = it->second.back();
        const auto &first = it->second[it->second.size() > 100 ? it->second.size() - 100 : 0];
        if (last.time > first.time)
            setNumber(QStringLiteral("speed"), scoreText((last.step - first.step) / (last.time - first.time)));
    }
    const RunScores scores = scoresOf(m_runs.front());
    for (const auto &name : scores.selection())
        if (const auto it = metrics.find("validation." + name); it != metrics.end() && !it->second.empty()) {
            const ScoreInfo score = scores.info(name);
            const QString number = scoreText(bestOf(it->second, score.lowerIsBetter));
            setNumber(QStringLiteral("best"), score.unit.empty()
                                                  ? QStringLiteral("%1 %2").arg(qs(score.title), number)
                                                  : QStringLiteral("%1 %2 %3").arg(qs(score.title), number, qs(score.unit)));
            break;
        }
}

void TrainingPage::showTable()
{
    if (single() || !m_session->project())
        return;
    std::vector<RunInfo> infos;
    for (const auto id : m_runs)
        if (const auto *info = m_session->project()->run(id))
            infos.push_back(*info);
    m_table->setTable(runTable(infos));
}

void TrainingPage::showBudgets()
{
    if (single() && m_session->project())
        m_budgets->setRun(*m_session->project(), m_runs.front());
}

void TrainingPage::showState()
{
    if (!m_session->project())
        return;
    if (!single()) {
        m_title->setText(tr("Comparison of %1 runs").arg(m_runs.size()));
        m_subtitle->setText(tr("Settings that differ, and what came of them."));
        return;
    }
    const auto *info = m_session->project()->run(m_runs.front());
    if (!info)
        return;
    m_title->setText(runTitle(*info));
    QStringList parts{tr("Run %1").arg(info->id)};
    const auto *live = job();
    parts << (live ? (live->state() == Job::State::Paused ? tr("Paused") : tr("Running")) : titleOf(info->status));
    if (info->seconds > 0)
        parts << tr("%1 of work").arg(durationText(info->seconds));
    if (info->summary.is_object() && info->summary.contains("weights") && info->summary.at("weights").is_number())
        parts << tr("%1 weights").arg(countText(info->summary.at("weights").get<std::int64_t>()));
    m_subtitle->setText(parts.join(QStringLiteral(" · ")));
    const bool model = m_session->project()->hasModel(info->id);
    const bool scored = taskOf(info->summary) == "segmentation" &&
                        capabilitiesOf(*m_session).refusal("evaluate", AskedSubject::ofRun(*info).made).empty();
    for (const auto *name : {"seePrediction", "evaluateRun"})
        if (auto *button = m_actions->findChild<QPushButton *>(QLatin1String(name)))
            button->setEnabled(model && (QLatin1String(name) == QLatin1String("seePrediction") || scored));
    if (auto *button = m_actions->findChild<QPushButton *>(QStringLiteral("compareRuns")))
        button->setVisible(m_session->project()->runs().size() > 1);
    const bool resumable = !live && (info->status == RunStatus::Interrupted || info->status == RunStatus::Failed);
    const bool wentOn =
        live || info->status == RunStatus::Done || info->status == RunStatus::Stopped || info->status == RunStatus::Cancelled;
    if (wentOn && !m_said.isEmpty() && m_message->text() == m_said)
        m_message->clear(); // what was said of its end, which was not its last
    if (resumable && m_message->isHidden()) {
        m_message->say(info->status == RunStatus::Failed ? MessageBar::Level::Error : MessageBar::Level::Warning,
                       info->message.empty() ? tr("This run was interrupted; it is whole up to its last checkpoint.")
                                             : qs(info->message),
                       {{tr("Resume"), [this] { Q_EMIT resumeRequested(m_runs.front()); }}});
        m_said = m_message->text();
    }
}

namespace {

const PageRegistration training({
    .name = "training",
    .title = QT_TRANSLATE_NOOP("Pages", "Training curves"),
    .icon = "run",
    .of = ItemKey::Kind::Run,
    .rank = 10,
    .fits = [](const OpenProject &project, const ItemKey &run) { return project.run(run.id) != nullptr; },
    .make = [](const PageContext &context, const ItemKey &run) -> QWidget * {
        auto *page = new TrainingPage(context.session, {run.id});
        page->setWindowTitle(numberedRunTitle(*context.session->project()->run(run.id)));
        const auto *receiver = context.receiver;
        QObject::connect(page, &TrainingPage::resumeRequested, receiver, context.resume);
        QObject::connect(page, &TrainingPage::lookRequested, receiver, context.lookAtRun);
        QObject::connect(page, &TrainingPage::evaluateRequested, receiver,
                         [context](std::int64_t id) { context.analyze(QStringLiteral("evaluate"), id, Json::object()); });
        QObject::connect(page, &TrainingPage::compareRequested, receiver,
                         [context](const std::vector<std::int64_t> &runs) { context.open(ItemKey::ofRuns(runs)); });
        return page;
    },
});

/// The runs that are still there.
std::vector<std::int64_t> runsOf(const OpenProject &project, const ItemKey &compared)
{
    std::vector<std::int64_t> runs;
    for (const auto &word : compared.detail.split(','))
        if (project.run(word.toLongLong()))
            runs.push_back(word.toLongLong());
    return runs;
}

const PageRegistration sideBySide({
    .name = "runs",
    .title = QT_TRANSLATE_NOOP("Pages", "Training curves"),
    .icon = "chart",
    .of = ItemKey::Kind::Compare,
    .rank = 10,
    .fits = [](const OpenProject &project, const ItemKey &compared) { return !runsOf(project, compared).empty(); },
    .make = [](const PageContext &context, const ItemKey &compared) -> QWidget * {
        auto *page = new TrainingPage(context.session, runsOf(*context.session->project(), compared));
        page->setWindowTitle(TrainingPage::tr("Comparison"));
        return page;
    },
});

} // namespace

} // namespace reticle
