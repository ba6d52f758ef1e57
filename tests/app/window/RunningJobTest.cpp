#include "project/Project.h"
#include "support/WindowSandbox.h"
#include "window/pages/TrainingPage.h"
#include "window/session/ImageData.h"
#include "window/shell/ActivityPanel.h"
#include "window/shell/MainWindow.h"
#include "window/shell/MessageBar.h"
#include "window/shell/ProjectTree.h"
#include "window/shell/TabArea.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

#include <csignal>
#include <memory>

using namespace reticle;
using test::shown;

/// Work that runs on while its project is closed, its run removed, its worker lost or hung.
class RunningJobTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<test::WindowSandbox> m_box;
    std::unique_ptr<MainWindow> m_window;
    Json m_recipe;

    OpenProject *project() const { return m_window->session()->project(); }
    Job *newestJob() const { return m_window->session()->jobs()->all().front(); }
    template <class T> T *page() const { return qobject_cast<T *>(m_window->tabs()->currentPage()); }

    Job *train(const std::string &title)
    {
        m_recipe["title"] = title;
        return m_window->session()->startTraining(m_recipe);
    }
    /// A project with one run that has ended.
    void makeProject(const QString &name)
    {
        Project made = Project::openOrCreate(m_box->path(name).toStdString());
        m_recipe["title"] = "its own";
        RunInfo run = made.createRun(Recipe(m_recipe));
        run.status = RunStatus::Done;
        made.updateRun(run);
    }
    void killWorker(const Job *job, int signal = SIGKILL) { ::kill(static_cast<pid_t>(job->processId()), signal); }
    /// The button Resume of the page's message.
    QPushButton *resumeButton() const
    {
        if (auto *training = page<TrainingPage>())
            for (auto *b : training->message()->findChildren<QPushButton *>())
                if (b->text() == "Resume" && b->isVisible())
                    return b;
        return nullptr;
    }

