#pragma once

#include "window/OpenProject.h"

#include <functional>

namespace reticle {

class MessageBar;
class Session;

/// What a run's prediction of these data is called in its predictions/ folder: by their title, and where other data of the
/// project have the same one by their number too.
QString predictionFile(const OpenProject &project, const RunInfo &run, const DataSet &data);
/// The data that a prediction of the run is of, by the file's name; null where it does not tell.
const DataSet *predictedData(const OpenProject &project, std::int64_t run, const QString &file);

/// Predicts into the project; once it has ended `then` gets the file's name in the run's folder, empty = there is none,
/// which `message` says. `then` is not called when `context` or the project has gone meanwhile. GUI thread.
void predictInto(Session *session, MessageBar *message, std::int64_t run, const DataSet &data, QObject *context,
                 std::function<void(const QString &file)> then);

} // namespace reticle
