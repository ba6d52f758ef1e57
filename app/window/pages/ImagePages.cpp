// The pages of images that the window knows: of data, and of predictions.

#include "project/ModelFiles.h"
#include "window/pages/ImagePage.h"
#include "window/pages/Pages.h"
#include "window/pages/PostprocessPage.h"
#include "window/session/AskedData.h"
#include "window/session/Predictions.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

#include <QDir>
#include <QFileInfo>
#include <QPointer>

namespace reticle {

namespace {

QString fileOf(const OpenProject &project, const ItemKey &prediction)
{
    return QDir(project.predictionsFolder(prediction.id)).filePath(prediction.detail);
}

/// Scores of what is on show: all slices of data with labels, of the run's own the slices kept for validation.
void evaluateShown(const PageContext &context, ImagePage *page, std::int64_t run, const ImageData &data)
{
    const auto &project = *context.session->project();
    const auto ask = [context, run](const ImageData &set) {
        const auto &now = *context.session->project();
        context.analyzeOn(QStringLiteral("evaluate"), run, optionsOn(now, run, set),
                          isOwnData(now, run, set) ? QString() : set.title);
    };
    if (!data.labels.isEmpty() || isOwnData(project, run, data))
        return ask(data);
    const auto chosen = [context, page = QPointer<ImagePage>(page), ask, input = data.input] {
        const auto *set = context.session->project()->dataSet(input);
        if (!set)
            return;
        if (page)
            page->takeLabels(ImageData(*set));
        ask(ImageData(*set));
    };
    page->message()->say(MessageBar::Level::Info,
                         ImagePage::tr("%1 has no labels that its prediction could be compared with.").arg(data.title),
                         {{ImagePage::tr("Choose labels…"), [context, page, data, chosen] {
                               chooseLabels(context.session, page->message(), page, data, page, chosen);
                           }}});
}

/// The form of instances of what is on show: of all slices, kept as a stack of the project.
void askForInstances(const PageContext &context, std::int64_t run, const ImageData &data)
{
    const auto &project = *context.session->project();
    const bool own = isOwnData(project, run, data);
    Json options = optionsOn(project, run, data);
    if (own)
        options["part"] = "all";
    if (const QString file = madeFile(project, run, data, QStringLiteral("instances")); !file.isEmpty())
        options["output"] = ss(file);
    context.showAnalysisForm(QStringLiteral("instances"), run, options, own ? QString() : data.title);
}

const PageRegistration images({
    .name = "images",
    .title = QT_TRANSLATE_NOOP("Pages", "Images"),
    .icon = "image",
    .of = ItemKey::Kind::Data,
    .rank = 10,
    .fits =
        [](const OpenProject &project, const ItemKey &key) {
            const auto *data = project.dataSet(key.id);
            return data && isOfImages(*data);
        },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        const ImageData data(*context.session->project()->dataSet(key.id));
        auto *page = new ImagePage(context.session, data);
        page->setWindowTitle(data.title);
        auto *receiver = context.receiver;
        QObject::connect(page, &ImagePage::predictRequested, receiver, [context](std::int64_t run, const ImageData &set) {
            const auto then = [context, run](Job *job, const QString &file) {
                if (file.isEmpty())
                    return;
                const ItemKey prediction{ItemKey::Kind::Prediction, run, file};
                context.close(prediction); // an older one of the same name shows the old file
                context.offer(job, prediction, ImagePage::tr("The prediction of all slices is done: %1.").arg(file));
            };
            predictInto(context.session, context.message, run, set, context.receiver, then, set.predictOptions());
        });
        QObject::connect(page, &ImagePage::evaluateRequested, receiver,
                         [context, page](std::int64_t run, const ImageData &set) { evaluateShown(context, page, run, set); });
        QObject::connect(page, &ImagePage::postprocessRequested, receiver, [context](std::int64_t run, const ImageData &set) {
            context.open(PostprocessPage::keyOf(*context.session->project(), run, set));
        });
        QObject::connect(page, &ImagePage::instancesRequested, receiver,
                         [context](std::int64_t run, const ImageData &set) { askForInstances(context, run, set); });
        return page;
    },
});

const PageRegistration prediction({
    .name = "prediction",
    .title = QT_TRANSLATE_NOOP("Pages", "Images"),
    .icon = "layers",
    .of = ItemKey::Kind::Prediction,
    .rank = 10,
    .fits = [](const OpenProject &project, const ItemKey &key) { return QFileInfo::exists(fileOf(project, key)); },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        const auto &project = *context.session->project();
        const auto *run = project.run(key.id);
        const DataSet *data = predictedData(project, key.id, key.detail);
        if (data && ((run && taskOf(run->summary) != "segmentation") || !isOfImages(*data)))
            data = nullptr; // an image of its own, nothing to lay over another
        const ImageData images = data ? ImageData(*data) : ImageData();
        auto *page = new ImagePage(context.session, fileOf(project, key), data ? &images : nullptr);
        page->setWindowTitle(key.detail);
        return page;
    },
});

} // namespace

} // namespace reticle
