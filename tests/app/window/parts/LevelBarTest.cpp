#include "window/parts/LevelBar.h"

#include "support/Test.h"
#include "widgets/views/Theme.h"

#include <QApplication>
#include <QPushButton>

using namespace reticle;

class LevelBarTest : public QObject
{
    Q_OBJECT
    static QPoint placeOf(LevelBar &bar, const char *name)
    {
        auto *button = bar.findChild<QPushButton *>(QLatin1String(name));
        return button->mapTo(&bar, QPoint());
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    /// A button that has no room for its text is not to be read: the levels get a row of their own instead.
    void noTextIsCutWhereThereIsLittleRoom()
    {
        auto *save = new QPushButton("Save image");
        save->setObjectName("beside");
        LevelBar bar;
        bar.setBeside(save);
        bar.setLevels({"8", "7", "6", "5", "4", "3", "2", "1"});
        for (const auto &[width, rows] : {std::pair(1400, 1), {640, 2}, {1400, 1}, {640, 2}}) {
            bar.resize(width, 200);
            bar.show();
            QVERIFY(QTest::qWaitForWindowExposed(&bar));
            QTRY_COMPARE(placeOf(bar, "level1").y() > placeOf(bar, "level-1").y(), rows == 2);
            QCOMPARE(placeOf(bar, "beside").y() / 10, placeOf(bar, "level-1").y() / 10);
            for (const auto *button : bar.findChildren<QPushButton *>()) {
                QVERIFY2(button->width() >= button->sizeHint().width(), qPrintable(button->objectName()));
                QVERIFY(button->mapTo(&bar, QPoint(button->width(), 0)).x() <= bar.width());
            }
            QVERIFY(placeOf(bar, "level8").x() < placeOf(bar, "level1").x());
        }
        // Boxes stand below the buttons of their levels in either.
        bar.setLevel(LevelBar::reconstruction);
        const auto *box = bar.findChild<QWidget *>("keep3V");
        const auto *button = bar.findChild<QPushButton *>("level3");
        QTRY_VERIFY(std::abs(box->geometry().center().x() - button->geometry().center().x()) <= 2);
        QVERIFY(box->geometry().top() > button->geometry().bottom() - 1);
    }
};

RETICLE_TEST(LevelBarTest)
#include "LevelBarTest.moc"
