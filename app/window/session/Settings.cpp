#include "window/session/Settings.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QSettings>
#include <QStandardPaths>

namespace reticle {

namespace {

constexpr int keptRecent = 12;

QSettings store()
{
    return QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("Reticle"), QStringLiteral("Reticle"));
}

} // namespace

QVariant Settings::value(const QString &key, const QVariant &fallback)
{
    return store().value(key, fallback);
}

void Settings::setValue(const QString &key, const QVariant &value)
{
    auto s = store();
    s.setValue(key, value);
}

QString Settings::theme()
{
    return value(QStringLiteral("theme"), QStringLiteral("system")).toString();
}

void Settings::setTheme(const QString &name)
{
    setValue(QStringLiteral("theme"), name);
}

QString Settings::computeCommand()
{
    return value(QStringLiteral("compute/command")).toString();
}

void Settings::setComputeCommand(const QString &command)
{
    setValue(QStringLiteral("compute/command"), command.trimmed());
}

QStringList Settings::workerCommand()
{
    QString command = qEnvironmentVariable("RETICLE_WORKER");
    if (command.isEmpty())
        command = computeCommand();
    if (!command.isEmpty()) {
        // A path with spaces is one word; anything else is split as a shell would.
        QStringList words = QFileInfo(command).isFile() ? QStringList{command} : QProcess::splitCommand(command);
        return words << QStringLiteral("serve");
    }
    const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/reticle-worker");
    if (QFileInfo(beside).isExecutable())
        return {beside, QStringLiteral("serve")};
    const QString found = QStandardPaths::findExecutable(QStringLiteral("reticle-worker"));
    return {found.isEmpty() ? QStringLiteral("reticle-worker") : found, QStringLiteral("serve")};
}

QString Settings::projectsFolder()
{
    const QString once = qEnvironmentVariable("RETICLE_PROJECTS");
    if (!once.isEmpty())
        return once;
    return value(QStringLiteral("projects/folder"), QDir::homePath() + QStringLiteral("/Reticle")).toString();
}

void Settings::setProjectsFolder(const QString &folder)
{
    setValue(QStringLiteral("projects/folder"), folder);
}

QStringList Settings::recentProjects()
{
    return value(QStringLiteral("projects/recent")).toStringList();
}

void Settings::addRecent(const QString &folder)
{
    QStringList all = recentProjects();
    all.removeAll(folder);
    all.prepend(folder);
    setValue(QStringLiteral("projects/recent"), all.mid(0, keptRecent));
}

void Settings::removeRecent(const QString &folder)
{
    QStringList all = recentProjects();
    all.removeAll(folder);
    setValue(QStringLiteral("projects/recent"), all);
}

} // namespace reticle
