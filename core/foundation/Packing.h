#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace reticle {

/// Bytes as one line of text: compressed (zlib, RFC 1950), then base64 (RFC 4648, with padding). Throws Error where there
/// is no memory.
std::string packedText(std::span<const std::byte> bytes);

/// Fills `bytes` from such text. Throws Error when the text is no base64, its data are damaged, or they hold another
/// number of bytes.
void unpackText(std::string_view text, std::span<std::byte> bytes);

/// Whether text of this length can hold so many bytes at all: a claim to be checked before memory is taken.
bool mayHold(std::string_view text, std::size_t bytes);

} // namespace reticle
