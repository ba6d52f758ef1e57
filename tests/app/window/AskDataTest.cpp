#include "support/WindowSandbox.h"
#include "widgets/forms/RecipeForm.h"
#include "widgets/forms/SchemaForm.h"
#include "window/pages/ResultPage.h"
#include "window/shell/AskMenu.h"
#include "window/shell/MainWindow.h"
#include "window/shell/SidePanel.h"
#include "window/shell/TabArea.h"

#include <QAction>
#include <QLabel>
#include <QMenu>
#include <QPushButton>

#include <memory>

using namespace reticle;
using test::dropOn;
using test::shown;

/// Analyses of data alone, and which analyses a run is offered.
class AskDataTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_box = std::make_unique<test::WindowSandbox>();
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session()->catalog().has_value() && m_window->session()->machine().is_object());
        m_files = m_box->makeStack("cells");
        dropOn(m_window.get(), {m_files.first()});
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "trainSegmentation")->isEnabled());
        QTest::mouseClick(shown<QPushButton>(m_window.get(), "trainSegmentation"), Qt::LeftButton);
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "askData"));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "askData")->isEnabled());
    }
    void cleanup()
    {
        m_window.reset();
        m_box.reset();
    }
    void theMenuHasWhatNeedsNoRun()
    {
        auto *ask = shown<QPushButton>(m_window.get(), "askData");
        QVERIFY(ask->toolTip().contains(m_files.first())); // what it acts on
        for (const char *name : {"evaluate", "spectrum", "label-statistics"})
            QVERIFY2(action(name) && action(name)->isEnabled(), name);
        for (const char *name : {"skip-study", "instances", "postprocess", "compare-runs"})
            QVERIFY2(!action(name), name);
    }
    void anAnalysisOfTheShownDataIsStarted()
    {
        action("spectrum")->trigger();
        auto *form = m_window->side()->analysisForm();
        QTRY_VERIFY(form->isVisible());
        QCOMPARE(form->form()->values()["images"].get<std::string>(), m_files.first().toStdString());
        auto *start = shown<QPushButton>(m_window.get(), "startAnalysis");
        QVERIFY(start && start->isEnabled());
        QVERIFY(!shown<QLabel>(m_window.get(), "missingOptions"));
        bool named = false;
        for (const auto *label : form->findChildren<QLabel *>())
            named = named || label->text().startsWith("Of cells.tif.");
        QVERIFY(named);
        QTest::mouseClick(start, Qt::LeftButton);
        QVERIFY(test::openOffered(m_window.get()));
        QVERIFY(qobject_cast<ResultPage *>(m_window->tabs()->currentPage()));
        QCOMPARE(m_window->session()->jobs()->all().front()->title(), QString("Spectrum · cells.tif"));
        const auto &result = m_window->session()->project()->results().back();
        QCOMPARE(result.name, std::string("spectrum"));
        QCOMPARE(result.run, std::int64_t(0));
        QCOMPARE(result.options.at("images").get<std::string>(), m_files.first().toStdString());
    }
    void whatIsMissingIsSaid()
    {
        action("evaluate")->trigger();
        auto *form = m_window->side()->analysisForm();
        QTRY_VERIFY(form->isVisible());
        QCOMPARE(form->form()->values()["labels"].get<std::string>(), m_files[1].toStdString());
        QCOMPARE(form->form()->values()["foreground"].get<std::string>(), std::string("bright"));
        QCOMPARE(form->form()->values()["threshold"].get<double>(), 0.5); // that of the data means something else
        auto *start = shown<QPushButton>(m_window.get(), "startAnalysis");
        QVERIFY(!start->isEnabled());
        auto *missing = shown<QLabel>(m_window.get(), "missingOptions");
        QVERIFY(missing);
        QCOMPARE(missing->text(), QString("To start, fill in: Prediction."));
        form->form()->setValues({{"prediction", m_files[1].toStdString()}});
        QVERIFY(start->isEnabled());
        QVERIFY(!missing->isVisible());
    }
    void anOpenMenuGoesWithItsForm()
    {
        auto *menu = shown<QPushButton>(m_window.get(), "askData")->menu();
        menu->popup(m_window->mapToGlobal(QPoint(100, 100)));
        QVERIFY(menu->isVisible());
        m_window->side()->showNothing();
        QVERIFY(!menu->isVisible());
    }
    void dataOfAnotherKindAreRefused()
    {
        QMenu menu;
        fillAskMenu(&menu, *m_window->session(), AskedSubject::ofData({{"name", "table"}}), [](const QString &) {});
        auto *labels = menu.findChild<QAction *>("label-statistics");
        QVERIFY(labels && !labels->isEnabled());
        QCOMPARE(labels->text(), QString("Label statistics: needs labels (data segmentation), not table"));
        QVERIFY(menu.findChild<QAction *>("spectrum")->isEnabled());
    }
    void aRunIsOfferedWhatItCanBeAsked()
    {
        auto &store = m_window->session()->project()->store();
        const RunInfo run = store.createRun(Recipe(m_window->side()->trainForm()->recipe()));
        QMenu menu;
        const auto fill = [&](RunInfo info) {
            fillAskMenu(&menu, *m_window->session(), AskedSubject::ofRun(info), [](const QString &) {});
        };
        fill(run);
        QVERIFY(menu.findChild<QAction *>("evaluate"));
        QVERIFY(!menu.findChild<QAction *>("spectrum")); // asks nothing of a run
        // By itself it is compared with nothing: the others must be named.
        m_window->session()->project()->refresh();
        m_window->side()->showAnalysis("compare-runs", run.id);
        auto *start = shown<QPushButton>(m_window.get(), "startAnalysis");
        QVERIFY(start && !start->isEnabled());
        QCOMPARE(shown<QLabel>(m_window.get(), "missingOptions")->text(), QString("To start, fill in: Runs."));
        m_window->side()->analysisForm()->form()->setValues({{"runs", {1, 2}}});
        QVERIFY(start->isEnabled());
        RunInfo compared = run;
        compared.comparison = 1;
        const auto options = optionsThatMustBeGiven(*m_window->session(), "compare-runs", AskedSubject::ofRun(compared));
        QVERIFY(options && options->empty());
    }
    void theTaskOfARunCounts()
    {
        RunInfo run;
        run.recipe = {{"model", {{"name", "unet"}}}};
        run.summary = {{"task", "latent"}};
        QCOMPARE(AskedSubject::ofRun(run).made["task"]["name"].get<std::string>(), std::string("latent"));
        run.recipe = Json();
        run.summary = Json();
        QVERIFY(AskedSubject::ofRun(run).made.is_object());
    }

private:
    QAction *action(const char *name)
    {
        auto *ask = shown<QPushButton>(m_window.get(), "askData");
        Q_EMIT ask->menu()->aboutToShow();
        return ask->menu()->findChild<QAction *>(QString::fromLatin1(name));
    }

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
    QStringList m_files;
};

RETICLE_TEST(AskDataTest)
#include "AskDataTest.moc"
