#include "window/Predictions.h"

#include "base/Comparison.h"
#include "window/MessageBar.h"
#include "window/Session.h"
#include "window/Text.h"

#include <QCoreApplication>
#include <QDir>

namespace reticle {

QString predictionFile(const RunInfo &run, const DataSet &data)
{
    return fileName(data.title) + (makesImages(run) ? QStringLiteral("-output.tif") : QStringLiteral("-probability.tif"));
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
    const QString file = predictionFile(*info, data);
    auto *work = session->startPrediction(run, data, QDir(folder).filePath(file));
    QObject::connect(work, &Work::finished, context, [session, message, work, file, then = std::move(then)] {
        if (work->failure() && work->state() != Work::State::Cancelled)
            message->sayFailure(*work->failure());
        if (session->project() && session->project()->folder() == work->project())
            then(work->failure() ? QString() : file);
    });
}

} // namespace reticle
