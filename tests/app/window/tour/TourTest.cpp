#include "window/tour/Tour.h"
#include "app/window/shell/MainWindowFixture.h"
#include "widgets/export/ExportDialog.h"
#include "window/actions/Command.h"
#include "window/pages/ImagePage.h"
#include "window/pages/PageOpener.h"
#include "window/pages/ResultPage.h"
#include "window/pages/TrainingPage.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/tour/Callout.h"

#include <QLabel>
#include <QMenuBar>
#include <QSlider>
#include <QToolButton>

using namespace reticle;
using test::shown;

/// The tour of the window by mouse and keys: it points at what is there, follows what is done, and starts nothing.
class TourTest : public test::MainWindowFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init() { makeBox(); }
    void cleanup() { removeBox(); }

    void theStartPageLeadsToTheSample();
    void doingWhatItSaysLeadsThroughAllSteps();
    void nextLeadsThroughAllStepsAndStartsNothing();
    void escLeavesAndTheTourContinuesThere();
    void theLastStepFinishes();
    void aQuestionOverTheWindowComesFirst();
    void keysReachTheButtons();
    void fitsASmallWindowInBothThemes();
    void ownDataAreGuidedToo();

private:
    Tour *tour() const { return m_window->tour(); }
    Callout *callout() const { return m_window->findChild<Callout *>(QStringLiteral("tour")); }
    void press(const char *button) { QTest::mouseClick(shown<QAbstractButton>(m_window.get(), button), Qt::LeftButton); }
    void begin() { m_window->commands()->trigger("tour"); }
    QRect place(const QWidget *w) const { return QRect(w->mapTo(m_window.get(), QPoint(0, 0)), w->size()); }
    /// The callout is on show, whole, and not over what it points at.
    bool standsWell() const
    {
        const auto *c = callout();
        return c->isVisible() && m_window->centralWidget()->geometry().contains(c->geometry()) &&
               !c->geometry().intersects(c->target());
    }
    bool pointsAt(const QWidget *w) const { return w && standsWell() && callout()->target() == place(w); }
};

void TourTest::theStartPageLeadsToTheSample()
{
    open();
    QVERIFY(!tour());
    QCOMPARE(shown<QPushButton>(m_window.get(), "showTour")->text(), QString("Show me around"));
    press("showTour");
    QVERIFY(tour() && tour()->isRunning());
    QCOMPARE(tour()->step(), 0);
    QTRY_VERIFY(pointsAt(shown<QAbstractButton>(m_window.get(), "sampleTissue")));
    QVERIFY(callout()->text().startsWith("Click Tissue."));
    QVERIFY(shown<QLabel>(m_window.get(), "tourHeading")->text().contains("1 of 6"));
    QVERIFY(!shown<QPushButton>(m_window.get(), "tourBack")->isEnabled());
    QVERIFY(shown<QWidget>(m_window.get(), "tourRing"));
    // The ring is in no click's way.
    const QPoint at = callout()->target().center();
    QCOMPARE(m_window->childAt(at)->objectName(), QString("sampleTissue"));
}

