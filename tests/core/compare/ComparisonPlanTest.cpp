#include "compare/Comparison.h"

#include "support/ComparedRuns.h"
#include "support/Test.h"

using namespace reticle;

namespace {

/// Of a recipe with two objectives and three learning rates, over two seeds.
Recipe grid()
{
    return Recipe(Json::parse(R"({"recipe": 1, "title": "Grid", "seed": 1, "device": "cpu",
        "data": {"name": "segmentation", "images": "a.tif"}, "model": {"name": "fcn", "weights": 4000},
        "objective": {"name": "bce", "border-weight": 0}, "augment": {}, "train": {"steps": 100, "learning-rate": 0.1},
        "compare": {"models": [{"name": "fcn", "weights": 4000}],
                    "axes": {"objective": [{"name": "bce", "border-weight": 0}, {"name": "dice"}],
                             "train.learning-rate": [0.1, 0.01, 0.001]},
                    "weights": 0, "seeds": [1, 2]}})"));
}

/// Its runs, as if they had been trained: better with every step in the grid.
std::vector<RunInfo> runsOf(const Recipe &recipe, std::size_t done)
{
    std::vector<RunInfo> runs;
    const auto planned = recipe.compared();
    for (std::size_t i = 0; i < done; ++i) {
        auto one = test::run(static_cast<std::int64_t>(i + 1), "fcn", 1,
                             0.5 + 0.01 * static_cast<double>(i) + 0.001 * static_cast<double>(i * i % 5));
        one.recipe = planned[i].json();
        runs.push_back(one);
    }
    return runs;
}

} // namespace

