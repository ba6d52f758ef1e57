#include "window/shell/AboutReticle.h"

#include "app/window/shell/MainWindowFixture.h"
#include "window/actions/Command.h"

#include <QClipboard>
#include <QGuiApplication>

using namespace reticle;
using test::shown;

class AboutReticleTest : public test::MainWindowFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init() { makeBox(); }
    void cleanup() { removeBox(); }

    void theVersionsOfAllPartsAreShownAndCopied()
    {
        open();
        m_window->commands()->trigger("about");
        auto *copy = shown<QPushButton>(m_window.get(), "copyVersions");
        QVERIFY(copy);
        QTest::mouseClick(copy, Qt::LeftButton);
        const QString text = QGuiApplication::clipboard()->text();
        for (const char *part : {"Reticle: ", "Qt: 6", "VTK: 9", "LibTorch: ", "System: "})
            QVERIFY2(text.contains(QLatin1String(part)), qPrintable(text));
        QVERIFY(!text.contains("not started"));
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "closeAbout"), Qt::LeftButton);
        QVERIFY(!shown<QPushButton>(m_window.get(), "copyVersions"));
    }
    void aWorkerThatHasNotAnsweredIsNamed()
    {
        bool told = false;
        for (const auto &[name, version] : versionsOf(Json()))
            told = told || version == QString("not started yet");
        QVERIFY(told);
    }
    void aWorkerOfAnotherVersionIsToldApart()
    {
        const auto names = [](const Json &hello) {
            QStringList all;
            for (const auto &[name, version] : versionsOf(hello))
                all << name + "=" + version;
            return all;
        };
        QVERIFY(names({{"version", "9.9"}, {"torch", "2.1"}}).contains("Worker=9.9"));
        QVERIFY(names({{"version", "9.9"}, {"torch", "2.1"}}).contains("LibTorch=2.1"));
    }
};

RETICLE_TEST(AboutReticleTest)
#include "AboutReticleTest.moc"
