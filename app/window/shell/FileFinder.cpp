#include "window/shell/FileFinder.h"

#include "foundation/Error.h"
#include "widgets/views/Background.h"
#include "widgets/views/Dialogs.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <optional>

namespace reticle {

namespace {

/// The folder of a path, or the nearest one above it that is still there.
QString nearestFolderOf(const QString &path)
{
    QString folder = QFileInfo(path).absolutePath();
    while (!QFileInfo(folder).isDir() && folder != QFileInfo(folder).absolutePath())
        folder = QFileInfo(folder).absolutePath();
    return folder;
}

/// Nothing says any more what a missing thing was: folders of images rarely have an ending.
bool looksLikeFolder(const QString &path)
{
    return QFileInfo(path).suffix().isEmpty();
}

QString nameOfFile(const std::string &path)
{
    return QFileInfo(qs(path)).fileName();
}

struct ComparedPlace
{
    std::optional<PlaceMatch> match;
    FileSearch beside;
};

struct SearchedFolder
{
    FileSearch search;
    QString problem;
};

} // namespace

FileFinder::FileFinder(Session *session, MessageBar *message, QWidget *place, Relinked relinked)
    : QObject(place), m_session(session), m_message(message), m_place(place), m_relinked(std::move(relinked))
{
    connect(session, &Session::projectChanged, this, &FileFinder::end);
}

FileFinder::~FileFinder()
{
    end();
}

void FileFinder::end()
{
    if (m_goesOn)
        *m_goesOn = false;
    m_goesOn.reset();
    ++m_number;
}

std::function<bool()> FileFinder::begin(const QString &sentence)
{
    end();
    m_goesOn = std::make_shared<std::atomic<bool>>(true);
    m_message->say(MessageBar::Level::Info, sentence, {{tr("Stop"), [this] { end(); }}});
    return [goesOn = m_goesOn] { return goesOn->load(); };
}

void FileFinder::say(const QString &problem)
{
    m_message->say(MessageBar::Level::Error, problem, {{tr("Choose another folder…"), [this] { find({}); }}});
}

void FileFinder::offer(const QStringList &notes)
{
    const auto &missing = m_session->project()->missing();
    QStringList sentences = notes;
    const bool one = missing.size() == 1;
    sentences << (one ? tr("%1 is not where this project looks for it.").arg(qs(missing.front().lastPlace))
                      : tr("%1 files of this project are not where it looks for them.").arg(missing.size()));
    const QString path = one ? qs(missing.front().path) : QString();
    m_message->say(MessageBar::Level::Warning, sentences.join(QLatin1Char(' ')),
                   {{one ? tr("Find it…") : tr("Find them…"), [this, path] { find(path); }}});
}

void FileFinder::find(const QString &path)
{
    const auto *project = m_session->project();
    if (!project || project->missing().empty())
        return;
    const QString start = nearestFolderOf(path.isEmpty() ? qs(project->missing().front().lastPlace) : path);
    const QString name = QFileInfo(path).fileName();
    if (path.isEmpty())
        askForFolder(m_place, tr("Folder to search for the missing files"), start,
                     [this](const QString &folder) { searchIn(folder); });
    else if (looksLikeFolder(path))
        askForFolder(m_place, tr("Where is the folder %1?").arg(name), start,
                     [this, path](const QString &folder) { use(path, folder); });
    else
        askForFile(m_place, tr("Where is %1?").arg(name), start, [this, path](const QString &file) { use(path, file); });
}

void FileFinder::use(const QString &path, const QString &place)
{
    const auto *project = m_session->project();
    if (!project)
        return;
    const auto missing = project->missing();
    const auto one = std::find_if(missing.begin(), missing.end(),
                                  [file = ss(path)](const MissingFile &m) { return m.path == file || m.lastPlace == file; });
    if (one == missing.end())
        return;
    const auto goesOn = begin(tr("Comparing %1 with the data of this project…").arg(QFileInfo(place).fileName()));
    const int number = m_number;
    inBackground(
        this,
        [missing, wanted = *one, file = ss(place), goesOn] {
            ComparedPlace c;
            c.match = comparePlace(wanted, file, goesOn);
            if (c.match)
                c.beside = searchBeside(missing, wanted, file, goesOn);
            return c;
        },
        [this, number, wanted = *one, place, path](const ComparedPlace &c) {
            if (number != m_number)
                return;
            m_goesOn.reset();
            const QString name = QFileInfo(place).fileName(), was = nameOfFile(wanted.path);
            if (!c.match) {
                m_message->say(MessageBar::Level::Error, tr("There is no file or folder %1. Choose another one.").arg(place),
                               {{tr("Choose another…"), [this, path] { find(path); }}});
                return;
            }
            std::vector<FoundFile> all{{wanted, ss(place), *c.match}};
            all.insert(all.end(), c.beside.found.begin(), c.beside.found.end());
            const auto others = c.beside.found.size();
            QString sentence = tr("%1 is now used from %2.").arg(was, QFileInfo(place).absolutePath());
            if (others > 0)
                sentence +=
                    QLatin1Char(' ') + (others == 1 ? tr("1 other missing file was found at the same place.")
                                                    : tr("%1 other missing files were found at the same place.").arg(others));
            if (*c.match == PlaceMatch::Same) {
                relink(all, sentence);
                return;
            }
            m_message->say(MessageBar::Level::Warning,
                           (name == was ? tr("%1 has the same name but other content.").arg(place)
                                        : tr("%1 has other content than %2 had.").arg(place, was)) +
                               QLatin1Char(' ') +
                               tr("What this project has learned and measured so far is from the former content."),
                           {{tr("Use it anyway"), [this, all, sentence] { relink(all, sentence); }},
                            {tr("Choose another…"), [this, path] { find(path); }}});
        });
}

void FileFinder::searchIn(const QString &folder)
{
    const auto *project = m_session->project();
    if (!project || project->missing().empty())
        return;
    const auto goesOn = begin(tr("Searching %1 and its subfolders…").arg(folder));
    const int number = m_number;
    inBackground(
        this,
        [missing = project->missing(), place = ss(folder), goesOn] {
            SearchedFolder s;
            try {
                s.search = searchFolder(missing, place, [&](std::size_t) { return goesOn(); });
            } catch (const std::exception &e) {
                s.problem = QString::fromUtf8(e.what());
            }
            return s;
        },
        [this, number, folder](const SearchedFolder &s) {
            if (number != m_number)
                return;
            m_goesOn.reset();
            if (s.problem.isEmpty())
                searched(s.search, folder);
            else
                say(s.problem);
        });
}

void FileFinder::searched(const FileSearch &search, const QString &folder)
{
    const auto named = search.sameName.size();
    QString other;
    Actions more;
    if (named > 0) {
        other = named == 1 ? tr("%1 has the same name as a missing file but other content.").arg(qs(search.sameName[0].place))
                           : tr("%1 files have the same name as missing ones but other content.").arg(named);
        const QString sentence = named == 1
                                     ? tr("%1 is used now, with other content than before.").arg(qs(search.sameName[0].place))
                                     : tr("%1 files are used now, with other content than before.").arg(named);
        more.emplace_back(named == 1 ? tr("Use it anyway") : tr("Use them anyway"),
                          [this, files = search.sameName, sentence] { relink(files, sentence); });
    }
    if (!search.found.empty()) {
        QString sentence = search.found.size() == 1
                               ? tr("%1 was found and is used again.").arg(nameOfFile(search.found[0].missing.path))
                               : tr("%1 missing files were found and are used again.").arg(search.found.size());
        if (!other.isEmpty())
            sentence += QLatin1Char(' ') + other;
        relink(search.found, sentence, more);
        return;
    }
    QStringList sentences;
    if (!other.isEmpty())
        sentences << other << tr("What this project has learned and measured so far is from the former content.");
    else if (search.notFound.size() == 1)
        sentences << tr("%1 is not in %2.").arg(qs(search.notFound[0].name()), folder);
    else
        sentences << tr("None of the %1 missing files is in %2.").arg(search.notFound.size()).arg(folder);
    if (!search.complete)
        sentences << tr("The folder is too large to search all of it. Choose a subfolder that is nearer to the files.");
    else if (!search.unreadable.empty())
        sentences << tr("Some folders may not be read, such as %1.").arg(qs(search.unreadable[0]));
    std::vector<MessageBar::Action> actions;
    for (const auto &[title, trigger] : more)
        actions.push_back({title, trigger});
    actions.push_back({tr("Search another folder…"), [this] { find({}); }});
    m_message->say(MessageBar::Level::Warning, sentences.join(QLatin1Char(' ')), std::move(actions));
}

void FileFinder::relink(const std::vector<FoundFile> &found, const QString &sentence, const Actions &more)
{
    auto *project = m_session->project();
    if (!project)
        return;
    Json before;
    try {
        before = project->store().relink(newPlaces(found));
    } catch (const std::exception &e) {
        m_message->say(MessageBar::Level::Error, QString::fromUtf8(e.what()));
        return;
    }
    project->refresh();
    const auto left = project->missing().size();
    QString said = sentence;
    if (left > 0)
        said += QLatin1Char(' ') + (left == 1 ? tr("1 file is still missing.") : tr("%1 files are still missing.").arg(left));
    Actions actions = more;
    if (left > 0 && more.empty())
        actions.emplace_back(tr("Find the rest…"), [this] { find({}); });
    m_relinked(
        said,
        [this, before] {
            if (auto *open = m_session->project())
                open->store().undoRelink(before);
        },
        actions);
}

} // namespace reticle
