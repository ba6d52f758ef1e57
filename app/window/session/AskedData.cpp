#include "window/session/AskedData.h"

#include "data/Dataset.h"
#include "widgets/views/Background.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>

namespace reticle {

namespace {

QString said(const char *text)
{
    return QCoreApplication::translate("AskedData", text);
}

/// The labels into the project, if that is still the one that they were chosen in. Empty, or what is wrong.
QString keepLabels(OpenProject &project, const ImageData &data, const Detection &found)
{
    const bool labelled = found.confidence > 0 && found.data.is_object() && found.data.contains("labels");
    if (!labelled || !found.problems.empty()) {
        QStringList problems;
        for (const auto &problem : found.problems)
            problems << qs(problem);
        return problems.isEmpty()
                   ? said("These are no labels of %1: choose images of the same size, with one value for each class.")
                         .arg(data.title)
                   : problems.join(QLatin1Char('\n'));
    }
    try {
        project.addData(found.data, qs(found.sentence), notesOf(found));
    } catch (const std::exception &e) {
        return QString::fromUtf8(e.what());
    }
    return {};
}

} // namespace

bool isOwnData(const OpenProject &project, std::int64_t run, const ImageData &data)
{
    const auto *info = project.run(run);
    const auto *own = info ? project.dataSetOf(info->recipe) : nullptr;
    return own && own->input == data.input;
}

Json optionsOn(const OpenProject &project, std::int64_t run, const ImageData &data)
{
    Json options = data.predictOptions();
    if (isOwnData(project, run, data))
        return options;
    options["images"] = ss(data.images);
    if (!data.labels.isEmpty()) {
        options["labels"] = ss(data.labels);
        options["foreground"] = ss(data.foreground);
    }
    return options;
}

void chooseLabels(Session *session, MessageBar *message, QWidget *parent, const ImageData &data, QObject *context,
                  std::function<void()> then)
{
    auto *dialog = new QFileDialog(parent, said("Labels of %1").arg(data.title), QFileInfo(data.images).absolutePath());
    dialog->setObjectName(QStringLiteral("chooseLabels"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    // Images in a folder have their labels in a folder.
    dialog->setFileMode(QFileInfo(data.images).isDir() ? QFileDialog::Directory : QFileDialog::ExistingFile);
    QObject::connect(dialog, &QFileDialog::fileSelected, context, [=](const QString &labels) {
        const QPointer<OpenProject> project(session->project());
        inBackground(
            context,
            [paths = std::vector<std::string>{ss(data.images), ss(labels)}] {
                try {
                    return detectData(paths);
                } catch (const std::exception &e) {
                    Detection none;
                    none.problems.emplace_back(e.what());
                    return none;
                }
            },
            [=](const Detection &found) {
                if (!project || project != session->project() || !project->dataSet(data.input))
                    return;
                if (const QString problem = keepLabels(*project, data, found); !problem.isEmpty())
                    message->say(MessageBar::Level::Warning, problem);
                else
                    then();
            });
    });
    dialog->open();
}

} // namespace reticle
