// The commands of the window and the sheets that they open.

#include "files/ImageSource.h"
#include "foundation/Error.h"
#include "widgets/views/Background.h"
#include "widgets/views/Theme.h"
#include "window/actions/Command.h"
#include "window/actions/CommandPalette.h"
#include "window/pages/PageOpener.h"
#include "window/pages/Pages.h"
#include "window/pages/StartPage.h"
#include "window/session/Settings.h"
#include "window/shell/AboutReticle.h"
#include "window/shell/ActivityPanel.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ModalOverlay.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"
#include "window/shell/Text.h"
#include "window/tour/Tour.h"

#include <QAction>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPushButton>

#include <filesystem>

namespace reticle {

void MainWindow::buildCommands()
{
    auto *projectMenu = buildProjectMenu();
    auto *editMenu = buildEditMenu();
    auto *workMenu = buildWorkMenu();
    addPageCommands(workMenu);
    auto *viewMenu = buildViewMenu();
    auto *helpMenu = buildHelpMenu();
    for (auto *menu : {projectMenu, editMenu, workMenu, viewMenu, helpMenu})
        connect(menu, &QMenu::aboutToShow, m_commands, &CommandList::refresh);
    m_commands->refresh();
}

QAction *MainWindow::addCommand(const char *name, const QString &group, const QString &title, const QKeySequence &key,
                                std::function<void()> trigger, std::function<bool()> enabled)
{
    return m_commands->add({QLatin1String(name), title, key, std::move(trigger), std::move(enabled), group});
}

std::function<bool()> MainWindow::withProject() const
{
    return [this] { return m_session.project() != nullptr; };
}

QMenu *MainWindow::buildProjectMenu()
{
    const QString project = tr("Project");
    auto *menu = menuBar()->addMenu(tr("&Project"));
    menu->addAction(addCommand("data.add", project, tr("Open images…"), QKeySequence::Open, [this] { browse(false); }));
    menu->addAction(addCommand("data.folder", project, tr("Open a folder of images…"), {}, [this] { browse(true); }));
    menu->addAction(addCommand("data.simulate", project, tr("Simulate data…"), {}, [this] { showSimulation(); }));
    menu->addAction(addCommand("project.open", project, tr("Open a project…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
                               [this] { browseProject(); }));
    menu->addSeparator();
    menu->addAction(addCommand(
        "project.saveAs", project, tr("Save a copy of the project…"), QKeySequence::SaveAs, [this] { saveProjectAs(); },
        withProject()));
    menu->addAction(addCommand(
        "project.move", project, tr("Rename or move the project…"), {}, [this] { moveProject(); }, withProject()));
    menu->addAction(addCommand(
        "project.close", project, tr("Close the project"), {},
        [this] {
            closeProject();
            showStart(true);
        },
        withProject()));
    menu->addSeparator();
    menu->addAction(
        addCommand("settings", project, tr("Settings…"), QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] { showSettings(); }));
    menu->addAction(addCommand("quit", project, tr("Quit"), QKeySequence::Quit, [this] { close(); }));
    return menu;
}

QMenu *MainWindow::buildEditMenu()
{
    const QString project = tr("Project");
    auto *menu = menuBar()->addMenu(tr("&Edit"));
    menu->addAction(addCommand(
        "undo", project, tr("Undo"), QKeySequence::Undo, [this] { undo(); }, [this] { return !m_undo.empty(); }));
    menu->addAction(addCommand(
        "figure.export", project, tr("Export figure…"), QKeySequence(Qt::CTRL | Qt::Key_E), [this] { exportFigure(); },
        withProject()));
    return menu;
}

QMenu *MainWindow::buildWorkMenu()
{
    const QString work = tr("Work");
    auto *menu = menuBar()->addMenu(tr("&Work"));
    const auto hasActive = [this] { return !m_session.jobs()->active().empty(); };
    menu->addAction(addCommand(
        "work.pause", work, tr("Pause or resume"), {},
        [this] {
            for (auto *w : m_session.jobs()->active())
                if (w->canPause())
                    w->state() == Job::State::Paused ? w->resume() : w->pause();
        },
        hasActive));
    menu->addAction(addCommand(
        "work.stop", work, tr("Stop and keep the model"), {},
        [this] {
            for (auto *w : m_session.jobs()->active())
                w->canPause() ? w->stop() : w->cancel();
        },
        hasActive));
    menu->addAction(addCommand(
        "runs.compare", work, tr("Compare all runs"), {},
        [this] {
            std::vector<std::int64_t> runs;
            for (const auto &run : m_session.project()->runs())
                runs.push_back(run.id);
            m_pages->compare(runs);
        },
        [this] { return m_session.project() && m_session.project()->runs().size() > 1; }));
    return menu;
}

void MainWindow::addPageCommands(QMenu *menu)
{
    const QString work = tr("Work");
    for (const auto &kind : Pages::instance().all()) {
        if (!kind->title || kind->rank > 0) // what opens on a click needs no command
            continue;
        const auto page = [this, kind = kind.get()] { // of what is on show, where that fits
            const auto *open = m_session.project();
            const ItemKey of = open ? Pages::instance().subject(*kind, *open, m_tabs->currentKey()) : ItemKey();
            return of.kind == ItemKey::Kind::None ? of : ItemKey::page(QLatin1String(kind->name), of);
        };
        menu->addAction(m_commands->add({QStringLiteral("page.") + QLatin1String(kind->name),
                                         kind->titleText(),
                                         {},
                                         [this, page] { m_pages->open(page()); },
                                         [page] { return page().kind != ItemKey::Kind::None; },
                                         work}));
    }
}

QMenu *MainWindow::buildViewMenu()
{
    const QString view = tr("View");
    auto *menu = menuBar()->addMenu(tr("&View"));
    const auto panel = [this, &view, menu](const char *name, const QString &title, QKeySequence key,
                                           std::function<QWidget *()> widget) {
        menu->addAction(addCommand(
            name, view, title, key, [widget] { widget()->setVisible(!widget()->isVisible()); }, withProject()));
    };
    panel("view.project", tr("Project tree"), QKeySequence(Qt::Key_F6), [this]() -> QWidget * { return m_tree; });
    panel("view.form", tr("Form on the right"), QKeySequence(Qt::Key_F7), [this]() -> QWidget * { return m_side; });
    menu->addAction(addCommand(
        "view.activity", view, tr("Fold the activity"), QKeySequence(Qt::Key_F8),
        [this] { m_activity->setFolded(!m_activity->isFolded()); }, withProject()));
    menu->addAction(addCommand(
        "view.split", view, tr("Tab to the other side"), QKeySequence(Qt::CTRL | Qt::Key_Backslash),
        [this] {
            const ItemKey key = m_tabs->currentKey();
            bool right = true;
            if (m_tabs->isSplit() && m_tabs->page(key))
                right = m_tabs->page(key)->mapTo(m_tabs, QPoint(0, 0)).x() < 10;
            m_tabs->moveToSide(key, right);
        },
        withProject()));
    menu->addSeparator();
    menu->addAction(addCommand("theme.light", view, tr("Light theme"), {}, [this] { chooseTheme(QStringLiteral("light")); }));
    menu->addAction(addCommand("theme.dark", view, tr("Dark theme"), {}, [this] { chooseTheme(QStringLiteral("dark")); }));
    menu->addAction(
        addCommand("theme.system", view, tr("Theme of the desktop"), {}, [this] { chooseTheme(QStringLiteral("system")); }));
    return menu;
}

QMenu *MainWindow::buildHelpMenu()
{
    const QString help = tr("Help");
    auto *menu = menuBar()->addMenu(tr("&Help"));
    menu->addAction(addCommand("tour", help, tr("Show me around"), {}, [this] { showTour(); }));
    menu->addAction(addCommand("help", help, tr("Keys and first steps"), QKeySequence::HelpContents, [this] { showHelp(); }));
    menu->addAction(
        addCommand("palette", help, tr("Find a command…"), QKeySequence(Qt::CTRL | Qt::Key_K), [this] { showPalette(); }));
    menu->addAction(addCommand("about", help, tr("About Reticle"), {}, [this] { showAbout(this, m_session.machine()); }));
    return menu;
}

void MainWindow::browse(bool folder)
{
    const QString start = Settings::value(QStringLiteral("browse/folder"), QDir::homePath()).toString();
    auto *dialog = new QFileDialog(this, folder ? tr("A folder of slices, or of images and masks") : tr("Images"), start);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFiles);
    if (!folder) {
        QStringList patterns;
        for (const auto &ending : usualImageEndings())
            patterns << QLatin1Char('*') + QString::fromStdString(ending);
        dialog->setNameFilters({tr("Images (%1)").arg(patterns.join(QLatin1Char(' '))), tr("All files (*)")});
    }
    connect(dialog, &QFileDialog::filesSelected, this, [this](const QStringList &files) {
        Settings::setValue(QStringLiteral("browse/folder"), QFileInfo(files.value(0)).absolutePath());
        openPaths(files);
    });
    dialog->open();
}

