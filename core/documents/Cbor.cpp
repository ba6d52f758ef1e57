#include "documents/Cbor.h"

#include "documents/DocumentBuilder.h"
#include "foundation/Error.h"

#include <bit>
#include <cmath>
#include <limits>

namespace reticle {

namespace {

enum Major : std::uint8_t { Unsigned, Negative, Bytes, Text, List, Object, Tag, Simple };

/// The first byte of an item with the number that comes with it.
struct Head
{
    Major major = Simple;
    std::uint8_t low = 0; ///< the lower five bits
    std::uint64_t number = 0;
    bool indefinite = false;
};

double fromHalf(std::uint64_t bits)
{
    const auto exponent = static_cast<int>((bits >> 10) & 0x1f);
    const auto fraction = static_cast<double>(bits & 0x3ff);
    double value = exponent == 0 ? std::ldexp(fraction, -24)
                   : exponent == 31
                       ? (fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN())
                       : std::ldexp(fraction + 1024, exponent - 25);
    return bits & 0x8000 ? -value : value;
}

class Reader
{
public:
    Reader(std::span<const std::uint8_t> bytes, DocumentBuilder &builder) : m_bytes(bytes), m_builder(builder) {}

    /// One item after the other, with the open lists and objects on a stack of our own.
    bool read()
    {
        do {
            if (!m_open.empty()) {
                Open &top = m_open.back();
                if (top.indefinite ? atBreak() : top.left == 0) {
                    if (top.indefinite)
                        m_bytes = m_bytes.subspan(1);
                    if (!(top.object ? m_builder.end_object() : m_builder.end_array()))
                        return false;
                    m_open.pop_back();
                    continue;
                }
                --top.left;
                if (top.object && !key())
                    return false;
            }
            if (!item())
                return false;
        } while (!m_open.empty());
        return m_bytes.empty() || m_builder.refuse("bytes after the end of the value");
    }

private:
    struct Open
    {
        bool object = false, indefinite = false;
        std::uint64_t left = 0; ///< entries to come, where their number is known
    };

    bool atBreak() const { return !m_bytes.empty() && m_bytes.front() == 0xff; }
    bool cut() { return m_builder.refuse("an end within a value"); }

    bool head(Head &h)
    {
        if (m_bytes.empty())
            return cut();
        h.major = static_cast<Major>(m_bytes.front() >> 5);
        h.low = m_bytes.front() & 0x1f;
        m_bytes = m_bytes.subspan(1);
        h.number = h.low;
        if (h.low < 24)
            return true;
        if (h.low < 28) {
            const std::size_t width = std::size_t{1} << (h.low - 24);
            if (m_bytes.size() < width)
                return cut();
            h.number = 0;
            for (std::size_t i = 0; i < width; ++i)
                h.number = h.number << 8 | m_bytes[i];
            m_bytes = m_bytes.subspan(width);
            return true;
        }
        h.indefinite = h.low == 31 && h.major >= Bytes && h.major <= Object;
        return h.indefinite || m_builder.refuse("a byte that begins no value");
    }

    template <class Container> bool append(std::uint64_t n, Container &to)
    {
        if (n > m_bytes.size())
            return cut();
        to.insert(to.end(), m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(n));
        m_bytes = m_bytes.subspan(static_cast<std::size_t>(n));
        return true;
    }

    /// Text or bytes, whole or in pieces; a piece is never in pieces itself.
    template <class Container> bool string(const Head &h, Container &to)
    {
        if (!h.indefinite)
            return append(h.number, to);
        while (!atBreak()) {
            Head piece;
            if (!head(piece))
                return false;
            if (piece.major != h.major || piece.indefinite)
                return m_builder.refuse("a string whose pieces are no plain strings");
            if (!append(piece.number, to))
                return false;
        }
        m_bytes = m_bytes.subspan(1);
        return true;
    }

    bool key()
    {
        Head h;
        if (!head(h))
            return false;
        if (h.major != Text)
            return m_builder.refuse("an object with a name that is no text");
        std::string name;
        return string(h, name) && m_builder.key(name);
    }

    bool item()
    {
        Head h;
        if (!head(h))
            return false;
        switch (h.major) {
        case Unsigned: return m_builder.number_unsigned(h.number);
        case Negative:
            if (h.number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                return m_builder.refuse("a negative number of more than 64 bits");
            return m_builder.number_integer(-1 - static_cast<std::int64_t>(h.number));
        case Bytes: {
            Json::binary_t bytes;
            return string(h, bytes) && m_builder.binary(bytes);
        }
        case Text: {
            std::string text;
            return string(h, text) && m_builder.string(text);
        }
        case List:
        case Object:
            // Each entry takes a byte at least.
            if (!h.indefinite && h.number > m_bytes.size())
                return cut();
            m_open.push_back({h.major == Object, h.indefinite, h.number});
            return h.major == Object ? m_builder.start_object() : m_builder.start_array();
        case Tag: return m_builder.refuse("a tag");
        case Simple: break;
        }
        switch (h.low) {
        case 20:
        case 21: return m_builder.boolean(h.low == 21);
        case 22: return m_builder.null();
        case 25: return m_builder.number_float(fromHalf(h.number));
        case 26: return m_builder.number_float(std::bit_cast<float>(static_cast<std::uint32_t>(h.number)));
        case 27: return m_builder.number_float(std::bit_cast<double>(h.number));
        default: return m_builder.refuse("a simple value that is neither true, false nor null");
        }
    }

    std::span<const std::uint8_t> m_bytes;
    DocumentBuilder &m_builder;
    std::vector<Open> m_open;
};

} // namespace

Json readCbor(std::span<const std::uint8_t> bytes)
{
    Json value;
    DocumentBuilder builder(value);
    if (!Reader(bytes, builder).read())
        throw Error({"", "CBOR", builder.refusal(), {}});
    return value;
}

} // namespace reticle
