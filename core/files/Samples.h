#pragma once

#include "foundation/Array.h"

#include <optional>

namespace reticle::files {

/// How one number is stored in a file.
struct StoredNumber
{
    enum class Kind { Unsigned, Signed, Real };
    Kind kind = Kind::Unsigned;
    int bits = 8;
};

/// The smallest type that holds such numbers exactly: uint8 for 1 to 8 bits, uint16 for 9 to 16, uint32 for 17 to 32, int64
/// for 33 to 64, likewise for signed ones; float32 for reals of 16, 24 and 32 bits, float64 for 64. Nothing for others.
std::optional<DType> dtypeFor(StoredNumber number);
/// True where numbers lie in the file as in memory, but for the order of their bytes.
bool isPlain(StoredNumber number);

/// Takes `count` numbers from a row that begins at `row`, the first of them `first` numbers into it, and writes them to `to`
/// in the type of dtypeFor. Whole numbers lie one behind the other without gaps, the highest bit first; those of 16, 24, 32
/// and 64 bits and reals are in the machine's byte order.
void unpack(const std::byte *row, std::int64_t first, std::int64_t count, StoredNumber number, std::byte *to);

/// IEEE 754 binary16.
float halfToFloat(std::uint16_t half);

} // namespace reticle::files
