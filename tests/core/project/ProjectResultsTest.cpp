#include "project/Project.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;
using test::TemporaryFolder;

namespace {

Result sample(const std::string &summary)
{
    Result r;
    r.name = "scores";
    r.summary = summary;
    r.values = Json{{"dice", 0.9}};
    Table t;
    t.title = "Per slice";
    t.columns = {{"dice", "", std::vector<double>{0.8, 1.0}}};
    r.tables = {t};
    Figure f;
    f.name = "curve";
    XYPanel panel;
    panel.x.label = "Threshold";
    panel.y.label = "Dice";
    panel.series = {{.name = "Dice", .x = {0, 1}, .y = {0.5, 0.9}}};
    f.panels.push_back({.content = panel});
    r.figures = {f};
    return r;
}

} // namespace

class ProjectResultsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsResults()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        RunInfo run = p.createRun(Recipe());
        const Result whole = sample("Good.");
        QCOMPARE(p.addResult(1, whole, Json{{"threshold", 0.5}}), std::int64_t(1));
        QCOMPARE(p.addResult(0, sample("Of files alone."), Json::object()), std::int64_t(2));
        const Project reader = Project::open(folder / "P");
        const auto all = reader.results();
        QCOMPARE(all.size(), size_t(2));
        QCOMPARE(all[0].run, std::int64_t(1));
        QCOMPARE(all[1].run, std::int64_t(0));
        QCOMPARE(all[0].summary, std::string("Good."));
        QVERIFY(all[0].options == (Json{{"threshold", 0.5}}));
        QCOMPARE(all[0].figures, (std::vector<std::string>{"curve"}));
        QVERIFY(reader.result(1).toJson() == whole.toJson());
        QVERIFY(std::filesystem::exists(p.folder() / "results" / "1" / "curve.figure.json"));
        EXPECT_ERROR(reader.result(9), "result 9");

        // With its run a result goes to the trash and comes back.
        run.status = RunStatus::Done;
        p.updateRun(run);
        p.removeRun(1);
        QCOMPARE(p.results().size(), size_t(1));
        p.restoreRun(1);
        QCOMPARE(p.results().size(), size_t(2));
    }
    void resultsAndFiguresGoToTheTrashAndComeBack()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        Result two = sample("Two.");
        two.figures.push_back(two.figures.front());
        two.figures.back().name = "second";
        p.addResult(0, sample("One."), Json::object());
        p.addResult(0, two, Json::object());
        p.removeResult(1);
        QCOMPARE(Project::open(folder / "P").results().size(), size_t(1));
        QVERIFY(std::filesystem::exists(p.folder() / "trash" / "result-1" / "result.json"));
        EXPECT_ERROR(p.result(1), "result 1");
        EXPECT_ERROR(p.removeResult(1), "result 1");
        // A new one takes a number of its own.
        QCOMPARE(p.addResult(0, sample("Three."), Json::object()), std::int64_t(3));
        p.restoreResult(1);
        EXPECT_ERROR(p.restoreResult(1), "in the trash");
        QCOMPARE(p.results().size(), size_t(3));
        QCOMPARE(p.result(1).summary, std::string("One."));

        EXPECT_ERROR(p.removeFigure(2, 2), "figure 3");
        p.removeFigure(2, 0);
        QCOMPARE(p.results()[1].figures, (std::vector<std::string>{"second"}));
        QCOMPARE(p.result(2).figures.size(), size_t(1));
        QVERIFY(!std::filesystem::exists(p.folder() / "results" / "2" / "curve.figure.json"));
        QVERIFY(std::filesystem::exists(p.folder() / "trash" / "result-2-before-1" / "curve.figure.json"));
        QVERIFY(std::filesystem::exists(p.folder() / "results" / "2" / "per-slice.csv"));
        p.restoreFigure(2, 0, two.figures.front());
        QCOMPARE(p.results()[1].figures, (std::vector<std::string>{"curve", "second"}));
        QVERIFY(p.result(2).toJson() == two.toJson());
    }
    void anExchangeThatWasCutOffIsTakenBack()
    {
        namespace fs = std::filesystem;
        const TemporaryFolder folder;
        fs::path results, trash;
        {
            Project p = Project::openOrCreate(folder / "P");
            for (const char *summary : {"One.", "Two.", "Three.", "Four."})
                p.addResult(0, sample(summary), Json::object());
            results = p.folder() / "results";
            trash = p.folder() / "trash";
        }
        // As a crash leaves it between the renames of restoreFigure (1) and removeFigure (2, for the second time); 3 was
        // taken away by somebody else, and 4 went to the trash.
        fs::create_directories(trash / "result-2-before-1");
        fs::rename(results / "1", results / ".1.old");
        fs::rename(results / "2", trash / "result-2-before-2");
        for (const char *part : {".1.part", ".2.part", ".4.part"})
            fs::create_directories(results / part);
        fs::rename(results / "3", trash / "result-3-before-1");
        fs::rename(results / "4", trash / "result-4");
        const Project p = Project::open(folder / "P");
        QCOMPARE(p.result(1).summary, std::string("One."));
        QCOMPARE(p.result(2).summary, std::string("Two."));
        QVERIFY(!fs::exists(results / ".1.part") && !fs::exists(results / ".1.old"));
        QVERIFY(fs::exists(trash / "result-2-before-1") && !fs::exists(trash / "result-2-before-2"));
        EXPECT_ERROR(p.result(3), "result 3");
        QVERIFY(fs::exists(trash / "result-4") && !fs::exists(results / "4"));
    }
    void namesThatAreNoUtf8AreKept()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        Result r = sample("Scores of caf\xe9.tif.");
        r.values["caf\xe9"] = 1;
        r.tables[0].title = "caf\xe9";
        r.figures[0].name = "caf\xe9";
        r.figures[0].title = "Of caf\xe9";
        r.warnings = {"caf\xe9 is short"};
        p.addResult(0, r, Json{{"others", "caf\xe9.tif"}});
        const Result kept = p.result(1);
        QCOMPARE(kept.summary, std::string("Scores of caf\xef\xbf\xbd.tif."));
        QCOMPARE(kept.figures[0].name, std::string("caf\xef\xbf\xbd"));
        QCOMPARE(p.results()[0].figures, (std::vector<std::string>{"caf\xef\xbf\xbd"}));
        p.removeFigure(1, 0);
        QVERIFY(p.results()[0].figures.empty());
    }
    void aResultThatCannotBeWrittenIsNotListed()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        test::writeAll(p.folder() / "results", "in the way");
        bool failed = false;
        try {
            p.addResult(0, sample("Lost."), Json::object());
        } catch (const Error &e) {
            failed = e.kind() == Error::Kind::Failed;
        }
        QVERIFY(failed);
        QVERIFY(p.results().empty());
        EXPECT_ERROR(p.addResult(4, sample("Of nothing."), Json::object()), "run 4");
    }
    void whatACrashLeftIsReplaced()
    {
        const TemporaryFolder folder;
        Project p = Project::openOrCreate(folder / "P");
        std::filesystem::create_directories(p.folder() / "results" / "1");
        test::writeAll(p.folder() / "results" / "1" / "result.json", "half a fi");
        EXPECT_ERROR(p.result(1), "damaged");
        QCOMPARE(p.addResult(0, sample("Whole."), Json::object()), std::int64_t(1));
        QCOMPARE(p.result(1).summary, std::string("Whole."));
    }
};

RETICLE_TEST(ProjectResultsTest)
#include "ProjectResultsTest.moc"
