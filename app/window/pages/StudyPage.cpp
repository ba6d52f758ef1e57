#include "window/pages/StudyPage.h"

#include "protocol/RunScores.h"
#include "window/pages/Pages.h"
#include "window/parts/RunTitle.h"
#include "window/parts/StudyResultView.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr int typedMs = 250;
constexpr int mostBudget = 1000; // runs of a comparison
constexpr int mostTried = 20;    // runs that are looked through for one that differs

/// Of a run the score that chose its weights; NaN where it has none.
double scoreOfRun(const RunInfo &run)
{
    for (const auto &name : RunScores::of(run.summary).selection())
        if (const double v = scoreOf(run, name); !std::isnan(v))
            return v;
    return std::numeric_limits<double>::quiet_NaN();
}

/// "3 Cells · Dice 0.9123"
QString entryOf(const RunInfo &run)
{
    const double score = scoreOfRun(run);
    const auto title = numberedRunTitle(run);
    return std::isnan(score)
               ? title
               : QStringLiteral("%1 · %2 %3").arg(title, qs(RunScores::of(run.summary).selectedScore().title), scoreText(score));
}

bool isBetter(const RunInfo &a, const RunInfo &b)
{
    const double first = scoreOfRun(a), second = scoreOfRun(b);
    return RunScores::of(a.summary).selectedScore().lowerIsBetter ? first < second : first > second;
}

} // namespace

StudyPage::StudyPage(Session *session, std::int64_t run, QWidget *parent)
    : QWidget(parent), m_session(session), m_message(new MessageBar(this)), m_good(new QComboBox(this)),
      m_bad(new QComboBox(this)), m_axes(new QTreeWidget(this)), m_join(new QPushButton(tr("Join"), this)),
      m_split(new QPushButton(tr("Split"), this)), m_train(new QPushButton(tr("Train"), this)),
      m_seeds(new QLineEdit(QStringLiteral("1, 2, 3"), this)), m_budget(new QSpinBox(this)), m_plan(new QLabel(this)),
      m_estimate(mutedLabel())
{
    setObjectName(QStringLiteral("studyPage"));
    layOut();
    connectParts();
    m_join->setEnabled(false);
    m_split->setEnabled(false);
    listRuns();
    chooseOther(run);
}

QHBoxLayout *StudyPage::buildHead()
{
    auto *title = new QLabel(tr("Knock out and rescue"), this);
    auto *subtitle = new QLabel(tr("Two runs differ in their settings and in their score. The good recipe is trained with each "
                                   "setting of the bad one, and the bad recipe with each setting of the good one, to find the "
                                   "settings that matter."),
                                this);
    subtitle->setWordWrap(true);
    return pageHead(title, subtitle);
}

QHBoxLayout *StudyPage::buildRuns()
{
    m_good->setObjectName(QStringLiteral("studyGood"));
    m_good->setAccessibleName(tr("Good run"));
    m_bad->setObjectName(QStringLiteral("studyBad"));
    m_bad->setAccessibleName(tr("Bad run"));
    for (auto *combo : {m_good, m_bad})
        combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    auto *exchangeRuns = new QPushButton(tr("Exchange"), this);
    exchangeRuns->setObjectName(QStringLiteral("studyExchange"));
    connect(exchangeRuns, &QPushButton::clicked, this, &StudyPage::exchange);
    auto *runs = new QFormLayout;
    runs->addRow(tr("Good run"), m_good);
    runs->addRow(tr("Bad run"), m_bad);
    auto *pair = new QHBoxLayout;
    pair->addLayout(runs, 1);
    pair->addWidget(exchangeRuns);
    return pair;
}

QHBoxLayout *StudyPage::buildAxes()
{
    m_axes->setObjectName(QStringLiteral("studyAxes"));
    m_axes->setAccessibleName(tr("Differences"));
    m_axes->setHeaderLabels({tr("Setting"), tr("Good"), tr("Bad")});
    m_axes->setRootIsDecorated(false);
    m_axes->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_axes->setMinimumHeight(160);
    m_join->setObjectName(QStringLiteral("studyJoin"));
    m_join->setToolTip(tr("The selected settings change as one: for settings that only make sense together"));
    m_split->setObjectName(QStringLiteral("studySplit"));
    auto *axesButtons = new QHBoxLayout;
    axesButtons->addWidget(m_join);
    axesButtons->addWidget(m_split);
    axesButtons->addStretch(1);
    return axesButtons;
}

