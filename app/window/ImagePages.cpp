// The pages of images that the window knows: of data, and of predictions.

#include "base/Comparison.h"
#include "window/ImagePage.h"
#include "window/Pages.h"
#include "window/PostprocessPage.h"
#include "window/Predictions.h"
#include "window/Session.h"

#include <QDir>
#include <QFileInfo>

namespace reticle {

namespace {

QString fileOf(const OpenProject &project, const ItemKey &prediction)
{
    return QDir(project.predictionsFolder(prediction.id)).filePath(prediction.detail);
}

const PageRegistration images({
    .name = "images",
    .title = QT_TRANSLATE_NOOP("Pages", "Images"),
    .icon = "image",
    .of = ItemKey::Kind::Data,
    .rank = 10,
    .fits = [](const OpenProject &project, const ItemKey &data) { return project.dataSet(data.id) != nullptr; },
    .make = [](const PageContext &context, const ItemKey &key) -> QWidget * {
        const DataSet &data = *context.session->project()->dataSet(key.id);
        auto *page = new ImagePage(context.session, data);
        page->setWindowTitle(data.title);
        auto *receiver = context.receiver;
        QObject::connect(page, &ImagePage::predictRequested, receiver, [context](std::int64_t run, const DataSet &set) {
            predictInto(context.session, context.message, run, set, context.receiver, [context, run](const QString &file) {
                if (file.isEmpty())
                    return;
                const ItemKey prediction{ItemKey::Kind::Prediction, run, file};
                context.close(prediction); // an older one of the same name shows the old file
                context.open(prediction);
            });
        });
        QObject::connect(page, &ImagePage::evaluateRequested, receiver,
                         [context](std::int64_t run) { context.analyze(QStringLiteral("evaluate"), run, Json::object()); });
        QObject::connect(page, &ImagePage::postprocessRequested, receiver, [context](std::int64_t run, const DataSet &set) {
            context.open(PostprocessPage::keyOf(*context.session->project(), run, set));
        });
        QObject::connect(page, &ImagePage::instancesRequested, receiver,
                         [context](std::int64_t run) { context.showAnalysisForm(QStringLiteral("instances"), run); });
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
        if (run && makesImages(*run))
            data = nullptr; // an image of its own, nothing to lay over another
        auto *page = new ImagePage(context.session, fileOf(project, key), data);
        page->setWindowTitle(key.detail);
        return page;
    },
});

} // namespace

} // namespace reticle
