#pragma once

#include "widgets/views/Theme.h"
#include "window/shell/MainWindow.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QSettings>
#include <QTemporaryDir>

#include <functional>
#include <memory>

namespace reticle::test {

/// Lets the window work until `condition` holds, or for so long; whether it holds then.
inline bool waitFor(const std::function<bool()> &condition, int seconds = 60)
{
    QElapsedTimer timer;
    timer.start();
    while (!condition() && timer.elapsed() < seconds * 1000)
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    return condition();
}

/// The main window of a program that drives it and takes pictures: settings of its own that go away, theme and size as
/// the options "theme" and "size" say, and the worker of this build unless RETICLE_WORKER names another.
class Stage
{
public:
    static void addOptions(QCommandLineParser &parser)
    {
        parser.addOption({"theme", "light or dark", "theme", "light"});
        parser.addOption({"size", "of the window", "size", "1440x900"});
    }

    /// `projects`: folder for them; empty = one that goes away. The window is shown.
    Stage(QApplication &app, const QCommandLineParser &options, const QString &projects = {})
    {
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_home.path() + "/config");
        m_projects = projects.isEmpty() ? m_home.path() + "/projects" : projects;
        qputenv("RETICLE_PROJECTS", m_projects.toUtf8());
        qputenv("RETICLE_STATE", (m_home.path() + "/state").toUtf8());
        if (qEnvironmentVariableIsEmpty("RETICLE_WORKER"))
            qputenv("RETICLE_WORKER", RETICLE_BINARY_DIR "/bin/reticle-worker");
        applyTheme(app, options.value("theme") == "dark" ? Theme::Dark : Theme::Light);
        const QStringList size = options.value("size").split('x');
        m_window = std::make_unique<MainWindow>();
        m_window->resize(size.value(0).toInt(), size.value(1).toInt());
        m_window->show();
    }

    MainWindow &window() { return *m_window; }
    const QString &projects() const { return m_projects; } ///< the folder of projects

private:
    QTemporaryDir m_home;
    QString m_projects;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace reticle::test
