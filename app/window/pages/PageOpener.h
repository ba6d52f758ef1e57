#pragma once

#include "window/pages/Pages.h"
#include "window/session/ItemKey.h"
#include "window/session/OpenProject.h"

#include <QObject>

#include <map>
#include <set>

namespace reticle {

class ActivityPanel;
class MessageBar;
class Session;
class SidePanel;
class TabArea;
class Job;

/// Opens the page of a thing as a tab, closes it with the thing, and puts the fitting form on the right. What pages and
/// forms ask for (training, analyses) it starts and shows. Which pages there are it does not know: see Pages. GUI thread.
class PageOpener : public QObject
{
    Q_OBJECT
public:
    PageOpener(Session *session, TabArea *tabs, SidePanel *side, MessageBar *message, QObject *parent = nullptr);

    /// False when the thing is not there (any more).
    bool open(const ItemKey &key, bool beside = false);
    /// What a click in the tree opens: a heading that has no page of its own opens the first of those that it offers.
    void openFromTree(const ItemKey &key);
    /// All tabs of what goes, and of what goes with it: a run's predictions and results.
    void closeTabsOf(const ItemKey &gone);
    void showFormOf(const ItemKey &key);
    void compare(std::vector<std::int64_t> runs);
    void openComparison(std::int64_t comparison);
    void openJob(Job *job); ///< the page of what it does or has made
    /// Marks what the job has made as new, and says one sentence with a button that opens it.
    void offer(Job *job, const ItemKey &key, const QString &sentence);

    void trainOn(std::int64_t input); ///< shows the data and the form
    void trainAgain(std::int64_t run);
    void resume(std::int64_t run);
    void lookAtRun(std::int64_t run); ///< its data with its prediction
    void evaluate(std::int64_t run);
    /// `subject`: what it is asked of beside the run, such as other data than its own.
    void analyze(const QString &name, std::int64_t run, const Json &options, const QString &subject = {});

Q_SIGNALS:
    void opened(const reticle::ItemKey &key);
    void pageMade(const reticle::ItemKey &key, QWidget *page); ///< its tab comes next
    void made(const reticle::ItemKey &key);                    ///< by work that has ended; nobody has looked at it yet
    void findRequested(const QString &path);                   ///< see PageContext::findFile
    /// A page wants these out of the project.
    void removeRequested(const std::vector<reticle::ItemKey> &keys);

private:
    PageContext context();
    void train(const Json &recipe);

    std::set<std::int64_t> m_comparing;          ///< numbers of work whose comparison was opened
    std::map<std::int64_t, ItemKey> m_startedAt; ///< what was on show when this work was asked for
    Session *m_session;
    TabArea *m_tabs;
    SidePanel *m_side;
    MessageBar *m_message;
};

} // namespace reticle
