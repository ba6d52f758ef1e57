#include "window/tour/CalloutPlace.h"

#include "support/Test.h"
#include <cstdlib>

using namespace reticle;
using Side = CalloutPlace::Side;

/// Where a callout goes, as numbers: no window is needed.
class CalloutPlaceTest : public QObject
{
    Q_OBJECT

    const std::vector<QSize> m_sizes{{340, 150}, {280, 170}, {230, 200}};

private Q_SLOTS:
    void belowIsPreferred()
    {
        const auto place = placeCallout({600, 300, 80, 30}, m_sizes, {0, 0, 1280, 800});
        QCOMPARE(place.side, Side::Below);
        QCOMPARE(place.rect.size(), m_sizes.front());
        QCOMPARE(place.rect.top(), 330);
        QVERIFY(std::abs(place.rect.center().x() - QRect(600, 300, 80, 30).center().x()) <= 1); // of halves
    }
    void atTheBottomItStandsAbove()
    {
        const auto place = placeCallout({1100, 760, 160, 36}, m_sizes, {0, 0, 1280, 800});
        QCOMPARE(place.side, Side::Above);
        QCOMPARE(place.rect.bottom(), 759);
        QCOMPARE(place.rect.right(), 1279); // shifted into the window
    }
    void smallTargetsAreNeverCovered_data()
    {
        QTest::addColumn<QRect>("bounds");
        QTest::newRow("large") << QRect(0, 24, 1280, 776);
        QTest::newRow("small") << QRect(0, 24, 683, 360);
    }
    void smallTargetsAreNeverCovered()
    {
        QFETCH(QRect, bounds);
        for (const QSize size : {QSize(20, 20), QSize(190, 40), QSize(34, 300)})
            for (int y = bounds.top(); y + size.height() - 1 <= bounds.bottom(); y += 13)
                for (int x = bounds.left(); x + size.width() - 1 <= bounds.right(); x += 17) {
                    const QRect target({x, y}, size);
                    const auto place = placeCallout(target, m_sizes, bounds);
                    QVERIFY2(bounds.contains(place.rect) && !place.rect.intersects(target) && place.side != Side::Corner,
                             qPrintable(QStringLiteral("%1 x %2 at %3, %4").arg(size.width()).arg(size.height()).arg(x).arg(y)));
                }
    }
    void aNarrowGapTakesTheNarrowSize()
    {
        // A panel that leaves 240 pixels on its right and nothing else.
        const auto place = placeCallout({0, 0, 440, 360}, m_sizes, {0, 0, 680, 360});
        QCOMPARE(place.side, Side::Right);
        QCOMPARE(place.rect.size(), m_sizes.back());
    }
    void whatElseIsSpokenOfStaysClear()
    {
        const QRect menu(40, 0, 40, 22), figure(0, 60, 900, 700), bounds(0, 24, 1280, 776);
        const auto beside = placeCallout({900, 300, 60, 30}, m_sizes, bounds, {figure});
        QVERIFY(!beside.rect.intersects(figure) && beside.side != Side::Corner);
        // Where it cannot be avoided the target still comes first.
        const auto below = placeCallout(menu, m_sizes, bounds, {figure});
        QVERIFY(!below.rect.intersects(menu) && bounds.contains(below.rect));
    }
    void aTargetWithoutRoomGivesACorner()
    {
        const QRect bounds(0, 24, 683, 360);
        const auto place = placeCallout(bounds, m_sizes, bounds);
        QCOMPARE(place.side, Side::Corner);
        QVERIFY(bounds.contains(place.rect));
    }
    void noTargetGivesTheBottomRightCorner()
    {
        const QRect bounds(0, 24, 683, 360);
        const auto place = placeCallout({}, m_sizes, bounds);
        QCOMPARE(place.side, Side::Corner);
        QCOMPARE(place.rect.bottomRight(), bounds.bottomRight());
        QCOMPARE(place.rect.size(), m_sizes.front());
    }
};

RETICLE_TEST(CalloutPlaceTest)
#include "CalloutPlaceTest.moc"
