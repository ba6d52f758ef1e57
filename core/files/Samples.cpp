#include "files/Samples.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace reticle::files {

namespace {

/// A real of `exponentBits` and `fractionBits` behind its sign.
float realOf(std::uint32_t stored, int exponentBits, int fractionBits)
{
    const std::uint32_t fraction = stored & ((1u << fractionBits) - 1);
    const int top = (1 << exponentBits) - 1, bias = top >> 1;
    const int exponent = static_cast<int>(stored >> fractionBits) & top;
    const bool negative = (stored >> (exponentBits + fractionBits)) & 1;
    float value;
    if (exponent == top)
        value = fraction ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
    else if (exponent == 0)
        value = std::ldexp(static_cast<float>(fraction), 1 - bias - fractionBits);
    else
        value = std::ldexp(static_cast<float>(fraction | 1u << fractionBits), exponent - bias - fractionBits);
    return negative ? -value : value;
}

/// `bits` bits from bit `at` on, the highest first.
std::uint64_t bitsAt(const std::byte *row, std::int64_t at, int bits)
{
    std::uint64_t value = 0;
    for (int left = bits; left > 0;) {
        const int inByte = static_cast<int>(at & 7), take = std::min(8 - inByte, left);
        const auto byte = std::to_integer<std::uint32_t>(row[at >> 3]);
        value = value << take | (byte >> (8 - inByte - take) & ((1u << take) - 1));
        at += take;
        left -= take;
    }
    return value;
}

template <class T> T nativeAt(const std::byte *row, std::int64_t index)
{
    T value;
    std::memcpy(&value, row + index * static_cast<std::int64_t>(sizeof value), sizeof value);
    return value;
}

std::uint32_t threeBytesAt(const std::byte *row, std::int64_t index)
{
    const std::byte *p = row + 3 * index;
    const auto at = [&](int i) { return std::to_integer<std::uint32_t>(p[i]); };
    return std::endian::native == std::endian::little ? at(0) | at(1) << 8 | at(2) << 16 : at(2) | at(1) << 8 | at(0) << 16;
}

} // namespace

std::optional<DType> dtypeFor(StoredNumber number)
{
    const int bits = number.bits;
    if (bits < 1 || bits > 64)
        return {};
    switch (number.kind) {
    case StoredNumber::Kind::Real:
        if (bits == 16 || bits == 24 || bits == 32)
            return DType::Float32;
        return bits == 64 ? std::optional(DType::Float64) : std::nullopt;
    case StoredNumber::Kind::Signed:
        return bits <= 8 ? DType::Int8 : bits <= 16 ? DType::Int16 : bits <= 32 ? DType::Int32 : DType::Int64;
    case StoredNumber::Kind::Unsigned:
        return bits <= 8 ? DType::UInt8 : bits <= 16 ? DType::UInt16 : bits <= 32 ? DType::UInt32 : DType::Int64;
    }
    return {};
}

bool isPlain(StoredNumber number)
{
    const auto dtype = dtypeFor(number);
    return dtype && static_cast<int>(8 * byteSize(*dtype)) == number.bits;
}

float halfToFloat(std::uint16_t half)
{
    return realOf(half, 5, 10);
}

void unpack(const std::byte *row, std::int64_t first, std::int64_t count, StoredNumber number, std::byte *to)
{
    const DType dtype = *dtypeFor(number);
    const int bits = number.bits;
    if (isPlain(number)) {
        const std::size_t size = byteSize(dtype);
        std::memcpy(to, row + static_cast<std::size_t>(first) * size, static_cast<std::size_t>(count) * size);
        return;
    }
    Array::visit(dtype, [&](auto zero) {
        using T = decltype(zero);
        for (std::int64_t i = 0; i < count; ++i) {
            T value;
            if constexpr (std::is_floating_point_v<T>) {
                value = static_cast<T>(bits == 16 ? halfToFloat(nativeAt<std::uint16_t>(row, first + i))
                                                  : realOf(threeBytesAt(row, first + i), 7, 16));
            } else {
                std::uint64_t v = bits == 24 ? threeBytesAt(row, first + i) : bitsAt(row, (first + i) * bits, bits);
                if (number.kind == StoredNumber::Kind::Signed && (v >> (bits - 1) & 1))
                    v |= ~std::uint64_t{0} << (bits - 1);
                value = static_cast<T>(v);
            }
            std::memcpy(to + i * static_cast<std::int64_t>(sizeof value), &value, sizeof value);
        }
    });
}

} // namespace reticle::files
