#include "window/shell/ActivityPanel.h"

#include "widgets/views/LogView.h"
#include "widgets/views/Theme.h"
#include "window/session/Job.h"
#include "window/shell/Text.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QScrollArea>
#include <QSplitter>
#include <QTime>
#include <QToolButton>
#include <QVBoxLayout>

namespace reticle {

namespace {

QToolButton *iconButton(const QString &icon, const QString &tip, const QString &name, QWidget *parent)
{
    auto *b = new QToolButton(parent);
    b->setIcon(themeIcon(icon));
    b->setToolTip(tip);
    b->setAccessibleName(tip);
    b->setObjectName(name);
    b->setAutoRaise(true);
    return b;
}

/// One piece of work: title, state, bar, buttons.
class JobRow : public QWidget
{
public:
    JobRow(Job *job, ActivityPanel *panel, JobList *jobs) : m_job(job)
    {
        setObjectName(QStringLiteral("workRow%1").arg(job->id()));
        auto *title = new QToolButton(this);
        title->setText(QString(job->title()).replace(QLatin1Char('&'), QStringLiteral("&&"))); // one alone marks a key
        title->setAutoRaise(true);
        title->setToolTip(ActivityPanel::tr("Show it"));
        connect(title, &QToolButton::clicked, panel, [panel, job] { Q_EMIT panel->openRequested(job); });
        m_status = new QLabel(this);
        m_status->setTextFormat(Qt::PlainText);
        m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_status->setMinimumWidth(60);
        m_bar = new QProgressBar(this);
        m_bar->setRange(0, 1000);
        m_bar->setTextVisible(false);
        m_bar->setFixedHeight(6);
        m_bar->setMaximumWidth(260);
        m_pause = iconButton(QStringLiteral("pause"), ActivityPanel::tr("Pause"), QStringLiteral("pause"), this);
        m_stop = iconButton(QStringLiteral("stop"), ActivityPanel::tr("Stop and keep the model"), QStringLiteral("stop"), this);
        m_cancel = iconButton(QStringLiteral("cancel"), ActivityPanel::tr("Cancel"), QStringLiteral("cancel"), this);
        m_resume = iconButton(QStringLiteral("resume"), ActivityPanel::tr("Resume from the last checkpoint"),
                              QStringLiteral("resumeLost"), this);
        m_open = new QToolButton(this);
        m_open->setText(ActivityPanel::tr("Open"));
        m_open->setObjectName(QStringLiteral("openOutcome"));
        m_open->setAccessibleName(ActivityPanel::tr("Open what %1 has made").arg(job->title()));
        m_open->setToolTip(ActivityPanel::tr("Open what it has made"));
        connect(m_open, &QToolButton::clicked, panel, [panel, job] { Q_EMIT panel->openRequested(job); });
        m_dismiss =
            iconButton(QStringLiteral("close"), ActivityPanel::tr("Take this line away"), QStringLiteral("dismiss"), this);
        connect(m_pause, &QToolButton::clicked, job,
                [job] { job->state() == Job::State::Paused ? job->resume() : job->pause(); });
        connect(m_stop, &QToolButton::clicked, job, &Job::stop);
        connect(m_cancel, &QToolButton::clicked, job, &Job::cancel);
        connect(m_resume, &QToolButton::clicked, panel, [panel, job] { Q_EMIT panel->resumeRequested(job); });
        connect(m_dismiss, &QToolButton::clicked, this, [jobs, job] { jobs->remove(job); });
        auto *row = new QHBoxLayout(this);
        row->setContentsMargins(8, 2, 8, 2);
        row->setSpacing(8);
        row->addWidget(title);
        row->addWidget(m_bar, 2);
        row->addWidget(m_status, 3);
        for (auto *b : {m_open, m_pause, m_stop, m_cancel, m_resume, m_dismiss})
            row->addWidget(b);
        connect(job, &Job::changed, this, [this] { refresh(); });
        refresh();
    }

private:
    void refresh()
    {
        const bool active = m_job->isActive();
        m_status->setText(m_job->statusText());
        m_status->setToolTip(m_status->text());
        const bool unknown = active && m_job->fraction() < 0;
        m_bar->setRange(0, unknown ? 0 : 1000);
        if (!unknown)
            m_bar->setValue(static_cast<int>(std::max(0.0, m_job->fraction()) * 1000));
        m_bar->setVisible(active || m_job->state() == Job::State::Done || m_job->state() == Job::State::Stopped);
        const bool paused = m_job->state() == Job::State::Paused;
        if (paused != m_showsPaused) {
            m_showsPaused = paused;
            m_pause->setIcon(themeIcon(paused ? QStringLiteral("resume") : QStringLiteral("pause")));
            m_pause->setToolTip(paused ? ActivityPanel::tr("Go on") : ActivityPanel::tr("Pause"));
        }
        m_pause->setVisible(active && m_job->canPause());
        m_stop->setVisible(active && m_job->canPause());
        m_cancel->setVisible(active);
        const bool ending = m_job->state() == Job::State::Ending;
        for (auto *b : {m_pause, m_stop, m_cancel})
            b->setEnabled(!ending);
        m_resume->setVisible(!active && m_job->kind() == Job::Kind::Train && m_job->run() > 0 &&
                             (m_job->state() == Job::State::Lost || m_job->state() == Job::State::Failed));
        m_open->setVisible(m_job->outcome().kind != ItemKey::Kind::None);
        m_dismiss->setVisible(!active);
    }

