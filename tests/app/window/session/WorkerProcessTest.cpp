#include "window/session/WorkerProcess.h"
#include "support/WindowSandbox.h"
#include "window/session/Job.h"

#include <QFile>
#include <QSignalSpy>

#include <csignal>
#include <memory>

using namespace reticle;

class WorkerProcessTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void answersRequestsInAnyOrder();
    void answersForWhatIsGoneAreDropped();
    void tellsWhyARequestFailed();
    void aKilledWorkerIsAnEventAndTheNextRequestStartsAnother();
    void aProgramThatDoesNotExistIsNamed();
    void aProgramThatTalksNonsenseIsLeft();
    void hostileFramesAreReportedOnceAndTheWorkerEndsByItself();
    void answersOfAnotherFormAreFailures();
    void longAndOddLinesOfErrorsAreMadeFit();
    void workGathersEventsAndEnds();
    void workPausesAndStops();
    void cancelingDoesNotSayThatAnythingIsKept();
    void whatNeedsARunIsBusyWithIt();
    void aCrashKeepsWhatTheWorkerSaid();

private:
    Job::Request training(const test::WindowSandbox &box, const std::string &title) const
    {
        auto &sandbox = const_cast<test::WindowSandbox &>(box);
        const auto files = sandbox.makeStack("a");
        Job::Request asked;
        asked.title = QString::fromStdString(title);
        asked.method = "run";
        asked.project = sandbox.path("p.reticle");
        asked.params = {
            {"project", asked.project.toStdString()},
            {"recipe",
             {{"recipe", 1},
              {"title", title},
              {"data", {{"name", "segmentation"}, {"images", files[0].toStdString()}, {"labels", files[1].toStdString()}}},
              {"model", {{"name", "unet"}}},
              {"objective", {{"name", "bce"}}},
              {"train", {{"steps", 20}}}}}};
        return asked;
    }
};

void WorkerProcessTest::answersRequestsInAnyOrder()
{
    test::WindowSandbox box;
    WorkerProcess worker;
    QStringList answered;
    worker.request("hello", Json::object(), this, [&](const Json &r) { answered << QString::fromStdString(r.at("version")); });
    worker.request("catalog", Json::object(), this, [&](const Json &r) { answered << (r.is_object() ? "catalog" : "?"); });
    const auto forgotten = worker.request("hello", Json::object(), this, [&](const Json &) { answered << "forgotten"; });
    worker.forget(forgotten);
    worker.request("hello", Json::object(), this, [&](const Json &) { answered << "last"; });
    QTRY_COMPARE(answered, QStringList({"test", "catalog", "last"}));
}

void WorkerProcessTest::answersForWhatIsGoneAreDropped()
{
    test::WindowSandbox box;
    WorkerProcess worker;
    QStringList answered;
    auto page = std::make_unique<QObject>();
    const auto noted = [&](const QString &what) { return [&answered, what](const auto &) { answered << what; }; };
    // A result, a refusal and a loss, each on its way when the page that asked is closed.
    worker.request("hello", Json::object(), page.get(), noted("closed page: result"), noted("closed page: failure"));
    worker.request("run", training(box, "refuse this").params, page.get(), {}, noted("closed page: refusal"));
    page.reset();
    worker.request("hello", Json::object(), this, noted("open page"));
    QTRY_COMPARE(answered, QStringList({"open page"}));
    page = std::make_unique<QObject>();
    worker.request("run", training(box, "crash").params, page.get(), {}, noted("closed page: loss"));
    page.reset();
    QSignalSpy lost(&worker, &WorkerProcess::lost);
    QTRY_COMPARE(lost.size(), 1);
    QCOMPARE(answered, QStringList({"open page"}));
}

void WorkerProcessTest::tellsWhyARequestFailed()
{
    test::WindowSandbox box;
    WorkerProcess worker;
    Failure failure;
    Json params = training(box, "refuse this").params;
    worker.request("run", params, this, {}, [&](const Failure &f) { failure = f; });
    QTRY_COMPARE(failure.kind, QString("input"));
    QCOMPARE(failure.where, QString("train.batch"));
    QVERIFY2(failure.message.contains("at most 2"), qPrintable(failure.message));
}

