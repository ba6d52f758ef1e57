#include "window/shell/MainWindow.h"

#include "foundation/Error.h"
#include "widgets/views/Theme.h"
#include "window/actions/Command.h"
#include "window/pages/PageOpener.h"
#include "window/pages/StartPage.h"
#include "window/parts/RunTitle.h"
#include "window/session/Settings.h"
#include "window/shell/ActivityPanel.h"
#include "window/shell/FileFinder.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ModalOverlay.h"
#include "window/shell/PageViews.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"
#include "window/shell/Text.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QScreen>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace reticle {

namespace {

QStringList localPaths(const QMimeData *data)
{
    QStringList paths;
    for (const auto &url : data->urls())
        if (url.isLocalFile())
            paths << QDir::cleanPath(url.toLocalFile());
    return paths;
}

} // namespace

MainWindow::MainWindow(QWidget *parent)
    : QMainWindow(parent), m_stack(new QStackedWidget(this)), m_start(new StartPage(this)), m_commands(new CommandList(this))
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(QStringLiteral("Reticle"));
    setAcceptDrops(true);
    setMinimumSize(760, 520);
    const QSize screen = QApplication::primaryScreen() ? QApplication::primaryScreen()->availableSize() : QSize();
    resize(QSize(1440, 900).boundedTo(screen.isEmpty() ? QSize(1440, 900) : screen));
    restoreGeometry(Settings::value(QStringLiteral("window/geometry")).toByteArray());
    m_stack->addWidget(m_start);
    setCentralWidget(m_stack);
    buildCommands();

    connect(m_start, &StartPage::browseFilesRequested, this, [this] { browse(false); });
    connect(m_start, &StartPage::browseFolderRequested, this, [this] { browse(true); });
    connect(m_start, &StartPage::openProjectRequested, this,
            [this](const QString &folder) { folder.isEmpty() ? browseProject() : void(openProject(folder)); });
    connect(m_start, &StartPage::sampleRequested, this, &MainWindow::makeSample);
    connect(m_start, &StartPage::simulationRequested, this, &MainWindow::showSimulation);
    connect(m_start, &StartPage::tourRequested, this, &MainWindow::showTour);
    connect(m_start, &StartPage::cardMade, this, [this](DataCard *card) {
        card->setSession(&m_session);
        connect(card, &DataCard::trainRequested, this, [this](const DataCard::Choice &c) { useData(c, true); });
        connect(card, &DataCard::lookRequested, this, [this](const DataCard::Choice &c) { useData(c, false); });
    });
    connect(&m_session, &Session::workerFailed, this, [this](const Failure &failure) {
        auto *bar = showsStart() ? m_start->message() : m_message;
        bar->sayFailure(failure, {{tr("Try again"), [this] { m_session.connectToWorker(); }},
                                  {tr("Where to compute…"), [this] { showSettings(); }}});
    });
}

MainWindow::~MainWindow()
{
    // Pages hold pointers into the session: they go first.
    if (m_tabs) {
        m_closing = true;
        m_tabs->disconnect(this);
        m_tabs->disconnect(m_pages);
        m_tabs->disconnect(m_views);
        delete m_workbench;
    }
}

bool MainWindow::showsStart() const
{
    return m_stack->currentWidget() == m_start;
}

void MainWindow::buildWorkbench()
{
    if (m_workbench)
        return;
    m_workbench = new QWidget;
    m_message = new MessageBar(m_workbench);
    m_tree = new ProjectTree(m_session.jobs(), m_workbench);
    m_tabs = new TabArea(m_workbench);
    m_side = new SidePanel(&m_session, m_workbench);
    m_activity = new ActivityPanel(m_session.jobs(), m_workbench);
    m_pages = new PageOpener(&m_session, m_tabs, m_side, m_message, m_workbench);
    m_finder = new FileFinder(&m_session, m_message, m_workbench,
                              [this](const QString &sentence, FileFinder::Step back, const FileFinder::Actions &more) {
                                  offerUndo(sentence, {std::move(back)}, more);
                              });
    connect(m_pages, &PageOpener::findRequested, m_finder, &FileFinder::find);
    m_views = new PageViews(m_tabs, m_workbench);
    connect(m_pages, &PageOpener::pageMade, m_views, &PageViews::restore);

    auto *empty = new QLabel(tr("Open something from the project on the left, or drop data here."));
    empty->setAlignment(Qt::AlignCenter);
    empty->setProperty("muted", true);
    m_tabs->setEmptyPage(empty);
    m_message->setAnchor(m_tabs);
    layOutWorkbench();
    connectTree();
    connectActivity();
    connectTabs();
}

