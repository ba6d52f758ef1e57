#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reticle {

/// Text from files, names and messages of others, made fit for a sentence, a terminal or JSON. All results are valid
/// UTF-8; nothing throws but std::bad_alloc.

/// Bytes that are not UTF-8 become U+FFFD.
std::string validUtf8(std::string_view text);

/// validUtf8 with control characters, line separators and marks that change the direction of text written as JSON does:
/// "\n", "\u0000".
std::string printable(std::string_view text);

/// The same for running text: line breaks and tabs become single spaces.
std::string oneLine(std::string_view text);

/// At most about `maximum` bytes (at least 16): the middle of a longer text gives way to "…". Never cuts within a letter.
std::string shortened(std::string_view text, std::size_t maximum);

} // namespace reticle
