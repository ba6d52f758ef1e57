// What pages and forms ask the window for: training, resuming, analyses.

#include "window/pages/PageOpener.h"
#include "window/parts/RunTitle.h"
#include "window/parts/ShowsRun.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"
#include "window/shell/Text.h"

#include <QWidget>

#include <algorithm>

namespace reticle {

void PageOpener::trainOn(std::int64_t input)
{
    const auto *data = m_session->project() ? m_session->project()->dataSet(input) : nullptr;
    if (!data)
        return;
    open({ItemKey::Kind::Data, input, {}});
    m_side->showTraining(m_session->recipeFor(*data), tr("Train on %1").arg(data->title));
}

void PageOpener::trainAgain(std::int64_t run)
{
    if (const auto *info = m_session->project()->run(run))
        m_side->showTraining(info->recipe, tr("Train again, from run %1").arg(numberedRunTitle(*info)));
}

void PageOpener::train(const Json &recipe)
{
    auto *job = m_session->startTraining(recipe);
    m_startedAt[job->id()] = m_tabs->currentKey();
    connect(job, &Job::finished, this, [this, job] {
        // A recipe that was refused has made no run: the sentence goes to the form.
        const bool refused = job->run() == 0 && job->failure() && job->state() != Job::State::Cancelled;
        if (refused && m_session->isOpen(job->project())) {
            m_side->trainForm()->showFailure(*job->failure());
            m_side->showTraining();
        }
    });
}

void PageOpener::resume(std::int64_t run)
{
    auto *job = m_session->resumeRun(run);
    m_startedAt[job->id()] = m_tabs->currentKey();
    connect(job, &Job::finished, this, [this, job] {
        if (job->failure() && job->state() == Job::State::Failed)
            m_message->sayFailure(*job->failure());
    });
}

void PageOpener::lookAtRun(std::int64_t run)
{
    auto *project = m_session->project();
    const auto *info = project->run(run);
    const auto *data = info ? project->dataSetOf(info->recipe) : nullptr;
    if (!data) {
        m_message->say(MessageBar::Level::Warning, tr("The data of this run are not in the project any more."));
        return;
    }
    const ItemKey key{ItemKey::Kind::Data, data->input, {}};
    open(key);
    if (auto *page = dynamic_cast<ShowsRun *>(m_tabs->page(key)))
        page->setShownRun(run);
}

void PageOpener::evaluate(std::int64_t run)
{
    analyze(QStringLiteral("evaluate"), run, Json::object());
}

void PageOpener::analyze(const QString &name, std::int64_t run, const Json &options, const QString &subject)
{
    auto *project = m_session->project();
    const auto *info = project->run(run);
    QString title = name;
    title.replace('-', ' ');
    title[0] = title[0].toUpper();
    std::int64_t before = 0;
    for (const auto &r : project->results())
        before = std::max(before, r.id);
    QStringList about;
    if (info)
        about << numberedRunTitle(*info);
    if (!subject.isEmpty())
        about << subject;
    const QString of = about.join(QStringLiteral(" · "));
    auto *job = m_session->startAnalysis(name, of.isEmpty() ? title : title + QStringLiteral(" · ") + of, run, options);
    connect(job, &Job::finished, this, [this, job, before, title] {
        if (!m_session->isOpen(job->project()))
            return;
        if (job->failure()) {
            if (job->state() != Job::State::Cancelled)
                m_message->sayFailure(*job->failure());
            return;
        }
        m_session->project()->refresh();
        std::int64_t newest = 0;
        for (const auto &r : m_session->project()->results())
            newest = std::max(newest, r.id);
        if (newest > before)
            offer(job, {ItemKey::Kind::Result, newest, {}}, tr("%1 is done.").arg(job->title()));
        else if (const auto &why = m_session->project()->store().whyReadOnly(); !why.empty())
            m_message->say(MessageBar::Level::Warning,
                           tr("%1 The result was not saved, because this project cannot be changed: %2.")
                               .arg(qs(job->result().value("summary", std::string())), qs(why)));
        else
            m_message->say(MessageBar::Level::Warning, tr("%1 ended without a result.").arg(title));
    });
}

} // namespace reticle
