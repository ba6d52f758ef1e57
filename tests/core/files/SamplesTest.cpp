#include "files/Samples.h"

#include "foundation/Random.h"
#include "support/Test.h"

#include <bit>
#include <cmath>
#include <cstring>

using namespace reticle;
using namespace reticle::files;
using Kind = StoredNumber::Kind;

namespace {

/// Numbers of `bits` without gaps, the highest bit first, with room behind them.
std::vector<std::byte> packed(const std::vector<std::uint64_t> &values, int bits)
{
    std::vector<std::byte> bytes((values.size() * static_cast<std::size_t>(bits) + 7) / 8);
    std::size_t at = 0;
    for (const auto v : values)
        for (int b = bits - 1; b >= 0; --b, ++at)
            if (v >> b & 1)
                bytes[at / 8] |= std::byte(1 << (7 - at % 8));
    return bytes;
}

} // namespace

class SamplesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void typesHoldAllNumbers()
    {
        for (int bits = 1; bits <= 64; ++bits) {
            const auto u = *dtypeFor({Kind::Unsigned, bits}), s = *dtypeFor({Kind::Signed, bits});
            QCOMPARE(u, bits <= 8 ? DType::UInt8 : bits <= 16 ? DType::UInt16 : bits <= 32 ? DType::UInt32 : DType::Int64);
            QCOMPARE(s, bits <= 8 ? DType::Int8 : bits <= 16 ? DType::Int16 : bits <= 32 ? DType::Int32 : DType::Int64);
            QCOMPARE(isPlain({Kind::Unsigned, bits}), bits == 8 || bits == 16 || bits == 32 || bits == 64);
        }
        for (const int bits : {16, 24, 32})
            QCOMPARE(*dtypeFor({Kind::Real, bits}), DType::Float32);
        QCOMPARE(*dtypeFor({Kind::Real, 64}), DType::Float64);
        QVERIFY(!isPlain({Kind::Real, 16}) && isPlain({Kind::Real, 32}));
        QVERIFY(!dtypeFor({Kind::Real, 8}) && !dtypeFor({Kind::Unsigned, 0}) && !dtypeFor({Kind::Unsigned, 65}));
    }
    /// Every number of bits, at every place of a row.
    void packedNumbers()
    {
        Random random(7);
        for (int bits = 1; bits < 64; ++bits) {
            if (bits % 8 == 0 && bits < 33 && bits != 24)
                continue;
            std::vector<std::uint64_t> values;
            for (int i = 0; i < 37; ++i)
                values.push_back(random.next() & ((std::uint64_t{1} << bits) - 1));
            values[3] = (std::uint64_t{1} << bits) - 1;
            values[4] = 0;
            auto row = packed(values, bits);
            if (bits == 24 && std::endian::native == std::endian::little) // in the machine's order, as libtiff gives them
                for (std::size_t i = 0; i < row.size(); i += 3)
                    std::swap(row[i], row[i + 2]);
            for (const std::int64_t first : {0, 1, 5, 30})
                for (const auto kind : {Kind::Unsigned, Kind::Signed}) {
                    const std::int64_t count = 7;
                    Array out(*dtypeFor({kind, bits}), {count});
                    unpack(row.data(), first, count, {kind, bits}, out.raw());
                    for (std::int64_t i = 0; i < count; ++i) {
                        const auto v = values[static_cast<std::size_t>(first + i)];
                        auto expected = static_cast<std::int64_t>(v);
                        if (kind == Kind::Signed && (v >> (bits - 1) & 1))
                            expected -= std::int64_t{1} << bits;
                        const auto found =
                            out.dtype() == DType::Int64 ? out.data<std::int64_t>()[i] : static_cast<std::int64_t>(out.value(i));
                        QVERIFY2(found == expected, qPrintable(QString("%1 bits, %2: %3").arg(bits).arg(first).arg(found)));
                    }
                }
        }
    }
    void plainNumbersAreCopied()
    {
        const std::vector<std::uint16_t> values{1, 2, 60000, 4};
        std::uint16_t to[2] = {};
        unpack(reinterpret_cast<const std::byte *>(values.data()), 1, 2, {Kind::Unsigned, 16}, reinterpret_cast<std::byte *>(to));
        QVERIFY(to[0] == 2 && to[1] == 60000);
    }
    /// Against the values of IEEE 754, by NumPy.
    void halves()
    {
        for (const auto &[half, value] :
             {std::pair(0x0000, 0.0), std::pair(0x3c00, 1.0), std::pair(0xc000, -2.0), std::pair(0x7bff, 65504.0),
              std::pair(0x0400, 0x1p-14), std::pair(0x0001, 0x1p-24), std::pair(0x03ff, 1023 * 0x1p-24),
              std::pair(0x3555, 0.333251953125), std::pair(0xb800, -0.5)})
            QCOMPARE(static_cast<double>(halfToFloat(static_cast<std::uint16_t>(half))), value);
        QVERIFY(std::signbit(halfToFloat(0x8000)) && halfToFloat(0x8000) == 0);
        QVERIFY(std::isinf(halfToFloat(0x7c00)) && halfToFloat(0x7c00) > 0 && std::isinf(halfToFloat(0xfc00)));
        QVERIFY(std::isnan(halfToFloat(0x7c01)) && std::isnan(halfToFloat(0xfe00)));
    }
    /// A sign, 7 bits of an exponent biased by 63, 16 of a fraction.
    void realsOf24Bits()
    {
        for (const auto &[stored, value] : {std::pair(0x3f0000, 1.0), std::pair(0xc00000, -2.0), std::pair(0x3e8000, 0.75),
                                            std::pair(0, 0.0), std::pair(1, std::ldexp(1.0, -78))}) {
            std::byte row[6] = {};
            for (int i = 0; i < 3; ++i)
                row[3 + (std::endian::native == std::endian::little ? i : 2 - i)] = std::byte(stored >> (8 * i) & 255);
            float out = 9;
            unpack(row, 1, 1, {Kind::Real, 24}, reinterpret_cast<std::byte *>(&out));
            QCOMPARE(static_cast<double>(out), value);
        }
    }
};

RETICLE_TEST(SamplesTest)
#include "SamplesTest.moc"
