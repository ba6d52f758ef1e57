#pragma once

#include "foundation/Json.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reticle {

/// Messages between window and worker: 4 bytes little-endian length, then that many bytes of CBOR. Arrays travel as
/// CBOR byte strings (Array::toJson). See Protocol.h for what is said.
inline constexpr std::uint32_t maxFrameBytes = 1u << 30;

/// Throws Error where the message is longer than `maximum`.
std::vector<std::uint8_t> encodeFrame(const Json &message, std::uint32_t maximum = maxFrameBytes);

/// Collects bytes as they come and gives whole messages back.
class FrameReader
{
public:
    void append(std::span<const std::uint8_t> bytes);
    /// The next whole message, or nothing when more bytes are needed. Throws Error for a message that is not CBOR within
    /// DocumentLimits; the messages after it can still be read, unless lost().
    std::optional<Json> next();
    /// After a length over maxFrameBytes: where the next message begins is not known, and none comes any more.
    bool lost() const { return m_lost; }

private:
    std::vector<std::uint8_t> m_bytes;
    std::size_t m_begin = 0;
    bool m_lost = false;
};

} // namespace reticle
