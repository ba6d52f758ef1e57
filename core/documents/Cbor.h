#pragma once

#include "foundation/Json.h"

#include <cstdint>
#include <span>

namespace reticle {

/// Reads one value of CBOR (RFC 8949) that fills `bytes` to their end, within DocumentLimits and without recursion:
/// numbers, text, byte strings, lists, objects with text as keys, true, false and null. Memory is taken as content
/// comes, not as lengths say. Throws Error saying what was found: tags, other simple values, pieces of text inside
/// pieces of text, lengths beyond the end.
Json readCbor(std::span<const std::uint8_t> bytes);

} // namespace reticle