void MainWindow::layOutWorkbench()
{
    m_columns = new QSplitter(Qt::Horizontal);
    m_columns->addWidget(m_tree);
    m_columns->addWidget(m_tabs);
    m_columns->addWidget(m_side);
    m_columns->setStretchFactor(1, 1);
    m_columns->setCollapsible(1, false);
    m_tree->setMinimumWidth(190);
    m_side->setMinimumWidth(280);
    // A small window keeps its middle: that is what one looks at.
    const int left = std::clamp(width() / 6, 190, 240), right = std::clamp(width() / 4, 280, 340);
    m_columns->setSizes({left, width() - left - right, right});
    m_rows = new QSplitter(Qt::Vertical);
    m_rows->addWidget(m_columns);
    m_rows->addWidget(m_activity);
    m_rows->setStretchFactor(0, 1);
    m_rows->setCollapsible(1, false);
    auto *column = new QVBoxLayout(m_workbench);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_message);
    column->addWidget(m_rows, 1);
    m_stack->addWidget(m_workbench);
}

void MainWindow::connectTree()
{
    connect(m_tree, &ProjectTree::openRequested, m_pages, &PageOpener::openFromTree);
    connect(m_tree, &QTreeView::clicked, this, [this] {
        // A plain click opens; Ctrl and Shift gather runs to compare.
        if (QApplication::keyboardModifiers() == Qt::NoModifier)
            m_pages->openFromTree(m_tree->selectedKey());
    });
    connect(m_tree, &ProjectTree::selected, this, [this](const ItemKey &key) {
        if (m_tree->hasFocus())
            m_pages->showFormOf(key);
    });
    connect(m_tree, &ProjectTree::renameRequested, this, &MainWindow::renameRun);
    connect(m_tree, &ProjectTree::removeRequested, this, &MainWindow::removeItems);
    connect(m_pages, &PageOpener::removeRequested, this, &MainWindow::removeItems);
    connect(m_tree, &ProjectTree::revealRequested, this, &MainWindow::revealItem);
    connect(m_tree, &ProjectTree::resumeRequested, m_pages, &PageOpener::resume);
    connect(m_tree, &ProjectTree::trainRequested, m_pages, &PageOpener::trainOn);
    connect(m_tree, &ProjectTree::compareRequested, m_pages, &PageOpener::compare);
    connect(m_tree, &ProjectTree::addDataRequested, this, [this] { browse(false); });
}

void MainWindow::renameRun(const ItemKey &key, const QString &title)
{
    if (!m_session.project())
        return;
    try {
        m_session.project()->store().renameRun(key.id, ss(title));
        m_session.project()->refresh();
        if (const auto *run = m_session.project()->run(key.id))
            m_tabs->setTitle(key, numberedRunTitle(*run));
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        m_session.project()->refresh();
    }
}

void MainWindow::connectActivity()
{
    connect(m_rows, &QSplitter::splitterMoved, this, [this] {
        if (!m_activity->isFolded())
            m_activityHeight = m_activity->height();
    });
    connect(m_activity, &ActivityPanel::foldedChanged, this, &MainWindow::fitActivity);
    fitActivity(m_activity->isFolded());
    connect(m_activity, &ActivityPanel::openRequested, m_pages, &PageOpener::openJob);
    connect(m_activity, &ActivityPanel::resumeRequested, this, &MainWindow::resumeJob);
}