QFormLayout *StudyPage::buildDesign()
{
    m_seeds->setObjectName(QStringLiteral("studySeeds"));
    m_seeds->setToolTip(tr("Each recipe is trained with each seed. At least 3 seeds are needed for an interval."));
    m_budget->setObjectName(QStringLiteral("studyBudget"));
    m_budget->setRange(1, mostBudget);
    m_budget->setValue(static_cast<int>(usualAblationBudget));
    m_budget->setToolTip(tr("With at most this number of runs, all combinations are trained, or a fraction of them"));
    auto *design = new QFormLayout;
    design->addRow(tr("Seeds"), m_seeds);
    design->addRow(tr("Budget (runs)"), m_budget);
    return design;
}

QHBoxLayout *StudyPage::buildStart()
{
    m_plan->setObjectName(QStringLiteral("studyPlan"));
    m_plan->setTextFormat(Qt::PlainText);
    m_plan->setWordWrap(true);
    m_estimate->setObjectName(QStringLiteral("studyEstimate"));
    m_train->setObjectName(QStringLiteral("studyTrain"));
    auto *start = new QHBoxLayout;
    start->addWidget(m_train);
    start->addStretch(1);
    return start;
}

void StudyPage::layOut()
{
    auto *head = buildHead();
    auto *pair = buildRuns();
    auto *axesButtons = buildAxes();
    auto *design = buildDesign();
    auto *start = buildStart();

    m_column = scrolledColumn(this, m_message);
    m_column->addLayout(head);
    m_column->addLayout(pair);
    m_column->addWidget(sectionTitle(tr("Differences")));
    m_column->addWidget(m_axes);
    m_column->addLayout(axesButtons);
    m_column->addLayout(design);
    m_column->addWidget(m_plan);
    m_column->addWidget(m_estimate);
    m_column->addLayout(start);
    m_column->addStretch(1);
}

void StudyPage::connectParts()
{
    m_typed.setSingleShot(true);
    m_typed.setInterval(typedMs);
    connect(&m_typed, &QTimer::timeout, this, &StudyPage::showPlan);
    connect(m_seeds, &QLineEdit::textChanged, &m_typed, qOverload<>(&QTimer::start));
    connect(m_budget, &QSpinBox::valueChanged, &m_typed, qOverload<>(&QTimer::start));
    for (auto *combo : {m_good, m_bad})
        connect(combo, &QComboBox::activated, this, [this] {
            m_joined.clear();
            showAxes();
        });
    connect(m_join, &QPushButton::clicked, this, &StudyPage::joinSelected);
    connect(m_split, &QPushButton::clicked, this, &StudyPage::splitSelected);
    connect(m_train, &QPushButton::clicked, this, &StudyPage::train);
    connect(m_axes, &QTreeWidget::itemSelectionChanged, this, [this] {
        const auto selected = m_axes->selectedItems();
        m_join->setEnabled(selected.size() > 1);
        m_split->setEnabled(
            selected.size() == 1 && m_study &&
            m_study->axes().at(static_cast<std::size_t>(m_axes->indexOfTopLevelItem(selected.front()))).changes.size() > 1);
    });
    connect(m_session->project(), &OpenProject::changed, this, &StudyPage::listRuns);
    connect(m_session, &Session::catalogReady, this, &StudyPage::showAxes);
}

std::int64_t StudyPage::good() const
{
    return m_good->currentData().toLongLong();
}

std::int64_t StudyPage::bad() const
{
    return m_bad->currentData().toLongLong();
}

QString StudyPage::plan() const
{
    return m_plan->text();
}

QString StudyPage::estimate() const
{
    return m_estimate->text();
}

