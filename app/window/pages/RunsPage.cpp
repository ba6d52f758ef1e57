#include "window/pages/RunsPage.h"

#include "compare/RunFilter.h"
#include "widgets/views/Dialogs.h"
#include "widgets/views/Theme.h"
#include "window/pages/Pages.h"
#include "window/parts/TableExport.h"
#include "window/parts/runs/RunTableModel.h"
#include "window/parts/runs/RunTableView.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr int searchTypedMs = 150, lookAtWorkMs = 1000;
constexpr std::size_t mostSideBySide = 100; // runs whose curves are drawn together

bool isWorking(RunStatus status)
{
    return status == RunStatus::Running || status == RunStatus::Paused;
}

/// Enabled where nothing speaks against it; else the button says what does.
void allow(QPushButton *button, const QString &whyNot, const QString &help)
{
    button->setEnabled(whyNot.isEmpty());
    button->setToolTip(whyNot.isEmpty() ? help : whyNot);
    button->setAccessibleDescription(button->toolTip());
}

QString countOfRuns(std::size_t count)
{
    return count == 1 ? RunsPage::tr("1 run") : RunsPage::tr("%1 runs").arg(countText(static_cast<std::int64_t>(count)));
}

} // namespace

RunsPage::RunsPage(Session *session, QWidget *parent)
    : QWidget(parent), m_session(session), m_project(session->project()), m_message(new MessageBar(this)),
      m_model(new RunTableModel(this)), m_table(new RunTableView(m_model, this)), m_search(new QLineEdit(this)),
      m_title(new QLabel(tr("Runs"), this)), m_counts(new QLabel(this)), m_remark(mutedLabel()), m_state(mutedLabel()),
      m_empty(mutedLabel()), m_columns(new QPushButton(tr("Columns"), this)),
      m_clear(new QPushButton(tr("Clear the search"), this)), m_compare(new QPushButton(tr("Compare"), this)),
      m_curves(new QPushButton(tr("Curves"), this)), m_remove(new QPushButton(tr("Delete"), this)),
      m_export(new QPushButton(tr("Export CSV…"), this)), m_stack(new QStackedWidget(this))
{
    setObjectName(QStringLiteral("runsPage"));
    m_typed.setSingleShot(true);
    m_typed.setInterval(searchTypedMs);
    m_look.setSingleShot(true);
    m_look.setInterval(lookAtWorkMs);
    layOut();
    connectParts();
    setFocusProxy(m_table);
    load();
}