void MainWindow::connectTabs()
{
    connect(m_tabs, &TabArea::currentChanged, this, [this](const ItemKey &key) {
        m_tree->select(key);
        m_tree->markSeen(key.thing());
        rememberTabs();
    });
    connect(m_pages, &PageOpener::made, m_tree, &ProjectTree::markNew);
    connect(m_pages, &PageOpener::opened, m_tree, [this](const ItemKey &key) { m_tree->markSeen(key.thing()); });
    connect(m_tabs, &TabArea::closed, this, &MainWindow::rememberTabs);
}

void MainWindow::resumeJob(Job *job)
{
    // The number is of a run of its own project; the open one may have another run of that number.
    if (!m_session.isOpen(job->project())) {
        m_message->say(MessageBar::Level::Warning, tr("Open %1 to resume this run.").arg(job->project()));
        return;
    }
    if (!m_session.project()->run(job->run())) {
        m_message->say(MessageBar::Level::Warning,
                       tr("Run %1 is no longer in this project. Train it again instead.").arg(job->run()));
        return;
    }
    m_pages->resume(job->run());
    m_session.jobs()->remove(job); // the line of the resumed run takes its place
}

void MainWindow::fitActivity(bool folded)
{
    // On a small screen what one looks at needs the room more.
    const int height = folded ? m_activity->foldedHeight() : std::min(m_activityHeight, std::max(96, this->height() / 5));
    m_rows->setSizes({std::max(1, m_rows->height() - height), height});
    // A line that does not give way is not to be dragged.
    if (auto *handle = m_rows->handle(1))
        handle->setEnabled(!folded);
}

void MainWindow::showStart(bool start)
{
    if (start) {
        m_start->refreshRecent();
        m_stack->setCurrentWidget(m_start);
        setWindowTitle(QStringLiteral("Reticle"));
    } else {
        m_stack->setCurrentWidget(m_workbench);
    }
    m_commands->refresh();
}

bool MainWindow::openProject(const QString &folder)
{
    const QString clean = QDir(folder).absolutePath();
    if (m_session.project() && m_session.project()->folder() == clean)
        return true;
    auto *bar = showsStart() || !m_message ? m_start->message() : m_message;
    if (!OpenProject::isProject(clean)) {
        bar->say(MessageBar::Level::Error, tr("%1 is not a Reticle project.").arg(clean));
        return false;
    }
    try {
        auto project = OpenProject::open(clean);
        buildWorkbench();
        closeProject();
        m_session.setProject(std::move(project));
    } catch (const std::exception &e) {
        bar->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        return false;
    }
    m_tree->setProject(m_session.project());
    Settings::addRecent(clean);
    showStart(false);
    setWindowTitle(QStringLiteral("%1 – Reticle").arg(m_session.project()->name()));
    m_views->setProject(m_session.project()->folder());
    restoreForm();
    restoreTabs();
    m_message->clear();
    const auto notes = m_session.project()->notes();
    if (!m_session.project()->missing().empty())
        m_finder->offer(notes);
    else if (!notes.isEmpty())
        m_message->say(MessageBar::Level::Info, notes.join(QLatin1Char(' ')));
    return true;
}

void MainWindow::closeProject()
{
    if (!m_session.project())
        return;
    rememberForm();
    m_views->keep();
    m_restoring = true; // the tabs of this project are remembered as they were
    m_tabs->closeAll();
    // Pages are deleted later; what they hold must not outlive the project.
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    m_restoring = false;
    m_views->setProject({});
    m_side->showNothing();
    m_tree->setProject(nullptr);
    m_undo = {};
    m_session.setProject(nullptr);
}

void MainWindow::openPaths(const QStringList &paths)
{
    if (paths.isEmpty())
        return;
    for (const auto &path : paths) {
        const QString project = OpenProject::projectOf(path);
        if (!project.isEmpty() || path.endsWith(QStringLiteral(".reticle"))) {
            openProject(project.isEmpty() ? path : project);
            return;
        }
    }
    if (!m_session.project()) {
        showStart(true);
        m_start->look(paths);
        return;
    }
    const ItemKey key{ItemKey::Kind::NewData};
    m_tabs->close(key);
    auto *card = new DataCard;
    card->setSession(&m_session);
    connect(card, &DataCard::trainRequested, this, [this](const DataCard::Choice &c) { useData(c, true); });
    connect(card, &DataCard::lookRequested, this, [this](const DataCard::Choice &c) { useData(c, false); });
    connect(card, &DataCard::cancelled, this, [this, key] { m_tabs->close(key); });
    m_tabs->add(key, tr("New data"), themeIcon(QStringLiteral("plus")), card);
    card->look(paths);
}

