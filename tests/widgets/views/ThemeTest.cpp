#include "widgets/views/Theme.h"
#include "support/Test.h"

#include <QApplication>
#include <QDir>
#include <QPushButton>
#include <QSignalSpy>

using namespace reticle;

class ThemeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void contrastIsThatOfTheStandard()
    {
        QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
        QCOMPARE(contrastRatio(Qt::white, Qt::white), 1.0);
        // #767676 on white is the well-known lightest gray that passes.
        QVERIFY(contrastRatio(QColor(0x76, 0x76, 0x76), Qt::white) >= 4.5);
        QVERIFY(contrastRatio(QColor(0x77, 0x77, 0x77), Qt::white) < 4.5);
    }
    void textIsReadable_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textIsReadable()
    {
        QFETCH(bool, dark);
        using R = ColorRole;
        const R inks[] = {R::Text, R::TextMuted, R::Accent, R::Positive, R::Warning, R::Danger};
        const R papers[] = {R::Window, R::Surface, R::Raised};
        for (const R ink : inks)
            for (const R paper : papers)
                QVERIFY2(contrastRatio(themeColor(ink, dark), themeColor(paper, dark)) >= 4.5,
                         qPrintable(QStringLiteral("%1 on %2").arg(int(ink)).arg(int(paper))));
        for (const R paper : {R::Hover, R::Pressed, R::AccentSoft, R::Canvas})
            QVERIFY(contrastRatio(themeColor(R::Text, dark), themeColor(paper, dark)) >= 4.5);
        QVERIFY(contrastRatio(themeColor(R::TextMuted, dark), themeColor(R::Hover, dark)) >= 4.5);
        QVERIFY(contrastRatio(themeColor(R::TextMuted, dark), themeColor(R::Canvas, dark)) >= 4.5);
        QVERIFY(contrastRatio(themeColor(R::AccentText, dark), themeColor(R::Accent, dark)) >= 4.5);
        // The focus ring is no text: 3 : 1 against what it lies on.
        for (const R paper : papers)
            QVERIFY(contrastRatio(themeColor(R::Accent, dark), themeColor(paper, dark)) >= 3);
    }
    void applyChangesPaletteAndTells()
    {
        QSignalSpy spy(&ThemeNotifier::instance(), &ThemeNotifier::changed);
        applyTheme(*qApp, Theme::Dark);
        QVERIFY(themeIsDark());
        QVERIFY(qApp->palette().color(QPalette::Window).lightness() < 60);
        QVERIFY(!qApp->styleSheet().contains(QLatin1Char('@')));
        applyTheme(*qApp, Theme::Light);
        QVERIFY(!themeIsDark());
        QVERIFY(qApp->palette().color(QPalette::Window).lightness() > 200);
        QVERIFY(!qApp->styleSheet().contains(QLatin1Char('@')));
        QCOMPARE(spy.count(), 2);
        QCOMPARE(currentTheme(), Theme::Light);
    }
    void styleSheetHasNoMistake()
    {
        // Qt reports a style sheet that it cannot read when the first widget is polished with it.
        for (const Theme t : {Theme::Light, Theme::Dark}) {
            applyTheme(*qApp, t);
            QTest::failOnWarning(QRegularExpression(QStringLiteral("parse|Unknown property")));
            QPushButton button;
            button.ensurePolished();
            QVERIFY(button.sizeHint().height() >= 26);
        }
    }
    void everyIconDraws()
    {
        const auto files = QDir(QStringLiteral(":/icons")).entryList();
        QVERIFY(files.size() > 40);
        applyTheme(*qApp, Theme::Light);
        for (const auto &file : files) {
            const QIcon icon = themeIcon(file.chopped(4));
            QVERIFY2(!icon.isNull(), qPrintable(file));
            const QImage image = icon.pixmap(QSize(24, 24)).toImage();
            bool ink = false;
            for (int y = 0; y < image.height() && !ink; ++y)
                for (int x = 0; x < image.width() && !ink; ++x)
                    ink = image.pixelColor(x, y).alpha() > 200 &&
                          contrastRatio(image.pixelColor(x, y), themeColor(ColorRole::Surface)) > 4.5;
            QVERIFY2(ink, qPrintable(file));
        }
        QVERIFY(themeIcon(QStringLiteral("no-such-icon")).isNull());
    }
    void iconsFollowTheTheme()
    {
        applyTheme(*qApp, Theme::Light);
        const QIcon icon = themeIcon(QStringLiteral("stop"));
        const auto darkest = [&icon] {
            const QImage image = icon.pixmap(QSize(24, 24)).toImage();
            return image.pixelColor(12, 6).lightness();
        };
        const int light = darkest();
        applyTheme(*qApp, Theme::Dark);
        QVERIFY(darkest() > light + 100);
        applyTheme(*qApp, Theme::Light);
        const QImage big = icon.pixmap(QSize(24, 24), 2.0).toImage();
        QCOMPARE(big.size(), QSize(48, 48));
    }
};

RETICLE_TEST(ThemeTest)
#include "ThemeTest.moc"
