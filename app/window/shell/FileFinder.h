#pragma once

#include "project/MissingFiles.h"

#include <QObject>
#include <QStringList>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

class QWidget;

namespace reticle {

class MessageBar;
class Session;

/// Asks where missing files of the open project are, searches and compares on a thread of its own, and relinks what is found
/// in one go, with the way back. A file with other content is used only when the user says so. GUI thread.
class FileFinder : public QObject
{
    Q_OBJECT
public:
    using Step = std::function<void()>;
    using Actions = std::vector<std::pair<QString, Step>>;
    /// Says a sentence with Undo, which calls the step and reads the project again, and what else can be done.
    using Relinked = std::function<void(const QString &sentence, Step back, const Actions &more)>;

    /// Dialogs belong to the window of `place`.
    FileFinder(Session *session, MessageBar *message, QWidget *place, Relinked relinked);
    ~FileFinder() override;

    /// One message about what is missing, after `notes`, with a button that asks where it is.
    void offer(const QStringList &notes);
    /// Asks for the file or folder that the project looks for at `path`; with no path for a folder to search for all of them.
    void find(const QString &path);
    void searchIn(const QString &folder);
    /// Compares the place with what is missing at `path`, and uses it where it is the same.
    void use(const QString &path, const QString &place);
    bool isSearching() const { return m_goesOn != nullptr; }

private:
    void searched(const FileSearch &search, const QString &folder);
    void relink(const std::vector<FoundFile> &found, const QString &sentence, const Actions &more = {});
    /// A new search; the one before it ends. Asked on its thread whether it goes on.
    std::function<bool()> begin(const QString &sentence);
    void end(); ///< what is still being searched is not wanted any more
    void say(const QString &problem);

    Session *m_session;
    MessageBar *m_message;
    QWidget *m_place;
    Relinked m_relinked;
    std::shared_ptr<std::atomic<bool>> m_goesOn; ///< null while nothing is searched
    int m_number = 0;                            ///< of the search whose answer is awaited
};

} // namespace reticle