void StudyPage::listRuns()
{
    if (!m_session->project())
        return;
    for (auto *combo : {m_good, m_bad}) {
        const QSignalBlocker quiet(combo);
        const auto chosen = combo->currentData();
        combo->clear();
        for (const auto &run : m_session->project()->runs())
            combo->addItem(entryOf(run), QVariant::fromValue<qlonglong>(run.id));
        combo->setCurrentIndex(std::max(0, combo->findData(chosen)));
    }
}

/// The newest run that differs from it, the better of the two as the good one.
void StudyPage::chooseOther(std::int64_t run)
{
    const auto &runs = m_session->project()->runs();
    if (runs.size() < 2)
        return showAxes();
    const auto *own = m_session->project()->run(run);
    const RunInfo *other = nullptr;
    int tried = 0;
    for (auto it = runs.rbegin(); it != runs.rend() && own && !other && tried < mostTried; ++it) {
        if (it->id == run)
            continue;
        ++tried;
        if (!m_session->catalog()) {
            other = &*it;
            continue;
        }
        try {
            studyAxes(Recipe(own->recipe), Recipe(it->recipe), *m_session->catalog());
            other = &*it;
        } catch (const Error &) {
            // They do not differ, or cannot be compared.
        }
    }
    if (!other)
        other = runs.back().id != run ? &runs.back() : &runs.front();
    if (own && isBetter(*other, *own))
        choose(other->id, run);
    else
        choose(run, other->id);
}

void StudyPage::choose(std::int64_t good, std::int64_t bad)
{
    for (const auto &[combo, run] : {std::pair(m_good, good), std::pair(m_bad, bad)})
        combo->setCurrentIndex(combo->findData(QVariant::fromValue<qlonglong>(run)));
    m_joined.clear();
    showAxes();
}

void StudyPage::exchange()
{
    const auto first = m_good->currentIndex();
    m_good->setCurrentIndex(m_bad->currentIndex());
    m_bad->setCurrentIndex(first);
    showAxes();
}

void StudyPage::joinSelected()
{
    if (!m_study)
        return;
    std::vector<std::string> paths;
    for (int row = 0; row < m_axes->topLevelItemCount(); ++row)
        if (m_axes->topLevelItem(row)->isSelected())
            for (const auto &change : m_study->axes().at(static_cast<std::size_t>(row)).changes)
                paths.push_back(change.path());
    if (paths.size() < 2)
        return;
    std::erase_if(m_joined,
                  [&](const std::vector<std::string> &group) { return std::ranges::find(paths, group[0]) != paths.end(); });
    m_joined.push_back(std::move(paths));
    showAxes();
}

void StudyPage::splitSelected()
{
    if (!m_study)
        return;
    for (auto *item : m_axes->selectedItems()) {
        const auto &axis = m_study->axes().at(static_cast<std::size_t>(m_axes->indexOfTopLevelItem(item)));
        std::erase_if(m_joined, [&](const std::vector<std::string> &group) {
            return std::ranges::any_of(axis.changes, [&](const auto &change) { return change.path() == group[0]; });
        });
    }
    showAxes();
}

std::optional<std::vector<std::int64_t>> StudyPage::seeds() const
{
    std::vector<std::int64_t> all;
    for (const auto &word : m_seeds->text().split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        bool is = false;
        const auto seed = word.trimmed().toLongLong(&is);
        if (!is || seed < 0)
            return std::nullopt;
        all.push_back(seed);
    }
    return all.empty() ? std::nullopt : std::optional(all);
}

void StudyPage::showAxes()
{
    m_axes->clear();
    m_join->setEnabled(false);
    m_split->setEnabled(false);
    showPlan();
    if (!m_study)
        return;
    for (const auto &axis : m_study->axes()) {
        auto *item = new QTreeWidgetItem(m_axes, {qs(axis.name), qs(axis.goodText()), qs(axis.badText())});
        QStringList paths;
        for (const auto &change : axis.changes)
            paths << qs(change.path());
        item->setToolTip(0, paths.join(QLatin1Char('\n')));
    }
    for (int column = 0; column < m_axes->columnCount(); ++column)
        m_axes->resizeColumnToContents(column);
}