void TourTest::doingWhatItSaysLeadsThroughAllSteps()
{
    open();
    press("showTour");
    press("sampleTissue");
    QTRY_COMPARE(tour()->step(), 1);

    QTRY_VERIFY(page<ImagePage>() && shown<QSlider>(m_window.get(), "slice"));
    auto *slider = shown<QSlider>(m_window.get(), "slice");
    QTRY_VERIFY(pointsAt(slider));
    QTest::keyClick(slider, Qt::Key_Right);
    QTRY_COMPARE(tour()->step(), 2);

    auto *train = m_window->side()->trainForm()->trainButton();
    QTRY_VERIFY(train->isEnabled() && pointsAt(train));
    setRecipe("short");
    clickTrain();
    QTRY_COMPARE(tour()->step(), 3);

    QTRY_VERIFY(page<TrainingPage>() && pointsAt(shown<QPushButton>(m_window.get(), "seePrediction")));
    press("seePrediction");
    QVERIFY(page<ImagePage>());
    auto *evaluate = shown<QPushButton>(m_window.get(), "evaluate");
    QVERIFY(evaluate);
    QTRY_VERIFY(pointsAt(evaluate));
    press("evaluate");
    QTRY_COMPARE(tour()->step(), 4);

    // The result is offered; nothing has opened by itself.
    QTRY_VERIFY(pointsAt(m_window->message()));
    QPushButton *openIt = nullptr;
    for (auto *b : m_window->message()->findChildren<QPushButton *>())
        if (b->isVisible() && b->text() == "Open")
            openIt = b;
    QVERIFY(openIt);
    QTest::mouseClick(openIt, Qt::LeftButton);
    QTRY_VERIFY(page<ResultPage>());
    const QRect edit = m_window->menuBar()->actionGeometry(m_window->menuBar()->actions().at(1));
    QTRY_COMPARE(callout()->target(), edit.translated(m_window->menuBar()->pos()));
    QVERIFY(standsWell());
    QTest::keyClick(m_window.get(), Qt::Key_E, Qt::ControlModifier);
    QTRY_COMPARE(tour()->step(), 5);
    auto *dialog = m_window->findChild<ExportDialog *>();
    QVERIFY(dialog && dialog->isVisible());
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(!m_window->findChild<ExportDialog *>());
    QVERIFY(tour()->isRunning()); // Esc was for the dialog

    QTRY_VERIFY(pointsAt(m_window->tree()));
    m_window->pages()->open({ItemKey::Kind::Run, 1});
    QTRY_VERIFY(pointsAt(shown<QPushButton>(m_window.get(), "trainAgain")));
    press("trainAgain");
    QTRY_VERIFY(callout()->text().startsWith("Open Compare models"));
    QTRY_VERIFY(!callout()->target().isEmpty() && standsWell());
    press("tourNext");
    QVERIFY(!tour()->isRunning());
    QVERIFY(!callout()->isVisible());
}

void TourTest::nextLeadsThroughAllStepsAndStartsNothing()
{
    open();
    begin();
    for (int step = 0; step < tour()->steps(); ++step) {
        QCOMPARE(tour()->step(), step);
        QVERIFY(standsWell());
        QVERIFY(callout()->text().endsWith('.'));
        // Without a project every step leads back to the sample.
        QVERIFY(pointsAt(shown<QAbstractButton>(m_window.get(), "sampleTissue")));
        QCOMPARE(shown<QPushButton>(m_window.get(), "tourNext")->text(), step + 1 < tour()->steps() ? "Next" : "Finish");
        press("tourNext");
    }
    QVERIFY(!tour()->isRunning());
    QVERIFY(m_window->showsStart());
    QVERIFY(m_window->session()->jobs()->all().empty());
    QVERIFY(!m_window->session()->project());
    begin();
    press("tourNext");
    press("tourBack");
    QCOMPARE(tour()->step(), 0);
}

void TourTest::escLeavesAndTheTourContinuesThere()
{
    open();
    begin();
    press("tourNext");
    press("tourNext");
    QCOMPARE(tour()->step(), 2);
    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    QVERIFY(!tour()->isRunning());
    QVERIFY(!callout()->isVisible());
    QVERIFY(!shown<QWidget>(m_window.get(), "tourRing"));
    QCOMPARE(shown<QPushButton>(m_window.get(), "showTour")->text(), QString("Continue the tour"));
    press("showTour");
    QCOMPARE(tour()->step(), 2);
    // The cross does the same, and so does closing the window.
    press("tourClose");
    QVERIFY(!tour()->isRunning());
    begin();
    m_window->close();
    m_window.reset();
    open();
    QVERIFY(!tour()); // it comes back when it is asked for
    QCOMPARE(shown<QPushButton>(m_window.get(), "showTour")->text(), QString("Continue the tour"));
    press("showTour");
    QCOMPARE(tour()->step(), 2);
    QVERIFY(standsWell());
}