void RunsPage::layOut()
{
    m_search->setObjectName(QStringLiteral("runSearch"));
    m_search->setAccessibleName(tr("Search the runs"));
    m_search->setPlaceholderText(tr("Search, for example: unet  failed  dice>0.9  batch=4"));
    m_search->setToolTip(tr("Words are looked for in all columns and settings. A name of a column, a score or a setting can be "
                            "compared: dice>0.9, batch=4, network!=unet, time<10min, started>=2026-11-03. A minus sign excludes: "
                            "-failed. Put words that belong together in quotation marks."));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(themeIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_remark->setObjectName(QStringLiteral("runSearchRemark"));
    m_remark->setProperty("muted", false);
    m_remark->setProperty("problem", true);
    m_remark->hide();
    m_columns->setObjectName(QStringLiteral("runColumnsButton"));
    m_columns->setToolTip(tr("Choose the columns. The choice is remembered."));
    m_columns->setMenu(new QMenu(m_columns));
    m_clear->setObjectName(QStringLiteral("clearRunSearch"));
    m_compare->setObjectName(QStringLiteral("compareSelectedRuns"));
    m_curves->setObjectName(QStringLiteral("curvesOfSelectedRuns"));
    m_remove->setObjectName(QStringLiteral("deleteSelectedRuns"));
    m_export->setObjectName(QStringLiteral("exportRuns"));
    m_counts->setObjectName(QStringLiteral("runCounts"));
    m_state->setObjectName(QStringLiteral("runSelection"));
    m_empty->setObjectName(QStringLiteral("noRuns"));
    m_empty->setAlignment(Qt::AlignCenter);

    auto *find = new QHBoxLayout;
    find->addWidget(m_search, 1);
    find->addWidget(m_columns);
    auto *nothing = new QWidget;
    auto *centered = new QVBoxLayout(nothing);
    centered->addStretch();
    centered->addWidget(m_empty);
    centered->addWidget(m_clear, 0, Qt::AlignHCenter);
    centered->addStretch();
    m_stack->addWidget(m_table);
    m_stack->addWidget(nothing);
    auto *actions = new QHBoxLayout;
    actions->addWidget(m_state, 1);
    for (auto *button : {m_compare, m_curves, m_remove, m_export})
        actions->addWidget(button);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addLayout(pageHead(m_title, m_counts));
    column->addLayout(find);
    column->addWidget(m_remark);
    column->addWidget(m_stack, 1);
    column->addLayout(actions);
    QWidget *before = m_search;
    for (QWidget *next : std::initializer_list<QWidget *>{m_columns, m_table, m_clear, m_compare, m_curves, m_remove, m_export}) {
        setTabOrder(before, next);
        before = next;
    }
}

void RunsPage::connectParts()
{
    connect(m_search, &QLineEdit::textChanged, &m_typed, qOverload<>(&QTimer::start));
    connect(&m_typed, &QTimer::timeout, this, &RunsPage::applySearch);
    m_search->installEventFilter(this);
    // Of the whole window: the search is reached from the tree too, while this page is on show.
    auto *find = new QShortcut(QKeySequence::Find, this);
    connect(find, &QShortcut::activated, this, [this] {
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->selectAll();
    });
    connect(m_columns->menu(), &QMenu::aboutToShow, this, [this] { m_table->fillColumnMenu(m_columns->menu()); });
    connect(m_clear, &QPushButton::clicked, this, [this] {
        m_search->clear();
        applySearch();
        m_search->setFocus();
    });
    connect(m_table, &RunTableView::openRequested, this, [this](std::int64_t run) {
        Q_EMIT openRequested({ItemKey::Kind::Run, run});
    });
    connect(m_table, &RunTableView::removeRequested, this, &RunsPage::removeRuns);
    connect(m_table, &RunTableView::chosenChanged, this, &RunsPage::showButtons);
    connect(m_table, &RunTableView::menuRequested, this, &RunsPage::showMenu);
    connect(m_compare, &QPushButton::clicked, this, &RunsPage::compare);
    connect(m_curves, &QPushButton::clicked, this, &RunsPage::showCurves);
    connect(m_remove, &QPushButton::clicked, this, &RunsPage::removeRuns);
    connect(m_export, &QPushButton::clicked, this, &RunsPage::exportRuns);
    connect(&m_look, &QTimer::timeout, this, [this] {
        updateLive();
        showState();
    });
    if (!m_project)
        return;
    connect(m_project, &OpenProject::changed, this, [this] {
        if (isVisible())
            load();
        else
            m_stale = true;
    });
    connect(m_session->jobs(), &JobList::changed, this, [this](Job *job) {
        if (isVisible() && m_project && job->project() == m_project->folder() && !m_look.isActive())
            m_look.start();
    });
    connect(m_session->jobs(), &JobList::finished, this, &RunsPage::showButtons);
}

void RunsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_stale)
        load();
    else if (m_working)
        m_look.start();
}

void RunsPage::hideEvent(QHideEvent *event)
{
    m_look.stop();
    QWidget::hideEvent(event);
}

bool RunsPage::eventFilter(QObject *object, QEvent *event)
{
    if (object != m_search || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(object, event);
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Escape:
        if (m_search->text().isEmpty())
            return false;
        m_search->clear();
        applySearch();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Down:
        // On to what was found, so that the next Enter opens it.
        applySearch();
        if (const auto shown = m_table->shownRows(); !shown.empty()) {
            if (m_table->selectedRuns().empty())
                m_table->selectRuns({shown.front()->id});
            m_table->setFocus(Qt::OtherFocusReason);
        }
        return true;
    default: return false;
    }
}

void RunsPage::load()
{
    if (!m_project)
        return;
    m_stale = false;
    std::vector<RunRow> rows;
    rows.reserve(m_project->runs().size());
    for (const auto &run : m_project->runs())
        rows.emplace_back(run, m_model->row(run.id));
    m_table->whileChanging([&] {
        m_model->setRows(std::move(rows));
        updateLive();
    });
    showState();
}

void RunsPage::updateLive()
{
    m_working = false;
    if (!m_project)
        return;
    for (const auto &run : m_project->runs()) {
        auto *job = m_session->jobs()->activeOn(m_project->folder(), run.id);
        if (!job && !isWorking(run.status))
            continue;
        m_working = true;
        updateLive(run, job);
    }
    if (m_working && isVisible())
        m_look.start();
}