void MainWindow::useData(const DataCard::Choice &choice, bool train)
{
    auto *bar = showsStart() || !m_message ? m_start->message() : m_message;
    try {
        if (!m_session.project()) {
            const QString folder =
                OpenProject::freeFolder(Settings::projectsFolder(), QFileInfo(choice.path()).completeBaseName());
            QDir().mkpath(Settings::projectsFolder());
            OpenProject::open(folder);
            if (!openProject(folder))
                return;
        }
        const auto input = m_session.project()->addData(choice.section, choice.sentence, choice.notes);
        m_tabs->close({ItemKey::Kind::NewData});
        m_pages->open({ItemKey::Kind::Data, input});
        m_tree->select({ItemKey::Kind::Data, input});
        if (train)
            m_pages->trainOn(input);
    } catch (const std::exception &e) {
        bar->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
    }
}

void MainWindow::chooseTheme(const QString &name)
{
    Settings::setTheme(name);
    applyTheme(*qApp, name == QStringLiteral("dark")    ? Theme::Dark
                      : name == QStringLiteral("light") ? Theme::Light
                                                        : Theme::System);
}

void MainWindow::paintEvent(QPaintEvent *event)
{
    QMainWindow::paintEvent(event);
    if (!m_painted) {
        m_painted = true;
        // The event loop comes back after the whole window is painted and flushed.
        QTimer::singleShot(0, this, &MainWindow::afterFirstPaint);
    }
}

void MainWindow::afterFirstPaint()
{
    Q_EMIT firstPainted();
    m_session.connectToWorker();
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (!localPaths(event->mimeData()).isEmpty()) {
        event->acceptProposedAction();
        m_start->setDropHovered(true);
    }
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent *event)
{
    m_start->setDropHovered(false);
    QMainWindow::dragLeaveEvent(event);
}

void MainWindow::dropEvent(QDropEvent *event)
{
    m_start->setDropHovered(false);
    const QStringList paths = localPaths(event->mimeData());
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    openPaths(paths);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    const auto active = m_session.jobs()->active();
    if (active.empty() || m_closeAnyway) {
        m_closing = false;
        rememberTabs();
        rememberWindow();
        event->accept();
        return;
    }
    event->ignore();
    if (m_closing) {
        // A worker that hangs never ends by itself: the window can be closed all the same.
        new ModalOverlay(this, tr("Work is still ending"),
                         tr("%1 has not ended yet. Keep waiting, or close now: what has not ended after a few seconds is then "
                            "killed, and keeps only what it has saved so far.")
                             .arg(active.front()->title()),
                         {{tr("Keep waiting"), {}, true, QStringLiteral("keepWaiting")},
                          {tr("Close anyway"),
                           [this] {
                               m_closeAnyway = true;
                               close();
                           },
                           false, QStringLiteral("closeAnyway")}});
        return;
    }
    QStringList titles;
    for (const auto *job : active)
        titles << job->title();
    new ModalOverlay(this, active.size() == 1 ? tr("%1 is still running").arg(titles.first()) : tr("Work is still running"),
                     tr("Stopping keeps what was reached: a training run leaves a model that works and can be resumed later."),
                     {{tr("Keep running"), {}, false, QStringLiteral("keepRunning")},
                      {tr("Stop, keep and close"),
                       [this] {
                           m_closing = true;
                           for (auto *job : m_session.jobs()->active()) {
                               connect(job, &Job::finished, this, [this] {
                                   if (m_session.jobs()->active().empty()) {
                                       m_closing = false;
                                       close();
                                   }
                               });
                               job->canPause() ? job->stop() : job->cancel();
                           }
                           if (m_message)
                               m_message->say(MessageBar::Level::Info, tr("Keeping what was reached, then closing…"));
                       },
                       true, QStringLiteral("stopAndClose")}});
}

} // namespace reticle
