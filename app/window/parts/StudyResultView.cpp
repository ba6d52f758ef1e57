#include "window/parts/StudyResultView.h"

#include "widgets/views/FigureView.h"
#include "widgets/views/TableView.h"
#include "window/pages/Pages.h"
#include "window/parts/TableExport.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/PanelParts.h"
#include "window/shell/Text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace reticle {

StudyResultView::StudyResultView(Session *session, MessageBar *message, std::int64_t comparison, QWidget *parent)
    : QWidget(parent), m_session(session), m_message(message), m_comparison(comparison), m_verdict(new QLabel(this)),
      m_state(mutedLabel()), m_notes(mutedLabel()), m_effects(new FigureView(this)), m_scores(new FigureView(this)),
      m_table(new TableView(this)), m_report(new QPushButton(tr("Make the report"), this))
{
    m_study = AblationStudy::of(Recipe(session->project()->store().comparison(comparison).recipe));
    m_verdict->setObjectName(QStringLiteral("studyVerdict"));
    m_verdict->setTextFormat(Qt::PlainText);
    m_verdict->setWordWrap(true);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_state->setObjectName(QStringLiteral("studyState"));
    m_notes->setObjectName(QStringLiteral("studyNotes"));
    m_effects->setObjectName(QStringLiteral("studyEffects"));
    m_effects->setMinimumHeight(300);
    m_scores->setObjectName(QStringLiteral("studyScores"));
    m_scores->setMinimumHeight(300);
    m_table->setObjectName(QStringLiteral("studyTable"));
    m_report->setObjectName(QStringLiteral("studyReport"));
    m_report->setToolTip(tr("Saves all tables and figures, with the mean curves of the runs, as a result of the project"));

    auto *head = new QHBoxLayout;
    head->addWidget(m_state, 1);
    head->addWidget(m_report);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_verdict);
    column->addLayout(head);
    column->addWidget(m_effects);
    column->addWidget(m_table);
    column->addWidget(m_scores);
    column->addWidget(m_notes);

    connect(m_report, &QPushButton::clicked, this, [this] { Q_EMIT reportRequested(m_run, m_comparison); });
    connect(m_table, &TableView::exportRequested, this,
            [this] { exportTableAsCsv(this, m_table->table(), QStringLiteral("effects")); });
    for (auto *view : {m_effects, m_scores})
        connect(view, &FigureView::exported, this,
                [this](const QString &path) { m_message->say(MessageBar::Level::Positive, tr("Written: %1").arg(path)); });
    connect(session->project(), &OpenProject::changed, this, &StudyResultView::showResult);
    showResult();
}

QString StudyResultView::state() const
{
    return m_state->text();
}

QString StudyResultView::verdict() const
{
    return m_verdict->text();
}

void StudyResultView::showResult()
{
    if (!m_session->project())
        return;
    std::vector<RunInfo> runs;
    for (const auto &run : m_session->project()->runs())
        if (run.comparison == m_comparison)
            runs.push_back(run);
    const auto isDone = [](const RunInfo &run) { return run.status == RunStatus::Done; };
    std::set<std::pair<AblationCell, Repeat>> ended; // a recipe that was trained again counts once
    for (const auto &run : runs)
        if (const auto cell = m_study->cellOf(run); cell && isDone(run))
            ended.emplace(*cell, repeatOf(run));
    const auto done = ended.size();
    const auto first = std::find_if(runs.begin(), runs.end(), isDone);
    m_run = first == runs.end() ? 0 : first->id;
    m_state->setText(tr("%1 of %2 runs are done.").arg(done).arg(m_study->runs()));
    m_report->setEnabled(m_run > 0);
    bool shown = false;
    try {
        if (done > 0) {
            const auto result = studyResult(*m_study, runs);
            QString text = qs(result.text);
            for (const auto &verdict : result.verdicts)
                text += QLatin1Char('\n') + qs(verdict.text);
            m_verdict->setText(text);
            m_effects->setFigure(result.figures.at(0));
            m_scores->setFigure(result.figures.at(1));
            m_table->setTable(result.tables.at(0));
            const int rows = static_cast<int>(result.tables.at(0).rows());
            m_table->setFixedHeight(std::min(320, 34 + 28 * std::max(1, rows) + 14));
            QStringList notes;
            for (const auto &warning : result.effects.warnings)
                notes << qs(warning);
            notes << qs(m_study->design().note);
            m_notes->setText(notes.join(QLatin1Char('\n')));
            shown = true;
        } else {
            m_verdict->setText(tr("The effects are shown when the first runs are done."));
        }
    } catch (const std::exception &e) {
        m_verdict->setText(QString::fromUtf8(e.what()));
    }
    for (QWidget *part : std::initializer_list<QWidget *>{m_effects, m_scores, m_table, m_notes})
        part->setVisible(shown);
}

namespace {

bool isStudy(const OpenProject &project, std::int64_t comparison)
{
    return std::ranges::any_of(project.comparisons(), [&](const ComparisonInfo &c) {
        return c.id == comparison && AblationStudy::isStudy(Recipe(c.recipe));
    });
}

const PageRegistration studyResults({
    .name = "study-result",
    .title = QT_TRANSLATE_NOOP("Pages", "Knockouts and rescues"),
    .icon = "chart",
    .of = ItemKey::Kind::Comparison,
    .fits = [](const OpenProject &project, const ItemKey &comparison) { return isStudy(project, comparison.id); },
    .make = [](const PageContext &context, const ItemKey &comparison) -> QWidget * {
        auto *page = new QWidget;
        auto *message = new MessageBar(page);
        auto *view = new StudyResultView(context.session, message, comparison.id, page);
        const auto info = context.session->project()->store().comparison(comparison.id);
        auto *title = new QLabel(qs(info.title), page);
        title->setTextFormat(Qt::PlainText);
        auto *subtitle = new QLabel(StudyResultView::tr("Comparison %1").arg(comparison.id), page);
        auto *column = scrolledColumn(page, message);
        column->addLayout(pageHead(title, subtitle));
        column->addWidget(view);
        column->addStretch(1);
        page->setWindowTitle(StudyResultView::tr("Study %1").arg(comparison.id));
        QObject::connect(view, &StudyResultView::reportRequested, context.receiver, [context](std::int64_t run, std::int64_t id) {
            context.analyze(QStringLiteral("knockout-rescue"), run, {{"comparison", id}});
        });
        return page;
    },
});

} // namespace

} // namespace reticle
