#pragma once

#include "foundation/Json.h"

#include <QString>

#include <utility>
#include <vector>

class QWidget;

namespace reticle {

/// Names and versions of the window's and the worker's parts, as whoever answers a question about the program wants to know
/// them. `hello`: the worker's answer; null where there is none yet.
std::vector<std::pair<QString, QString>> versionsOf(const Json &hello);
/// The same over the window, with a button that copies them.
void showAbout(QWidget *window, const Json &hello);

} // namespace reticle