void RunsPage::updateLive(const RunInfo &known, Job *job)
{
    const Project &store = m_project->store();
    RunInfo now = known;
    try {
        now = store.run(known.id);
    } catch (const std::exception &) {
        // The store is busy, or the run is gone: the next look, or the end of the work, says so.
    }
    if (job) {
        now.status = job->state() == Job::State::Paused ? RunStatus::Paused : RunStatus::Running;
        now.step = std::max(now.step, job->step());
    } else if (now.status != known.status) {
        // It works elsewhere and has ended: the whole window is to know.
        QMetaObject::invokeMethod(m_project, &OpenProject::refresh, Qt::QueuedConnection);
    }
    RunRow row(now, m_model->row(known.id));
    if (const Json described = job ? job->described(known.id) : Json(); row.task.empty() && described.is_object()) {
        const RunScores scores = RunScores::of(described);
        row.task = scores.task();
        row.score = scores.selectedScore();
    }
    try {
        // What was measured since the last checkpoint.
        for (const auto &point : store.metric(known.id, "validation." + row.score.name)) {
            if (std::isfinite(point.value) && (std::isnan(row.best) || row.isBetter(point.value, row.best)))
                row.best = point.value;
            row.seconds = std::max(row.seconds, point.time);
        }
    } catch (const std::exception &) {
        // As above.
    }
    m_model->updateRow(std::move(row), job ? job->fraction() : -1);
}

void RunsPage::applySearch()
{
    m_typed.stop();
    m_table->setFilter(RunFilter(ss(m_search->text())));
    showState();
}

void RunsPage::showState()
{
    const auto total = m_model->rows().size();
    const auto shown = m_table->shownRows();
    const RunFilter &filter = m_table->filter();
    QStringList parts{filter.isEmpty()
                          ? countOfRuns(total)
                          : tr("%1 of %2 match").arg(countText(static_cast<std::int64_t>(shown.size())), countOfRuns(total))};
    const auto working =
        std::count_if(m_model->rows().begin(), m_model->rows().end(), [](const RunRow &row) { return isWorking(row.status); });
    if (working > 0)
        parts << tr("%1 running").arg(countText(working));
    m_counts->setText(parts.join(QStringLiteral(" · ")));

    std::vector<const RunRow *> all;
    for (const auto &row : m_model->rows())
        all.push_back(&row);
    QStringList sentences;
    for (const auto &sentence : filter.problems())
        sentences << qs(sentence);
    for (const auto &sentence : filter.remarks(all))
        sentences << qs(sentence);
    m_remark->setText(sentences.join(QLatin1Char(' ')));
    m_remark->setVisible(!sentences.isEmpty());

    m_empty->setText(total == 0 ? tr("This project has no runs yet. Open data, check the settings on the right and press Train. "
                                     "Each training is then a row here.")
                                : tr("No run matches this search."));
    m_clear->setVisible(total > 0);
    m_stack->setCurrentIndex(shown.empty() ? 1 : 0);
    showButtons();
}

void RunsPage::showButtons()
{
    const auto runs = m_table->selectedRuns();
    const QString tooMany =
        runs.size() <= mostSideBySide ? QString() : tr("Select at most %1 runs to see them side by side.").arg(mostSideBySide);
    allow(m_compare, runs.size() < 2 ? tr("Select at least two runs to compare. Hold Ctrl or Shift to select several.") : tooMany,
          commonComparison(runs) > 0 ? tr("Open the comparison that the selected runs belong to")
                                     : tr("Show the selected runs side by side: curves, settings and scores"));
    allow(m_curves, runs.empty() ? tr("Select one or more runs to see their curves.") : tooMany,
          tr("Show the training curves of the selected runs"));
    const QString whyNot = whyNotRemovable(runs);
    allow(m_remove, whyNot, tr("Move the selected runs to the project's trash. Undo brings them back."));
    allow(m_export, m_table->model()->rowCount() == 0 ? tr("There are no runs to export.") : QString(),
          runs.empty() ? tr("Write all runs that are shown to a file, with the columns on show")
                       : tr("Write the selected runs to a file, with the columns on show"));
    if (m_model->rows().empty())
        m_state->clear();
    else if (runs.empty())
        m_state->setText(tr("No run is selected. Double-click a run to open it."));
    else
        m_state->setText(QStringList{runs.size() == 1 ? tr("1 run is selected.")
                                                      : tr("%1 runs are selected.").arg(countText(qint64(runs.size()))),
                                     tooMany, whyNot}
                             .join(QLatin1Char(' '))
                             .simplified());
}

