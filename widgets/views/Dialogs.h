#pragma once

#include <QString>
#include <QStringList>

#include <functional>

class QDialog;
class QMenu;
class QPoint;
class QWidget;

namespace reticle {

// A form may be built again, and a page closed, while a dialog or menu of theirs is open. So none of these waits for an
// answer, and dialogs belong to the window instead of to the widget that asks.

/// Shows a dialog for `place`. It is deleted when it closes, and closes when `place` goes: nobody would take its answer.
/// Connect its signals with `place` as the receiver.
void openDialog(QDialog *dialog, QWidget *place);

/// Shows a menu, which is deleted when it closes.
void openMenu(QMenu *menu, const QPoint &at);

/// Calls `then` with the chosen folder, file or files; not at all where nothing was chosen. `start`: a folder, or a file
/// that is proposed.
void askForFolder(QWidget *place, const QString &title, const QString &start, std::function<void(const QString &)> then);
void askForFile(QWidget *place, const QString &title, const QString &start, std::function<void(const QString &)> then);
void askForFiles(QWidget *place, const QString &title, const QString &start, std::function<void(const QStringList &)> then);

struct SaveQuestion
{
    QString title;
    QString proposed;                                           ///< path or name of the file, or a folder
    QStringList filters;                                        ///< "PNG (*.png)", one kind of file each
    std::function<QStringList(const QString &path)> files = {}; ///< all that will be written; none: `path` alone
};

/// Calls `then` with the path of a file to write. It has the ending of the chosen filter where none was typed, and only
/// then it is known which files would be replaced: the user is asked about these, not about the name as typed.
void askWhereToSave(QWidget *place, SaveQuestion question, std::function<void(const QString &path)> then);

} // namespace reticle
