#include "widgets/views/Dialogs.h"

#include "widgets/forms/PathEdit.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>

#include <utility>

namespace reticle {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Dialogs", text);
}

/// Names of the files that writing to `path` would replace.
QStringList replacedBy(const SaveQuestion &question, const QString &path)
{
    QStringList names;
    for (const auto &file : question.files ? question.files(path) : QStringList{path})
        if (const QFileInfo info(file); info.isFile())
            names << info.fileName();
    return names;
}

void settle(QWidget *place, SaveQuestion question, const QString &path, const std::function<void(const QString &)> &then)
{
    const QStringList names = replacedBy(question, path);
    if (names.isEmpty()) {
        then(path);
        return;
    }
    const QString folder = QDir::toNativeSeparators(QFileInfo(path).absolutePath());
    auto *box = new QMessageBox(QMessageBox::Question, question.title,
                                names.size() == 1 ? tr("%1 already exists in %2.").arg(names.first(), folder)
                                                  : tr("%1 files already exist in %2.").arg(names.size()).arg(folder),
                                QMessageBox::NoButton, place->window());
    box->setObjectName(QStringLiteral("replaceQuestion"));
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(names.size() == 1
                                ? tr("Replacing it overwrites its contents.")
                                : tr("Replacing them overwrites the contents of %1.").arg(names.join(QStringLiteral(", "))));
    auto *replace = box->addButton(tr("Replace"), QMessageBox::DestructiveRole);
    replace->setObjectName(QStringLiteral("replace"));
    auto *other = box->addButton(tr("Choose another name"), QMessageBox::RejectRole);
    other->setObjectName(QStringLiteral("chooseAnother"));
    box->setDefaultButton(other);
    box->setEscapeButton(other);
    QObject::connect(replace, &QPushButton::clicked, place, [path, then] { then(path); });
    question.proposed = path;
    QObject::connect(other, &QPushButton::clicked, place, [place, question, then] { askWhereToSave(place, question, then); });
    openDialog(box, place);
}

} // namespace

void openDialog(QDialog *dialog, QWidget *place)
{
    if (dialog->parentWidget() != place->window())
        dialog->setParent(place->window(), dialog->windowFlags());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(place, &QObject::destroyed, dialog, &QWidget::close);
    dialog->open();
}

void openMenu(QMenu *menu, const QPoint &at)
{
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(at);
}

void askForFolder(QWidget *place, const QString &title, const QString &start, std::function<void(const QString &)> then)
{
    auto *dialog = new QFileDialog(place->window(), title, start);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    QObject::connect(dialog, &QFileDialog::fileSelected, place, std::move(then));
    openDialog(dialog, place);
}

void askForFile(QWidget *place, const QString &title, const QString &start, std::function<void(const QString &)> then)
{
    auto *dialog = new QFileDialog(place->window(), title, start);
    dialog->setFileMode(QFileDialog::ExistingFile);
    QObject::connect(dialog, &QFileDialog::fileSelected, place, std::move(then));
    openDialog(dialog, place);
}

void askForFiles(QWidget *place, const QString &title, const QString &start, std::function<void(const QStringList &)> then)
{
    auto *dialog = new QFileDialog(place->window(), title, start);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    QObject::connect(dialog, &QFileDialog::filesSelected, place, std::move(then));
    openDialog(dialog, place);
}

void askWhereToSave(QWidget *place, SaveQuestion question, std::function<void(const QString &path)> then)
{
    // A name alone is proposed in the folder that was used last.
    const QFileInfo proposed(question.proposed);
    auto *dialog = new QFileDialog(place->window(), question.title, proposed.isAbsolute() ? question.proposed : QString());
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setFileMode(QFileDialog::AnyFile);
    dialog->setOption(QFileDialog::DontConfirmOverwrite); // settle() asks, about the whole name
    dialog->setNameFilters(question.filters);
    if (!proposed.isDir())
        dialog->selectFile(proposed.fileName());
    QObject::connect(dialog, &QFileDialog::fileSelected, place, [place, dialog, question, then](const QString &chosen) {
        const QString path = withEnding(chosen, dialog->selectedNameFilter());
        // From the event loop: this dialog is still open, and another one may follow.
        QMetaObject::invokeMethod(
            place, [place, question, path, then] { settle(place, question, path, then); }, Qt::QueuedConnection);
    });
    openDialog(dialog, place);
}

} // namespace reticle
