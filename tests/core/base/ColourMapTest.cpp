#include "base/ColourMap.h"
#include "base/Error.h"
#include "base/Json.h"
#include "support/Test.h"

#include <cmath>
#include <fstream>
#include <set>

using namespace reticle;

namespace {

int channel(std::uint32_t colour, int i) // 0 red, 1 green, 2 blue
{
    return static_cast<int>(colour >> (16 - 8 * i) & 0xff);
}

/// CIE L*, D65.
double lightness(std::uint32_t colour)
{
    double y = 0;
    const double weights[] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; ++i) {
        const double c = channel(colour, i) / 255.0;
        y += weights[i] * (c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
    }
    return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

} // namespace

class ColourMapTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithMatplotlib()
    {
        std::ifstream file(test::source("tests/reference/colourmap.json"));
        const auto reference = Json::parse(file);
        QCOMPARE(reference.size(), 4u);
        for (const auto &[name, rows] : reference.items()) {
            const auto &table = colourTable(name);
            QCOMPARE(rows.size(), table.size());
            for (std::size_t i = 0; i < 256; ++i)
                for (int c = 0; c < 3; ++c)
                    QVERIFY2(std::abs(channel(table[i], c) - rows[i][c].get<int>()) <= 1, name.c_str());
        }
    }

    void sequentialMapsOnlyGetLighter()
    {
        for (const auto &name : colourMapNames()) {
            if (name == "blue-red")
                continue;
            const auto &table = colourTable(name);
            for (std::size_t i = 1; i < 256; ++i)
                QVERIFY2(lightness(table[i]) > lightness(table[i - 1]) - 0.35, name.c_str());
            QVERIFY(lightness(table[255]) > lightness(table[0]) + 70);
        }
        QVERIFY(std::abs(lightness(colourTable("viridis")[0]) - 14.95) < 0.5);
        QVERIFY(std::abs(lightness(colourTable("viridis")[255]) - 90.90) < 0.5);
    }

    void divergingMapIsBalanced()
    {
        const auto &table = colourTable("blue-red");
        for (std::size_t i = 0; i < 128; ++i)
            QVERIFY(std::abs(lightness(table[i]) - lightness(table[255 - i])) < 1.0);
        QVERIFY(lightness(table[127]) > 95);
        QVERIFY(channel(table[0], 2) > channel(table[0], 0)); // blue below
        QVERIFY(channel(table[255], 0) > channel(table[255], 2));
    }

    void unknownMapIsNamed()
    {
        EXPECT_ERROR(colourTable("virids"), "did you mean viridis?");
        EXPECT_ERROR(colourTable("jet"), "expected one of viridis, cividis");
    }

    void fractionsMapToEntries()
    {
        const auto &grey = colourTable("grey");
        QCOMPARE(mapColour(grey, 0), 0xff000000u);
        QCOMPARE(mapColour(grey, 1), 0xffffffffu);
        QCOMPARE(mapColour(grey, 0.5), 0xff808080u);
        QCOMPARE(mapColour(grey, -3), 0xff000000u);
        QCOMPARE(mapColour(grey, INFINITY), 0xffffffffu);
        QCOMPARE(mapColour(grey, -INFINITY), 0xff000000u);
        QCOMPARE(mapColour(grey, NAN, 0xff112233u), 0xff112233u);
    }

    void labelsAreStableAndDistinct()
    {
        QCOMPARE(labelColour(0), 0u);
        QCOMPARE(labelColour(1), 0xffe69f00u);
        QCOMPARE(labelColour(12345), labelColour(12345));
        std::set<std::uint32_t> seen;
        for (int i = 1; i <= 40; ++i)
            seen.insert(labelColour(i));
        QCOMPARE(seen.size(), 40u);
        QCOMPARE(labelColour(-1) >> 24, 0xffu);
        QCOMPARE(paletteColour(0), 0xff000000u);
        QCOMPARE(paletteColour(8), paletteColour(0));
        QCOMPARE(paletteColour(5), 0xff0072b2u);
    }
};

RETICLE_TEST(ColourMapTest)
#include "ColourMapTest.moc"