QString RunsPage::whyNotRemovable(const std::vector<std::int64_t> &runs) const
{
    if (runs.empty())
        return tr("Select the runs to delete.");
    if (!m_project)
        return tr("The project is closed.");
    if (const auto &why = m_project->store().whyReadOnly(); !why.empty())
        return tr("Runs of this project cannot be deleted, because %1.").arg(qs(why));
    for (const auto run : runs) {
        const auto *job = m_session->jobs()->busyWith(m_project->folder(), run);
        const auto *row = m_model->row(run);
        if ((job && job->kind() == Job::Kind::Train) || (!job && row && isWorking(row->status)))
            return tr("Run %1 is still training. Stop it before you delete it.").arg(run);
        if (job)
            return tr("Run %1 is in use by \"%2\". Wait until this has finished, or cancel it, before you delete the run.")
                .arg(QString::number(run), job->title());
    }
    return {};
}

std::int64_t RunsPage::commonComparison(const std::vector<std::int64_t> &runs) const
{
    std::int64_t common = 0;
    for (const auto run : runs) {
        const auto *row = m_model->row(run);
        if (!row || row->comparison == 0 || (common != 0 && row->comparison != common))
            return 0;
        common = row->comparison;
    }
    return common;
}

void RunsPage::compare()
{
    const auto runs = m_table->selectedRuns();
    if (const auto comparison = commonComparison(runs); comparison > 0)
        Q_EMIT openRequested({ItemKey::Kind::Comparison, comparison});
    else
        Q_EMIT openRequested(ItemKey::ofRuns(runs));
}

void RunsPage::showCurves()
{
    const auto runs = m_table->selectedRuns();
    if (runs.size() == 1)
        Q_EMIT openRequested({ItemKey::Kind::Run, runs.front()});
    else
        Q_EMIT openRequested(ItemKey::ofRuns(runs));
}

void RunsPage::removeRuns()
{
    showButtons(); // work may have begun since
    const auto runs = m_table->selectedRuns();
    if (const QString whyNot = whyNotRemovable(runs); !whyNot.isEmpty()) {
        if (!runs.empty())
            m_message->say(MessageBar::Level::Warning, whyNot);
        return;
    }
    std::vector<ItemKey> keys;
    for (const auto run : runs)
        keys.push_back({ItemKey::Kind::Run, run});
    Q_EMIT removeRequested(keys);
}

void RunsPage::exportRuns()
{
    exportTableAsCsv(this, m_table->shownTable(), m_project ? tr("%1 runs").arg(m_project->name()) : tr("Runs"));
}

void RunsPage::showMenu(const QPoint &at)
{
    const auto runs = m_table->selectedRuns();
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("runMenu"));
    if (runs.size() == 1)
        menu->addAction(tr("Open"), this, [this, run = runs.front()] { Q_EMIT openRequested({ItemKey::Kind::Run, run}); });
    for (auto *button : {m_compare, m_curves, m_export, m_remove}) {
        if (button == m_remove)
            menu->addSeparator();
        auto *action = menu->addAction(button->text());
        action->setObjectName(button->objectName());
        action->setEnabled(button->isEnabled());
        connect(action, &QAction::triggered, button, &QPushButton::click);
        if (button == m_remove)
            action->setShortcut(Qt::Key_Delete); // to be read; the table takes the key itself
    }
    openMenu(menu, at);
}

QString RunsPage::remark() const
{
    return m_remark->isHidden() ? QString() : m_remark->text();
}

QString RunsPage::counts() const
{
    return m_counts->text();
}

QString RunsPage::state() const
{
    return m_state->text();
}

QString RunsPage::empty() const
{
    return m_stack->currentIndex() == 1 ? m_empty->text() : QString();
}

namespace {

const PageRegistration allRunsPage({
    .name = "run-table",
    .title = QT_TRANSLATE_NOOP("Pages", "Table of all runs"),
    .icon = "table",
    .of = ItemKey::Kind::RunGroup,
    .fits = [](const OpenProject &, const ItemKey &) { return true; },
    .make = [](const PageContext &context, const ItemKey &) -> QWidget * {
        auto *page = new RunsPage(context.session);
        page->setWindowTitle(RunsPage::tr("Runs"));
        QObject::connect(page, &RunsPage::openRequested, context.receiver, [context](const ItemKey &key) { context.open(key); });
        QObject::connect(page, &RunsPage::removeRequested, context.receiver, context.remove);
        return page;
    },
});

} // namespace

} // namespace reticle
