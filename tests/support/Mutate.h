#pragma once

#include "foundation/Random.h"

#include <algorithm>
#include <string>
#include <vector>

namespace reticle::test {

/// `bytes` damaged in one to eight places: flipped bits, values at the edge of their type, pieces cut out, doubled or
/// taken from `other`, an early end. The same seed gives the same damage.
inline std::string mutated(std::string bytes, const std::string &other, std::uint64_t seed)
{
    Random random(seed);
    const auto place = [&](std::size_t size) {
        return static_cast<std::size_t>(random.below(static_cast<std::int64_t>(size) + 1));
    };
    static const std::vector<std::uint64_t> edges = {0,
                                                     1,
                                                     2,
                                                     3,
                                                     7,
                                                     8,
                                                     0x7f,
                                                     0x80,
                                                     0xff,
                                                     0x7fff,
                                                     0x8000,
                                                     0xffff,
                                                     0x10000,
                                                     0x7fffffff,
                                                     0x80000000,
                                                     0xffffffff,
                                                     0x7fffffffffffffff,
                                                     0xffffffffffffffff};
    const std::int64_t count = 1 + random.below(8);
    for (std::int64_t k = 0; k < count && !bytes.empty(); ++k) {
        // Headers come first and matter most.
        const std::size_t reach = random.chance(0.5) ? std::min<std::size_t>(bytes.size(), 400) : bytes.size();
        const std::size_t at = std::min(place(reach), bytes.size() - 1);
        switch (random.below(7)) {
        case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8))); break;
        case 1: bytes[at] = static_cast<char>(random.below(256)); break;
        case 2:
        case 3: {
            const std::size_t width = std::size_t{1} << random.below(4);
            const std::uint64_t value = edges[place(edges.size() - 1)];
            const bool big = random.chance(0.5);
            for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
                bytes[at + i] = static_cast<char>(value >> (8 * (big ? width - 1 - i : i)));
            break;
        }
        case 4: bytes.erase(at, place(16)); break;
        case 5: bytes.insert(at, bytes.substr(std::min(place(reach), bytes.size() - 1), place(32))); break;
        default:
            if (random.chance(0.3))
                bytes.resize(at);
            else if (!other.empty())
                bytes.replace(at, place(16), other.substr(std::min(place(other.size()), other.size() - 1), place(16)));
            break;
        }
    }
    return bytes;
}

} // namespace reticle::test
