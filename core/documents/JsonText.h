#pragma once

#include "foundation/Json.h"

#include <string>
#include <string_view>

namespace reticle {

/// Reads JSON text within DocumentLimits. Throws Error with `where`, line and column: a syntax error, a number beyond
/// double precision (1e999), a field that is there twice, too deep a nesting, text that is not UTF-8.
Json readJson(std::string_view text, const std::string &where);

/// The same without an error: a value for which is_discarded() holds.
Json tryJson(std::string_view text);

/// The whole of a text file or pipe. Throws Error, naming `expected`, where it cannot be read: a folder, a device,
/// nothing there, a pipe that stays silent for 10 s, more than 1 GiB.
std::string readTextFile(const std::string &path, const std::string &expected);

} // namespace reticle
