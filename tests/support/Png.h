#pragma once

#include <cstdint>
#include <string>

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

} // namespace reticle::test
