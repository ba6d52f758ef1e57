#include "learn/Confusion.h"

#include "support/Test.h"

#include <cmath>

using namespace reticle;

class ConfusionTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void countsAMask()
    {
        // tp 2, fp 1, fn 1, tn 3, one ignored.
        const std::uint8_t target[] = {1, 1, 1, 0, 0, 0, 0, 255}, predicted[] = {1, 1, 0, 1, 0, 0, 0, 1};
        Confusion c(2);
        c.add(predicted, target, 5);
        c.add(predicted + 5, target + 5, 3);
        QCOMPARE(c.pixels(), std::int64_t(7));
        QCOMPARE(c.pixelError(), 2.0 / 7);
        QCOMPARE(c.iou(), 0.5);
        QCOMPARE(c.dice(), 2.0 / 3);
        QCOMPARE(c.iou(0), 0.6);
    }
    void leavesUndefinedClassesOut()
    {
        const std::uint8_t target[] = {0, 0, 1, 1}, predicted[] = {0, 1, 1, 1};
        Confusion c(4);
        c.add(predicted, target, 4);
        QVERIFY(std::isnan(c.iou(3)));
        QCOMPARE(c.iou(), (0.5 + 2.0 / 3) / 2);
        QVERIFY(std::isnan(Confusion(2).pixelError()));
        QVERIFY(std::isnan(Confusion(2).dice()));
    }
};

RETICLE_TEST(ConfusionTest)
#include "ConfusionTest.moc"