void TourTest::theLastStepFinishes()
{
    open();
    begin();
    for (int step = 0; step < tour()->steps(); ++step)
        press("tourNext");
    QCOMPARE(Tour::leftAt(), 0);
    QCOMPARE(shown<QPushButton>(m_window.get(), "showTour")->text(), QString("Show me around"));
    begin();
    QCOMPARE(tour()->step(), 0);
}

void TourTest::aQuestionOverTheWindowComesFirst()
{
    open();
    begin();
    QVERIFY(callout()->isVisible());
    m_window->commands()->trigger("help");
    auto *closeHelp = shown<QPushButton>(m_window.get(), "closeHelp");
    QVERIFY(closeHelp);
    QTRY_VERIFY(!callout()->isVisible());
    QTest::keyClick(closeHelp, Qt::Key_Escape); // of the sheet, not of the tour
    QVERIFY(tour()->isRunning());
    QTRY_VERIFY(callout()->isVisible());
    // The sheet of keys leads to the tour too.
    press("tourClose");
    m_window->commands()->trigger("help");
    press("helpTour");
    QVERIFY(tour()->isRunning());
    QTRY_VERIFY(standsWell());
}

void TourTest::keysReachTheButtons()
{
    open();
    begin();
    auto *next = shown<QPushButton>(m_window.get(), "tourNext");
    QCOMPARE(m_window->focusWidget(), next);
    QTest::keyClick(next, Qt::Key_Return);
    QCOMPARE(tour()->step(), 1);
    QTest::keyClick(shown<QPushButton>(m_window.get(), "tourBack"), Qt::Key_Return);
    QCOMPARE(tour()->step(), 0);
    QVERIFY(callout()->accessibleName().contains("1 of 6"));
    QCOMPARE(callout()->accessibleDescription(), callout()->text());
    QTest::keyClick(next, Qt::Key_Escape);
    QVERIFY(!tour()->isRunning());
}

void TourTest::fitsASmallWindowInBothThemes()
{
    open();
    m_window->setMinimumSize(1, 1); // half of 1366 x 768, as with an interface of 200 %
    m_window->resize(683, 384);
    begin();
    QTRY_VERIFY(standsWell());
    press("sampleTissue");
    QTRY_COMPARE(tour()->step(), 1);
    QTRY_VERIFY(page<ImagePage>());
    for (const char *theme : {"theme.dark", "theme.light"}) {
        m_window->commands()->trigger(theme);
        QTRY_VERIFY(standsWell());
        const QImage grabbed = m_window->grab().toImage();
        const QRect c = callout()->geometry();
        const double ratio = grabbed.devicePixelRatio();
        // Inside the balloon, at its left edge, where no text is.
        const QPoint inside = (QPointF(c.left() + 20, c.center().y()) * ratio).toPoint();
        const int gray = qGray(grabbed.pixel(inside));
        QVERIFY2(QLatin1String(theme) == QLatin1String("theme.dark") ? gray < 90 : gray > 200, qPrintable(QString::number(gray)));
    }
    while (tour()->step() + 1 < tour()->steps()) {
        press("tourNext");
        QTRY_VERIFY2(standsWell(), qPrintable(callout()->text()));
    }
    while (tour()->step() > 0) {
        press("tourBack");
        QTRY_VERIFY2(standsWell(), qPrintable(callout()->text()));
    }
    // It follows the window.
    m_window->resize(1280, 800);
    QTRY_VERIFY(standsWell() && callout()->target() == place(m_window->tree()));
}

void TourTest::ownDataAreGuidedToo()
{
    open();
    begin();
    test::dropOn(m_window.get(), {m_box->makeStack("cells").first()});
    QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation") &&
                shown<QPushButton>(m_window.get(), "trainSegmentation")->isEnabled());
    QTRY_VERIFY(pointsAt(shown<QPushButton>(m_window.get(), "trainSegmentation")));
    press("trainSegmentation");
    QTRY_COMPARE(tour()->step(), 1);
    QTRY_VERIFY(pointsAt(shown<QSlider>(m_window.get(), "slice")));
}

RETICLE_TEST(TourTest)
#include "TourTest.moc"
