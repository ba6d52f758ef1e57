#pragma once

#include <cstdint>
#include <string>
#include <vector>
#include <zlib.h>

namespace reticle::test {

/// A PNG whose chunks have been changed, with the check sums that they need to be looked at.
inline std::string withCheckSums(std::string png)
{
    const auto number = [&](std::size_t at) {
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < 4; ++i)
            v = v << 8 | static_cast<unsigned char>(png[at + i]);
        return v;
    };
    for (std::size_t at = 8; at + 12 <= png.size();) {
        const std::uint64_t length = number(at);
        if (at + 12 + length > png.size())
            break;
        std::uint32_t crc = 0xffffffff;
        for (std::size_t i = at + 4; i < at + 8 + length; ++i) {
            crc ^= static_cast<unsigned char>(png[i]);
            for (int k = 0; k < 8; ++k)
                crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        }
        for (std::size_t i = 0; i < 4; ++i)
            png[at + 8 + length + i] = static_cast<char>(~crc >> (24 - 8 * i) & 255);
        at += 12 + length;
    }
    return png;
}

/// A PNG put together chunk by chunk: `rows` are the stored bytes of each row, numbers of fewer than 8 bits packed. Chunks of
/// `others` ("PLTE" and what is in it) stand before the pixels.
inline std::string madePng(std::uint32_t width, std::uint32_t height, int bits, int colorType,
                           const std::vector<std::string> &rows,
                           const std::vector<std::pair<std::string, std::string>> &others = {})
{
    const auto number = [](std::size_t v) {
        return std::string{static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
                           static_cast<char>(v)};
    };
    std::string png = "\x89PNG\r\n\x1a\n";
    const auto chunk = [&](const std::string &name, const std::string &data) {
        png += number(data.size()) + name + data + "    ";
    };
    chunk("IHDR", number(width) + number(height) + static_cast<char>(bits) + static_cast<char>(colorType) + std::string(3, '\0'));
    for (const auto &[name, data] : others)
        chunk(name, data);
    std::string all;
    for (const auto &row : rows)
        all += '\0' + row; // no filter
    uLongf size = compressBound(all.size());
    std::string packed(size, '\0');
    compress(reinterpret_cast<Bytef *>(packed.data()), &size, reinterpret_cast<const Bytef *>(all.data()), all.size());
    chunk("IDAT", packed.substr(0, size));
    chunk("IEND", "");
    return withCheckSums(png);
}

/// Numbers of `bits` packed into the bytes of a row.
inline std::string packedRow(const std::vector<int> &numbers, int bits)
{
    std::string row;
    int kept = 0, have = 0;
    for (const int v : numbers) {
        kept = kept << bits | v;
        if ((have += bits) == 8) {
            row += static_cast<char>(kept);
            kept = have = 0;
        }
    }
    if (have)
        row += static_cast<char>(kept << (8 - have));
    return row;
}

/// A block of EXIF that says nothing but the orientation.
inline std::string madeExif(int orientation)
{
    std::string exif("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0", 26);
    exif[19] = static_cast<char>(orientation);
    return exif;
}

} // namespace reticle::test
