#pragma once

#include <QKeySequence>
#include <QObject>
#include <QString>

#include <functional>
#include <vector>

class QAction;
class QWidget;

namespace reticle {

/// Something that a person can ask for: in a menu, by a key, or from the palette.
struct Command
{
    QString name;  ///< "project.open"
    QString title; ///< "Open a project…"
    QKeySequence key;
    std::function<void()> trigger;
    std::function<bool()> enabled; ///< empty = always
    QString group;                 ///< heading in the help sheet: "Project", "View", …
};

/// All commands of a window, each once: actions with their keys are made from them.
class CommandList : public QObject
{
    Q_OBJECT
public:
    explicit CommandList(QWidget *window);

    QAction *add(Command command);
    const std::vector<Command> &all() const { return m_commands; }
    QAction *action(const QString &name) const;
    void trigger(const QString &name); ///< where it is enabled
    /// Asks every command anew whether it may be chosen.
    void refresh();

private:
    QWidget *m_window;
    std::vector<Command> m_commands;
    std::vector<QAction *> m_actions;
};

} // namespace reticle
