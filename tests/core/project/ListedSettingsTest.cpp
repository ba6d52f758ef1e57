#include "compare/Comparison.h"
#include "project/Recipe.h"
#include "support/ComparedRuns.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct Net
{
    std::int64_t width = 4;
};
struct Loss
{
    double border = 0, smooth = 1;
};
struct Momentum
{
    double momentum = 0.9;
    bool nesterov = false;
};
struct Train
{
    double minutes = 15, rate = 0.001;
    std::int64_t steps = 0, threads = 0;
    EntryOptions optimizer = "adam";
};
struct Stack
{
    std::string images, split = "blocks";
    double testFraction = 0;
    std::int64_t folds = 5, fold = 1;
};
struct Nothing
{
};

Catalog made()
{
    Catalog c;
    c.kinds["datasets"] = {Schema<Stack>("stack", "Stack")
                               .field(&Stack::images, {.name = "images", .help = "Images", .path = true})
                               .field(&Stack::split, {.name = "split", .help = "Split", .choices = {"blocks", "folds"}})
                               .field(&Stack::testFraction, {.name = "test-fraction", .help = "Test"})
                               .field(&Stack::folds, {.name = "folds", .help = "Folds"})
                               .field(&Stack::fold, {.name = "fold", .help = "Fold"})
                               .info()};
    for (const char *name : {"deep", "flat"})
        c.kinds["models"].push_back(
            Schema<Net>(name, "Net")
                .field(&Net::width, {.name = "width", .help = "Width", .min = 1, .max = 99, .formerly = {"breadth"}})
                .info());
    c.kinds["objectives"] = {Schema<Loss>("bce", "BCE").field(&Loss::border, {.name = "border", .help = "Border"}).info(),
                             Schema<Loss>("dice", "Dice")
                                 .field(&Loss::border, {.name = "border", .help = "Border"})
                                 .field(&Loss::smooth, {.name = "smooth", .help = "Smooth"})
                                 .info()};
    c.sections["augment"] = Schema<Nothing>("augment", "Augment").info();
    const auto sgd = Schema<Momentum>("sgd", "SGD")
                         .field(&Momentum::momentum, {.name = "momentum", .help = "Momentum"})
                         .field(&Momentum::nesterov, {.name = "nesterov", .help = "Nesterov"})
                         .info();
    c.sections["train"] =
        Schema<Train>("train", "Train")
            .field(&Train::minutes, {.name = "minutes", .help = "Minutes", .min = 0})
            .field(&Train::steps, {.name = "steps", .help = "Steps", .min = 0})
            .field(&Train::rate, {.name = "learning-rate", .help = "Rate", .min = 0, .max = 10})
            .field(&Train::threads, {.name = "threads", .help = "Threads"})
            .field(&Train::optimizer,
                   {.name = "optimizer", .help = "Optimizer", .entries = {Schema<Nothing>("adam", "Adam").info(), sgd}})
            .info();
    return c;
}

/// A recipe with these settings, validated; `more`: fields of "compare" next to them.
Recipe withSettings(const char *settings, const char *more = "{}",
                    const char *recipe = R"({"title": "T", "model": {"name": "deep"},
                                             "objective": {"name": "dice", "border": 2, "smooth": 3}})")
{
    Json json = Json::parse(recipe);
    json["compare"] = Json::parse(more);
    json["compare"]["settings"] = Json::parse(settings);
    return Recipe(json).validated(made());
}

Recipe three()
{
    return withSettings(R"([
        {"title": "as it is", "changes": {}, "_cell": 7},
        {"title": "good without optimizer", "changes": {"train.optimizer": "sgd", "train.learning-rate": 0.5}},
        {"title": "bad", "changes": {"model": {"name": "flat", "breadth": 9}, "train.optimizer": {"name": "sgd"},
                                     "train.optimizer.momentum": 0.5, "objective.border": null, "train.steps": 20}}])",
                        R"({"seeds": [3, 4], "_study": {"axes": ["x"]}})");
}

using Texts = std::vector<std::string>;

Texts titles(const Recipe &recipe)
{
    Texts all;
    for (const auto &one : recipe.compared())
        all.push_back(one.title());
    return all;
}

} // namespace

