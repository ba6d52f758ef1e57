#include "window/parts/ImageSetList.h"

#include "support/Test.h"
#include "widgets/views/Theme.h"

#include <QApplication>
#include <QScrollBar>
#include <QSignalSpy>

using namespace reticle;

/// Image sets that are listed anew whenever something about them may have changed.
class ImageSetListTest : public QObject
{
    Q_OBJECT
private:
    static std::vector<ImageSetList::Choice> choices(int count)
    {
        std::vector<ImageSetList::Choice> all;
        for (int i = 0; i < count; ++i)
            all.push_back({QStringLiteral("set %1").arg(i), QStringLiteral("/data/%1.tif").arg(i)});
        return all;
    }
    static QString current(const ImageSetList &list) { return list.currentItem() ? list.currentItem()->text() : QString(); }

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void theKeyboardStaysWhereItWas()
    {
        ImageSetList list;
        QCOMPARE(list.accessibleName(), QStringLiteral("Compare with"));
        list.resize(200, list.minimumSizeHint().height());
        list.show();
        auto all = choices(20);
        list.setChoices(all, {});
        list.setCurrentRow(12);
        QVERIFY(list.verticalScrollBar()->value() > 0);
        const auto *item = list.currentItem();
        const int scrolled = list.verticalScrollBar()->value();
        list.setChoices(all, {});
        QCOMPARE(list.currentItem(), item); // nothing new: nothing was touched
        // Ticked by the keyboard and told back, as the settings do.
        QSignalSpy chosen(&list, &ImageSetList::chosenChanged);
        QTest::keyClick(&list, Qt::Key_Space);
        QCOMPARE(chosen.size(), 1);
        list.setChoices(all, chosen[0][0].toStringList());
        QCOMPARE(list.currentItem(), item);
        QCOMPARE(list.currentItem()->checkState(), Qt::Checked);
        // Another set before it: the same entry, and the same part of the list.
        all.insert(all.begin(), {QStringLiteral("new"), QStringLiteral("/data/new.tif")});
        list.setChoices(all, list.chosen());
        QCOMPARE(current(list), QStringLiteral("set 12"));
        QVERIFY(list.currentItem()->isSelected());
        QCOMPARE(list.verticalScrollBar()->value(), scrolled);
        // It goes: its place stays.
        all.erase(all.begin() + 13);
        list.setChoices(all, {});
        QCOMPARE(current(list), QStringLiteral("set 13"));
    }
    void aRunAtWorkKeepsThePlace()
    {
        ImageSetList list;
        list.show();
        auto all = choices(2);
        all.push_back({QStringLiteral("run 3"), {}, 3});
        list.setChoices(all, {});
        list.setCurrentRow(2);
        QSignalSpy wanted(&list, &ImageSetList::runWanted);
        QTest::keyClick(&list, Qt::Key_Space);
        QCOMPARE(wanted.size(), 1);
        list.setChoices(all, {}); // it could not begin
        QCOMPARE(list.item(2)->checkState(), Qt::Unchecked);
        QTest::keyClick(&list, Qt::Key_Space);
        QCOMPARE(wanted.size(), 2);
        all[2].busy = true;
        list.setChoices(all, {});
        QCOMPARE(list.item(2)->checkState(), Qt::Checked);
        QTest::keyClick(&list, Qt::Key_Up);
        QCOMPARE(current(list), QStringLiteral("set 1"));
    }
    void whatIsNoChoiceGoesWithItsTick()
    {
        ImageSetList list;
        list.setChoices(choices(2), {QStringLiteral("/elsewhere/c.tif")});
        QCOMPARE(list.count(), 3);
        list.item(2)->setCheckState(Qt::Unchecked);
        QVERIFY(list.chosen().isEmpty());
        list.setChoices(choices(2), {});
        QCOMPARE(list.count(), 2);
    }
    void aPathOfNothingTicksNoRun()
    {
        ImageSetList list;
        list.setChoices({{QStringLiteral("set"), QStringLiteral("/data/a.tif")}, {QStringLiteral("run 3"), {}, 3}},
                        {QStringLiteral("/data/a.tif"), QString()});
        QCOMPARE(list.item(0)->checkState(), Qt::Checked);
        QCOMPARE(list.item(1)->checkState(), Qt::Unchecked);
    }
};

RETICLE_TEST(ImageSetListTest)
#include "ImageSetListTest.moc"
