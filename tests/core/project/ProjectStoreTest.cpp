#include "project/Project.h"
#include "project/RowSeals.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cmath>

using namespace reticle;
using test::TemporaryFolder;

namespace {

/// The database as version 1 of the program left it, with a little of everything in it.
constexpr const char *versionOne = R"sql(
CREATE TABLE inputs (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL, bytes INTEGER NOT NULL,
  modified INTEGER NOT NULL, description TEXT NOT NULL DEFAULT 'null');
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL DEFAULT '', status TEXT NOT NULL, recipe TEXT NOT NULL,
  started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0,
  step INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL DEFAULT 'null',
  writer TEXT NOT NULL DEFAULT '');
CREATE TABLE metrics (
  run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, step INTEGER NOT NULL,
  time REAL NOT NULL, value REAL);
CREATE TABLE results (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER REFERENCES runs(id) ON DELETE SET NULL, name TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '', created TEXT NOT NULL, figures TEXT NOT NULL DEFAULT '[]');
INSERT INTO inputs (path, role, hash, bytes, modified, description) VALUES
  ('/data/a.tif', 'images', 'aa', 10, 100, '{"pages":2}'), ('/data/a.tif', 'images', 'aa', 10, 100, 'null');
INSERT INTO runs (title, status, recipe, started, ended, seconds, step, summary) VALUES
  ('Old', 'done', '{"recipe":1,"seed":4}', '2024-01-02T03:04:05Z', '2024-01-02T04:04:05Z', 3600, 3, '{"best":0.9}'),
  ('Cut', 'running', '{"recipe":1}', '2024-01-02T03:04:05Z', '', 1, 1, 'null');
INSERT INTO metrics (run, name, step, time, value) VALUES
  (1, 'train.loss', 1, 0.1, 0.5), (1, 'train.loss', 2, 0.2, 0.4), (1, 'validation.dice', 2, 0.2, 0.7),
  (1, 'train.loss', 2, 0.3, 0.3), (2, 'train.loss', 1, 0.1, NULL);
INSERT INTO results (run, name, summary, created, figures) VALUES (1, 'scores', 'Good.', '2024-01-02T05:00:00Z', '["f"]');
PRAGMA application_id = 1380275273;
PRAGMA user_version = 1;
)sql";

std::filesystem::path databaseOf(const std::filesystem::path &project)
{
    return project / "project.sqlite";
}

void makeVersionOne(const std::filesystem::path &project)
{
    std::filesystem::create_directories(project);
    SQLite::Database db(databaseOf(project).string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(versionOne);
}

} // namespace

class ProjectStoreTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void migratesVersionOne()
    {
        const TemporaryFolder folder;
        makeVersionOne(folder / "P");
        Project p = Project::open(folder / "P");
        QCOMPARE(p.version(), Project::currentVersion);
        QVERIFY(p.comparisons().empty());
        QCOMPARE(p.run(1).comparison, std::int64_t(0));
        const auto runs = p.runs();
        QCOMPARE(runs.size(), size_t(2));
        QCOMPARE(runs[0].title, std::string("Old"));
        QCOMPARE(runs[0].seconds, 3600.0);
        QVERIFY(runs[0].status == RunStatus::Done);
        QVERIFY(runs[0].summary == (Json{{"best", 0.9}}));
        QVERIFY(runs[1].status == RunStatus::Interrupted); // its worker is long gone
        QCOMPARE(p.metricNames(1), (std::vector<std::string>{"train.loss", "validation.dice"}));
        const auto loss = p.metric(1, "train.loss");
        QCOMPARE(loss.size(), size_t(2)); // of two points for one step the later one is kept
        QCOMPARE(loss[0].value, 0.5);
        QCOMPARE(loss[1].value, 0.3);
        QVERIFY(std::isnan(p.metric(2, "train.loss").at(0).value));
        QCOMPARE(p.inputs().size(), size_t(1));
        QVERIFY(p.inputs()[0].description == (Json{{"pages", 2}}));
        SQLite::Database db(databaseOf(folder / "P").string());
        QCOMPARE(std::string(db.execAndGet("SELECT name || options FROM results").getString()), std::string("scores{}"));
        QCOMPARE(std::string(db.execAndGet("PRAGMA integrity_check").getString()), std::string("ok"));
        QCOMPARE(db.execAndGet("SELECT count(*) FROM pragma_foreign_key_check").getInt(), 0);
        QCOMPARE(p.createRun(Recipe()).id, std::int64_t(3)); // and it is written to as any other
    }
    void aFailedMigrationChangesNothing()
    {
        const TemporaryFolder folder;
        makeVersionOne(folder / "P");
        {
            SQLite::Database db(databaseOf(folder / "P").string(), SQLite::OPEN_READWRITE);
            db.exec("CREATE TABLE metric_names (in_the_way TEXT)");
        }
        bool failed = false;
        try {
            Project::open(folder / "P");
        } catch (const Error &e) {
            failed = true;
        }
        QVERIFY(failed);
        SQLite::Database db(databaseOf(folder / "P").string());
        QCOMPARE(db.execAndGet("PRAGMA user_version").getInt(), 1);
        QCOMPARE(db.execAndGet("SELECT count(*) FROM metrics").getInt(), 5);
        QCOMPARE(db.execAndGet("SELECT count(*) FROM inputs").getInt(), 2);
    }
    void refusesANewerVersion()
    {
        const TemporaryFolder folder;
        Project::openOrCreate(folder / "P");
        {
            SQLite::Database db(databaseOf(folder / "P").string(), SQLite::OPEN_READWRITE);
            db.exec("PRAGMA user_version = 99");
        }
        EXPECT_ERROR(Project::open(folder / "P"), "found version 99; open it with a newer Reticle");
        SQLite::Database db(databaseOf(folder / "P").string());
        QCOMPARE(db.execAndGet("PRAGMA user_version").getInt(), 99);
    }
    void refusesForeignDatabases()
    {
        const TemporaryFolder folder;
        std::filesystem::create_directory(folder / "P");
        {
            SQLite::Database db(databaseOf(folder / "P").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            db.exec("CREATE TABLE songs (name TEXT); INSERT INTO songs VALUES ('one')");
        }
        const auto before = test::readAll(databaseOf(folder / "P"));
        EXPECT_ERROR(Project::open(folder / "P"), "damaged or foreign");
        QVERIFY(test::readAll(databaseOf(folder / "P")) == before);
    }
    void refusesDamage_data()
    {
        QTest::addColumn<int>("begin");
        QTest::addColumn<int>("count");
        QTest::newRow("header") << 0 << 16;
        QTest::newRow("first page") << 100 << 1000;
        QTest::newRow("second page") << 4096 << 1000;
        QTest::newRow("a later page") << 4 * 4096 << 4096;
        QTest::newRow("all") << 0 << (1 << 20);
    }
    void refusesDamage()
    {
        QFETCH(int, begin);
        QFETCH(int, count);
        const TemporaryFolder folder;
        {
            Project p = Project::openOrCreate(folder / "P");
            p.createRun(Recipe());
            std::vector<Event> points;
            for (int i = 0; i < 2000; ++i)
                points.push_back({.kind = Event::Kind::Metric, .step = i, .name = "train.loss", .value = 1.0 / (i + 1)});
            p.addMetrics(1, points);
        } // the last one out writes the log back into the file
        std::string bytes = test::readAll(databaseOf(folder / "P"));
        QVERIFY(bytes.size() > 5 * 4096);
        for (std::size_t i = static_cast<std::size_t>(begin); i < bytes.size() && i < static_cast<std::size_t>(begin + count);
             ++i)
            bytes[i] = static_cast<char>(0x5a);
        test::writeAll(databaseOf(folder / "P"), bytes);
        EXPECT_ERROR(Project::open(folder / "P"), "the file was left as it is");
        EXPECT_ERROR(Project::openOrCreate(folder / "P"), "project.sqlite");
        QVERIFY(test::readAll(databaseOf(folder / "P")) == bytes);
    }
    /// Such a text would take a function call for each of its levels.
    void aDeepTextInARowIsPassedOver()
    {
        const TemporaryFolder folder;
        test::writeAll(folder / "a.bin", "content");
        {
            Project p = Project::openOrCreate(folder / "P");
            const auto run = p.createRun(Recipe(), p.createComparison(Recipe()).id).id;
            p.addInput(folder / "a.bin", "images", Json{{"pages", 2}});
            Result result;
            result.name = "scores";
            p.addResult(run, result, Json{{"image", "a.bin"}});
        }
        {
            SQLite::Database db(databaseOf(folder / "P").string(), SQLite::OPEN_READWRITE);
            addSealFunction(db); // the rows' checksums are right
            const std::string deep = std::string(2000000, '[') + std::string(2000000, ']');
            for (const char *sql : {"UPDATE runs SET recipe = ?", "UPDATE runs SET summary = ?", "UPDATE runs SET writer = ?",
                                    "UPDATE inputs SET description = ?", "UPDATE results SET options = ?",
                                    "UPDATE results SET figures = ?", "UPDATE comparisons SET recipe = ?"}) {
                SQLite::Statement update(db, sql);
                update.bind(1, deep);
                QCOMPARE(update.exec(), 1);
            }
        }
        Project p = Project::open(folder / "P");
        QCOMPARE(p.runs().size(), std::size_t(1));
        QCOMPARE(p.results().size(), std::size_t(1));
        QCOMPARE(p.inputs().size(), std::size_t(1));
        QCOMPARE(p.comparisons().size(), std::size_t(1));
        p.claimRun(1);
    }
    void refusesACutFile()
    {
        const TemporaryFolder folder;
        {
            Project p = Project::openOrCreate(folder / "P");
            p.createRun(Recipe());
        }
        std::string bytes = test::readAll(databaseOf(folder / "P"));
        for (const std::size_t size : {std::size_t(1), std::size_t(99), std::size_t(5000), bytes.size() - 4096}) {
            test::writeAll(databaseOf(folder / "P"), bytes.substr(0, size));
            EXPECT_ERROR(Project::open(folder / "P"), "damaged");
            QCOMPARE(std::filesystem::file_size(databaseOf(folder / "P")), std::uintmax_t(size));
        }
        // Emptied beside its runs it is damage, whoever asks for it.
        test::writeAll(databaseOf(folder / "P"), "");
        EXPECT_ERROR(Project::open(folder / "P"), "an empty file, though its folder holds other files");
        EXPECT_ERROR(Project::openOrCreate(folder / "P"), "restore project.sqlite from a copy");
        QCOMPARE(std::filesystem::file_size(databaseOf(folder / "P")), std::uintmax_t(0));
        QVERIFY(std::filesystem::exists(folder / "P" / "runs" / "1" / "recipe.json"));
        // Alone, an empty file is what a crash right after its making leaves: a new project.
        std::filesystem::remove_all(folder / "P" / "runs");
        QVERIFY(Project::openOrCreate(folder / "P").runs().empty());
    }
};

RETICLE_TEST(ProjectStoreTest)
#include "ProjectStoreTest.moc"
