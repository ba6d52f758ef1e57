#pragma once

#include "window/ItemKey.h"
#include "window/OpenProject.h"
#include "window/Pages.h"

#include <QObject>

#include <set>

namespace reticle {

class ActivityPanel;
class MessageBar;
class Session;
class SidePanel;
class TabArea;
class Work;

/// Opens the page of a thing as a tab, closes it with the thing, and puts the fitting form on the right. What pages and
/// forms ask for (training, analyses) it starts and shows. Which pages there are it does not know: see Pages. GUI thread.
class PageOpener : public QObject
{
    Q_OBJECT
public:
    PageOpener(Session *session, TabArea *tabs, SidePanel *side, MessageBar *message, QObject *parent = nullptr);

    /// False when the thing is not there (any more).
    bool open(const ItemKey &key, bool beside = false);
    /// All tabs of what goes, and of what goes with it: a run's predictions and results.
    void closeTabsOf(const ItemKey &gone);
    void showFormOf(const ItemKey &key);
    void compare(std::vector<std::int64_t> runs);
    void openComparison(std::int64_t comparison);
    void openWork(Work *work); ///< the page of what it does

    void trainOn(std::int64_t input); ///< shows the data and the form
    void trainAgain(std::int64_t run);
    void resume(std::int64_t run);
    void lookAtRun(std::int64_t run); ///< its data with its prediction
    void evaluate(std::int64_t run);
    /// `subject`: what it is asked of where that is no run, such as data.
    void analyze(const QString &name, std::int64_t run, const Json &options, const QString &subject = {});

Q_SIGNALS:
    void opened(const reticle::ItemKey &key);

private:
    PageContext context();
    void train(const Json &recipe);

    std::set<std::int64_t> m_comparing; ///< numbers of work whose comparison was opened
    Session *m_session;
    TabArea *m_tabs;
    SidePanel *m_side;
    MessageBar *m_message;
};

} // namespace reticle
