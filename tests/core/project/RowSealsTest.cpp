#include "project/RowSeals.h"

#include "project/Project.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cmath>

using namespace reticle;

/// A changed number in any row of the database is found; what the program itself writes always fits.
class RowSealsTest : public QObject
{
    Q_OBJECT
    test::TemporaryFolder m_folder;

    std::filesystem::path made() const
    {
        const auto folder = m_folder.part() / "P.reticle";
        auto p = Project::openOrCreate(folder);
        const Recipe recipe(Json{{"recipe", 1}, {"title", "One"}, {"seed", 3}});
        auto run = p.createRun(recipe, p.createComparison(recipe).id);
        std::vector<Event> metrics;
        for (const double value : {0.5, 0.25, 0.0, -0.0, 1.0, double(NAN)}) {
            Event e{.kind = Event::Kind::Metric, .time = 1.5};
            e.name = "train.loss";
            e.step = static_cast<std::int64_t>(metrics.size());
            e.value = value;
            metrics.push_back(e);
        }
        p.addMetrics(run.id, metrics);
        metrics[0].value = 0.75;
        p.addMetrics(run.id, {metrics[0]}); // replaced
        test::writeAll(m_folder / "a.bin", "content");
        const auto input = p.addInput(m_folder / "a.bin", "images", Json{{"pages", 2}});
        p.addInput(m_folder / "a.bin", "images", Json{{"pages", 2}, {"dtype", "uint8"}});
        p.describeInput(input.id, Json{{"more", 1}});
        Result result;
        result.name = "scores";
        p.addResult(run.id, result, Json{{"image", "a.bin"}});
        run.status = RunStatus::Done;
        run.seconds = 12; // a real number without a fraction
        run.step = 5;
        run.summary = {{"best", 0.875}};
        p.updateRun(run);
        p.renameRun(run.id, "Two");
        return folder;
    }
    /// What a failing disk does: no trigger sees it.
    static void change(const std::filesystem::path &folder, const std::string &table, const std::string &sql)
    {
        SQLite::Database db((folder / "project.sqlite").string(), SQLite::OPEN_READWRITE);
        addSealFunction(db);
        db.exec("CREATE TEMP TABLE kept AS SELECT sql FROM sqlite_master WHERE name = '" + table + "_changed'");
        const std::string trigger = db.execAndGet("SELECT sql FROM kept").getString();
        db.exec("DROP TRIGGER " + table + "_changed");
        QCOMPARE(db.exec("UPDATE " + table + " SET " + sql), 1);
        db.exec(trigger);
    }

private Q_SLOTS:
    void whatIsWrittenFits()
    {
        const auto folder = made();
        const auto p = Project::open(folder);
        QCOMPARE(p.run(1).title, std::string("Two"));
        QCOMPARE(p.run(1).seconds, 12.0);
        QCOMPARE(p.metric(1, "train.loss").size(), std::size_t(6));
        QCOMPARE(p.metric(1, "train.loss")[0].value, 0.75);
        QVERIFY(std::isnan(p.metric(1, "train.loss")[5].value));
        // Every row is sealed.
        const SQLite::Database db((folder / "project.sqlite").string());
        for (const char *table : {"runs", "inputs", "metric_names", "results", "comparisons", "metrics"}) {
            SQLite::Statement rows(db, std::string("SELECT count(*), count(seal) FROM ") + table);
            QVERIFY(rows.executeStep());
            QVERIFY2(rows.getColumn(0).getInt() > 0 && rows.getColumn(0).getInt() == rows.getColumn(1).getInt(), table);
        }
    }
    void aChangedRowIsFound_data()
    {
        QTest::addColumn<QString>("table");
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("says");
        QTest::newRow("summary") << "runs"
                                 << "summary = '{\"best\":0.975}'"
                                 << "run 1";
        QTest::newRow("recipe") << "runs"
                                << "recipe = replace(recipe, '3', '7')"
                                << "run 1";
        QTest::newRow("seconds") << "runs"
                                 << "seconds = 12.000001"
                                 << "run 1";
        QTest::newRow("hash of an input") << "inputs"
                                          << "hash = replace(hash, substr(hash, 1, 1), 'x')"
                                          << "input 1";
        QTest::newRow("name of a metric") << "metric_names"
                                          << "name = 'train.lors'"
                                          << "metric 1";
        QTest::newRow("options of a result") << "results"
                                             << "options = '{}'"
                                             << "result 1";
        QTest::newRow("recipe of a comparison") << "comparisons"
                                                << "recipe = '{}'"
                                                << "comparison 1";
        QTest::newRow("the seal") << "runs"
                                  << "seal = seal + 1"
                                  << "run 1";
    }
    void aChangedRowIsFound()
    {
        QFETCH(QString, table);
        QFETCH(QString, sql);
        QFETCH(QString, says);
        const auto folder = made();
        change(folder, table.toStdString(), sql.toStdString());
        EXPECT_ERROR(Project::open(folder), says.toStdString() + " is damaged");
    }
    void aChangedMetricIsFoundAsItIsRead()
    {
        const auto folder = made();
        for (const char *sql : {"value = 0.26 WHERE step = 1", "time = 2 WHERE step = 4", "value = 0 WHERE step = 5"}) {
            change(folder, "metrics", sql);
            const auto p = Project::open(folder);
            EXPECT_ERROR(p.metric(1, "train.loss"), "train.loss of run 1 is damaged");
            QCOMPARE(p.metric(1, "train.loss", 5).size(), std::size_t(0)); // what is not asked for does not matter
        }
    }
};

RETICLE_TEST(RowSealsTest)
#include "RowSealsTest.moc"
