#include "files/formats/GrayRamp.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"
#include "support/Vips.h"

using namespace reticle;
using namespace reticle::files;

namespace {

std::string little(std::uint32_t value, int bytes)
{
    std::string s;
    for (int i = 0; i < bytes; ++i)
        s += static_cast<char>(value >> (8 * i));
    return s;
}

/// Numbers 0 to 2^bits - 1 of 6 x 4 pixels.
int numberAt(int x, int y, int bits)
{
    return (x * 5 + y * 3) % (1 << bits);
}

/// A BMP of 6 x 4, its rows from the bottom up, padded to four bytes.
std::string bmp(int bits, const std::string &colors)
{
    std::string rows;
    for (int y = 3; y >= 0; --y) {
        std::string row;
        int kept = 0, have = 0;
        for (int x = 0; x < 6; ++x) {
            kept = kept << bits | numberAt(x, y, bits);
            if ((have += bits) == 8) {
                row += static_cast<char>(kept);
                kept = have = 0;
            }
        }
        if (have)
            row += static_cast<char>(kept << (8 - have));
        row.resize((row.size() + 3) / 4 * 4, '\0');
        rows += row;
    }
    const auto begin = static_cast<std::uint32_t>(54 + colors.size());
    return "BM" + little(begin + static_cast<std::uint32_t>(rows.size()), 4) + little(0, 4) + little(begin, 4) + little(40, 4) +
           little(6, 4) + little(4, 4) + little(1, 2) + little(static_cast<std::uint32_t>(bits), 2) + little(0, 4) +
           little(static_cast<std::uint32_t>(rows.size()), 4) + little(2835, 4) + little(2835, 4) + little(0, 4) + little(0, 4) +
           colors + rows;
}

/// A GIF of 6 x 4 with a table of 2^bits colors, for all images or for its own; its codes clear the decoder before every number.
std::string gif(int bits, const std::string &colors, bool local, bool transparent)
{
    const int size = std::max(2, bits), width = size + 1;
    std::string data;
    std::uint32_t kept = 0;
    int have = 0;
    const auto code = [&](std::uint32_t c) {
        kept |= c << have;
        for (have += width; have >= 8; have -= 8, kept >>= 8)
            data += static_cast<char>(kept);
    };
    for (int y = 0; y < 4; ++y)
        for (int x = 0; x < 6; ++x) {
            code(1u << size);
            code(static_cast<std::uint32_t>(numberAt(x, y, bits)));
        }
    code((1u << size) + 1);
    if (have)
        data += static_cast<char>(kept);
    const char flags = static_cast<char>(0x80 | (bits - 1));
    std::string all =
        "GIF89a" + little(6, 2) + little(4, 2) + (local ? '\0' : flags) + std::string(2, '\0') + (local ? "" : colors);
    if (transparent)
        all += std::string("\x21\xf9\x04\x01\0\0\x02\0", 8);
    return all + "," + little(0, 4) + little(6, 2) + little(4, 2) + (local ? flags : '\0') + (local ? colors : "") +
           static_cast<char>(size) + static_cast<char>(data.size()) + data + std::string("\0;", 2);
}

std::string colorsOf(int bits, std::size_t entrySize)
{
    std::string colors;
    for (int i = 0; i < 1 << bits; ++i) {
        std::string one{static_cast<char>(i * 91 + 7), static_cast<char>(i * 57), static_cast<char>(255 - i * 33), '\0'};
        colors += one.substr(0, entrySize);
    }
    return colors;
}

} // namespace

class GrayRampTest : public QObject
{
    Q_OBJECT

    test::TemporaryFolder m_folder;
    std::filesystem::path made(const std::string &bytes) const
    {
        test::writeAll(m_folder / "made.bin", bytes);
        return m_folder / "made.bin";
    }

private Q_SLOTS:
    void numbersOfLabels_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("bits");
        const auto row = [](const std::string &name, const std::string &bytes, int bits) {
            QTest::newRow(name.c_str()) << QByteArray::fromStdString(bytes) << bits;
        };
        for (const int bits : {1, 4, 8})
            row("BMP " + std::to_string(bits), bmp(bits, colorsOf(bits, 4)), bits);
        for (const int bits : {1, 2, 4, 7})
            for (const bool local : {false, true})
                for (const bool transparent : {false, true})
                    row("GIF " + std::to_string(bits) + (local ? " local" : "") + (transparent ? " transparent" : ""),
                        gif(bits, colorsOf(bits, 3), local, transparent), bits);
    }
    void numbersOfLabels()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, bits);
        if (!test::withVips) {
            EXPECT_ERROR(openLabels(made(bytes.toStdString())), test::refusalWithoutVips);
            return;
        }
        const auto source = openLabels(made(bytes.toStdString()));
        QCOMPARE(source->info().channels, std::int64_t(1));
        QCOMPARE(source->info().width, std::int64_t(6));
        const Array page = source->readPage(0);
        for (int y = 0; y < 4; ++y)
            for (int x = 0; x < 6; ++x)
                QCOMPARE(page.value(y * 6 + x), double(numberAt(x, y, bits)));
    }
    void tablesBecomeRamps()
    {
        const auto before = bmp(4, colorsOf(4, 4)), after = withGrayRamp(RandomFile(made(before)));
        QCOMPARE(after.size(), before.size());
        QCOMPARE(after.substr(0, 54), before.substr(0, 54));
        QCOMPARE(after.substr(54, 12), std::string("\0\0\0\0\1\1\1\0\2\2\2\0", 12));
        QCOMPARE(after.substr(54 + 64), before.substr(54 + 64));
        QVERIFY(withGrayRamp(RandomFile(made("BM no bitmap"))).empty());
        QVERIFY(withGrayRamp(RandomFile(made(std::string("II*\0\x08\0\0\0", 8)))).empty());
        auto colors = before;
        colors[28] = 24;
        QVERIFY(withGrayRamp(RandomFile(made(colors))).empty());
    }
    void damagedFilesStayInside()
    {
        for (const auto &whole : {bmp(8, colorsOf(8, 4)), gif(4, colorsOf(4, 3), true, true)})
            for (std::size_t n = 1; n < whole.size(); n += 3)
                QVERIFY(withGrayRamp(RandomFile(made(whole.substr(0, n)))).size() <= n);
    }
};

RETICLE_TEST(GrayRampTest)
#include "GrayRampTest.moc"