void StudyPage::showPlan()
{
    m_typed.stop();
    m_study.reset();
    m_estimate->clear();
    m_train->setEnabled(false);
    m_train->setText(tr("Train"));
    auto *project = m_session->project();
    const auto *g = project ? project->run(good()) : nullptr, *b = project ? project->run(bad()) : nullptr;
    const auto chosen = seeds();
    if (!g || !b || g->id == b->id) {
        m_plan->setText(tr("Choose two different runs."));
        return;
    }
    if (!m_session->catalog()) {
        m_plan->setText(tr("Waiting for the worker…"));
        return;
    }
    if (!chosen) {
        m_plan->setText(tr("Write the seeds as whole numbers from 0, such as 1, 2, 3."));
        return;
    }
    try {
        StudyOptions options;
        options.seeds = *chosen;
        options.budget = m_budget->value();
        options.joined = m_joined;
        options.good = ss(numberedRunTitle(*g));
        options.bad = ss(numberedRunTitle(*b));
        m_study = AblationStudy::planned(Recipe(g->recipe), Recipe(b->recipe), *m_session->catalog(), options);
        m_plan->setText(qs(m_study->text()));
        m_train->setText(tr("Train %n runs", nullptr, static_cast<int>(m_study->runs())));
        m_train->setEnabled(true);
        askForEstimate();
    } catch (const std::exception &e) {
        m_plan->setText(QString::fromUtf8(e.what()));
    }
}

void StudyPage::askForEstimate()
{
    if (!m_session->service()->isRunning()) // for a remark alone no worker is started again
        return;
    m_session->service()->request(
        QStringLiteral("training-estimate"), {{"recipe", m_study->recipe().json()}}, this,
        [this](const Json &answer) { m_estimate->setText(qs(answer.value("text", std::string()))); },
        [this](const Failure &) { m_estimate->clear(); }, QStringLiteral("study-estimate"));
}

void StudyPage::train()
{
    if (m_typed.isActive())
        showPlan();
    if (!m_study)
        return;
    m_message->clear();
    follow(m_session->startTraining(m_study->recipe().json()));
}

void StudyPage::follow(Job *job)
{
    const auto showResult = [this, job] {
        const auto *project = m_session->project();
        const auto *info = project && m_session->isOpen(job->project()) ? project->run(job->run()) : nullptr;
        if (!info || info->comparison == 0 || (m_result && m_result->comparison() == info->comparison))
            return;
        try {
            auto *view = new StudyResultView(m_session, m_message, info->comparison, this);
            connect(view, &StudyResultView::reportRequested, this, &StudyPage::reportRequested);
            delete m_result;
            m_result = view;
            m_column->insertWidget(m_column->count() - 1, view);
        } catch (const std::exception &e) {
            m_message->say(MessageBar::Level::Warning, QString::fromUtf8(e.what()));
        }
    };
    connect(m_session, &Session::runStarted, this, [job, showResult](std::int64_t, Job *started) {
        if (started == job)
            showResult();
    });
    connect(job, &Job::finished, this, [this, job, showResult] {
        if (m_session->isOpen(job->project())) {
            m_session->project()->refresh();
            showResult();
        }
        if (job->failure() && job->state() != Job::State::Cancelled)
            m_message->sayFailure(*job->failure());
    });
}

namespace {

const PageRegistration studies({
    .name = "study",
    .title = QT_TRANSLATE_NOOP("Pages", "Knock out and rescue…"),
    .icon = "chart",
    .of = ItemKey::Kind::Run,
    .fits = [](const OpenProject &project,
               const ItemKey &run) { return project.run(run.id) != nullptr && project.runs().size() > 1; },
    .make = [](const PageContext &context, const ItemKey &run) -> QWidget * {
        auto *page = new StudyPage(context.session, run.id);
        page->setWindowTitle(StudyPage::tr("Knock out and rescue"));
        QObject::connect(page, &StudyPage::reportRequested, context.receiver,
                         [context](std::int64_t of, std::int64_t comparison) {
                             context.analyze(QStringLiteral("knockout-rescue"), of, {{"comparison", comparison}});
                         });
        return page;
    },
});

} // namespace

} // namespace reticle
