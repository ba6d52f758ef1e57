#include "support/WindowSandbox.h"
#include "widgets/forms/SchemaForm.h"
#include "window/actions/Command.h"
#include "window/pages/ImagePage.h"
#include "window/parts/SimulateForm.h"
#include "window/shell/ActivityPanel.h"
#include "window/shell/MainWindow.h"
#include "window/shell/TabArea.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>

#include <memory>

using namespace reticle;
using test::shown;

/// Simulators of the catalog have a form, run as work that can be stopped, and their data come into the project.
class SimulationTest : public QObject
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
    }
    void cleanup()
    {
        m_window.reset();
        m_box.reset();
    }
    void theFormWaitsForTheCatalog()
    {
        Session session;
        SimulateForm form(&session);
        form.show();
        auto *start = form.findChild<QPushButton *>("startSimulation");
        QVERIFY(!start->isEnabled());
        QCOMPARE(start->text(), QString("Starting the worker…"));
        session.connectToWorker();
        QTRY_VERIFY(start->isEnabled());
        QCOMPARE(start->text(), QString("Simulate"));
        QCOMPARE(form.findChild<QComboBox *>("simulator")->count(), 2);
    }
    void everySimulatorOfTheCatalogIsOffered()
    {
        auto *form = openForm();
        auto *which = form->findChild<QComboBox *>("simulator");
        QCOMPARE(which->count(), static_cast<int>(m_window->session()->catalog()->kinds.at("simulators").size()));
        which->setCurrentIndex(1);
        form->form()->setValues({{"slices", 7}});
        form->findChild<QSpinBox *>("simulationSeed")->setValue(5);
        QCOMPARE(form->simulation().name, QString("loose-grains"));
        start(form);
        QVERIFY(!m_window->showsStart()); // seen in the activity while it is made
        auto *job = newestJob();
        QCOMPARE(job->kind(), Job::Kind::Simulate);
        QCOMPARE(job->title(), QString("Simulate Loose grains"));
        QCOMPARE(job->asked().params.at("seed").get<int>(), 5);
        QCOMPARE(job->asked().params.at("options").at("slices").get<int>(), 7);
        QTRY_COMPARE(job->state(), Job::State::Done);
        QTRY_VERIFY(qobject_cast<ImagePage *>(m_window->tabs()->currentPage()));
        const auto *project = m_window->session()->project();
        QCOMPARE(project->name(), QString("Loose grains"));
        QCOMPARE(project->dataSets().size(), std::size_t(1));
        QVERIFY(!project->dataSets().front().text("labels").isEmpty());
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "train"));

        // Into the project that is open, in a folder of its own.
        auto *again = openForm();
        start(again);
        QTRY_COMPARE(newestJob()->state(), Job::State::Done);
        QVERIFY(project == m_window->session()->project());
        QTRY_COMPARE(project->dataSets().size(), std::size_t(2));
        QVERIFY(project->dataSets()[0].path() != project->dataSets()[1].path());
    }
    void aRunningOneIsStopped()
    {
        auto *form = openForm();
        form->form()->setValues({{"slices", 1000}});
        start(form);
        auto *job = newestJob();
        QTRY_COMPARE(job->state(), Job::State::Running);
        QCOMPARE(job->total(), std::int64_t(1000));
        QVERIFY(job->statusText().contains("1 of 1,000"));
        m_window->activity()->setFolded(false);
        QTRY_VERIFY(shown<QToolButton>(m_window->activity(), "cancel"));
        QVERIFY(!shown<QToolButton>(m_window->activity(), "pause"));
        QTest::mouseClick(shown<QToolButton>(m_window->activity(), "cancel"), Qt::LeftButton);
        QTRY_COMPARE(job->state(), Job::State::Cancelled);
        QVERIFY(m_window->session()->project()->dataSets().empty());
        QVERIFY(!QDir(m_window->session()->project()->folder()).exists("data")); // nothing is left of it
    }
    void theDataArriveInAProjectThatWasClosed()
    {
        start(openForm());
        auto *job = newestJob();
        const QString folder = job->project();
        m_window->commands()->trigger("project.close");
        QVERIFY(job->isActive());
        QTRY_COMPARE(job->state(), Job::State::Done);
        QTRY_VERIFY(m_window->session()->simulatedData(job) > 0);
        QVERIFY(m_window->showsStart());
        QVERIFY(m_window->openProject(folder));
        QCOMPARE(m_window->session()->project()->dataSets().size(), std::size_t(1));
    }
    void theSameSampleIsNotMadeTwiceAtOnce()
    {
        const Sample sample{"Slow", "", "tissue", {{"slices", 1000}}, 3};
        m_window->makeSample(sample);
        QCOMPARE(m_window->session()->jobs()->all().size(), std::size_t(1));
        m_window->makeSample(sample);
        QCOMPARE(m_window->session()->jobs()->all().size(), std::size_t(1));
        newestJob()->cancel();
        QTRY_VERIFY(!newestJob()->isActive());
        m_window->makeSample(sample); // what could not be made is made again
        QCOMPARE(m_window->session()->jobs()->all().size(), std::size_t(2));
        newestJob()->cancel();
        QTRY_VERIFY(!newestJob()->isActive());
    }

private:
    /// By the button of the start page, else by the command.
    SimulateForm *openForm()
    {
        if (m_window->showsStart())
            QTest::mouseClick(shown<QPushButton>(m_window.get(), "simulateData"), Qt::LeftButton);
        else
            m_window->commands()->trigger("data.simulate");
        SimulateForm *form = nullptr;
        [&] { QTRY_VERIFY((form = shown<SimulateForm>(m_window.get(), "simulateForm"))); }();
        [&] { QTRY_VERIFY(form && form->startButton()->isEnabled()); }();
        return form;
    }
    void start(SimulateForm *form) { QTest::mouseClick(form->startButton(), Qt::LeftButton); }
    Job *newestJob() { return m_window->session()->jobs()->all().front(); }

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
};

RETICLE_TEST(SimulationTest)
#include "SimulationTest.moc"
