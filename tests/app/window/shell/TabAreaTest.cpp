#include "window/shell/TabArea.h"
#include "support/Test.h"

#include <QLabel>
#include <QPointer>
#include <QSignalSpy>
#include <QTabBar>
#include <QTabWidget>

using namespace reticle;

class TabAreaTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keysReadBackFromTheirText();
    void splitsAndJoins();
    void closesByKeyAndByMiddleButton();
    void remembersItsState();
    void titlesWithAmpersandsAreShownWhole();

private:
    const ItemKey m_a{ItemKey::Kind::Data, 1}, m_b{ItemKey::Kind::Run, 2}, m_c{ItemKey::Kind::Result, 3};
    void fill(TabArea &area)
    {
        area.resize(800, 500);
        for (const auto &key : {m_a, m_b, m_c})
            area.add(key, key.text(), {}, new QLabel(key.text()));
        area.setVisible(true);
        QVERIFY(QTest::qWaitForWindowExposed(&area));
    }
};

void TabAreaTest::keysReadBackFromTheirText()
{
    for (const ItemKey &key :
         {m_a, m_b, ItemKey{ItemKey::Kind::Prediction, 3, "x/y:z.tif"}, ItemKey{ItemKey::Kind::Figure, 5, "0"},
          ItemKey{ItemKey::Kind::Compare, 0, "1,2"}, ItemKey{ItemKey::Kind::NewData}, ItemKey::page("augmentation"),
          ItemKey::page("postprocess", m_b), ItemKey::page("any", {ItemKey::Kind::Prediction, 3, "x/y:z.tif"}),
          ItemKey::page("any", ItemKey::ofRuns({2, 1}))}) {
        QVERIFY2(ItemKey::fromText(key.text()) == key, qPrintable(key.text()));
    }
    QCOMPARE(ItemKey::page("wavelets", m_a).text(), QString("page:wavelets/data:1"));
    QCOMPARE(ItemKey::page("wavelets", m_a).pageName(), QString("wavelets"));
    QVERIFY(ItemKey::page("wavelets", m_a).thing() == m_a && m_b.thing() == m_b);
    QVERIFY(ItemKey::page("augmentation").thing().kind == ItemKey::Kind::None);
    QVERIFY(ItemKey::fromText("").kind == ItemKey::Kind::None);
    QVERIFY(ItemKey::fromText("nonsense:9").kind == ItemKey::Kind::None);
}

void TabAreaTest::titlesWithAmpersandsAreShownWhole()
{
    TabArea area;
    fill(area);
    const ItemKey key{ItemKey::Kind::Run, 9};
    const auto text = [&] {
        for (auto *tabs : area.findChildren<QTabWidget *>())
            if (const int i = tabs->indexOf(area.page(key)); i >= 0)
                return tabs->tabText(i);
        return QString();
    };
    area.add(key, "R&D", {}, new QLabel);
    QCOMPARE(text(), QString("R&&D"));
    area.moveToSide(key, true);
    QCOMPARE(text(), QString("R&&D"));
    area.setTitle(key, "a & b");
    QCOMPARE(text(), QString("a && b"));
}

void TabAreaTest::splitsAndJoins()
{
    TabArea area;
    fill(area);
    QCOMPARE(area.groups(), 1);
    QPointer<QWidget> page = area.page(m_b);
    area.moveToSide(m_b, true);
    QCOMPARE(area.groups(), 2);
    QVERIFY(area.page(m_b) == page);
    QVERIFY(area.currentKey() == m_b);
    QTRY_VERIFY(page->mapTo(&area, QPoint()).x() > 350);
    QVERIFY(area.page(m_c)->mapTo(&area, QPoint()).x() < 20);
    area.moveToSide(m_b, false);
    QCOMPARE(area.groups(), 1);
    QVERIFY(page);
    area.add({ItemKey::Kind::Run, 9}, "beside", {}, new QLabel, true);
    QCOMPARE(area.groups(), 2);
    area.close({ItemKey::Kind::Run, 9});
    QCOMPARE(area.groups(), 1);
    QCOMPARE(area.keys().size(), std::size_t(3));
}

void TabAreaTest::closesByKeyAndByMiddleButton()
{
    TabArea area;
    fill(area);
    QSignalSpy closed(&area, &TabArea::closed);
    auto *bar = area.findChild<QTabBar *>();
    QTest::mouseClick(bar, Qt::MiddleButton, {}, bar->tabRect(0).center());
    QCOMPARE(closed.size(), 1);
    QVERIFY(!area.page(m_a));
    area.show(m_c);
    area.page(m_c)->setFocusPolicy(Qt::StrongFocus);
    area.activateWindow();
    area.page(m_c)->setFocus();
    QTRY_VERIFY(area.page(m_c)->hasFocus());
    QTest::keySequence(area.page(m_c), QKeySequence::Close);
    QTRY_VERIFY(!area.page(m_c));
    QVERIFY(area.currentKey() == m_b);
    area.closeAll();
    QVERIFY(area.keys().empty());
    QCOMPARE(area.groups(), 1);
}

void TabAreaTest::remembersItsState()
{
    TabArea area;
    fill(area);
    area.moveToSide(m_c, true);
    QCOMPARE(area.state(), QStringList({"data:1|run:2*", "result:3*"}));
}

RETICLE_TEST(TabAreaTest)
#include "TabAreaTest.moc"
