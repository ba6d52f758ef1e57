// What can be done with an entry of the project tree.

#include "window/shell/ProjectTree.h"

#include "widgets/views/Dialogs.h"
#include "window/pages/Pages.h"
#include "window/session/Job.h"
#include "window/session/OpenProject.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <QPersistentModelIndex>
#include <QStandardItemModel>

#include <algorithm>
#include <functional>

namespace reticle {

std::vector<ItemKey> ProjectTree::removable(const ItemKey &key) const
{
    auto keys = selectedKeys();
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
        keys = {key};
    const auto has = [&keys](const ItemKey &k) { return std::find(keys.begin(), keys.end(), k) != keys.end(); };
    std::vector<ItemKey> chosen;
    for (const auto &k : keys) {
        // What goes with the run or result that holds it needs no mention of its own.
        const bool covered = (k.kind == ItemKey::Kind::Prediction && has({ItemKey::Kind::Run, k.id})) ||
                             (k.kind == ItemKey::Kind::Figure && has({ItemKey::Kind::Result, k.id}));
        const bool can = k.kind == ItemKey::Kind::Data || k.kind == ItemKey::Kind::Run || k.kind == ItemKey::Kind::Prediction ||
                         k.kind == ItemKey::Kind::Result || k.kind == ItemKey::Kind::Figure;
        if (can && !covered)
            chosen.push_back(k);
    }
    return chosen;
}

void ProjectTree::contextMenuEvent(QContextMenuEvent *event)
{
    if (!m_project)
        return;
    const auto index = event->reason() == QContextMenuEvent::Mouse ? indexAt(event->pos()) : currentIndex();
    const ItemKey key = keyOf(m_model->itemFromIndex(index));
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("projectMenu"));
    const auto add = [&](const QString &title, std::function<void()> trigger, bool enabled = true) {
        auto *action = menu->addAction(title);
        action->setEnabled(enabled);
        connect(action, &QAction::triggered, this, std::move(trigger));
    };
    const auto trash = [&](bool enabled = true) {
        const auto keys = removable(key);
        add(
            keys.size() > 1 ? tr("Move %1 to trash").arg(keys.size()) : tr("Move to trash"),
            [this, keys] { Q_EMIT removeRequested(keys); }, enabled);
        menu->actions().back()->setShortcut(Qt::Key_Delete);
    };
    const auto pages = [&] {
        addPageActions(menu, *m_project, key, this, [this](const ItemKey &page) { Q_EMIT openRequested(page); });
    };
    std::vector<std::int64_t> runs;
    for (const auto &k : selectedKeys())
        if (k.kind == ItemKey::Kind::Run)
            runs.push_back(k.id);
    switch (key.kind) {
    case ItemKey::Kind::Data:
        add(tr("Open"), [this, key] { Q_EMIT openRequested(key); });
        add(tr("Train on these data…"), [this, key] { Q_EMIT trainRequested(key.id); });
        pages();
        menu->addSeparator();
        add(tr("Show in folder"), [this, key] { Q_EMIT revealRequested(key); });
        add(tr("Remove from project"), [this, key] { Q_EMIT removeRequested(removable(key)); });
        break;
    case ItemKey::Kind::Run: {
        const auto *run = m_project->run(key.id);
        const bool active = m_jobs->activeOn(m_project->folder(), key.id) != nullptr;
        add(tr("Open"), [this, key] { Q_EMIT openRequested(key); });
        add(
            tr("Resume"), [this, key] { Q_EMIT resumeRequested(key.id); },
            run && !active && run->status != RunStatus::Done && run->status != RunStatus::Running);
        add(runs.size() > 1 ? tr("Compare %1 runs").arg(runs.size()) : tr("Compare all runs"), [this, runs] {
            std::vector<std::int64_t> chosen = runs;
            if (chosen.size() < 2 && m_project) {
                chosen.clear();
                for (const auto &r : m_project->runs())
                    chosen.push_back(r.id);
            }
            Q_EMIT compareRequested(chosen);
        });
        pages();
        menu->addSeparator();
        add(tr("Rename"), [this, index = QPersistentModelIndex(index)] { edit(index); });
        add(tr("Show in folder"), [this, key] { Q_EMIT revealRequested(key); });
        trash(!m_jobs->busyWith(m_project->folder(), key.id));
        break;
    }
    case ItemKey::Kind::Prediction:
    case ItemKey::Kind::Result:
        add(tr("Open"), [this, key] { Q_EMIT openRequested(key); });
        pages();
        menu->addSeparator();
        add(tr("Show in folder"), [this, key] { Q_EMIT revealRequested(key); });
        trash();
        break;
    case ItemKey::Kind::Figure:
        add(tr("Open"), [this, key] { Q_EMIT openRequested(key); });
        pages();
        menu->addSeparator();
        trash();
        break;
    default:
        pages(); // of a comparison
        add(tr("Add data…"), [this] { Q_EMIT addDataRequested(); });
        break;
    }
    openMenu(menu, event->globalPos());
}

} // namespace reticle
