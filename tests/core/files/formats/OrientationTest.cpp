#include "files/formats/Orientation.h"

#include "support/Test.h"

using namespace reticle;
using namespace reticle::files;

namespace {

Array counting(std::int64_t height, std::int64_t width, std::int64_t channels = 1)
{
    Array a(DType::UInt16, channels > 1 ? std::vector{height, width, channels} : std::vector{height, width});
    for (std::int64_t i = 0; i < a.size(); ++i)
        a.data<std::uint16_t>()[i] = static_cast<std::uint16_t>(i);
    return a;
}

std::vector<int> valuesOf(const Array &a)
{
    std::vector<int> all;
    for (std::int64_t i = 0; i < a.size(); ++i)
        all.push_back(static_cast<int>(a.value(i)));
    return all;
}

/// A block of EXIF with this orientation, in either byte order.
std::vector<unsigned char> exif(int orientation, bool big)
{
    std::vector<unsigned char> bytes;
    const auto put = [&](unsigned value, int size) {
        for (int i = 0; i < size; ++i)
            bytes.push_back(static_cast<unsigned char>(value >> (8 * (big ? size - 1 - i : i))));
    };
    bytes = {static_cast<unsigned char>(big ? 'M' : 'I'), static_cast<unsigned char>(big ? 'M' : 'I')};
    put(42, 2);
    put(8, 4);
    put(2, 2);
    for (const auto &[tag, value] : {std::pair(0x0100u, 7u), std::pair(0x0112u, static_cast<unsigned>(orientation))}) {
        put(tag, 2);
        put(3, 2);
        put(1, 4);
        put(value, 2);
        put(0, 2);
    }
    put(0, 4);
    return bytes;
}

} // namespace

class OrientationTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// 0 1 2 / 3 4 5 as EXIF says where its first row and first column belong.
    void turnsAsExifSays()
    {
        const std::vector<std::vector<int>> expected = {{0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0},
                                                        {3, 4, 5, 0, 1, 2}, {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2},
                                                        {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
        for (int o = 1; o <= 8; ++o) {
            const Array turned = turnedUpright(counting(2, 3), o);
            QCOMPARE(valuesOf(turned), expected[static_cast<std::size_t>(o - 1)]);
            QCOMPARE(turned.dim(0), std::int64_t(o >= 5 ? 3 : 2));
            QCOMPARE(exchangesSides(o), o >= 5);
        }
    }
    /// A box of the upright image is the upright form of the stored box.
    void boxesAreFoundWhereTheyAreStored()
    {
        for (const std::int64_t channels : {1, 3})
            for (int o = 1; o <= 8; ++o) {
                const Array stored = counting(5, 7, channels), whole = turnedUpright(stored, o);
                const Box box{1, 2, 3, 2}, from = storedBox(box, o, 5, 7);
                Array part(DType::UInt16,
                           channels > 1 ? std::vector{from.height, from.width, channels} : std::vector{from.height, from.width});
                for (std::int64_t y = 0; y < from.height; ++y)
                    for (std::int64_t i = 0; i < from.width * channels; ++i)
                        part.data<std::uint16_t>()[y * from.width * channels + i] =
                            stored.data<std::uint16_t>()[((from.y + y) * 7 + from.x) * channels + i];
                const Array turned = turnedUpright(part, o);
                QCOMPARE(turned.dim(0), box.height);
                QCOMPARE(turned.dim(1), box.width);
                for (std::int64_t y = 0; y < box.height; ++y)
                    for (std::int64_t i = 0; i < box.width * channels; ++i)
                        QCOMPARE(turned.value(y * box.width * channels + i),
                                 whole.value(((box.y + y) * whole.dim(1) + box.x) * channels + i));
            }
    }
    void otherNumbersMeanUpright()
    {
        for (const std::int64_t o : {0, 9, -1, 65535})
            QCOMPARE(plainOrientation(o), 1);
        QCOMPARE(plainOrientation(8), 8);
    }
    void readsExif()
    {
        for (const bool big : {false, true})
            for (int o = 1; o <= 8; ++o) {
                auto block = exif(o, big);
                QCOMPARE(orientationOfExif(block), o);
                const std::string head("Exif\0\0", 6);
                block.insert(block.begin(), head.begin(), head.end());
                QCOMPARE(orientationOfExif(block), o);
            }
        // Damaged anywhere, it says nothing or what it said.
        const auto block = exif(6, false);
        for (std::size_t n = 0; n < block.size(); ++n) {
            const int o = orientationOfExif(std::span(block).first(n));
            QVERIFY(o == 1 || (o == 6 && n >= 34));
        }
        QCOMPARE(orientationOfExif(exif(77, true)), 1);
        auto far = block;
        far[4] = far[5] = far[6] = far[7] = 0xff;
        QCOMPARE(orientationOfExif(far), 1);
    }
};

RETICLE_TEST(OrientationTest)
#include "OrientationTest.moc"
