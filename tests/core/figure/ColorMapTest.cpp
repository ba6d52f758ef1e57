#include "figure/ColorMap.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <cmath>
#include <set>

using namespace reticle;

class ColorMapTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void unknownMapIsNamed()
    {
        EXPECT_ERROR(colorTable("virids"), "did you mean viridis?");
        EXPECT_ERROR(colorTable("jet"), "expected one of viridis, cividis");
    }

    void fractionsMapToEntries()
    {
        const auto &gray = colorTable("gray");
        QCOMPARE(mapColor(gray, 0), 0xff000000u);
        QCOMPARE(mapColor(gray, 1), 0xffffffffu);
        QCOMPARE(mapColor(gray, 0.5), 0xff808080u);
        QCOMPARE(mapColor(gray, -3), 0xff000000u);
        QCOMPARE(mapColor(gray, INFINITY), 0xffffffffu);
        QCOMPARE(mapColor(gray, -INFINITY), 0xff000000u);
        QCOMPARE(mapColor(gray, NAN, 0xff112233u), 0xff112233u);
    }

    void labelsAreStableAndDistinct()
    {
        QCOMPARE(labelColor(0), 0u);
        QCOMPARE(labelColor(1), 0xffe69f00u);
        QCOMPARE(labelColor(12345), labelColor(12345));
        std::set<std::uint32_t> seen;
        for (int i = 1; i <= 40; ++i)
            seen.insert(labelColor(i));
        QCOMPARE(seen.size(), 40u);
        QCOMPARE(labelColor(-1) >> 24, 0xffu);
        QCOMPARE(paletteColor(0), 0xff000000u);
        QCOMPARE(paletteColor(8), paletteColor(0));
        QCOMPARE(paletteColor(5), 0xff0072b2u);
    }
};

RETICLE_TEST(ColorMapTest)
#include "ColorMapTest.moc"