void MainWindow::browseProject()
{
    auto *dialog = new QFileDialog(this, tr("Open a project (a folder NAME.reticle)"), Settings::projectsFolder());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) { openProject(folder); });
    dialog->open();
}

void MainWindow::askForPlace(const QString &title, const QString &name, std::function<void(const QString &)> then)
{
    if (!m_session.jobs()->active().empty()) {
        m_message->say(MessageBar::Level::Warning, tr("Work is running in this project; that can be done when it has ended."));
        return;
    }
    auto *dialog = new QFileDialog(this, title, QFileInfo(m_session.project()->folder()).absolutePath());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->selectFile(name + QStringLiteral(".reticle"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, then](QString target) {
        if (!target.endsWith(QStringLiteral(".reticle")))
            target += QStringLiteral(".reticle");
        if (QFileInfo::exists(target))
            m_message->say(MessageBar::Level::Error, tr("%1 is there already; choose another name.").arg(target));
        else
            then(target);
    });
    dialog->open();
}

void MainWindow::saveProjectAs()
{
    askForPlace(tr("Save a copy of the project as"), m_session.project()->name() + QStringLiteral("-copy"),
                [this](const QString &target) {
                    m_message->say(MessageBar::Level::Info, tr("Copying…"));
                    inBackground(
                        this,
                        [from = ss(m_session.project()->folder()), to = ss(target)] {
                            std::error_code error;
                            std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
                            return QString::fromStdString(error ? error.message() : std::string());
                        },
                        [this, target](const QString &problem) {
                            if (!problem.isEmpty())
                                m_message->say(MessageBar::Level::Error, tr("%1 could not be written: %2.").arg(target, problem));
                            else
                                openProject(target);
                        });
                });
}

