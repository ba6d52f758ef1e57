#include "widgets/export/ColorVision.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

QRgb seen(ColorVision vision, QRgb color)
{
    QImage one(1, 1, QImage::Format_RGB32);
    one.setPixel(0, 0, color);
    return seenWith(vision, one).pixel(0, 0);
}

int distance(QRgb a, QRgb b)
{
    return std::abs(qRed(a) - qRed(b)) + std::abs(qGreen(a) - qGreen(b)) + std::abs(qBlue(a) - qBlue(b));
}

} // namespace

class ColorVisionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void graysStayWhatTheyAre()
    {
        for (const auto vision :
             {ColorVision::Usual, ColorVision::Protanopia, ColorVision::Deuteranopia, ColorVision::Tritanopia, ColorVision::Gray})
            for (int v = 0; v < 256; v += 15)
                QVERIFY(distance(seen(vision, qRgb(v, v, v)), qRgb(v, v, v)) <= 3);
    }
    void redAndGreenFallTogether()
    {
        // A red and a green that differ for most eyes but hardly without the green-sensitive cones.
        const QRgb red = qRgb(200, 90, 60), green = qRgb(128, 130, 50);
        QVERIFY(distance(red, green) > 110);
        QVERIFY(distance(seen(ColorVision::Deuteranopia, red), seen(ColorVision::Deuteranopia, green)) < 40);
        QVERIFY(distance(seen(ColorVision::Tritanopia, red), seen(ColorVision::Tritanopia, green)) > 80);
    }
    void knownValues()
    {
        // Row sums of the published matrices times pure red, encoded as sRGB.
        QCOMPARE(qRed(seen(ColorVision::Protanopia, qRgb(255, 0, 0))), 109);
        QCOMPARE(qGreen(seen(ColorVision::Protanopia, qRgb(255, 0, 0))), 95);
        QCOMPARE(qBlue(seen(ColorVision::Protanopia, qRgb(255, 0, 0))), 0);
        const QRgb g = seen(ColorVision::Gray, qRgb(0, 255, 0));
        QVERIFY(qRed(g) == qGreen(g) && qGreen(g) == qBlue(g) && qRed(g) == 220);
        QCOMPARE(seen(ColorVision::Usual, qRgb(1, 2, 3)), qRgb(1, 2, 3));
    }
};

RETICLE_TEST(ColorVisionTest)
#include "ColorVisionTest.moc"
