#include "window/actions/Command.h"

#include <QAction>
#include <QWidget>

namespace reticle {

CommandList::CommandList(QWidget *window) : QObject(window), m_window(window) {}

QAction *CommandList::add(Command command)
{
    auto *action = new QAction(command.title, m_window);
    action->setObjectName(command.name);
    action->setShortcut(command.key);
    action->setShortcutContext(Qt::WindowShortcut);
    m_window->addAction(action);
    const std::size_t index = m_commands.size();
    connect(action, &QAction::triggered, this, [this, index] {
        const auto &c = m_commands[index];
        if (!c.enabled || c.enabled())
            c.trigger();
    });
    m_commands.push_back(std::move(command));
    m_actions.push_back(action);
    return action;
}

QAction *CommandList::action(const QString &name) const
{
    for (auto *action : m_actions)
        if (action->objectName() == name)
            return action;
    return nullptr;
}

void CommandList::trigger(const QString &name)
{
    refresh();
    if (auto *a = action(name))
        a->trigger();
}

void CommandList::refresh()
{
    for (std::size_t i = 0; i < m_commands.size(); ++i)
        m_actions[i]->setEnabled(!m_commands[i].enabled || m_commands[i].enabled());
}

} // namespace reticle