void MainWindow::moveProject()
{
    askForPlace(tr("Move the project to"), m_session.project()->name(), [this](const QString &target) {
        const QString from = m_session.project()->folder();
        closeProject();
        m_message->say(MessageBar::Level::Info, tr("Moving…"));
        inBackground(
            this,
            [from = ss(from), to = ss(target)] {
                std::error_code error;
                std::filesystem::rename(from, to, error);
                if (error == std::errc::cross_device_link) {
                    // To another disk: the old one goes when the new one is whole.
                    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
                    std::error_code ignored;
                    std::filesystem::remove_all(error ? to : from, ignored);
                }
                return QString::fromStdString(error ? error.message() : std::string());
            },
            [this, from, target](const QString &problem) {
                openProject(problem.isEmpty() ? target : from);
                if (!problem.isEmpty())
                    m_message->say(MessageBar::Level::Error,
                                   tr("The project could not be moved to %1: %2.").arg(target, problem));
                else
                    m_message->say(MessageBar::Level::Positive, tr("The project is now in %1.").arg(target));
            });
    });
}

void MainWindow::showHelp()
{
    auto *sheet = new ModalOverlay(this, tr("Keys and first steps"),
                                   tr("Drop data anywhere on the window and choose to train on them. Check the settings on the "
                                      "right and press Train. When a model is there, see its prediction over the "
                                      "image, evaluate it, and take the figures with Ctrl+E or a right click."),
                                   {{tr("Show me around"), [this] { showTour(); }, false, QStringLiteral("helpTour")},
                                    {tr("Close"), {}, true, QStringLiteral("closeHelp")}});
    auto *keys = new QWidget;
    auto *grid = new QGridLayout(keys);
    grid->setContentsMargins(0, 4, 0, 4);
    grid->setHorizontalSpacing(18);
    grid->setVerticalSpacing(3);
    int i = 0;
    const auto row = [&](const QString &key, const QString &text) {
        auto *k = new QLabel(key);
        QFont font = k->font();
        font.setWeight(QFont::DemiBold);
        k->setFont(font);
        grid->addWidget(k, i / 2, 2 * (i % 2));
        grid->addWidget(new QLabel(text), i / 2, 2 * (i % 2) + 1);
        ++i;
    };
    for (const auto &c : m_commands->all())
        if (!c.key.isEmpty())
            row(c.key.toString(QKeySequence::NativeText), QString(c.title).remove(QStringLiteral("…")));
    row(tr("Wheel"), tr("Slices, or scroll the page"));
    row(tr("Ctrl + wheel"), tr("Zoom at the cursor"));
    row(tr("Drag"), tr("Pan"));
    row(QStringLiteral("F  ·  1  ·  A"), tr("Fit, actual size, contrast"));
    row(QStringLiteral("Ctrl+W"), tr("Close the tab"));
    row(QStringLiteral("Esc"), tr("Close this"));
    sheet->addContent(keys);
}

