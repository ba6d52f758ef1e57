#pragma once

#include "foundation/Json.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace reticle {

/// A JSON object as text with its own checksum: a first field "sha256", the SHA-256 of the text with zeros in the
/// checksum's place. `text` begins with "{" and a line break, as an indented dump does.
std::string sealed(std::string text);

/// Parses such a text, or one without the field, which other programs write. Throws Error naming `where` when the text is
/// not JSON, or has changed since it was sealed.
Json readSealed(std::string_view text, const std::string &where);
/// The same of a regular file.
Json readSealedFile(const std::filesystem::path &file);

} // namespace reticle
