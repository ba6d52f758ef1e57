#pragma once

#include "foundation/Json.h"
#include "window/session/ItemKey.h"

#include <functional>
#include <memory>
#include <vector>

class QMenu;
class QObject;
class QWidget;

namespace reticle {

class Job;
class MessageBar;
class OpenProject;
class Session;

/// What a page may ask of the window around it. Pages hold copies; connect with `receiver`, so that nothing is asked of a
/// window that is gone.
struct PageContext
{
    Session *session = nullptr;
    MessageBar *message = nullptr; ///< the window's own, above the tabs
    QObject *receiver = nullptr;
    std::function<bool(const ItemKey &key)> open; ///< false where the thing is not there (any more)
    std::function<void(const ItemKey &key)> close;
    std::function<void(const std::vector<ItemKey> &keys)> remove; ///< out of the project, with a way back
    std::function<void(std::int64_t input)> trainOn;              ///< data of the project: the form of a training on them
    std::function<void(std::int64_t run)> resume;
    std::function<void(std::int64_t run)> lookAtRun; ///< its data with its prediction
    /// Asks where a missing file of the project is; with no path, which folder to search for all of them.
    std::function<void(const QString &path)> findFile;
    /// Of work that has ended: what it made is marked as new and offered with one sentence; nothing opens over what a person
    /// does.
    std::function<void(Job *job, const ItemKey &made, const QString &sentence)> offer;
    /// Starts an analysis; its result is offered when it has ended. Run 0: of none.
    std::function<void(const QString &analysis, std::int64_t run, const Json &options)> analyze;
    /// The same about other data than the run's own, `of` their name.
    std::function<void(const QString &analysis, std::int64_t run, const Json &options, const QString &of)> analyzeOn;
    /// `options`: what the form begins with; `of`: as above, empty of the run's own data.
    std::function<void(const QString &analysis, std::int64_t run, const Json &options, const QString &of)> showAnalysisForm;
};

/// One way to look at a thing of the project. Its file registers it:
/// `const PageRegistration wavelets({.name = "wavelets", …});` at namespace scope.
///
/// From that alone the window opens the page, keeps its tab for the next time, closes it with its thing, and offers it:
/// in the context menu of the tree, in the form of a run, in the menu Work and in the command palette.
struct PageKind
{
    const char *name;  ///< one of its own, without '/': part of the key of its tab, so it stays
    const char *title; ///< in menus: "Levels of detail (wavelets)…"; null: it is not offered there
    const char *icon;  ///< of the theme, for its tab
    ItemKey::Kind of;  ///< Data, Run, Prediction, Result, Figure, Comparison or Compare; RunGroup: all runs of the project
    /// Of several that fit a thing the one of the highest rank opens on a click. 0 never does.
    int rank = 0;
    /// Whether it can show this thing as the project is now; called often, so from what is in memory or in small files.
    std::function<bool(const OpenProject &project, const ItemKey &of)> fits;
    /// A page of the thing, which fits; its windowTitle() is what the tab says. Null where it cannot be made; an exception
    /// is said in the window. A tab may be restored before the session has its catalog. Pages that bring a form are also
    /// HasSidePanel; what they show can be exported as FigureSource.
    std::function<QWidget *(const PageContext &context, const ItemKey &of)> make;

    QString titleText() const; ///< translated
};

/// The kinds of pages. Threads: filled before main, read-only after.
class Pages
{
public:
    static Pages &instance();
    void add(PageKind kind);

    /// By falling rank, then by name.
    const std::vector<std::unique_ptr<const PageKind>> &all() const { return m_kinds; }
    const PageKind *find(const QString &name) const; ///< null where there is none
    /// What opens on a click on the thing; null where nothing does.
    const PageKind *main(const OpenProject &project, const ItemKey &of) const;
    /// What else the menus of the thing offer.
    std::vector<const PageKind *> offered(const OpenProject &project, const ItemKey &of) const;
    /// The thing that a page means where none is chosen: what the current tab is of, else the first of the data or the
    /// newest of anything else that fits; None where nothing does.
    ItemKey subject(const PageKind &kind, const OpenProject &project, const ItemKey &current) const;
    /// A page's key as it was remembered before, without what it is of, in the form of today; any other as it is.
    ItemKey completed(const ItemKey &key) const;

private:
    std::vector<std::unique_ptr<const PageKind>> m_kinds;
};

struct PageRegistration
{
    explicit PageRegistration(PageKind kind) { Pages::instance().add(std::move(kind)); }
};

/// Adds an action "page.NAME" for every page that is offered of the thing. `open` gets the page's key, unless `receiver` is
/// gone.
void addPageActions(QMenu *menu, const OpenProject &project, const ItemKey &of, QObject *receiver,
                    std::function<void(const ItemKey &page)> open);

} // namespace reticle
