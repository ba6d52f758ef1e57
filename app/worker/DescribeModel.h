#pragma once

#include "foundation/Json.h"

#include <functional>
#include <string>
#include <vector>

namespace reticle {

/// What "describe-model" answers (protocol/Protocol.h). Small networks are described here; what would take more than a moment
/// or much memory is described by a process of its own, so that neither it nor a library that crashes on it touches a
/// training in this one. Throws Error, also where that process ends by a signal or takes too long, and
/// Kind::Cancelled soon after `goOn` says no.
Json describeModelAnswer(const Json &params, const std::function<bool()> &goOn = {});

/// The process of its own: parameters on standard input, the answer or the error on standard output. Returns the exit status.
int describeModelHere();

/// Runs this program's command line again, in a process of its own: what it prints is printed. Returns its exit status;
/// throws Error as describeModelAnswer() does.
int describeApart(std::vector<std::string> arguments);

} // namespace reticle