private Q_SLOTS:
    void init()
    {
        m_box = std::make_unique<test::WindowSandbox>();
        const auto files = m_box->makeStack("cells");
        m_recipe = {{"recipe", 1},
                    {"data", {{"name", "segmentation"}, {"images", files[0].toStdString()}, {"labels", files[1].toStdString()}}},
                    {"model", {{"name", "unet"}}},
                    {"objective", {{"name", "bce"}}},
                    {"train", {{"steps", 20}}}};
        OpenProject::open(m_box->path("p.reticle")).reset();
        m_window = std::make_unique<MainWindow>();
        m_window->resize(1280, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session()->catalog().has_value());
        QVERIFY(m_window->openProject(m_box->path("p.reticle")));
    }
    void cleanup()
    {
        m_window.reset();
        m_box.reset();
    }

    void aProjectIsClosedBeforeItsRunBegins()
    {
        QSignalSpy begun(m_window->session(), &Session::runStarted);
        auto *job = train("short");
        m_window->closeProject();
        QTRY_COMPARE(job->state(), Job::State::Done);
        QCOMPARE(begun.size(), 0);
        QVERIFY(m_window->openProject(m_box->path("p.reticle")));
        QCOMPARE(project()->run(1)->status, RunStatus::Done);
    }
    void anotherProjectsRunOfThatNumberIsNotShown()
    {
        makeProject("q.reticle");
        auto *job = train("short");
        QVERIFY(m_window->openProject(m_box->path("q.reticle")));
        QVERIFY(project()->run(1));
        QTRY_COMPARE(job->state(), Job::State::Done);
        QCOMPARE(job->run(), std::int64_t(1));
        QVERIFY(!m_window->tabs()->page({ItemKey::Kind::Run, 1}));
    }
    void aRunIsResumedInItsOwnProject()
    {
        makeProject("q.reticle");
        auto *job = train("endless");
        QTRY_COMPARE(job->step(), 10);
        killWorker(job);
        QTRY_COMPARE(job->state(), Job::State::Lost);
        QVERIFY(m_window->openProject(m_box->path("q.reticle")));
        m_window->activity()->setFolded(false);
        QTRY_VERIFY(shown<QToolButton>(m_window->activity(), "resumeLost"));
        shown<QToolButton>(m_window->activity(), "resumeLost")->click();
        QVERIFY2(m_window->message()->text().startsWith("Open ") && m_window->message()->text().contains("p.reticle"),
                 qPrintable(m_window->message()->text()));
        QCOMPARE(newestJob(), job); // and its line stays
        QVERIFY(shown<QToolButton>(m_window->activity(), "resumeLost"));
        QVERIFY(m_window->openProject(m_box->path("p.reticle")));
        shown<QToolButton>(m_window->activity(), "resumeLost")->click();
        QCOMPARE(m_window->session()->jobs()->all().size(), std::size_t(1));
        QTRY_COMPARE(newestJob()->state(), Job::State::Done);
        QTRY_COMPARE(project()->run(1)->status, RunStatus::Done);
        QTRY_VERIFY(!shown<QToolButton>(m_window->activity(), "resumeLost"));
    }
    void aResumedRunIsShownAsDone()
    {
        auto *job = train("endless");
        QTRY_COMPARE(job->step(), 10);
        QTRY_VERIFY(page<TrainingPage>());
        killWorker(job);
        QTRY_COMPARE(job->state(), Job::State::Lost);
        // All at once, without another look at the project: what the page and the form say is of the run that was lost.
        QCOMPARE(project()->run(1)->status, RunStatus::Interrupted);
        QVERIFY2(page<TrainingPage>()->message()->text().contains("killed"), qPrintable(page<TrainingPage>()->message()->text()));
        QTRY_VERIFY(shown<QPushButton>(m_window.get(), "resumeRun"));
        QTRY_VERIFY(resumeButton());
        resumeButton()->click();
        QTRY_COMPARE(newestJob()->state(), Job::State::Done);
        QCOMPARE(page<TrainingPage>()->message()->text(), QString());
        QCOMPARE(page<TrainingPage>()->keyNumber("step"), QString("20"));
        QVERIFY(!shown<QPushButton>(m_window.get(), "resumeRun"));
    }
    void whatIsSaidOfALostRunGoesWithIt()
    {
        auto *job = train("endless");
        QTRY_COMPARE(job->step(), 10);
        QTRY_VERIFY(page<TrainingPage>());
        killWorker(job);
        QTRY_COMPARE(job->state(), Job::State::Lost);
        QVERIFY(!page<TrainingPage>()->message()->text().isEmpty());
        // Resumed by another program.
        RunInfo run = *project()->run(1);
        run.status = RunStatus::Done;
        project()->store().updateRun(run);
        project()->refresh();
        QCOMPARE(page<TrainingPage>()->message()->text(), QString());
    }
    void aRunInUseIsNotRemoved()
    {
        makeProject("q.reticle");
        QVERIFY(m_window->openProject(m_box->path("q.reticle")));
        DataSet data;
        data.title = "cells";
        data.section = imageSection(m_box->path("cells.tif"), {});
        const ItemKey run{ItemKey::Kind::Run, 1};
        auto *session = m_window->session();
        for (const bool predicts : {true, false}) {
            auto *job = predicts ? session->startPrediction(1, data, m_box->path("out.tif"))
                                 : session->startAnalysis("evaluate", "Evaluate run 1", 1, Json::object());
            Q_EMIT m_window->tree()->removeRequested({run});
            QVERIFY(m_window->tree()->contains(run));
            QVERIFY2(m_window->message()->text().contains("Run 1 is still in use by"), qPrintable(m_window->message()->text()));
            QVERIFY2(m_window->message()->text().contains(job->title()), qPrintable(m_window->message()->text()));
            QTRY_VERIFY(!job->isActive());
        }
        auto *training = train("endless");
        QTRY_COMPARE(training->step(), 10);
        Q_EMIT m_window->tree()->removeRequested({{ItemKey::Kind::Run, training->run()}});
        QCOMPARE(m_window->message()->text(), QString("Run 2 is still training. Stop it before removing it."));
        Q_EMIT m_window->tree()->removeRequested({run});
        QVERIFY(!m_window->tree()->contains(run));
    }
    void aWindowWhoseWorkerHangsIsClosed()
    {
        auto *job = train("endless");
        QTRY_COMPARE(job->step(), 10);
        killWorker(job, SIGSTOP);
        QVERIFY(!m_window->close());
        shown<QPushButton>(m_window.get(), "stopAndClose")->click();
        QVERIFY(m_window->isVisible());
        QVERIFY(!m_window->close());
        auto *wait = shown<QPushButton>(m_window.get(), "keepWaiting");
        QVERIFY(wait);
        wait->click();
        QVERIFY(m_window->isVisible());
        QVERIFY(!m_window->close());
        auto *anyway = shown<QPushButton>(m_window.get(), "closeAnyway");
        QVERIFY(anyway);
        anyway->click();
        QVERIFY(!m_window->isVisible());
        QVERIFY(job->isActive());
        killWorker(job, SIGCONT); // so that the test need not wait until it is killed
    }
    void aWorkerThatEndsLateClosesTheWindow()
    {
        auto *job = train("endless");
        QTRY_COMPARE(job->step(), 10);
        killWorker(job, SIGSTOP);
        QVERIFY(!m_window->close());
        shown<QPushButton>(m_window.get(), "stopAndClose")->click();
        QVERIFY(!m_window->close());
        QVERIFY(shown<QPushButton>(m_window.get(), "closeAnyway"));
        killWorker(job, SIGCONT);
        QTRY_VERIFY(!m_window->isVisible());
        QCOMPARE(job->state(), Job::State::Stopped);
    }
};

RETICLE_TEST(RunningJobTest)
#include "RunningJobTest.moc"
