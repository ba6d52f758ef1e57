#pragma once

#include "window/session/OpenProject.h"

#include <functional>

namespace reticle {

class MessageBar;
class Job;
class Session;

/// What a run's prediction of these data is called in its predictions/ folder: by their title, and where other data of the
/// project have the same one by their number too.
QString predictionFile(const OpenProject &project, const RunInfo &run, const DataSet &data);
/// A path in the run's predictions/ folder for a stack that an analysis makes of its prediction of these data, "cleaned" or
/// "instances"; one that is not there yet, so that nothing is lost. Empty where the folder cannot be made.
QString madeFile(const OpenProject &project, std::int64_t run, const DataSet &data, const QString &what);
/// The data that a prediction of the run is of, by the file's name; null where it does not tell.
const DataSet *predictedData(const OpenProject &project, std::int64_t run, const QString &file);

/// Predicts into the project; once it has ended `then` gets the work (null where it could not begin) and the file's name in
/// the run's folder, empty = there is none, which `message` says. `then` is not called when `context` or the project has gone
/// meanwhile. `options` as of Session::startPrediction. GUI thread.
void predictInto(Session *session, MessageBar *message, std::int64_t run, const DataSet &data, QObject *context,
                 std::function<void(Job *job, const QString &file)> then, const Json &options = Json::object());

} // namespace reticle
