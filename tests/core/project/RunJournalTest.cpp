#include "project/RunJournal.h"

#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cmath>

#include <sys/stat.h>

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

struct Heard : EventSink
{
    std::vector<Event> events;
    void emit(const Event &e) override { events.push_back(e); }
    int count(Event::Kind kind) const
    {
        return static_cast<int>(std::count_if(events.begin(), events.end(), [&](const Event &e) { return e.kind == kind; }));
    }
};

/// Somebody who ends the work once something is said.
struct Asks : EventSink
{
    Asks(RunControl &control, RunControl::End how) : control(control), how(how) {}
    void emit(const Event &) override { control.end(how); }
    RunControl &control;
    RunControl::End how;
};

Event loss(std::int64_t step, double value)
{
    return {.kind = Event::Kind::Metric, .step = step, .name = "train.loss", .value = value};
}

/// Another program in the middle of a write.
class Lock
{
public:
    explicit Lock(const fs::path &project) : m_db((project / "project.sqlite").string(), SQLite::OPEN_READWRITE)
    {
        m_db.exec("BEGIN IMMEDIATE");
    }
    ~Lock() { m_db.exec("ROLLBACK"); }

private:
    SQLite::Database m_db;
};

} // namespace

class RunJournalTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesWhatItIsGiven()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        Heard heard;
        RunJournal journal(p, p.createRun(Recipe()), heard);
        journal.keep({loss(1, 0.5), loss(2, std::nan(""))});
        journal.state(RunStatus::Running, 2, 1.5, Json{{"best", 1}});
        QCOMPARE(p.metric(1, "train.loss").size(), std::size_t(2));
        QCOMPARE(p.run(1).step, std::int64_t(2));
        journal.drop(1);
        journal.keep({loss(2, 0.25)});
        QCOMPARE(p.metric(1, "train.loss").size(), std::size_t(2)); // nothing is dropped before something comes in its place
        journal.end(RunStatus::Done, Json{{"best", 2}});
        QCOMPARE(p.metric(1, "train.loss").at(1).value, 0.25);
        QVERIFY(p.run(1).status == RunStatus::Done && p.run(1).summary == (Json{{"best", 2}}));
        QVERIFY(heard.events.empty());
        QVERIFY(!fs::exists(p.runFolder(1) / "pending.json"));
    }
    void aLockDoesNotEndATraining()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        Heard heard;
        RunJournal journal(p, p.createRun(Recipe()), heard);
        {
            const Lock lock(folder / "P");
            for (int step = 1; step <= 4; ++step) {
                journal.keep({loss(step, 1.0 / step)});
                journal.state(RunStatus::Running, step, step, Json());
            }
            QCOMPARE(journal.waiting(), std::size_t(4));
            QCOMPARE(heard.count(Event::Kind::Warning), 1); // said once
            QVERIFY(heard.events[0].text.find("Close the other program") != std::string::npos);
            QVERIFY(fs::exists(p.runFolder(1) / "pending.json"));
            QVERIFY(p.metric(1, "train.loss").empty());
        }
        journal.keep({loss(5, 0.2)});
        journal.state(RunStatus::Running, 5, 5, Json());
        QCOMPARE(journal.waiting(), std::size_t(0));
        QCOMPARE(p.metric(1, "train.loss").size(), std::size_t(5));
        QCOMPARE(p.run(1).step, std::int64_t(5));
        QCOMPARE(heard.count(Event::Kind::Log), 1);
        QVERIFY(!fs::exists(p.runFolder(1) / "pending.json"));
    }
    void whatCouldNotBeWrittenIsTakenOver()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        Heard heard;
        const RunInfo run = p.createRun(Recipe());
        {
            RunJournal journal(p, run, heard);
            const Lock lock(folder / "P");
            journal.keep({loss(1, 0.5), loss(2, std::nan("")), loss(3, 0.25)});
            journal.state(RunStatus::Running, 3, 3, Json());
            EXPECT_ERROR(journal.end(RunStatus::Done, Json(), nullptr, 0), "resume run 1 to save its curves");
        } // killed: the checkpoint is of step 2
        RunJournal journal(p, run, heard);
        QCOMPARE(journal.waiting(), std::size_t(3));
        journal.drop(2);
        QCOMPARE(journal.waiting(), std::size_t(2));
        journal.state(RunStatus::Running, 2, 2, Json());
        const auto points = p.metric(1, "train.loss");
        QCOMPARE(points.size(), std::size_t(2));
        QVERIFY(points[0].value == 0.5 && std::isnan(points[1].value));
        QVERIFY(!fs::exists(p.runFolder(1) / "pending.json"));
    }
    void whoCancelsDoesNotWaitForALock()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        p.createRun(Recipe());
        const Lock lock(folder / "P");
        for (const auto how : {RunControl::End::Stop, RunControl::End::Cancel}) {
            RunControl control;
            Asks asks(control, how);
            RunJournal waiting(p, p.run(1), asks);
            EXPECT_ERROR(waiting.end(RunStatus::Done, Json(), &control), "resume run 1");
        }
    }
    void aDamagedListOfWaitingMetricsIsPassedOver()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        Heard heard;
        const RunInfo run = p.createRun(Recipe());
        test::writeAll(p.runFolder(1) / "pending.json", "[{\"event\"");
        RunJournal journal(p, run, heard);
        QCOMPARE(journal.waiting(), std::size_t(0));
        QCOMPARE(heard.count(Event::Kind::Warning), 1);
        QVERIFY(heard.events[0].text.find("pending.json is damaged") != std::string::npos);
        journal.state(RunStatus::Running, 0, 0, Json());
        QVERIFY(!fs::exists(p.runFolder(1) / "pending.json"));
    }
    void aChangedNumberAmongWaitingMetricsIsFound()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        Heard heard;
        const RunInfo run = p.createRun(Recipe());
        const auto file = p.runFolder(1) / "pending.json";
        {
            RunJournal journal(p, run, heard);
            const Lock lock(folder / "P");
            journal.keep({loss(1, 0.5)});
            journal.state(RunStatus::Running, 1, 1, Json());
        }
        heard.events.clear();
        auto text = test::readAll(file);
        QVERIFY(text.find("0.5") != std::string::npos);
        text.replace(text.find("0.5"), 3, "0.7");
        test::writeAll(file, text);
        QCOMPARE(RunJournal(p, run, heard).waiting(), std::size_t(0));
        QCOMPARE(heard.count(Event::Kind::Warning), 1);
        // Versions before wrote a list without a checksum.
        test::writeAll(file, Json::array({loss(1, 0.5).toJson()}).dump());
        QCOMPARE(RunJournal(p, run, heard).waiting(), std::size_t(1));
        QCOMPARE(heard.count(Event::Kind::Warning), 1);
    }
    void whatIsNoFileDoesNotHoldATrainingUp()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        const RunInfo run = p.createRun(Recipe());
        const auto file = p.runFolder(1) / "pending.json";
        for (const bool pipe : {true, false}) {
            if (pipe)
                QCOMPARE(mkfifo(file.c_str(), 0600), 0);
            else
                fs::create_symlink("/dev/zero", file);
            Heard heard;
            RunJournal journal(p, run, heard);
            QCOMPARE(heard.count(Event::Kind::Warning), 1);
            journal.state(RunStatus::Running, 0, 0, Json());
            QVERIFY(!fs::exists(fs::symlink_status(file)));
        }
        QVERIFY(fs::exists("/dev/zero"));
    }
};

RETICLE_TEST(RunJournalTest)
#include "RunJournalTest.moc"
