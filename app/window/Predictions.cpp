#include "window/Predictions.h"

#include "base/Comparison.h"
#include "window/MessageBar.h"
#include "window/Session.h"
#include "window/Text.h"

#include <QCoreApplication>
#include <QDir>
#include <QRegularExpression>

#include <algorithm>

namespace reticle {

namespace {

QString stemOf(const OpenProject &project, const DataSet &data)
{
    QString stem = fileName(data.title);
    const auto taken = [&](const DataSet &other) { return other.input != data.input && fileName(other.title) == stem; };
    while (std::any_of(project.dataSets().begin(), project.dataSets().end(), taken))
        stem += QStringLiteral("-%1").arg(data.input);
    return stem;
}

} // namespace

QString predictionFile(const OpenProject &project, const RunInfo &run, const DataSet &data)
{
    return stemOf(project, data) + (makesImages(run) ? QStringLiteral("-output.tif") : QStringLiteral("-probability.tif"));
}

const DataSet *predictedData(const OpenProject &project, std::int64_t run, const QString &file)
{
    const auto isOf = [&](const QString &stem) {
        return file == stem + QStringLiteral("-output.tif") || file == stem + QStringLiteral("-probability.tif");
    };
    for (const auto &set : project.dataSets())
        if (isOf(stemOf(project, set)))
            return &set;
    // Written when there were fewer or more of that title: of what the run was trained on, else of the first.
    const auto *info = project.run(run);
    const auto *trained = info ? project.dataSetOf(info->recipe) : nullptr;
    const DataSet *found = nullptr;
    for (const auto &set : project.dataSets()) {
        const QString title = fileName(set.title);
        if ((isOf(title) || isOf(title + QStringLiteral("-%1").arg(set.input))) && (!found || &set == trained))
            found = &set;
    }
    if (found)
        return found;
    // One whose number is in the name and that is here no more is not to be taken for another.
    static const QRegularExpression numbered(QStringLiteral("-\\d+-(output|probability)\\.tif$"));
    return numbered.match(file).hasMatch() ? nullptr : trained;
}

void predictInto(Session *session, MessageBar *message, std::int64_t run, const DataSet &data, QObject *context,
                 std::function<void(const QString &)> then)
{
    const auto *info = session->project()->run(run);
    if (!info) {
        then({});
        return;
    }
    const QString folder = session->project()->predictionsFolder(run);
    if (!QDir().mkpath(folder)) {
        message->say(MessageBar::Level::Error,
                     QCoreApplication::translate("Predictions", "%1 cannot be made; check that the folder may be written to.")
                         .arg(folder));
        then({});
        return;
    }
    const QString file = predictionFile(*session->project(), *info, data);
    auto *work = session->startPrediction(run, data, QDir(folder).filePath(file));
    QObject::connect(work, &Work::finished, context, [session, message, work, file, then = std::move(then)] {
        if (work->failure() && work->state() != Work::State::Cancelled)
            message->sayFailure(*work->failure());
        if (session->isOpen(work->project()))
            then(work->failure() ? QString() : file);
    });
}

} // namespace reticle
