#include "project/Project.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <cmath>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace reticle;
using test::TemporaryFolder;

namespace {

Recipe recipe(const std::string &title = "A try")
{
    return Recipe(Json{{"recipe", 1}, {"title", title}, {"seed", 5}, {"data", {{"images", "/data/a.tif"}}}});
}

Event metric(const char *name, std::int64_t step, double value)
{
    return {.kind = Event::Kind::Metric, .time = step * 0.5, .step = step, .name = name, .value = value};
}

/// Runs `work` in a process of its own, which opens the project itself; returns how it ended (waitpid's status).
/// With `leave` the ended child stays a zombie, as one whose parent has not looked yet, and its number is returned.
int inChild(const std::function<void()> &work, bool leave = false)
{
    const pid_t child = fork();
    if (child == 0) {
        int code = 0;
        try {
            work();
        } catch (const std::exception &e) {
            std::fprintf(stderr, "child: %s\n", e.what());
            code = 1;
        }
        _exit(code);
    }
    if (leave) {
        siginfo_t info;
        waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
        return child;
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

} // namespace

class ProjectTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void makesAndOpens()
    {
        const TemporaryFolder folder;
        {
            const Project p = Project::openOrCreate(folder / "a" / "P.reticle");
            QCOMPARE(p.version(), Project::currentVersion);
            QVERIFY(p.runs().empty());
        }
        QVERIFY(std::filesystem::exists(folder / "a" / "P.reticle" / "project.sqlite"));
        QCOMPARE(Project::open(folder / "a" / "P.reticle").version(), Project::currentVersion);
        QCOMPARE(Project::openOrCreate(folder / "a" / "P.reticle").version(), Project::currentVersion);
    }
    void refusesWhatIsNoProject()
    {
        const TemporaryFolder folder;
        EXPECT_ERROR(Project::open(folder / "none"), "nothing of that name");
        EXPECT_ERROR(Project::open(folder.path()), "without project.sqlite");
        test::writeAll(folder / "file", "x");
        EXPECT_ERROR(Project::open(folder / "file"), "a file");
        EXPECT_ERROR(Project::openOrCreate(folder / "file"), "a file");
        // A folder of somebody's pictures is not made a project by a slip.
        EXPECT_ERROR(Project::openOrCreate(folder.path()), "a folder with other things");
        QCOMPARE(test::readAll(folder / "file"), std::string("x"));
        EXPECT_ERROR(Project::openOrCreate(folder / "file" / "P.reticle"), "cannot be made");
    }
    void keepsRuns()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        RunInfo r = p.createRun(recipe());
        QCOMPARE(r.id, std::int64_t(1));
        QVERIFY(r.status == RunStatus::Running);
        QCOMPARE(r.title, std::string("A try"));
        QCOMPARE(r.started.size(), size_t(20));
        QVERIFY(r.recipe == recipe().json());
        QVERIFY(std::filesystem::is_directory(p.runFolder(1)));
        QVERIFY(Json::parse(test::readAll(p.runFolder(1) / "recipe.json")) == recipe().json());
        QCOMPARE(p.createRun(recipe("")).title, std::string("Run 2"));

        r.status = RunStatus::Failed;
        r.seconds = 12.5;
        r.step = 40;
        r.message = "It broke.";
        r.summary = Json{{"best", 0.5}};
        p.updateRun(r);
        p.renameRun(1, "Renamed");
        const Project reader = Project::open(folder / "P");
        const RunInfo back = reader.run(1);
        QVERIFY(back.status == RunStatus::Failed);
        QCOMPARE(back.title, std::string("Renamed"));
        QCOMPARE(back.seconds, 12.5);
        QCOMPARE(back.step, std::int64_t(40));
        QCOMPARE(back.message, std::string("It broke."));
        QVERIFY(back.summary == r.summary);
        QVERIFY(!back.ended.empty());
        QCOMPARE(reader.runs().size(), size_t(2));
        EXPECT_ERROR(reader.run(7), "one of the runs 1, 2, found run 7");
        EXPECT_ERROR(Project::openOrCreate(folder / "Q").run(1), "none yet");
    }
    void removedRunsCanBeTakenBack()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        RunInfo r = p.createRun(recipe());
        p.addMetrics(1, {metric("train.loss", 1, 0.5)});
        test::writeAll(p.runFolder(1) / "model.pt", "weights");
        EXPECT_ERROR(p.removeRun(1), "at work");
        r.status = RunStatus::Done;
        p.updateRun(r);
        p.removeRun(1);
        QVERIFY(p.runs().empty());
        QVERIFY(!std::filesystem::exists(p.runFolder(1)));
        EXPECT_ERROR(p.run(1), "run 1");
        QCOMPARE(p.createRun(recipe()).id, std::int64_t(2)); // the number is not given again
        p.restoreRun(1);
        QCOMPARE(p.runs().size(), size_t(2));
        QCOMPARE(test::readAll(p.runFolder(1) / "model.pt"), std::string("weights"));
        QCOMPARE(p.metric(1, "train.loss").size(), size_t(1));
        EXPECT_ERROR(p.restoreRun(1), "trash");
    }
    void keepsMetrics()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        p.createRun(recipe());
        p.createRun(recipe());
        std::vector<Event> points;
        for (int step = 1; step <= 100; ++step)
            points.push_back(metric("train.loss", step, 1.0 / step));
        points.push_back(metric("validation.dice", 50, 0.8));
        points.push_back(metric("validation.dice", 100, std::nan("")));
        p.addMetrics(1, points);
        p.addMetrics(2, {metric("train.loss", 1, 9)});
        QCOMPARE(p.metricNames(1), (std::vector<std::string>{"train.loss", "validation.dice"}));
        const auto loss = p.metric(1, "train.loss");
        QCOMPARE(loss.size(), size_t(100));
        QCOMPARE(loss[3].value, 0.25);
        QCOMPARE(loss[3].time, 2.0);
        QCOMPARE(p.metric(1, "train.loss", 98).size(), size_t(2));
        QVERIFY(std::isnan(p.metric(1, "validation.dice")[1].value));
        p.addMetrics(1, {metric("train.loss", 100, 7)}); // said again: replaced
        QCOMPARE(p.metric(1, "train.loss").size(), size_t(100));
        QCOMPARE(p.metric(1, "train.loss").back().value, 7.0);
        p.truncateMetrics(1, 60);
        QCOMPARE(p.metric(1, "train.loss").size(), size_t(60));
        QCOMPARE(p.metric(1, "validation.dice").size(), size_t(1));
        QCOMPARE(p.metric(2, "train.loss").size(), size_t(1));
        QVERIFY(p.metric(1, "none").empty());
        EXPECT_ERROR(p.addMetrics(9, points), "run 9");
    }
    void movedProjectsStillWork()
    {
        const TemporaryFolder folder;
        {
            Project p = Project::openOrCreate(folder / "P.reticle");
            std::filesystem::create_directory(p.folder() / "data");
            test::writeAll(p.folder() / "data" / "sample.tif", "pixels");
            const auto inside = (p.folder() / "data" / "sample.tif").string();
            RunInfo r = p.createRun(Recipe(Json{{"data", {{"images", inside}, {"labels", "/elsewhere/b.tif"}}}}));
            test::writeAll(p.runFolder(r.id) / "model.pt", "weights");
            r.status = RunStatus::Done;
            p.updateRun(r);
        }
        std::filesystem::create_directory(folder / "other");
        std::filesystem::rename(folder / "P.reticle", folder / "other" / "Q.reticle");
        const Project q = Project::open(folder / "other" / "Q.reticle");
        QCOMPARE(test::readAll(q.runFolder(1) / "model.pt"), std::string("weights"));
        const Json data = q.run(1).recipe["data"];
        QCOMPARE(test::readAll(data["images"].get<std::string>()), std::string("pixels"));
        QCOMPARE(data["labels"].get<std::string>(), std::string("/elsewhere/b.tif"));
    }
    void twoProcessesAtOnce()
    {
        const TemporaryFolder folder;
        const auto path = folder / "P";
        Project::openOrCreate(path);
        // The child writes points one transaction each; the parent reads meanwhile and sees ever longer beginnings.
        int ready[2];
        QCOMPARE(pipe(ready), 0);
        const pid_t child = fork();
        if (child == 0) {
            Project p = Project::open(path);
            RunInfo r = p.createRun(recipe());
            [[maybe_unused]] auto n = write(ready[1], "x", 1);
            for (int step = 1; step <= 300; ++step)
                p.addMetrics(r.id, {metric("train.loss", step, step)});
            r.status = RunStatus::Done;
            p.updateRun(r);
            _exit(0);
        }
        char byte;
        QCOMPARE(read(ready[0], &byte, 1), ssize_t(1));
        Project reader = Project::open(path);
        std::size_t seen = 0;
        while (reader.run(1).status == RunStatus::Running) {
            const auto points = reader.metric(1, "train.loss");
            QVERIFY(points.size() >= seen);
            for (std::size_t i = 0; i < points.size(); ++i)
                QCOMPARE(points[i].value, double(i + 1));
            seen = points.size();
            reader.renameRun(1, "the window writes too");
        }
        int status = 0;
        waitpid(child, &status, 0);
        QCOMPARE(status, 0);
        QVERIFY(reader.run(1).status == RunStatus::Done);
        QCOMPARE(reader.metric(1, "train.loss").size(), size_t(300));
        close(ready[0]);
        close(ready[1]);
    }
    void twoProcessesMakeTheSameProject()
    {
        for (int round = 0; round < 5; ++round) {
            const TemporaryFolder folder;
            const auto path = folder / "P";
            const pid_t child = fork();
            if (child == 0) {
                try {
                    Project::openOrCreate(path).createRun(recipe());
                    _exit(0);
                } catch (const std::exception &e) {
                    std::fprintf(stderr, "child: %s\n", e.what());
                    _exit(1);
                }
            }
            Project::openOrCreate(path).createRun(recipe());
            int status = 0;
            waitpid(child, &status, 0);
            QCOMPARE(status, 0);
            QCOMPARE(Project::open(path).runs().size(), size_t(2));
        }
    }
    void aKilledWorkersRunIsInterrupted()
    {
        const TemporaryFolder folder;
        const auto path = folder / "P";
        Project window = Project::openOrCreate(path);
        const int zombie = inChild(
            [&] {
                Project p = Project::open(path);
                p.createRun(recipe());
                p.addMetrics(1, {metric("train.loss", 1, 0.5)});
                raise(SIGKILL);
            },
            true);
        // Nobody has waited for the child yet, as a window that is busy.
        const RunInfo r = window.run(1);
        QVERIFY(r.status == RunStatus::Interrupted);
        QVERIFY(r.message.find("resum") != std::string::npos);
        QVERIFY(!r.ended.empty());
        QCOMPARE(window.metric(1, "train.loss").size(), size_t(1));
        waitpid(zombie, nullptr, 0);
        const RunInfo again = window.claimRun(1);
        QVERIFY(again.status == RunStatus::Running);
        QVERIFY(again.message.empty() && again.ended.empty());
        QVERIFY(Project::open(path).run(1).status == RunStatus::Running); // this process is alive
    }
    void aRunTakenUpInVainIsAsItHadEnded_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("given back") << 0;
        QTest::newRow("its process ended") << 1;
        QTest::newRow("taken up twice") << 2;
        QTest::newRow("after work had begun") << 3;
    }
    void aRunTakenUpInVainIsAsItHadEnded()
    {
        QFETCH(int, how);
        for (const RunStatus status :
             {RunStatus::Done, RunStatus::Failed, RunStatus::Stopped, RunStatus::Cancelled, RunStatus::Interrupted}) {
            const TemporaryFolder folder;
            const auto path = folder / "P";
            {
                Project p = Project::openOrCreate(path);
                RunInfo run = p.createRun(recipe());
                run.status = status;
                run.ended = "2024-01-02T03:04:05Z";
                run.message = "As it was.";
                run.summary = Json{{"best", 0.5}};
                run.step = 7;
                p.updateRun(run);
                QVERIFY(!p.giveBackRun(1)); // nobody has taken it
            }
            const auto work = [&] {
                Project p = Project::open(path);
                RunInfo run = p.claimRun(1);
                if (run.status != RunStatus::Running || !run.message.empty() || !run.ended.empty())
                    throw std::runtime_error("it was not taken up");
                if (how == 2)
                    p.claimRun(1);
                if (how == 3)
                    p.updateRun(run);
                if (how == 0 && (!p.giveBackRun(1) || p.giveBackRun(1)))
                    throw std::runtime_error("it was not given back once");
                if (how == 3 && p.giveBackRun(1))
                    throw std::runtime_error("it was given back though it had begun");
            };
            QCOMPARE(inChild(work), 0);
            const RunInfo run = Project::open(path).run(1);
            QVERIFY(run.status == (how == 3 ? RunStatus::Interrupted : status));
            QCOMPARE(run.message == "As it was.", how != 3);
            QCOMPARE(run.ended == "2024-01-02T03:04:05Z", how != 3);
            QVERIFY(run.summary == (Json{{"best", 0.5}}));
            QCOMPARE(run.step, std::int64_t(7));
        }
    }
    void aRunAtWorkElsewhereIsNotTaken()
    {
        const TemporaryFolder folder;
        const auto path = folder / "P";
        Project p = Project::openOrCreate(path);
        p.createRun(recipe());
        const int status = inChild([&] {
            Project other = Project::open(path);
            if (other.run(1).status != RunStatus::Running)
                throw std::runtime_error("a run of a live process reads as ended");
            try {
                other.claimRun(1);
            } catch (const Error &e) {
                if (std::string(e.what()).find("at work in process") == std::string::npos)
                    throw;
                return;
            }
            throw std::runtime_error("taken");
        });
        QCOMPARE(status, 0);
        QVERIFY(p.claimRun(1).status == RunStatus::Running); // one's own is no trouble
    }
    void aFullDiskLosesNothing()
    {
        const TemporaryFolder folder;
        const auto path = folder / "P";
        Project::openOrCreate(path);
        const int status = inChild([&] {
            Project p = Project::open(path);
            p.createRun(recipe());
            p.addMetrics(1, {metric("train.loss", 1, 0.5)});
            // No file may grow beyond 256 kB from here, as if the disk were full.
            signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{1 << 18, 1 << 18};
            setrlimit(RLIMIT_FSIZE, &limit);
            std::vector<Event> many;
            for (int step = 2; step < 200000; ++step)
                many.push_back(metric("train.loss", step, step));
            try {
                p.addMetrics(1, many);
            } catch (const Error &e) {
                if (e.kind() != Error::Kind::Failed || e.exitStatus() != 4)
                    throw;
                if (std::string(e.what()).find("the limit on the size of files was reached") == std::string::npos)
                    throw;
                if (p.metric(1, "train.loss").size() != 1)
                    throw std::runtime_error("a part was kept");
                p.addMetrics(1, {metric("train.loss", 2, 0.25)}); // a little still fits
                return;
            }
            throw std::runtime_error("nothing failed");
        });
        QCOMPARE(status, 0);
        QCOMPARE(Project::open(path).metric(1, "train.loss").size(), size_t(2));
    }
    /// What is said of an input by its number says nothing of its file, which may be large, changed or gone.
    void inputsAreDescribedWithoutTheirFiles()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        test::writeAll(folder / "a.tif", "pixels");
        const InputInfo a = p.addInput(folder / "a.tif", "images", Json{{"pages", 3}, {"voxel-size", {1, 2, 3}}});
        std::filesystem::remove(folder / "a.tif");
        p.describeInput(a.id, {{"voxel-size", {7, 0, 21}}});
        const auto inputs = Project::open(folder / "P").inputs();
        QCOMPARE(inputs.size(), size_t(1));
        QVERIFY((inputs[0].description == Json{{"pages", 3}, {"voxel-size", {7, 0, 21}}}));
        QVERIFY(inputs[0].hash == a.hash && inputs[0].modified == a.modified);
        // Also of one of which nothing was said so far.
        test::writeAll(folder / "b.tif", "pixels");
        const auto b = p.addInput(folder / "b.tif", "images", {}).id;
        p.describeInput(b, {{"pages", 2}});
        QVERIFY((p.inputs().at(1).description == Json{{"pages", 2}}));
        p.removeInput(a.id);
        EXPECT_ERROR(p.describeInput(a.id, {{"pages", 4}}), "none of number 1");
        QCOMPARE(p.inputs().size(), size_t(1));
    }
    void aRunWithoutFolderIsNoRun()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        std::filesystem::remove(p.folder() / "runs");
        test::writeAll(p.folder() / "runs", "in the way");
        bool failed = false;
        try {
            p.createRun(recipe());
        } catch (const Error &e) {
            failed = e.kind() == Error::Kind::Failed;
        }
        QVERIFY(failed);
        QVERIFY(p.runs().empty());
    }
};

RETICLE_TEST(ProjectTest)
#include "ProjectTest.moc"
