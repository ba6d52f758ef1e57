#include "base/Frame.h"

#include "base/Error.h"

#include <fmt/format.h>

#include <algorithm>

namespace reticle {

namespace {

/// CBOR does not check its strings, and what is not UTF-8 (a file name of an old system) cannot be written as JSON: bad
/// bytes become U+FFFD.
std::string wellFormed(const std::string &text)
{
    if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return text;
    return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

/// Builds the value and refuses a nesting that would exhaust the stack: the CBOR parser recurses once a level.
class LimitedBuilder : public nlohmann::detail::json_sax_dom_parser<Json>
{
    using Base = nlohmann::detail::json_sax_dom_parser<Json>;

public:
    explicit LimitedBuilder(Json &root) : Base(root, false) {}
    bool string(std::string &text) { return Base::string(text = wellFormed(text)); }
    bool key(std::string &text) { return Base::key(text = wellFormed(text)); }
    bool start_object(std::size_t n) { return ++m_depth <= maxDepth && Base::start_object(n); }
    bool end_object() { return --m_depth, Base::end_object(); }
    bool start_array(std::size_t n) { return ++m_depth <= maxDepth && Base::start_array(n); }
    bool end_array() { return --m_depth, Base::end_array(); }

private:
    static constexpr int maxDepth = 200;
    int m_depth = 0;
};

Error notFrames(const std::string &found)
{
    return Error({"message", "a frame (4 bytes of length, then CBOR)", found,
                  "something other than a Reticle program may be writing to the pipe"});
}

} // namespace

std::vector<std::uint8_t> encodeFrame(const Json &message)
{
    std::vector<std::uint8_t> frame(4);
    Json::to_cbor(message, frame);
    const std::size_t n = frame.size() - 4;
    if (n > maxFrameBytes)
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
    }
    m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
}

std::optional<Json> FrameReader::next()
{
    if (m_bytes.size() - m_begin < 4)
        return std::nullopt;
    std::uint32_t n = 0;
    for (int i = 3; i >= 0; --i)
        n = (n << 8) | m_bytes[m_begin + static_cast<std::size_t>(i)];
    if (n > maxFrameBytes)
        throw notFrames(fmt::format("a length of {} bytes", n));
    if (m_bytes.size() - m_begin - 4 < n)
        return std::nullopt;
    const std::uint8_t *first = m_bytes.data() + m_begin + 4;
    Json message;
    LimitedBuilder builder(message);
    try {
        if (!Json::sax_parse(first, first + n, &builder, Json::input_format_t::cbor))
            throw notFrames("bytes that are no CBOR");
    } catch (const Json::exception &) { // a list that says it is longer than memory
        throw notFrames("bytes that are no CBOR");
    }
    m_begin += 4 + n;
    return message;
}

} // namespace reticle
