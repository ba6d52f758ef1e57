// What the window takes out of a project, and how it comes back.

#include "foundation/Error.h"
#include "window/actions/Command.h"
#include "window/pages/PageOpener.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

#include <algorithm>
#include <tuple>

namespace reticle {

std::pair<QString, std::function<void()>> MainWindow::removeItem(const ItemKey &key)
{
    auto *project = m_session.project();
    switch (key.kind) {
    case ItemKey::Kind::Run:
        if (const auto *job = m_session.jobs()->busyWith(project->folder(), key.id))
            throw Error(Error::Kind::Failed, {},
                        ss(job->kind() == Job::Kind::Train
                               ? tr("Run %1 is still training. Stop it before removing it.").arg(key.id)
                               : tr("Run %1 is still in use by \"%2\". Wait until this has finished, or cancel it, before "
                                    "removing the run.")
                                     .arg(key.id)
                                     .arg(job->title())));
        m_pages->closeTabsOf(key);
        project->store().removeRun(key.id);
        return {tr("Run %1 is in the project's trash.").arg(key.id),
                [this, id = key.id] { m_session.project()->store().restoreRun(id); }};
    case ItemKey::Kind::Data: {
        m_pages->closeTabsOf(key); // first, as a page that closes keeps the voxel size that was typed last
        const auto *data = project->dataSet(key.id);
        if (!data)
            return {};
        const DataSet kept = *data;
        project->removeData(key.id);
        return {tr("%1 was taken out of the project; its files stay where they are.").arg(kept.title),
                [this, kept] { m_session.project()->addData(kept.section, kept.sentence, kept.notes); }};
    }
    case ItemKey::Kind::Prediction: {
        m_pages->closeTabsOf(key);
        const QString trashed = project->removePrediction(key.id, key.detail);
        return {tr("%1 is in the project's trash.").arg(key.detail),
                [this, key, trashed] { m_session.project()->restorePrediction(key.id, key.detail, trashed); }};
    }
    case ItemKey::Kind::Result: {
        m_pages->closeTabsOf(key);
        project->store().removeResult(key.id);
        return {tr("The result is in the project's trash."),
                [this, id = key.id] { m_session.project()->store().restoreResult(id); }};
    }
    case ItemKey::Kind::Figure: {
        const auto index = static_cast<std::size_t>(key.detail.toULongLong());
        const auto figures = project->store().result(key.id).figures;
        const Figure figure = index < figures.size() ? figures[index] : Figure(); // removeFigure says that it is not there
        project->store().removeFigure(key.id, index);
        m_pages->closeTabsOf(key);
        return {tr("The figure %1 is in the project's trash.").arg(qs(figure.name)), [this, id = key.id, index, figure] {
                    m_pages->closeTabsOf({ItemKey::Kind::Result, id});
                    m_session.project()->store().restoreFigure(id, index, figure);
                }};
    }
    default: return {};
    }
}

void MainWindow::removeItems(const std::vector<ItemKey> &keys)
{
    auto *project = m_session.project();
    // Figures go before all else, the later ones of a result first, so that the numbers of the others stay true.
    std::vector<ItemKey> order = keys;
    std::stable_sort(order.begin(), order.end(), [](const ItemKey &a, const ItemKey &b) {
        const auto place = [](const ItemKey &key) {
            const bool figure = key.kind == ItemKey::Kind::Figure;
            return figure ? std::tuple(0, key.id, -key.detail.toLongLong()) : std::tuple(1, std::int64_t(0), qlonglong(0));
        };
        return place(a) < place(b);
    });
    std::vector<std::function<void()>> back;
    QString sentence, problem;
    for (const auto &key : order) {
        try {
            auto [said, undoing] = removeItem(key);
            if (!undoing)
                continue;
            sentence = said;
            back.push_back(std::move(undoing));
        } catch (const std::exception &e) {
            problem = QString::fromUtf8(e.what());
        }
    }
    project->refresh();
    if (!back.empty()) {
        if (back.size() > 1)
            sentence = tr("%1 things were removed; your own files stay where they are.").arg(back.size());
        offerUndo(problem.isEmpty() ? sentence : sentence + QLatin1Char(' ') + problem, std::move(back));
    } else if (!problem.isEmpty()) {
        m_message->say(MessageBar::Level::Warning, problem);
    }
}

void MainWindow::offerUndo(const QString &sentence, std::vector<std::function<void()>> steps,
                           const std::vector<std::pair<QString, std::function<void()>>> &more)
{
    m_undo = std::move(steps);
    std::vector<MessageBar::Action> actions{{tr("Undo"), [this] { undo(); }}};
    for (const auto &[title, trigger] : more)
        actions.push_back({title, trigger});
    m_message->say(MessageBar::Level::Info, sentence, std::move(actions));
    m_commands->refresh();
}

void MainWindow::undo()
{
    if (m_undo.empty())
        return;
    // What was taken away last comes back first; what cannot come back is kept for another try.
    std::vector<std::function<void()>> failed;
    QStringList problems;
    const auto steps = std::exchange(m_undo, {});
    for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
        try {
            (*it)();
        } catch (const std::exception &e) {
            failed.insert(failed.begin(), *it);
            problems << QString::fromUtf8(e.what());
        }
    }
    m_session.project()->refresh();
    m_undo = std::move(failed);
    if (problems.isEmpty())
        m_message->clear();
    else
        m_message->say(MessageBar::Level::Error, problems.join(QLatin1Char(' ')), {{tr("Try again"), [this] { undo(); }}});
    m_commands->refresh();
}

} // namespace reticle
