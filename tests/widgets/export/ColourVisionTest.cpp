#include "widgets/export/ColourVision.h"
#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

QRgb seen(ColourVision vision, QRgb colour)
{
    QImage one(1, 1, QImage::Format_RGB32);
    one.setPixel(0, 0, colour);
    return seenWith(vision, one).pixel(0, 0);
}

int distance(QRgb a, QRgb b)
{
    return std::abs(qRed(a) - qRed(b)) + std::abs(qGreen(a) - qGreen(b)) + std::abs(qBlue(a) - qBlue(b));
}

} // namespace

class ColourVisionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void greysStayWhatTheyAre()
    {
        for (const auto vision : {ColourVision::Usual, ColourVision::Protanopia, ColourVision::Deuteranopia,
                                  ColourVision::Tritanopia, ColourVision::Grey})
            for (int v = 0; v < 256; v += 15)
                QVERIFY(distance(seen(vision, qRgb(v, v, v)), qRgb(v, v, v)) <= 3);
    }
    void redAndGreenFallTogether()
    {
        // A red and a green that differ for most eyes but hardly without the green-sensitive cones.
        const QRgb red = qRgb(200, 90, 60), green = qRgb(128, 130, 50);
        QVERIFY(distance(red, green) > 110);
        QVERIFY(distance(seen(ColourVision::Deuteranopia, red), seen(ColourVision::Deuteranopia, green)) < 40);
        QVERIFY(distance(seen(ColourVision::Tritanopia, red), seen(ColourVision::Tritanopia, green)) > 80);
    }
    void knownValues()
    {
        // Row sums of the published matrices times pure red, encoded as sRGB.
        QCOMPARE(qRed(seen(ColourVision::Protanopia, qRgb(255, 0, 0))), 109);
        QCOMPARE(qGreen(seen(ColourVision::Protanopia, qRgb(255, 0, 0))), 95);
        QCOMPARE(qBlue(seen(ColourVision::Protanopia, qRgb(255, 0, 0))), 0);
        const QRgb g = seen(ColourVision::Grey, qRgb(0, 255, 0));
        QVERIFY(qRed(g) == qGreen(g) && qGreen(g) == qBlue(g) && qRed(g) == 220);
        QCOMPARE(seen(ColourVision::Usual, qRgb(1, 2, 3)), qRgb(1, 2, 3));
    }
};

RETICLE_TEST(ColourVisionTest)
#include "ColourVisionTest.moc"
