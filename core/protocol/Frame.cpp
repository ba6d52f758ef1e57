#include "protocol/Frame.h"

#include "documents/Cbor.h"
#include "foundation/Error.h"

#include <fmt/format.h>

namespace reticle {

namespace {

constexpr std::size_t largeBuffer = std::size_t{1} << 24;

} // namespace

std::vector<std::uint8_t> encodeFrame(const Json &message, std::uint32_t maximum)
{
    std::vector<std::uint8_t> frame(4);
    Json::to_cbor(message, frame);
    const std::size_t n = frame.size() - 4;
    if (n > maximum)
        throw Error(Error::Kind::Failed, "message", fmt::format("{} bytes are more than a frame holds", n));
    for (int i = 0; i < 4; ++i)
        frame[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(n >> (8 * i));
    return frame;
}

void FrameReader::append(std::span<const std::uint8_t> bytes)
{
    // Used bytes are dropped only once they are the larger part, so that many small frames cost no repeated moves.
    if (m_begin > 0 && m_begin >= m_bytes.size() / 2) {
        m_bytes.erase(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_begin));
        m_begin = 0;
        if (m_bytes.capacity() > largeBuffer && m_bytes.size() < m_bytes.capacity() / 4)
            m_bytes.shrink_to_fit(); // one large frame does not hold its memory for hours
    }
    m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
}

std::optional<Json> FrameReader::next()
{
    if (m_lost || m_bytes.size() - m_begin < 4)
        return std::nullopt;
    std::uint32_t n = 0;
    for (int i = 3; i >= 0; --i)
        n = (n << 8) | m_bytes[m_begin + static_cast<std::size_t>(i)];
    if (n > maxFrameBytes) {
        m_lost = true;
        throw Error({"message", "a frame (4 bytes of length, then CBOR)", fmt::format("a length of {} bytes", n),
                     "check that only Reticle writes to the pipe"});
    }
    if (m_bytes.size() - m_begin - 4 < n)
        return std::nullopt;
    const auto content = std::span(m_bytes).subspan(m_begin + 4, n);
    m_begin += 4 + n; // a message that cannot be read is passed over: the next one begins where it ends
    try {
        return readCbor(content);
    } catch (const Error &e) {
        throw Error({"message", e.parts().expected, e.parts().found, "check that only Reticle writes to the pipe"});
    }
}

} // namespace reticle