/// Comparisons whose runs differ in more than their model.
class ComparisonPlanTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theGridIsPlannedByItsLastAxisFirst()
    {
        const auto runs = grid().compared();
        QCOMPARE(runs.size(), std::size_t(12));
        QCOMPARE(runs[0].title(), std::string("Grid: objective bce, learning-rate 0.1, seed 1"));
        QCOMPARE(runs[1].title(), std::string("Grid: objective bce, learning-rate 0.01, seed 1"));
        QCOMPARE(runs[3].title(), std::string("Grid: objective dice, learning-rate 0.1, seed 1"));
        QCOMPARE(runs[6].title(), std::string("Grid: objective bce, learning-rate 0.1, seed 2"));
        QCOMPARE(runs[3].section("objective").dump(), std::string(R"({"name":"dice"})"));
        QCOMPARE(runs[4].section("train").dump(), std::string(R"({"steps":100,"learning-rate":0.01})"));
        QVERIFY(!runs[0].compares());
    }
    void everyRunIsOfItsSetting()
    {
        const ComparisonPlan plan(grid());
        QCOMPARE(plan.runs, std::size_t(12));
        QCOMPARE(plan.settings.size(), std::size_t(6));
        QCOMPARE(plan.axes, (std::vector<std::string>{"objective", "train.learning-rate"}));
        QVERIFY(plan.repeats == (std::vector<Repeat>{{1, 0}, {2, 0}}));
        const auto runs = grid().compared();
        for (std::size_t i = 0; i < runs.size(); ++i)
            QCOMPARE(plan.settingOf(runs[i].json()), i % 6);
        Json other = runs[0].json();
        other["train"]["learning-rate"] = 5;
        QCOMPARE(plan.settingOf(other), std::size_t(6));
        QCOMPARE(plan.settingOf(Json()), std::size_t(6));
        QVERIFY(plan.varies("objective.name") && plan.varies("train.learning-rate"));
        QVERIFY(!plan.varies("train.learning-rates") && !plan.varies("train.steps"));
    }
    void howManyRunsIsSaid()
    {
        QCOMPARE(gridText(grid().section("compare")),
                 std::string("A run for each combination of 2 values of objective, 3 values of "
                             "train.learning-rate and 2 seeds: 12 runs."));
        QCOMPARE(gridText(Json::parse(R"({"models": ["fcn", "unet"]})")), std::string("A run for each of 2 models: 2 runs."));
        QCOMPARE(gridText(Json::parse(R"({"axes": {"train.steps": [1]}, "folds": 5})")),
                 std::string("A run for each of 5 folds: 5 runs."));
        QCOMPARE(gridText(Json::object()), std::string("One run."));
        QCOMPARE(gridText(Json::parse(R"({"models": 3, "axes": [], "seeds": {}, "folds": -1})")), std::string("One run."));
    }
    void groupsGoByWhatDiffers()
    {
        const auto recipe = grid();
        const ComparisonPlan plan(recipe);
        const auto c = compareRuns(runsOf(recipe, 12), 0, "auto", "validation", &plan);
        QCOMPARE(c.models.size(), std::size_t(6));
        QCOMPARE(c.models[0].label, std::string("objective bce, learning-rate 0.1"));
        QCOMPARE(c.models[5].label, std::string("objective dice, learning-rate 0.001"));
        QCOMPARE(c.models[0].score.count, std::int64_t(2));
        QCOMPARE(c.tests.size(), std::size_t(15));
        for (const auto &warning : c.warnings) // what was planned is no surprise
            QVERIFY2(warning.find("differ in more than model and seed") == std::string::npos, warning.c_str());
        QCOMPARE(modelTable(c).columns[0].name, std::string("setting"));
        QCOMPARE(pairTable(c).columns[0].name, std::string("setting"));
        QVERIFY(comparisonTable(c).find("setting"));
        const auto text = comparisonText(c);
        QVERIFY2(text.find("6 settings, 2 seeds: Dice objective bce, learning-rate 0.1 0.") == 0, text.c_str());
        const auto figure = comparisonFigure(c);
        QCOMPARE(figure.title, std::string("Comparison of settings"));
        QVERIFY(figure.problems().empty());
    }
    /// A name that a setting has before its first run is done stays.
    void namesStayWhileRunsAreToCome()
    {
        const auto recipe = grid();
        const ComparisonPlan plan(recipe);
        const auto runs = runsOf(recipe, 2); // which differ in the learning rate alone
        const auto c = compareRuns(runs, 0, "auto", "validation", &plan);
        QCOMPARE(c.models.size(), std::size_t(2));
        QCOMPARE(c.models[1].label, plan.settings[1].label);
        QVERIFY2(c.warnings.at(0).find("2 of 12 runs are done") == 0, c.warnings[0].c_str());
        const auto t = plannedModelTable(plan, runs, "dice");
        QCOMPARE(t.rows(), std::size_t(6));
        QCOMPARE(t.text(0, 0) + " " + t.text(0, 1), std::string("objective bce, learning-rate 0.1 1 of 2"));
        QCOMPARE(t.text(5, 1), std::string("0 of 2"));
    }
    void lossesOfPlannedObjectivesGiveWayToAScoreOfAll()
    {
        auto recipe = grid();
        const ComparisonPlan plan(recipe);
        auto runs = runsOf(recipe, 12);
        for (auto &r : runs) {
            r.summary["target"] = "image";
            r.summary["best"] = {{"step", 90}, {"loss", 0.1}, {"mse", 0.04 + 0.001 * static_cast<double>(r.id)}};
        }
        QCOMPARE(compareRuns(runs, 0, "auto", "validation", &plan).score, std::string("rmse"));
        EXPECT_ERROR(compareRuns(runs, 0, "loss", "validation", &plan), "the losses of different objectives");
    }
    void severalModelsKeepTheirNames()
    {
        Json json = grid().json();
        json["compare"]["models"] =
            Json::parse(R"([{"name": "fcn", "weights": 10}, {"name": "unet", "weights": 10}, {"name": "unet", "weights": 20}])");
        json["compare"]["axes"].erase("objective");
        const auto labels = ComparisonPlan(Recipe(json)).labels();
        QCOMPARE(labels.size(), std::size_t(9));
        QCOMPARE(labels[0], std::string("fcn, learning-rate 0.1"));
        QCOMPARE(labels[8], std::string("unet weights 20, learning-rate 0.001"));
        // Without any other axis they are called as ever, and of one name what differs is enough on an axis.
        json["compare"].erase("axes");
        QCOMPARE(ComparisonPlan(Recipe(json)).labels(), (std::vector<std::string>{"fcn", "unet weights 10", "unet weights 20"}));
        json["compare"]["models"].erase(0);
        json["compare"]["axes"] = {{"model.width", {4, 8}}};
        QCOMPARE(ComparisonPlan(Recipe(json)).labels()[1], std::string("weights 10 width 8"));
    }
    /// A setting is an entry's name, or an object with the name and fields of the entry.
    void entriesWithFieldsKeepTheirNames()
    {
        Json json = grid().json();
        json["compare"]["axes"] = {
            {"train.optimizer", {"adam", {{"name", "sgd"}, {"momentum", 0.5}}, {{"name", "sgd"}, {"momentum", 0.75}}}}};
        QCOMPARE(ComparisonPlan(Recipe(json)).labels(),
                 (std::vector<std::string>{"optimizer adam", "optimizer sgd, momentum 0.5", "optimizer sgd, momentum 0.75"}));
        json["compare"]["axes"]["train.optimizer"].erase(std::size_t(2));
        QCOMPARE(ComparisonPlan(Recipe(json)).labels(), (std::vector<std::string>{"optimizer adam", "optimizer sgd"}));
    }
    void foldsOfASettingAreOneGroup()
    {
        Json json = grid().json();
        json["compare"]["seeds"] = {1};
        json["compare"]["folds"] = 3;
        const Recipe recipe(json);
        const ComparisonPlan plan(recipe);
        QCOMPARE(plan.runs, std::size_t(18));
        const auto c = compareRuns(runsOf(recipe, 18), 0, "auto", "test", &plan);
        QCOMPARE(c.models.size(), std::size_t(6));
        QCOMPARE(c.repeats.size(), std::size_t(3));
        QCOMPARE(recipe.compared()[17].title(), std::string("Grid: objective dice, learning-rate 0.001, fold 3 of 3"));
    }
    void otherDataAreWarnedOfEvenWhenPlanned()
    {
        Json json = grid().json();
        json["compare"]["axes"] = {{"data.images", {"/x/a.tif", "/x/b.tif"}}};
        const Recipe recipe(json);
        const ComparisonPlan plan(recipe);
        const auto c = compareRuns(runsOf(recipe, 4), 0, "auto", "validation", &plan);
        QCOMPARE(c.models[1].label, std::string("images b.tif"));
        QVERIFY2(c.warnings.at(0).find("The runs differ in their data: data.images (/x/a.tif, /x/b.tif).") == 0,
                 c.warnings[0].c_str());
    }
};

RETICLE_TEST(ComparisonPlanTest)
#include "ComparisonPlanTest.moc"
