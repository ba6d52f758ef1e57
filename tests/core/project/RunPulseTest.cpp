#include "project/RunPulse.h"

#include "project/Project.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace reticle;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

/// When the run's writer last gave a sign of life.
std::int64_t lastSign(const fs::path &project)
{
    SQLite::Database db((project / "project.sqlite").string(), SQLite::OPEN_READONLY);
    return db.execAndGet("SELECT heartbeat FROM runs WHERE id = 1").getInt64();
}

void forget(const fs::path &project)
{
    SQLite::Database db((project / "project.sqlite").string(), SQLite::OPEN_READWRITE, 10000);
    db.exec("UPDATE runs SET heartbeat = 5 WHERE id = 1");
}

} // namespace

class RunPulseTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aRunGivesSignsOfLife()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        RunInfo run = p.createRun(Recipe());
        forget(folder / "P");
        p.beat(1);
        QVERIFY(lastSign(folder / "P") > 5);
        for (const auto status : {RunStatus::Running, RunStatus::Paused}) {
            run.status = status;
            p.updateRun(run);
            forget(folder / "P");
            const RunPulse pulse(folder / "P", 1, std::chrono::milliseconds(1));
            QTRY_VERIFY_WITH_TIMEOUT(lastSign(folder / "P") > 5, 60000);
            QVERIFY(p.run(1).status == status);
        }
    }
    void oneThatHasEndedGivesNone()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        RunInfo run = p.createRun(Recipe());
        run.status = RunStatus::Done;
        p.updateRun(run);
        forget(folder / "P");
        p.beat(1);
        QCOMPARE(lastSign(folder / "P"), std::int64_t(5));
    }
    void aProjectThatIsGoneIsBorne()
    {
        const TemporaryFolder folder;
        const RunPulse pulse(folder / "none", 1, std::chrono::milliseconds(1));
    }
};

RETICLE_TEST(RunPulseTest)
#include "RunPulseTest.moc"
