#include "foundation/Packing.h"

#include "foundation/Error.h"

#include <zlib.h>

#include <array>
#include <cstdint>
#include <vector>

namespace reticle {

namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t mostRatio = 1032; ///< deflate shrinks no further (zlib's own figure)

[[noreturn]] void refuse(const std::string &found)
{
    throw Error({"array", "packed numbers (zlib, then base64)", found, "take the document from its source anew"});
}

std::string toBase64(const std::vector<std::uint8_t> &in)
{
    std::string out;
    out.reserve((in.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < in.size(); i += 3) {
        const std::size_t left = in.size() - i;
        const std::uint32_t triple = static_cast<std::uint32_t>(in[i]) << 16 |
                                     (left > 1 ? static_cast<std::uint32_t>(in[i + 1]) << 8 : 0u) |
                                     (left > 2 ? static_cast<std::uint32_t>(in[i + 2]) : 0u);
        out += letters[triple >> 18];
        out += letters[triple >> 12 & 63];
        out += left > 1 ? letters[triple >> 6 & 63] : '=';
        out += left > 2 ? letters[triple & 63] : '=';
    }
    return out;
}

std::vector<std::uint8_t> fromBase64(std::string_view text)
{
    static const auto values = [] {
        std::array<std::int8_t, 256> v;
        v.fill(-1);
        for (std::size_t i = 0; i < letters.size(); ++i)
            v[static_cast<unsigned char>(letters[i])] = static_cast<std::int8_t>(i);
        return v;
    }();
    if (text.size() % 4 != 0)
        refuse("text of " + std::to_string(text.size()) + " letters, cut short");
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    std::vector<std::uint8_t> out;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t triple = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const bool pad = i + k >= text.size() - padding;
            const auto v = pad ? std::int8_t{0} : values[static_cast<unsigned char>(text[i + k])];
            if (v < 0)
                refuse("a letter that is none of base64 at place " + std::to_string(i + k));
            triple = triple << 6 | static_cast<std::uint32_t>(v);
        }
        out.push_back(static_cast<std::uint8_t>(triple >> 16));
        out.push_back(static_cast<std::uint8_t>(triple >> 8));
        out.push_back(static_cast<std::uint8_t>(triple));
    }
    out.resize(out.size() - padding);
    return out;
}

} // namespace

std::string packedText(std::span<const std::byte> bytes)
{
    const auto size = static_cast<uLong>(bytes.size());
    uLongf length = compressBound(size);
    std::vector<std::uint8_t> packed(length);
    const auto *from = reinterpret_cast<const Bytef *>(bytes.data());
    if (compress2(packed.data(), &length, from, size, Z_DEFAULT_COMPRESSION) != Z_OK)
        throw Error(Error::Kind::Failed, "memory", "no room to pack an array of " + std::to_string(bytes.size()) + " bytes");
    packed.resize(length);
    return toBase64(packed);
}

void unpackText(std::string_view text, std::span<std::byte> bytes)
{
    const auto packed = fromBase64(text);
    std::byte none{};
    auto *to = reinterpret_cast<Bytef *>(bytes.empty() ? &none : bytes.data());
    // One byte of room even for an empty array, else zlib cannot tell "empty" from "no room".
    uLongf length = bytes.empty() ? 1 : static_cast<uLongf>(bytes.size());
    const int state = uncompress(to, &length, packed.data(), static_cast<uLong>(packed.size()));
    if (state == Z_BUF_ERROR)
        refuse("data that end early or hold more than " + std::to_string(bytes.size()) + " bytes");
    if (state != Z_OK)
        refuse("damaged data");
    if (length != bytes.size())
        refuse(std::to_string(length) + " bytes instead of " + std::to_string(bytes.size()));
}

bool mayHold(std::string_view text, std::size_t bytes)
{
    return bytes / mostRatio <= text.size();
}

} // namespace reticle