    Job *m_job;
    bool m_showsPaused = false;
    QLabel *m_status;
    QProgressBar *m_bar;
    QToolButton *m_open, *m_pause, *m_stop, *m_cancel, *m_resume, *m_dismiss;
};

} // namespace

ActivityPanel::ActivityPanel(JobList *jobs, QWidget *parent)
    : QWidget(parent), m_jobs(jobs), m_head(new QWidget(this)), m_fold(new QToolButton(m_head)), m_summary(new QLabel(m_head)),
      m_body(new QWidget(this)),
      m_nothing(new QLabel(tr("Nothing is running. Training, predictions, analyses and simulations show here."), this)),
      m_log(new LogView(this))
{
    setObjectName(QStringLiteral("activityPanel"));
    m_fold->setAutoRaise(true);
    m_fold->setObjectName(QStringLiteral("foldActivity"));
    connect(m_fold, &QToolButton::clicked, this, [this] { setFolded(!m_folded); });
    auto *title = new QLabel(tr("Activity"), m_head);
    QFont bold = title->font();
    bold.setWeight(QFont::DemiBold);
    title->setFont(bold);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setProperty("muted", true);

    auto *head = new QHBoxLayout(m_head);
    head->setContentsMargins(8, 2, 8, 2);
    head->addWidget(m_fold);
    head->addWidget(title);
    head->addSpacing(8);
    head->addWidget(m_summary, 1);

    auto *list = new QWidget;
    m_rows = new QVBoxLayout(list);
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(0);
    m_nothing->setProperty("muted", true);
    m_nothing->setContentsMargins(12, 6, 8, 6);
    m_nothing->setWordWrap(true);
    m_rows->addWidget(m_nothing);
    m_rows->addStretch(1);
    auto *scroll = new QScrollArea;
    scroll->setWidget(list);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);

    auto *parts = new QSplitter(Qt::Horizontal, m_body);
    parts->addWidget(scroll);
    parts->addWidget(m_log);
    parts->setStretchFactor(0, 3);
    parts->setStretchFactor(1, 2);
    auto *bodyLayout = new QVBoxLayout(m_body);
    bodyLayout->setContentsMargins(0, 0, 0, 0);
    bodyLayout->addWidget(parts);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_head);
    column->addWidget(m_body, 1);

    connect(m_jobs, &JobList::added, this, &ActivityPanel::addRow);
    connect(m_jobs, &JobList::changed, this, &ActivityPanel::updateSummary);
    connect(m_jobs, &JobList::finished, this, &ActivityPanel::updateSummary);
    connect(m_jobs, &JobList::logged, this, [this](const QString &line) { log(line); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, [this] { setFolded(m_folded); });
    setFolded(true);
    updateSummary();
}

void ActivityPanel::setFolded(bool folded)
{
    m_folded = folded;
    m_body->setVisible(!folded);
    m_fold->setIcon(themeIcon(folded ? QStringLiteral("chevron-up") : QStringLiteral("chevron-down")));
    m_fold->setToolTip(folded ? tr("Show running work and the log") : tr("Fold this panel"));
    m_fold->setAccessibleName(m_fold->toolTip());
    holdHeight();
    Q_EMIT foldedChanged(folded);
}

int ActivityPanel::foldedHeight() const
{
    return m_head->sizeHint().height();
}

void ActivityPanel::holdHeight()
{
    // The header alone counts: the size of what is hidden is still in the panel's own hint until it is laid out anew.
    m_head->setFixedHeight(foldedHeight());
    setMaximumHeight(m_folded ? foldedHeight() : QWIDGETSIZE_MAX);
    setMinimumHeight(m_folded ? foldedHeight() : 3 * foldedHeight());
}

void ActivityPanel::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        holdHeight();
        if (m_folded)
            Q_EMIT foldedChanged(true);
    }
}

void ActivityPanel::log(const QString &line, bool error)
{
    m_log->append(error ? LogView::Level::Error : LogView::Level::Info, line,
                  QTime::currentTime().toString(QStringLiteral("HH:mm:ss")));
}

void ActivityPanel::addRow(Job *job)
{
    auto *row = new JobRow(job, this, m_jobs);
    m_rows->insertWidget(0, row);
    m_nothing->hide();
    log(tr("%1: started").arg(job->title()));
    connect(job, &Job::finished, this, [this, job] {
        const bool bad = job->failure() && job->state() != Job::State::Cancelled;
        log(QStringLiteral("%1: %2").arg(job->title(), job->statusText()), bad);
    });
    connect(m_jobs, &JobList::removed, row, [this, row, job](Job *gone) {
        if (gone != job)
            return;
        m_rows->removeWidget(row);
        row->hide();
        row->deleteLater();
        m_nothing->setVisible(m_jobs->all().empty());
        updateSummary();
    });
    updateSummary();
}

void ActivityPanel::updateSummary()
{
    const auto active = m_jobs->active();
    if (active.empty())
        m_summary->setText(m_jobs->all().empty() ? QString() : tr("Nothing is running"));
    else if (active.size() == 1)
        m_summary->setText(active.front()->title() + QStringLiteral(": ") + active.front()->statusText());
    else
        m_summary->setText(tr("%1 at work").arg(active.size()));
}

} // namespace reticle
