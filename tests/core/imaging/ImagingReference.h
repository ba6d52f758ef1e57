#pragma once

#include "foundation/Array.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <fstream>

namespace reticle::test {

inline const Json &imagingReference()
{
    static const Json j = Json::parse(std::ifstream(source("tests/reference/imaging.json")));
    return j;
}

/// Rows of '#' and '.' as a uint8 mask.
inline Array mask(const Json &rows)
{
    const auto h = static_cast<std::int64_t>(rows.size());
    const auto w = static_cast<std::int64_t>(rows.at(0).get_ref<const std::string &>().size());
    Array a(DType::UInt8, {h, w});
    for (std::int64_t y = 0; y < h; ++y)
        for (std::int64_t x = 0; x < w; ++x)
            a.data<std::uint8_t>()[y * w + x] = rows[y].get_ref<const std::string &>()[x] == '#';
    return a;
}

/// Rows of numbers.
template <class T> Array plane(const Json &rows)
{
    const auto h = static_cast<std::int64_t>(rows.size()), w = static_cast<std::int64_t>(rows.at(0).size());
    Array a(dtypeOf<T>(), {h, w});
    for (std::int64_t y = 0; y < h; ++y)
        for (std::int64_t x = 0; x < w; ++x)
            a.data<T>()[y * w + x] = rows[y][x].get<T>();
    return a;
}

/// Sum of value * (index * 2654435761 mod 2^32) mod 2^64, as text; as in tests/reference/imaging.py.
inline std::string checksum(const Array &a)
{
    std::uint64_t sum = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
        sum +=
            static_cast<std::uint64_t>(std::llround(a.value(i))) * ((static_cast<std::uint64_t>(i) * 2654435761u) & 0xffffffffu);
    return std::to_string(sum);
}

inline std::int64_t area(const Array &a)
{
    std::int64_t n = 0;
    for (std::int64_t i = 0; i < a.size(); ++i)
        n += a.value(i) != 0;
    return n;
}

/// Two discs of radius 20 at distance 28 in 64 x 96.
inline Array twoDiscs()
{
    Array a(DType::UInt8, {64, 96});
    for (int y = 0; y < 64; ++y)
        for (int x = 0; x < 96; ++x)
            a.data<std::uint8_t>()[y * 96 + x] =
                (y - 32) * (y - 32) + (x - 34) * (x - 34) <= 400 || (y - 32) * (y - 32) + (x - 62) * (x - 62) <= 400;
    return a;
}

} // namespace reticle::test
