#pragma once

#include <QElapsedTimer>
#include <QString>
#include <QStringList>
#include <QWidget>

#include <functional>
#include <stdexcept>
#include <vector>

class QComboBox;
class QTreeView;

namespace reticle::test {

/// What a person does at a window: drops, clicks, types, turns the wheel and looks. Everything goes in as mouse, wheel,
/// key and drop events at places that can be seen; what cannot be reached is an error (std::runtime_error saying what).
class Person
{
public:
    explicit Person(QWidget *window) : m_window(window) {}

    /// Lets the window work until the condition holds; throws "gave up waiting for WHAT" after so many seconds.
    void waitFor(const QString &what, const std::function<bool()> &condition, double seconds = 60) const;
    /// Lets the window work for a moment.
    void rest(int ms) const;

    void drop(const QStringList &paths) const;
    void click(QWidget *widget) const;
    /// Clicks into the line, takes what is there away, types and leaves it by Tab.
    void type(QWidget *line, const QString &text) const;
    void choose(QComboBox *combo, const QString &entry) const;
    /// Sets a field of a form by its path: "train.minutes" is the field "minutes" of the section "train". Unfolds what is
    /// folded. Lists are typed as "20, 21", switches take "true" and "false".
    void set(QWidget *form, const QString &path, const QString &value) const;
    /// Clicks (or double-clicks) the entry of a tree whose text begins so; below `parent` where given.
    void clickItem(QTreeView *tree, const QString &text, bool twice = false, const QString &parent = {}) const;
    void key(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) const;

    /// Does `first`, which opens a dialog that blocks, and then one step after the other inside it, each as soon as it
    /// returns true. Throws when a step stays false for 30 s; no dialog is left open.
    void throughDialogs(const std::function<void()> &first, const std::vector<std::function<bool()>> &steps) const;
    /// In a dialog for files: types the path and clicks the button that ends it. False while no such dialog is there.
    bool typePath(const QString &path) const;

    /// A child on the screen by its object name, or null.
    template <class T> T *shown(const char *name, QWidget *parent = nullptr) const
    {
        for (auto *w : (parent ? parent : m_window)->findChildren<T *>(QString::fromLatin1(name)))
            if (w->isVisible())
                return w;
        return nullptr;
    }
    /// The same, or an error.
    template <class T> T *need(const char *name, QWidget *parent = nullptr) const
    {
        if (T *w = shown<T>(name, parent))
            return w;
        throw std::runtime_error(std::string("nothing called \"") + name + "\" is to be seen");
    }

private:
    void scrollTo(QWidget *widget) const;

    QWidget *m_window;
};

} // namespace reticle::test
