#include "documents/PlainText.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace reticle {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";
constexpr std::string_view ellipsis = "…";

/// Length in bytes of the well-formed letter at the front of `text`, with its code point; 0 where there is none.
/// Unicode 15, table 3-7.
std::size_t letter(std::string_view text, std::uint32_t &code)
{
    const auto byte = [&](std::size_t i) -> std::uint32_t { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    const std::uint32_t first = byte(0);
    if (text.empty())
        return 0;
    if (first < 0x80) {
        code = first;
        return 1;
    }
    if (first >= 0xc2 && first < 0xe0 && follows(1)) {
        code = (first & 0x1f) << 6 | (byte(1) & 0x3f);
        return 2;
    }
    if (first >= 0xe0 && first < 0xf0 && follows(1) && follows(2)) {
        code = (first & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
        return code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? 3 : 0;
    }
    if (first >= 0xf0 && first < 0xf5 && follows(1) && follows(2) && follows(3)) {
        code = (first & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
        return code >= 0x10000 && code <= 0x10ffff ? 4 : 0;
    }
    return 0;
}

bool changesTheLine(std::uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) // control characters
           || code == 0x2028 || code == 0x2029          // line and paragraph separators
           || code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069); // direction of text
}

template <class Special> std::string mapped(std::string_view text, Special special)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        std::uint32_t code = 0;
        const std::size_t n = letter(text, code);
        if (n == 0)
            out += replacement;
        else if (!special(code, out))
            out += text.substr(0, n);
        text.remove_prefix(std::max<std::size_t>(n, 1));
    }
    return out;
}

bool escape(std::uint32_t code, std::string &out)
{
    if (!changesTheLine(code))
        return false;
    if (code == '\n' || code == '\r' || code == '\t') {
        out += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
        return true;
    }
    char written[8];
    std::snprintf(written, sizeof written, "\\u%04x", static_cast<unsigned>(code & 0xffff));
    out += written;
    return true;
}

bool begins(char c)
{
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

} // namespace

std::string validUtf8(std::string_view text)
{
    if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return std::string(text);
    return mapped(text, [](std::uint32_t, std::string &) { return false; });
}

std::string printable(std::string_view text)
{
    return mapped(text, escape);
}

std::string oneLine(std::string_view text)
{
    std::string line = mapped(text, [](std::uint32_t code, std::string &out) {
        if (code != '\n' && code != '\r' && code != '\t')
            return escape(code, out);
        if (!out.empty() && out.back() != ' ')
            out += ' ';
        return true;
    });
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

std::string shortened(std::string_view text, std::size_t maximum)
{
    maximum = std::max<std::size_t>(maximum, 16);
    if (text.size() <= maximum)
        return std::string(text);
    const std::size_t room = maximum - ellipsis.size();
    std::size_t head = room - room / 3, tail = text.size() - room / 3;
    while (head > 0 && !begins(text[head]))
        --head;
    while (tail < text.size() && !begins(text[tail]))
        ++tail;
    return std::string(text.substr(0, head)) + std::string(ellipsis) + std::string(text.substr(tail));
}

} // namespace reticle
