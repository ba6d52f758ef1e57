#include "compare/RunRow.h"

#include "support/Test.h"

#include <cmath>

using namespace reticle;

namespace {

RunInfo withRecipe(std::int64_t id, Json recipe)
{
    RunInfo run;
    run.id = id;
    run.recipe = std::move(recipe);
    return run;
}

std::vector<std::string> differing(const std::vector<RunInfo> &runs)
{
    std::vector<RunRow> rows;
    for (const auto &run : runs)
        rows.emplace_back(run);
    std::vector<const RunRow *> all;
    for (const auto &row : rows)
        all.push_back(&row);
    return differingSettings(all);
}

} // namespace

class RunRowTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aRowSaysWhatItsRunWas()
    {
        auto run = withRecipe(3, {{"recipe", 1},
                                  {"_what", "a note"},
                                  {"title", "x"},
                                  {"data", {{"name", "segmentation"}, {"scaling", "unit"}, {"images", "/data/cells.tif"}}},
                                  {"model", {{"name", "unet"}, {"weights", 4000}}}});
        run.step = 20;
        run.seconds = 90;
        run.summary = {{"task", "segmentation"}, {"weights", 4012}, {"seconds", 90}, {"best", {{"step", 15}, {"dice", 0.9}}}};
        const RunRow row(run);
        QCOMPARE(row.network, std::string("unet"));
        QCOMPARE(row.data, std::string("cells"));
        QCOMPARE(row.task, std::string("segmentation"));
        QVERIFY((row.settings == RecipeSettings{{"data.name", "segmentation"},
                                                {"data.scaling", "unit"},
                                                {"data.images", "/data/cells.tif"},
                                                {"model.name", "unet"},
                                                {"model.weights", "4000"}}));
        QVERIFY((row.numbers == std::map<std::string, double>{{"dice", 0.9}, {"weights", 4012}}));
        QCOMPARE(row.steps, std::int64_t(20));
    }
    void theScoreIsTheOneThatChoseTheWeights()
    {
        RunInfo run;
        run.summary = {{"task", "regression"},
                       {"score", "mae"},
                       {"scores", {{{"name", "mae"}, {"title", "Mean error"}, {"lowerIsBetter", true}}}},
                       {"best", {{"mae", 0.25}, {"loss", 3.0}}}};
        const RunRow lower(run);
        QCOMPARE(lower.score.title, std::string("Mean error"));
        QCOMPARE(lower.best, 0.25);
        QVERIFY(lower.isBetter(0.1, 0.2) && !lower.isBetter(0.2, 0.1));
        run.summary["best"].erase("mae"); // as the loss chose them then
        QCOMPARE(RunRow(run).score.name, std::string("loss"));
        QCOMPARE(RunRow(run).best, 3.0);
        run.summary = {{"best", {{"dice", 0.9}, {"loss", 0.1}}}}; // of a run of before
        const RunRow before(run);
        QCOMPARE(before.score.title, std::string("Dice"));
        QVERIFY(before.isBetter(0.9, 0.8));
        run.summary = Json();
        QVERIFY(std::isnan(RunRow(run).best) && RunRow(run).task.empty());
    }
    void damagedRunsHaveRowsToo()
    {
        for (const Json &bad : {Json(), Json(3), Json::array({1}), Json{{"data", 1}, {"model", "unet"}}}) {
            auto run = withRecipe(1, bad);
            run.summary = bad;
            run.started = "soon";
            const RunRow row(run);
            QCOMPARE(row.started, std::string("soon"));
            QVERIFY(std::isnan(row.best) && row.data.empty());
        }
        QCOMPARE(RunRow(withRecipe(1, {{"model", "unet"}})).network, std::string("unet"));
        QCOMPARE(RunRow(withRecipe(1, {{"data", {{"images", "/data/slices/"}}}})).data, std::string("slices"));
    }
    void settingsOfTheSameRecipeAreTakenOver()
    {
        auto run = withRecipe(1, {{"train", {{"batch", 4}}}});
        RunRow before(run);
        before.settings["train.batch"] = "marked";
        QCOMPARE(RunRow(run, &before).settings.at("train.batch"), std::string("marked"));
        run.recipe["train"]["batch"] = 5;
        QCOMPARE(RunRow(run, &before).settings.at("train.batch"), std::string("5"));
        run.recipe["train"]["batch"] = 4;
        run.id = 2;
        QCOMPARE(RunRow(run, &before).settings.at("train.batch"), std::string("4"));
    }
    void timesAreLocal()
    {
        const auto text = localTimeText("2026-11-03T12:05:59Z");
        QVERIFY2(text.size() == 16 && text.substr(0, 8) == "2026-11-", text.c_str()); // 3 or 4 November, by the time zone
        QCOMPARE(localTimeText(""), std::string());
        QCOMPARE(localTimeText("2026-11-03"), std::string("2026-11-03"));
    }
    void differencesAreBetweenRowsThatCanDiffer()
    {
        const Json base{{"seed", 1},
                        {"data", {{"name", "segmentation"}, {"images", "/data/a.tif"}, {"cache-mib", 10}}},
                        {"model", {{"name", "unet"}, {"weights", 4000}}},
                        {"train", {{"batch", 4}, {"optimizer", "adam"}}}};
        QVERIFY(differing({withRecipe(1, base), withRecipe(2, base)}).empty());
        QVERIFY(differing({}).empty());
        Json other = base;
        other["seed"] = 2;
        other["train"]["batch"] = 2;
        QVERIFY((differing({withRecipe(1, base), withRecipe(2, other)}) == std::vector<std::string>{"seed", "train.batch"}));
        // Fields of another network are no differences, and the network has a column of its own.
        Json network = base;
        network["model"] = {{"name", "fcn"}, {"weights", 9000}, {"depth", 3}};
        QVERIFY(differing({withRecipe(1, base), withRecipe(2, network)}).empty());
        // Nor what an older program did not know, other data, and what has no effect.
        Json older = base;
        older["train"].erase("optimizer");
        older["data"]["images"] = "/data/b.tif";
        older["data"]["cache-mib"] = 20;
        QVERIFY(differing({withRecipe(1, base), withRecipe(2, older)}).empty());
        Json named = base;
        named["train"]["optimizer"] = {{"name", "sgd"}, {"momentum", 0.9}};
        Json momentum = named;
        momentum["train"]["optimizer"]["momentum"] = 0.5;
        QVERIFY((differing({withRecipe(1, base), withRecipe(2, named)}) == std::vector<std::string>{"train.optimizer"}));
        QVERIFY(
            (differing({withRecipe(1, named), withRecipe(2, momentum)}) == std::vector<std::string>{"train.optimizer.momentum"}));
    }
};

RETICLE_TEST(RunRowTest)
#include "RunRowTest.moc"
