#include "base/ColourMap.h"
#include "base/Error.h"
#include "support/Test.h"

#include <cmath>
#include <set>

using namespace reticle;

class ColourMapTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
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