void MainWindow::showTour()
{
    if (!m_tour) {
        m_tour = new Tour(this);
        connect(m_tour, &Tour::ended, m_start, &StartPage::refreshTour);
    }
    m_tour->begin();
}

void MainWindow::showPalette()
{
    auto *sheet = new ModalOverlay(this, tr("Find a command"), {}, {});
    auto *palette = new CommandPalette(m_commands, sheet);
    sheet->addContent(palette);
    palette->setFocus();
    connect(palette, &CommandPalette::chosen, this, [this, sheet](const QString &name) {
        sheet->dismiss();
        m_commands->trigger(name);
    });
}

void MainWindow::showSettings()
{
    auto *content = new QWidget;
    auto *form = new QFormLayout(content);
    auto *command = new QLineEdit(Settings::computeCommand());
    command->setPlaceholderText(tr("this computer"));
    command->setObjectName(QStringLiteral("computeCommand"));
    command->setToolTip(tr("Empty: this computer. Else the command that starts the worker, for example "
                           "ssh gpu-host /opt/reticle/bin/reticle-worker. Projects and data must lie under the same "
                           "paths there."));
    auto *folder = new QLineEdit(Settings::projectsFolder());
    folder->setObjectName(QStringLiteral("projectsFolder"));
    auto *state = new QLabel;
    state->setProperty("muted", true);
    state->setWordWrap(true);
    state->setObjectName(QStringLiteral("workerState"));
    auto *test = new QPushButton(tr("Try it"));
    test->setObjectName(QStringLiteral("tryWorker"));
    form->addRow(tr("Where to compute"), command);
    form->addRow(QString(), test);
    form->addRow(QString(), state);
    form->addRow(tr("New projects go to"), folder);
    const Json &machine = m_session.machine();
    const auto describe = [](const Json &m) {
        const auto word = [&m](const char *key) {
            return m.is_object() && m.contains(key) ? qs(m.at(key).is_string() ? m.at(key).get<std::string>() : m.at(key).dump())
                                                    : QString();
        };
        return tr("Worker %1, LibTorch %2, device %3, %4 threads, BLAS %5")
            .arg(word("version"), word("torch"), word("device"), word("threads"), word("blas"));
    };
    if (machine.is_object())
        state->setText(describe(machine));
    auto *sheet = new ModalOverlay(this, tr("Settings"), {},
                                   {{tr("Cancel"), {}, false, QStringLiteral("cancelSettings")},
                                    {tr("Save"),
                                     [this, command, folder] {
                                         const bool changed = command->text().trimmed() != Settings::computeCommand();
                                         Settings::setComputeCommand(command->text());
                                         if (!folder->text().trimmed().isEmpty())
                                             Settings::setProjectsFolder(QDir::cleanPath(folder->text().trimmed()));
                                         if (changed)
                                             m_session.restartWorker();
                                         m_start->refreshRecent();
                                     },
                                     true, QStringLiteral("saveSettings")}});
    sheet->addContent(content);
    connect(test, &QPushButton::clicked, sheet, [sheet, command, state, describe] {
        QStringList words;
        if (!command->text().trimmed().isEmpty())
            words = QProcess::splitCommand(command->text()) << QStringLiteral("serve");
        auto *worker = new WorkerProcess(sheet, words);
        state->setText(tr("Asking…"));
        worker->request(
            QStringLiteral("hello"), Json::object(), state,
            [state, worker, describe](const Json &result) {
                state->setText(describe(result));
                worker->deleteLater();
            },
            [state, worker](const Failure &failure) {
                state->setText(failure.message + QStringLiteral("\n") + failure.where);
                worker->deleteLater();
            });
    });
    command->setFocus();
}

} // namespace reticle
