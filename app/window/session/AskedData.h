#pragma once

#include "window/session/ImageData.h"

#include <functional>

class QWidget;

namespace reticle {

class MessageBar;
class OpenProject;
class Session;

/// Whether a run was trained on these data, with the input range that they have.
bool isOwnData(const OpenProject &project, std::int64_t run, const ImageData &data);
/// Options with which an analysis of a run's prediction is about these data, all of their slices. Of the data that the run
/// was trained on they are empty but for a range that was typed: which part of them is meant is up to the question.
Json optionsOn(const OpenProject &project, std::int64_t run, const ImageData &data);
/// Asks for a file or folder of labels, looks at it on a thread, and keeps it with the data of the project; then calls
/// `then`, unless `context` is gone. What is wrong with the labels is said in `message`, and nothing is changed. GUI thread.
void chooseLabels(Session *session, MessageBar *message, QWidget *parent, const ImageData &data, QObject *context,
                  std::function<void()> then);

} // namespace reticle
