#pragma once

#include "window/pages/StartPage.h"
#include "window/parts/DataCard.h"
#include "window/session/ItemKey.h"
#include "window/session/Session.h"

#include <QMainWindow>

#include <functional>

class QAction;
class QKeySequence;
class QMenu;
class QSplitter;
class QStackedWidget;

namespace reticle {

class ActivityPanel;
class CommandList;
class FileFinder;
class MessageBar;
class PageOpener;
class PageViews;
class ProjectTree;
class SidePanel;
struct Simulation;
class TabArea;
class Tour;

/// Places the parts, owns the session, takes drops, and holds the commands. Nothing heavy happens before the first paint:
/// the worker is started after it.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    explicit MainWindow(QWidget *parent = nullptr);
    ~MainWindow() override;

    /// A project folder opens; anything else is looked at as data.
    void openPaths(const QStringList &paths);
    /// False (with a message) when it is no project.
    bool openProject(const QString &folder);
    void closeProject();
    /// Simulates the sample's data into a project of their own, or opens the one that has them.
    void makeSample(const Sample &sample);
    /// Asks what to simulate; the data come into the open project, else into a new one.
    void showSimulation();
    /// Starts the tour of the window, or continues it where it was left.
    void showTour();

    Session *session() { return &m_session; }
    StartPage *startPage() const { return m_start; }
    ProjectTree *tree() const { return m_tree; }
    TabArea *tabs() const { return m_tabs; }
    SidePanel *side() const { return m_side; }
    ActivityPanel *activity() const { return m_activity; }
    PageOpener *pages() const { return m_pages; }
    CommandList *commands() const { return m_commands; }
    MessageBar *message() const { return m_message; }
    Tour *tour() const { return m_tour; } ///< null before it is first asked for
    bool showsStart() const;

Q_SIGNALS:
    void firstPainted(); ///< once, when the first paint is on the screen

protected:
    void paintEvent(QPaintEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dragLeaveEvent(QDragLeaveEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void buildWorkbench();
    void layOutWorkbench();
    void connectTree();
    void connectActivity();
    void connectTabs();
    void buildCommands();
    QMenu *buildProjectMenu();
    QMenu *buildEditMenu();
    QMenu *buildWorkMenu();
    void addPageCommands(QMenu *menu); ///< one for each kind of page that does not open on a click
    QMenu *buildViewMenu();
    QMenu *buildHelpMenu();
    QAction *addCommand(const char *name, const QString &group, const QString &title, const QKeySequence &key,
                        std::function<void()> trigger, std::function<bool()> enabled = {});
    std::function<bool()> withProject() const; ///< of commands that need one
    void showStart(bool start);
    void fitActivity(bool folded);
    void resumeJob(Job *job); ///< of the open project; of another one it says which to open
    void useData(const DataCard::Choice &choice, bool train);
    void simulate(const Simulation &simulation); ///< into the open project, as work that can be stopped
    void browse(bool folder);
    void browseProject();
    void saveProjectAs();
    void moveProject();
    /// Asks for a new place NAME.reticle and calls `then` with it, where it is free.
    void askForPlace(const QString &title, const QString &name, std::function<void(const QString &)> then);
    void renameRun(const ItemKey &key, const QString &title);
    void removeItems(const std::vector<ItemKey> &keys);
    /// Removes one thing, its tabs first; gives the sentence that says so and the way back.
    std::pair<QString, std::function<void()>> removeItem(const ItemKey &key);
    void revealItem(const ItemKey &key);
    /// `steps` are done last first; one that throws does not keep the others from being done.
    /// `more`: other things to do, after Undo.
    void offerUndo(const QString &sentence, std::vector<std::function<void()>> steps,
                   const std::vector<std::pair<QString, std::function<void()>>> &more = {});
    void undo();
    void exportFigure();
    void showHelp();
    void showPalette();
    void showSettings();
    void chooseTheme(const QString &name);
    void rememberTabs();
    void restoreTabs();
    void rememberForm(); ///< what was typed for a training of this project
    void restoreForm();
    void rememberWindow(); ///< its size and place, and what the project's pages show
    void afterFirstPaint();

    Session m_session;
    QStackedWidget *m_stack;
    StartPage *m_start;
    QWidget *m_workbench = nullptr;
    QSplitter *m_columns = nullptr, *m_rows = nullptr;
    MessageBar *m_message = nullptr;
    ProjectTree *m_tree = nullptr;
    TabArea *m_tabs = nullptr;
    SidePanel *m_side = nullptr;
    ActivityPanel *m_activity = nullptr;
    PageOpener *m_pages = nullptr;
    FileFinder *m_finder = nullptr;
    Tour *m_tour = nullptr;
    PageViews *m_views = nullptr;
    CommandList *m_commands;
    std::vector<std::function<void()>> m_undo;
    int m_activityHeight = 180; ///< while it is unfolded
    bool m_painted = false, m_closing = false, m_closeAnyway = false, m_restoring = false;
};

} // namespace reticle
