#pragma once

#include <QString>
#include <QStringList>
#include <QVariant>

namespace reticle {

/// What the window remembers between sessions, kept by QSettings (organization "Reticle", application "Reticle").
/// GUI thread only.
class Settings
{
public:
    /// "system", "light" or "dark".
    static QString theme();
    static void setTheme(const QString &name);

    /// Command that starts the worker elsewhere ("ssh host reticle-worker"); empty = this computer.
    static QString computeCommand();
    static void setComputeCommand(const QString &command);

    /// Program and arguments of the worker, "serve" at the end: $RETICLE_WORKER, then the command above, then
    /// reticle-worker beside the running program, then on the path.
    static QStringList workerCommand();

    /// Where new projects go: ~/Reticle unless set ($RETICLE_PROJECTS for one session).
    static QString projectsFolder();
    static void setProjectsFolder(const QString &folder);

    static QStringList recentProjects(); ///< newest first
    static void addRecent(const QString &folder);
    static void removeRecent(const QString &folder);

    static QVariant value(const QString &key, const QVariant &fallback = {});
    static void setValue(const QString &key, const QVariant &value);
};

} // namespace reticle