void WorkerProcessTest::aKilledWorkerIsAnEventAndTheNextRequestStartsAnother()
{
    test::WindowSandbox box;
    WorkerProcess worker;
    QSignalSpy lost(&worker, &WorkerProcess::lost);
    bool answered = false;
    worker.request("hello", Json::object(), this, [&](const Json &) { answered = true; });
    QTRY_VERIFY(answered);
    const auto id = worker.processId();
    ::kill(static_cast<pid_t>(id), SIGKILL);
    QTRY_COMPARE(lost.size(), 1);
    const auto failure = lost.front().front().value<Failure>();
    QCOMPARE(failure.kind, QString("lost"));
    QVERIFY2(failure.message.contains("killed"), qPrintable(failure.message));
    answered = false;
    worker.request("hello", Json::object(), this, [&](const Json &) { answered = true; });
    QTRY_VERIFY(answered);
    QVERIFY(worker.processId() != id);
}

void WorkerProcessTest::aProgramThatDoesNotExistIsNamed()
{
    WorkerProcess worker(nullptr, {"/nowhere/reticle-worker", "serve"});
    Failure failure;
    bool inside = true;
    worker.request("hello", Json::object(), this, {}, [&](const Failure &f) {
        QVERIFY(!inside);
        failure = f;
    });
    inside = false;
    QTRY_VERIFY(!failure.message.isEmpty());
    QVERIFY2(failure.message.contains("/nowhere/reticle-worker"), qPrintable(failure.message));
}

void WorkerProcessTest::aProgramThatTalksNonsenseIsLeft()
{
    WorkerProcess worker(nullptr, {"/bin/sh", "-c", "printf '\\003\\000\\000\\000\\377\\377\\377'; cat"});
    Failure failure;
    worker.request("hello", Json::object(), this, {}, [&](const Failure &f) { failure = f; });
    QTRY_VERIFY(!failure.message.isEmpty());
    QVERIFY2(failure.message.contains("not a message"), qPrintable(failure.message));
    QVERIFY(!worker.isRunning());
}

void WorkerProcessTest::hostileFramesAreReportedOnceAndTheWorkerEndsByItself()
{
    // A frame of 50,000 pieces of text, each inside the one before; then it waits for its input to end, as a training
    // does before it keeps its last checkpoint.
    test::WindowSandbox box;
    const QString said = box.path("ended");
    for (const char *piece : {"\\177", "\\237", "\\201"}) {
        WorkerProcess worker(
            nullptr, {"/bin/sh", "-c",
                      QString("printf '\\120\\303\\000\\000'; i=0; while [ $i -lt 5000 ]; do printf '%1%1%1%1%1%1%1%1%1%1'; "
                              "i=$((i+1)); done; cat > /dev/null; echo kept > '%2'")
                          .arg(piece, said)});
        QFile::remove(said);
        QSignalSpy lost(&worker, &WorkerProcess::lost);
        int failures = 0;
        Failure failure;
        for (int i = 0; i < 3; ++i)
            worker.request("hello", Json::object(), this, {}, [&](const Failure &f) {
                failure = f;
                ++failures;
            });
        QTRY_COMPARE(lost.size(), 1);
        QCOMPARE(failures, 3);
        QVERIFY2(failure.message.contains("not a message"), qPrintable(failure.message));
        QVERIFY2(failure.message.size() < 400, qPrintable(failure.message));
        QVERIFY(!worker.isRunning());
        QTRY_VERIFY(QFile::exists(said)); // it was not killed
        QCOMPARE(lost.size(), 1);
    }
}

void WorkerProcessTest::answersOfAnotherFormAreFailures()
{
    test::WindowSandbox box;
    WorkerProcess worker;
    Failure failure;
    worker.request(
        "hello", Json::object(), this, [](const Json &r) { r.at("version").at("of").get<int>(); },
        [&](const Failure &f) { failure = f; });
    QTRY_VERIFY(!failure.message.isEmpty());
    QVERIFY2(failure.message.contains("The worker's answer to \"hello\" cannot be read"), qPrintable(failure.message));
    bool answered = false;
    worker.request("hello", Json::object(), this, [&](const Json &) { answered = true; });
    QTRY_VERIFY(answered);
}

