#pragma once

#include <string>

namespace reticle::files {

/// For the begin of a program: standard streams that are closed get a place of their own, so that a file of the work never
/// takes their number and what is printed never lands in it. A file-size limit becomes an error of the write (EFBIG) that
/// has a sentence, where it would end the process by a signal.
void secureStandardStreams();

/// For the end of a program that has printed: why not all of it could be written, as a sentence; empty where it was, and where
/// the reader of a pipe has gone, who had enough.
std::string standardOutputProblem();

} // namespace reticle::files
