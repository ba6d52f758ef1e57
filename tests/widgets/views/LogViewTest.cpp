#include "widgets/views/LogView.h"

#include "support/Test.h"
#include "widgets/views/Theme.h"

#include <QApplication>
#include <QPlainTextEdit>

using namespace reticle;

class LogViewTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void keepsTheLatestLines()
    {
        LogView log;
        log.setMaximumLines(100);
        log.show();
        for (int i = 0; i < 1000; ++i)
            log.append(LogView::Level::Info, QString::number(i));
        QCOMPARE(log.lines(), 100);
        QVERIFY(log.text().startsWith(QStringLiteral("900\n")));
        auto *edit = log.findChild<QPlainTextEdit *>();
        QTRY_VERIFY(edit->toPlainText().endsWith(QStringLiteral("999")));
        QCOMPARE(edit->blockCount(), 100);
        log.append(LogView::Level::Info, QStringLiteral("one\ntwo"));
        QTRY_VERIFY(edit->toPlainText().endsWith(QStringLiteral("one\ntwo")));
        QCOMPARE(edit->toPlainText(), log.text());
        QVERIFY(edit->toPlainText().startsWith(QStringLiteral("902\n")));
    }
    void levelsAreWords()
    {
        LogView log;
        log.append(LogView::Level::Warning, QStringLiteral("slow"), QStringLiteral("12:00:01"));
        log.append(LogView::Level::Error, QStringLiteral("gone"));
        QCOMPARE(log.text(), QStringLiteral("12:00:01  warning  slow\nerror  gone"));
        auto *edit = log.findChild<QPlainTextEdit *>();
        QTRY_COMPARE(edit->toPlainText(), log.text());
        applyTheme(*qApp, Theme::Dark); // written again in the other colors
        QCOMPARE(edit->toPlainText(), log.text());
        applyTheme(*qApp, Theme::Light);
        log.clear();
        QCOMPARE(log.lines(), 0);
        QVERIFY(edit->toPlainText().isEmpty());
    }
    void cannotBeTypedInto()
    {
        LogView log;
        log.show();
        log.append(LogView::Level::Info, QStringLiteral("a"));
        auto *edit = log.findChild<QPlainTextEdit *>();
        QTRY_COMPARE(edit->toPlainText(), QStringLiteral("a"));
        QTest::keyClicks(edit, QStringLiteral("xyz"));
        QCOMPARE(edit->toPlainText(), QStringLiteral("a"));
    }
};

RETICLE_TEST(LogViewTest)
#include "LogViewTest.moc"