void WorkerProcessTest::longAndOddLinesOfErrorsAreMadeFit()
{
    WorkerProcess worker(nullptr, {"/bin/sh", "-c",
                                   "i=0; while [ $i -lt 3000 ]; do printf 'xxxxxxxxxx' >&2; i=$((i+1)); done; "
                                   "printf '\\033[2J\\377 end\\n' >&2; cat > /dev/null"});
    QStringList lines;
    connect(&worker, &WorkerProcess::errorLine, this, [&](const QString &line) { lines << line; });
    worker.request("hello", Json::object(), this, {});
    QTRY_VERIFY(!lines.isEmpty() && lines.last().contains("end"));
    for (const auto &line : lines) {
        QVERIFY(line.size() <= 70000);
        QVERIFY(!line.contains(QChar(27)));
    }
    QVERIFY(lines.last().contains("\\u001b[2J") && lines.last().contains(QChar(0xfffd)));
}

void WorkerProcessTest::workGathersEventsAndEnds()
{
    test::WindowSandbox box;
    JobList jobs;
    int metrics = 0;
    std::int64_t run = 0;
    auto *job = jobs.start(training(box, "short"));
    connect(job, &Job::events, this, [&](const std::vector<Event> &events) {
        for (const auto &e : events)
            metrics += e.kind == Event::Kind::Metric;
    });
    connect(job, &Job::runKnown, this, [&](std::int64_t r) { run = r; });
    QSignalSpy finished(job, &Job::finished);
    QCOMPARE(jobs.active().size(), std::size_t(1));
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(job->state(), Job::State::Done);
    QCOMPARE(run, 1);
    QCOMPARE(metrics, 20 + 2 * 4);
    QCOMPARE(job->step(), 20);
    QCOMPARE(job->fraction(), 1.0);
    QVERIFY(job->lastExample().has_value());
    QVERIFY(jobs.active().empty());
    jobs.remove(job);
    QVERIFY(jobs.all().empty());
}

void WorkerProcessTest::workPausesAndStops()
{
    test::WindowSandbox box;
    JobList jobs;
    auto *job = jobs.start(training(box, "endless"));
    QTRY_COMPARE(job->step(), 10);
    job->pause();
    QTRY_COMPARE(job->state(), Job::State::Paused);
    QVERIFY(job->statusText().startsWith("paused"));
    job->resume();
    QTRY_COMPARE(job->state(), Job::State::Running);
    job->stop();
    QCOMPARE(job->state(), Job::State::Ending);
    QTRY_COMPARE(job->state(), Job::State::Stopped);
    QVERIFY(!job->failure());
}

void WorkerProcessTest::cancelingDoesNotSayThatAnythingIsKept()
{
    test::WindowSandbox box;
    JobList jobs;
    auto *job = jobs.start(training(box, "endless"));
    QTRY_COMPARE(job->step(), 10);
    job->cancel();
    QCOMPARE(job->state(), Job::State::Ending);
    QCOMPARE(job->statusText(), QString("canceling"));
    QTRY_COMPARE(job->state(), Job::State::Cancelled);
}

void WorkerProcessTest::whatNeedsARunIsBusyWithIt()
{
    test::WindowSandbox box;
    JobList jobs;
    Job::Request asked;
    asked.kind = Job::Kind::Predict;
    asked.method = "hello";
    asked.params = Json::object();
    asked.project = box.path("p.reticle");
    asked.run = 3;
    // Those who follow the work itself hear of its end before those who follow the list.
    QStringList heard;
    connect(&jobs, &JobList::finished, this, [&] { heard << "list"; });
    connect(&jobs, &JobList::added, this, [&](Job *added) { connect(added, &Job::finished, this, [&] { heard << "work"; }); });
    auto *job = jobs.start(asked);
    QCOMPARE(jobs.busyWith(asked.project, 3), job);
    QVERIFY(!jobs.activeOn(asked.project, 3)); // it does not train
    QVERIFY(!jobs.busyWith(asked.project, 4) && !jobs.busyWith(box.path("q.reticle"), 3));
    QTRY_COMPARE(job->state(), Job::State::Done);
    QVERIFY(!jobs.busyWith(asked.project, 3));
    QCOMPARE(heard, QStringList({"work", "list"}));
}

void WorkerProcessTest::aCrashKeepsWhatTheWorkerSaid()
{
    test::WindowSandbox box;
    JobList jobs;
    auto *job = jobs.start(training(box, "crash"));
    QTRY_COMPARE(job->state(), Job::State::Lost);
    QVERIFY(job->failure());
    QVERIFY2(job->failure()->where.contains("out of memory: asked for 17 GB"), qPrintable(job->failure()->where));
    QCOMPARE(job->step(), 10);
    QCOMPARE(job->run(), 1);
}

RETICLE_TEST(WorkerProcessTest)
#include "WorkerProcessTest.moc"