/// Comparisons that list their settings.
class ListedSettingsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void eachSettingIsTheRecipeWithItsChanges()
    {
        const auto r = three();
        QCOMPARE(titles(r), (Texts{"T: as it is, seed 3", "T: good without optimizer, seed 3", "T: bad, seed 3",
                                   "T: as it is, seed 4", "T: good without optimizer, seed 4", "T: bad, seed 4"}));
        const auto runs = r.compared();
        Json base = r.json();
        base.erase("compare");
        base["seed"] = 3;
        base["title"] = "T: as it is, seed 3";
        QCOMPARE(runs[0].json().dump(), base.dump());
        QCOMPARE(runs[1].section("train")["optimizer"].dump(), std::string("\"sgd\""));
        QCOMPARE(runs[1].section("train")["learning-rate"].get<double>(), 0.5);
        QCOMPARE(runs[1].section("objective").dump(), runs[0].section("objective").dump());
        QCOMPARE(runs[2].section("model").dump(), std::string(R"({"name":"flat","width":9})"));
        QCOMPARE(runs[2].section("train")["optimizer"].dump(), std::string(R"({"name":"sgd","momentum":0.5})"));
        QCOMPARE(runs[2].section("train")["minutes"].get<double>(), 0.0); // a stop rule takes the place of another
        QCOMPARE(runs[2].section("train")["steps"].get<int>(), 20);
        QCOMPARE(runs[2].section("objective").dump(), std::string(R"({"name":"dice","border":0.0,"smooth":3.0})"));
        for (const auto &one : runs) // every run is a whole recipe
            QCOMPARE(one.validated(made()).json().dump(), one.json().dump());
    }
    void theListReadsBackAsItWasWritten()
    {
        const auto r = three();
        QCOMPARE(r.validated(made()).json().dump(), r.json().dump());
        const Json &compare = r.section("compare");
        QVERIFY(listsSettings(compare) && !compare.contains("models") && !compare.contains("axes"));
        QCOMPARE(compare["_study"].dump(), std::string(R"({"axes":["x"]})"));
        QCOMPARE(compare["settings"][0]["_cell"].get<int>(), 7);
        QVERIFY(compare["settings"][0]["changes"].is_object() && compare["settings"][0]["changes"].empty());
        QCOMPARE(compare["settings"][2]["changes"]["train.optimizer"].dump(), std::string(R"({"name":"sgd","momentum":0.5})"));
        QVERIFY(!compare["settings"][2]["changes"].contains("train.optimizer.momentum"));
        QCOMPARE(compare["settings"][2]["changes"]["train.minutes"].dump(), std::string("0.0")); // what goes with the steps
        QCOMPARE(compare["settings"][2]["changes"]["objective.border"].dump(), std::string("0.0"));
        // Former names become those of today, and what the settings choose need not be in the recipe.
        const auto chosen = withSettings(R"([{"title": "a", "changes": {"model": "deep", "objective": {"name": "bce"}}},
                                             {"title": "b", "changes": {"model.name": "flat", "model.breadth": 8,
                                                                        "objective": "bce"}}])",
                                         "{}", "{}");
        QCOMPARE(chosen.compared()[1].section("model").dump(), std::string(R"({"name":"flat","width":8})"));
        QCOMPARE(chosen.validated(made()).json().dump(), chosen.json().dump());
        // On the command line.
        Recipe r2(Json{{"model", {{"name", "deep"}}}, {"objective", {{"name", "bce"}}}});
        r2.set("compare.settings", R"([{"title": "wide", "changes": {"model.width": 9}}, {"title": "narrow"}])", made());
        QCOMPARE(titles(r2.validated(made())), (Texts{"wide, seed 1", "narrow, seed 1"}));
        EXPECT_ERROR(r2.set("compare.settings", "wide", made()), "compare.settings: expected a list such as");
    }
    void withFolds()
    {
        const auto r = withSettings(R"([{"title": "a"}, {"title": "b", "changes": {"model.width": 9}}])", R"({"folds": 2})");
        QCOMPARE(titles(r), (Texts{"T: a, fold 1 of 2", "T: b, fold 1 of 2", "T: a, fold 2 of 2", "T: b, fold 2 of 2"}));
        QCOMPARE(r.compared()[3].section("data")["fold"].get<int>(), 2);
        QCOMPARE(r.validated(made()).json().dump(), r.json().dump());
        EXPECT_ERROR(
            withSettings(R"([{"title": "a"}, {"title": "b", "changes": {"data.test-fraction": 0.2}}])", R"({"folds": 2})"),
            "compare.settings[1] (\"b\"): data.test-fraction");
        EXPECT_ERROR(withSettings(R"([{"title": "a", "changes": {"data.fold": 2}}])"), "give the number of folds");
    }
    void everySettingIsCheckedBeforeTheFirstRun()
    {
        const auto changes = [](const char *text) {
            const auto list = R"([{"title": "one"}, {"title": "two", "changes": )" + std::string(text) + "}]";
            return withSettings(list.c_str());
        };
        EXPECT_ERROR(changes(R"({"train.learnin-rate": 1})"),
                     "compare.settings[1] (\"two\"), train.learnin-rate: expected a field of train");
        EXPECT_ERROR(changes(R"({"train.learnin-rate": null})"), "did you mean \"learning-rate\"?");
        EXPECT_ERROR(changes(R"({"train.learning-rate": 11})"), "compare.settings[1] (\"two\"): train.learning-rate: expected");
        EXPECT_ERROR(changes(R"({"train.learning-rate": "fast"})"), "compare.settings[1] (\"two\"): train.learning-rate");
        EXPECT_ERROR(changes(R"({"train.optimizer": "sgdd"})"), "compare.settings[1] (\"two\"): train.optimizer");
        EXPECT_ERROR(changes(R"({"train.optimizer.rho": 1})"), "compare.settings[1] (\"two\"): train.optimizer");
        EXPECT_ERROR(changes(R"({"train.steps.more": 1})"), "a field in train.steps that has fields of its own");
        EXPECT_ERROR(changes(R"({"objective": "dise"})"), "compare.settings[1] (\"two\")");
        EXPECT_ERROR(changes(R"({"objective": 3})"), "expected a name, or an object");
        EXPECT_ERROR(changes(R"({"objective": "bce", "objective.smooth": 2})"), "objective.smooth: expected a field of \"bce\"");
        EXPECT_ERROR(changes(R"({"model": "flat", "model.name": "deep"})"), "one change that chooses the section");
        EXPECT_ERROR(changes(R"({"model": null})"), "compare.settings[1] (\"two\"): model.name");
        EXPECT_ERROR(changes(R"({"trian.steps": 1})"), "did you mean \"train\"?");
        EXPECT_ERROR(changes(R"({"seed": 2})"), "give the seeds in compare.seeds");
        EXPECT_ERROR(changes(R"({"train.threads": 2})"), "a field that the outcome depends on");
        EXPECT_ERROR(changes(R"(["train.steps"])"), "compare.settings[1].changes: expected an object such as");
        EXPECT_ERROR(withSettings("[]"), "compare.settings: expected a list such as");
        EXPECT_ERROR(withSettings("{}"), "compare.settings: expected a list such as");
        EXPECT_ERROR(withSettings(R"(["a"])"), "compare.settings[0]: expected an object with a title and changes");
        EXPECT_ERROR(withSettings(R"([{"changes": {}}])"), "compare.settings[0].title: expected a name");
        EXPECT_ERROR(withSettings(R"([{"title": " "}])"), "give each setting a title");
        EXPECT_ERROR(withSettings(R"([{"title": "a"}, {"title": "a", "changes": {"model.width": 2}}])"),
                     "compare.settings[1].title: expected a title that is not in the list yet, found \"a\" again");
        EXPECT_ERROR(withSettings(R"([{"title": "a", "model.width": 2}])"), "put what differs into its changes");
    }
    void twoSettingsThatMakeOneRecipeAreRefused()
    {
        EXPECT_ERROR(withSettings(R"([{"title": "a"}, {"title": "b", "changes": {"model.width": 4.0}}])"),
                     "compare.settings[1] (\"b\"): expected a setting that makes another recipe than the others, found the same "
                     "recipe as \"a\"");
        EXPECT_ERROR(withSettings(R"([{"title": "a", "changes": {"train.optimizer": "sgd"}},
                                      {"title": "b", "changes": {"train.optimizer": {"name": "sgd", "momentum": 0.9}}}])"),
                     "the same recipe as \"a\"");
        // What has no effect makes no other recipe.
        EXPECT_ERROR(withSettings(R"([{"title": "a"}, {"title": "b", "changes": {"train": {"threads": 3}}}])"),
                     "the same recipe as \"a\"");
    }
    void settingsStandAlone()
    {
        const char *one = R"([{"title": "a"}, {"title": "b", "changes": {"model.width": 9}}])";
        EXPECT_ERROR(withSettings(one, R"({"models": ["deep", "flat"]})"),
                     "compare.settings: expected settings alone, or models and axes without settings, found compare.models too");
        EXPECT_ERROR(withSettings(one, R"({"axes": {"train.steps": [1, 2]}})"), "found compare.axes too");
        EXPECT_ERROR(withSettings(one, R"({"weights": 1000})"), "give model.weights in the changes of each setting");
        QCOMPARE(withSettings(one, R"({"models": [], "axes": {}, "weights": 0})").compared().size(), std::size_t(2));
        Json many = Json::array();
        for (int i = 1; i <= 90; ++i)
            many.push_back({{"title", "width " + std::to_string(i)}, {"changes", {{"model.width", i}}}});
        EXPECT_ERROR(withSettings(many.dump().c_str(), R"({"seeds": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]})"),
                     "compare.settings: expected at most 1000 runs, found 1080");
        // Of other comparisons remarks are passed over, as ever.
        Json axes{{"model", {{"name", "deep"}}}, {"objective", {{"name", "bce"}}}};
        axes["compare"] = {{"axes", {{"model.width", {1, 2}}}}, {"_note", "x"}};
        QVERIFY(!Recipe(axes).validated(made()).section("compare").contains("_note"));
    }
    void pathsAreMadeAbsolute()
    {
        const Recipe r(Json::parse(R"({"data": {"name": "stack", "images": "a.tif"}, "compare": {"settings": [
            {"title": "a", "changes": {"data.images": "b.tif", "_why": "c.tif"}},
            {"title": "b", "changes": {"data": {"images": "d/../e.tif"}}}, 3]}})"));
        const auto settings = r.withAbsolutePaths(made(), "/base").section("compare").at("settings");
        QCOMPARE(settings[0]["changes"].dump(), std::string(R"({"data.images":"/base/b.tif","_why":"c.tif"})"));
        QCOMPARE(settings[1]["changes"].dump(), std::string(R"({"data":{"images":"/base/e.tif"}})"));
    }
    void everyRunIsOfItsSetting()
    {
        const auto recipe = three();
        const ComparisonPlan plan(recipe);
        QVERIFY(plan.isListed);
        QCOMPARE(plan.runs, std::size_t(6));
        QCOMPARE(plan.labels(), (Texts{"as it is", "good without optimizer", "bad"}));
        QCOMPARE(gridText(recipe.section("compare")),
                 std::string("A run for each combination of 3 settings and 2 seeds: 6 runs."));
        const auto runs = recipe.compared();
        for (std::size_t i = 0; i < runs.size(); ++i)
            QCOMPARE(plan.settingOf(runs[i].json()), i % 3);
        QVERIFY(plan.alike(runs[0].json(), runs[3].json()) && !plan.alike(runs[0].json(), runs[1].json()));
        QVERIFY(plan.varies("train.optimizer") && plan.varies("model.width") && !plan.varies("data.images"));
        QVERIFY(comparisonNotes(recipe, made()).empty());
    }
    void tablesAndFiguresHaveTheTitles()
    {
        const auto recipe = three();
        const ComparisonPlan plan(recipe);
        const auto planned = recipe.compared();
        std::vector<RunInfo> runs;
        for (std::size_t i = 0; i < planned.size(); ++i) {
            runs.push_back(test::run(static_cast<std::int64_t>(i + 1), "deep", 1, 0.5 + 0.01 * static_cast<double>(i)));
            runs.back().recipe = planned[i].json();
        }
        runs[5].status = RunStatus::Failed;
        const auto c = compareRuns(runs, 0, "auto", "validation", &plan);
        QCOMPARE(c.models.size(), std::size_t(3));
        for (std::size_t i = 0; i < 3; ++i)
            QCOMPARE(c.models[i].label, plan.settings[i].label);
        QCOMPARE(c.uncounted.at(0).label, std::string("bad"));
        QCOMPARE(modelTable(c).text(1, 0), std::string("good without optimizer"));
        QCOMPARE(plannedModelTable(plan, {}, "dice").text(2, 0), std::string("bad"));
        const auto figure = comparisonFigure(c);
        QVERIFY(figure.problems().empty());
        QVERIFY(figure.toJson().dump().find("good without optimizer") != std::string::npos);
        for (const auto &warning : c.warnings) // what was planned is no surprise
            QVERIFY2(warning.find("differ in more than model and seed") == std::string::npos, warning.c_str());
    }
};

RETICLE_TEST(ListedSettingsTest)
#include "ListedSettingsTest.moc"
