#include "figure/ColorTables_p.h"

#include "figure/ColorMap.h"
#include "foundation/Json.h"
#include "support/Test.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <set>

using namespace reticle;

namespace {

const std::pair<const char *, const char *> tables[] = {
    {"viridis", viridisHex}, {"cividis", cividisHex}, {"magma", magmaHex}, {"inferno", infernoHex}, {"blue-red", blueRedHex}};

int channel(std::uint32_t color, int i) // 0 red, 1 green, 2 blue
{
    return static_cast<int>(color >> (16 - 8 * i) & 0xff);
}

/// CIE L*, D65.
double lightness(std::uint32_t color)
{
    double y = 0;
    const double weights[] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; ++i) {
        const double c = channel(color, i) / 255.0;
        y += weights[i] * (c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
    }
    return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

} // namespace

class ColorTablesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// Each letter is read as a digit without being looked at.
    void areTwoHundredAndFiftySixColors()
    {
        for (const auto &[name, hex] : tables) {
            QCOMPARE(std::strlen(hex), std::size_t(256 * 6));
            QCOMPARE(std::strspn(hex, "0123456789abcdef"), std::size_t(256 * 6));
        }
    }
    void areReadColorByColor()
    {
        for (const auto &[name, hex] : tables) {
            const auto &table = colorTable(name);
            for (const std::size_t i : {std::size_t(0), std::size_t(1), std::size_t(100), std::size_t(255)})
                QCOMPARE(table[i],
                         0xff000000u | static_cast<std::uint32_t>(std::stoul(std::string(hex + 6 * i, 6), nullptr, 16)));
        }
        QCOMPARE(colorTable("viridis")[0], 0xff440154u);
        QCOMPARE(colorTable("viridis")[255], 0xfffde725u);
        QCOMPARE(colorTable("magma")[255], 0xfffcfdbfu);
    }
    /// A wrong digit shows as a step: no channel moves by more than 9 of 255 from one color to the next.
    void areSmooth()
    {
        for (const auto &[name, hex] : tables) {
            const auto &table = colorTable(name);
            for (std::size_t i = 1; i < 256; ++i)
                for (int c = 0; c < 3; ++c)
                    QVERIFY2(std::abs(channel(table[i], c) - channel(table[i - 1], c)) <= 9,
                             (name + (": color " + std::to_string(i))).c_str());
        }
    }
    void hardlyRepeatAColor()
    {
        for (const auto &[name, hex] : tables) {
            const auto &table = colorTable(name);
            QVERIFY2(std::set<std::uint32_t>(table.begin(), table.end()).size() >= 245, name);
        }
    }
    void agreesWithMatplotlib()
    {
        std::ifstream file(test::source("tests/reference/colourmap.json"));
        const auto reference = Json::parse(file);
        QCOMPARE(reference.size(), 4u);
        for (const auto &[name, rows] : reference.items()) {
            const auto &table = colorTable(name);
            QCOMPARE(rows.size(), table.size());
            for (std::size_t i = 0; i < 256; ++i)
                for (int c = 0; c < 3; ++c)
                    QVERIFY2(std::abs(channel(table[i], c) - rows[i][c].get<int>()) <= 1, name.c_str());
        }
    }

    void sequentialMapsOnlyGetLighter()
    {
        for (const auto &name : colorMapNames()) {
            if (name == "blue-red")
                continue;
            const auto &table = colorTable(name);
            for (std::size_t i = 1; i < 256; ++i)
                QVERIFY2(lightness(table[i]) > lightness(table[i - 1]) - 0.35, name.c_str());
            QVERIFY(lightness(table[255]) > lightness(table[0]) + 70);
        }
        QVERIFY(std::abs(lightness(colorTable("viridis")[0]) - 14.95) < 0.5);
        QVERIFY(std::abs(lightness(colorTable("viridis")[255]) - 90.90) < 0.5);
    }

    void divergingMapIsBalanced()
    {
        const auto &table = colorTable("blue-red");
        for (std::size_t i = 0; i < 128; ++i)
            QVERIFY(std::abs(lightness(table[i]) - lightness(table[255 - i])) < 1.0);
        for (std::size_t i = 1; i < 128; ++i)
            QVERIFY(lightness(table[i]) > lightness(table[i - 1]) - 0.35);
        QVERIFY(lightness(table[127]) > 95);
        QVERIFY(channel(table[0], 2) > channel(table[0], 0)); // blue below
        QVERIFY(channel(table[255], 0) > channel(table[255], 2));
    }
};

RETICLE_TEST(ColorTablesTest)
#include "ColorTablesTest.moc"
