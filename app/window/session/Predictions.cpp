#include "window/session/Predictions.h"

#include "project/ModelFiles.h"
#include "window/session/Session.h"
#include "window/shell/MessageBar.h"
#include "window/shell/Text.h"

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
    return stemOf(project, data) +
           (taskOf(run.summary) == "segmentation" ? QStringLiteral("-probability.tif") : QStringLiteral("-output.tif"));
}

QString madeFile(const OpenProject &project, std::int64_t run, const DataSet &data, const QString &what)
{
    const QDir folder(project.predictionsFolder(run));
    if (!folder.mkpath(QStringLiteral(".")))
        return {};
    const QString stem = stemOf(project, data) + QLatin1Char('-') + what;
    QString name = stem + QStringLiteral(".tif");
    for (int i = 2; folder.exists(name); ++i)
        name = QStringLiteral("%1-%2.tif").arg(stem).arg(i);
    return folder.filePath(name);
}

const DataSet *predictedData(const OpenProject &project, std::int64_t run, const QString &file)
{
    static const QRegularExpression made(QStringLiteral("^(.*)-(?:output|probability|(?:cleaned|instances)(?:-\\d+)?)\\.tif$"));
    const QString of = made.match(file).captured(1);
    const auto isOf = [&](const QString &stem) { return !of.isEmpty() && of == stem; };
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
    static const QRegularExpression numbered(QStringLiteral("-\\d+$"));
    return numbered.match(of).hasMatch() ? nullptr : trained;
}

void predictInto(Session *session, MessageBar *message, std::int64_t run, const DataSet &data, QObject *context,
                 std::function<void(Job *, const QString &)> then, const Json &options)
{
    const auto *info = session->project()->run(run);
    if (!info) {
        then(nullptr, {});
        return;
    }
    const QString folder = session->project()->predictionsFolder(run);
    if (!QDir().mkpath(folder)) {
        message->say(MessageBar::Level::Error,
                     QCoreApplication::translate("Predictions", "%1 cannot be made; check that the folder may be written to.")
                         .arg(folder));
        then(nullptr, {});
        return;
    }
    const QString file = predictionFile(*session->project(), *info, data);
    auto *job = session->startPrediction(run, data, QDir(folder).filePath(file), options);
    QObject::connect(job, &Job::finished, context, [session, message, job, file, then = std::move(then)] {
        if (job->failure() && job->state() != Job::State::Cancelled)
            message->sayFailure(*job->failure());
        if (session->isOpen(job->project()))
            then(job, job->failure() ? QString() : file);
    });
}

} // namespace reticle
