#include "window/Predictions.h"

#include "base/Comparison.h"
#include "window/MessageBar.h"
#include "window/Session.h"
#include "window/Text.h"

#include <QCoreApplication>
#include <QDir>

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
    // The longest name that fits: "a-b-probability.tif" is of "a-b" and not of "a".
    const DataSet *found = nullptr;
    QString longest;
    for (const auto &set : project.dataSets())
        if (const QString stem = stemOf(project, set); file.startsWith(stem + QLatin1Char('-')) && stem.size() > longest.size()) {
            found = &set;
            longest = stem;
        }
    if (found)
        return found;
    // Written before others of that title came: of what the run was trained on, else of the first.
    const auto *info = project.run(run);
    const auto *trained = info ? project.dataSetOf(info->recipe) : nullptr;
    for (const auto &set : project.dataSets())
        if (file.startsWith(fileName(set.title) + QLatin1Char('-')) && (!found || &set == trained))
            found = &set;
    return found;
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
        if (session->project() && session->project()->folder() == work->project())
            then(work->failure() ? QString() : file);
    });
}

} // namespace reticle
