#include "project/Project.h"
#include "support/TemporaryFolder.h"
#include "support/Test.h"

using namespace reticle;

class ProjectComparisonsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void runsOfAComparison()
    {
        const test::TemporaryFolder folder;
        auto p = Project::openOrCreate(folder / "P");
        const std::string inside = (p.folder() / "images.tif").string();
        const Recipe recipe(Json{{"title", "Try"}, {"data", {{"images", inside}}}, {"compare", {{"models", {"deep", "flat"}}}}});
        EXPECT_ERROR(p.comparison(1), "the project has none yet");
        QVERIFY(p.comparisons().empty());
        const auto c = p.createComparison(recipe);
        QCOMPARE(c.id, std::int64_t(1));
        QCOMPARE(c.title, std::string("Try"));
        QVERIFY(c.recipe == recipe.json());
        QVERIFY(!c.created.empty());
        QCOMPARE(p.createRun(Recipe(Json{{"seed", 1}})).comparison, std::int64_t(0));
        const auto run = p.createRun(Recipe(Json{{"seed", 2}}), c.id);
        QCOMPARE(run.comparison, c.id);
        QCOMPARE(p.claimRun(run.id).comparison, c.id);
        QCOMPARE(p.runsOf(c.id).size(), std::size_t(1));

        auto other = Project::open(folder / "P");
        QCOMPARE(other.comparisons().size(), std::size_t(1));
        QCOMPARE(other.runsOf(1).front().id, run.id);
        QCOMPARE(other.createComparison(Recipe(Json{{"compare", Json::object()}})).title, std::string("Comparison 2"));
        EXPECT_ERROR(other.comparison(7), "one of the comparisons 1, 2");
        RunInfo ended = run;
        ended.status = RunStatus::Done;
        other.updateRun(ended);
        other.removeRun(run.id);
        QVERIFY(p.runsOf(1).empty());
        other.restoreRun(run.id);
        QCOMPARE(p.runsOf(1).size(), std::size_t(1));
    }
    void pathsMoveWithTheProject()
    {
        const test::TemporaryFolder folder;
        {
            auto p = Project::openOrCreate(folder / "A");
            p.createComparison(Recipe(Json{{"data", {{"images", (p.folder() / "images.tif").string()}}}}));
        }
        std::filesystem::rename(folder / "A", folder / "B");
        const auto p = Project::open(folder / "B");
        QCOMPARE(p.comparison(1).recipe["data"]["images"].get<std::string>(), (p.folder() / "images.tif").string());
    }
};

RETICLE_TEST(ProjectComparisonsTest)
#include "ProjectComparisonsTest.moc"
