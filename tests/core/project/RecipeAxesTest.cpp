#include "project/Recipe.h"

#include "support/Test.h"

using namespace reticle;

namespace {

struct Net
{
    std::int64_t width = 4;
    std::vector<std::int64_t> blocks;
};
struct Loss
{
    double border = 0, smooth = 1;
};
struct Train
{
    double minutes = 15, rate = 0.001;
    std::int64_t steps = 0, threads = 0;
    std::string rule = "adam";
};
struct Stack
{
    std::string images, split = "blocks";
    double testFraction = 0;
    std::int64_t context = 0, folds = 5, fold = 1;
};
struct Nothing
{
};

Catalog made()
{
    Catalog c;
    c.kinds["datasets"] = {Schema<Stack>("stack", "Stack")
                               .field(&Stack::images, {.name = "images", .help = "Images", .path = true})
                               .field(&Stack::split, {.name = "split", .help = "Split", .choices = {"blocks", "slices", "folds"}})
                               .field(&Stack::testFraction, {.name = "test-fraction", .help = "Test"})
                               .field(&Stack::context, {.name = "context", .help = "Context", .min = 0, .max = 4})
                               .field(&Stack::folds, {.name = "folds", .help = "Folds"})
                               .field(&Stack::fold, {.name = "fold", .help = "Fold"})
                               .info()};
    for (const char *name : {"deep", "flat"})
        c.kinds["models"].push_back(Schema<Net>(name, "Net")
                                        .field(&Net::width, {.name = "width", .help = "Width", .min = 1, .max = 99})
                                        .field(&Net::blocks, {.name = "blocks", .help = "Blocks"})
                                        .info());
    c.kinds["models"].push_back(Schema<Nothing>("fixed", "Fixed").info());
    c.kinds["objectives"] = {
        Schema<Loss>("bce", "BCE").field(&Loss::border, {.name = "border", .help = "Border", .min = 0}).info(),
        Schema<Loss>("dice", "Dice")
            .field(&Loss::border, {.name = "border", .help = "Border", .min = 0})
            .field(&Loss::smooth, {.name = "smooth", .help = "Smooth"})
            .info()};
    c.sections["augment"] = Schema<Nothing>("augment", "Augment").info();
    c.sections["train"] = Schema<Train>("train", "Train")
                              .field(&Train::minutes, {.name = "minutes", .help = "Minutes", .min = 0})
                              .field(&Train::steps, {.name = "steps", .help = "Steps", .min = 0})
                              .field(&Train::rate, {.name = "learning-rate", .help = "Rate", .min = 0, .max = 10})
                              .field(&Train::threads, {.name = "threads", .help = "Threads"})
                              .field(&Train::rule, {.name = "rule", .help = "Rule", .choices = {"adam", "sgd"}})
                              .info();
    return c;
}

/// A recipe with these axes, validated; `more`: fields of "compare" beside them.
Recipe withAxes(const char *axes, const char *more = "{}",
                const char *recipe = R"({"model": {"name": "deep"}, "objective": {"name": "bce", "border": 2}})")
{
    Json json = Json::parse(recipe);
    json["compare"] = Json::parse(more);
    json["compare"]["axes"] = Json::parse(axes);
    return Recipe(json).validated(made());
}

std::vector<std::string> titles(const Recipe &recipe)
{
    std::vector<std::string> all;
    for (const auto &one : recipe.compared())
        all.push_back(one.title());
    return all;
}

using Texts = std::vector<std::string>;

} // namespace

/// The axes of a comparison: any path of the recipe.
class RecipeAxesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void anyFieldCanVary()
    {
        const auto r = withAxes(R"({"train.learning-rate": [0.1, 0.01], "data.context": [0, 1.0], "model.width": [8]})");
        QVERIFY(r.validated(made()).json().dump() == r.json().dump());
        QCOMPARE(titles(r), (Texts{"context 0, learning-rate 0.1, seed 1", "context 1, learning-rate 0.1, seed 1",
                                   "context 0, learning-rate 0.01, seed 1", "context 1, learning-rate 0.01, seed 1"}));
        const auto runs = r.compared();
        QCOMPARE(runs[1].section("data")["context"].dump(), std::string("1"));
        QCOMPARE(runs[1].section("model")["width"].get<int>(), 8);
        QCOMPARE(runs[1].section("objective")["border"].get<double>(), 2.0);
        for (const auto &one : runs)
            QVERIFY(one.validated(made()).json().dump() == one.json().dump());
        QCOMPARE(r.section("compare")["models"].size(), std::size_t(1)); // the recipe's own
    }
    /// A name takes the section's place, with the defaults of its kind; fields alone are laid over the recipe's.
    void sectionsAsNamesAndObjects()
    {
        const auto r = withAxes(R"({"objective": ["bce", {"name": "dice", "smooth": 3}, {"border": 5}]})");
        const auto runs = r.compared();
        QCOMPARE(runs[0].section("objective").dump(), std::string(R"({"name":"bce","border":0.0})"));
        QCOMPARE(runs[1].section("objective").dump(), std::string(R"({"name":"dice","border":0.0,"smooth":3.0})"));
        QCOMPARE(runs[2].section("objective").dump(), std::string(R"({"name":"bce","border":5.0})"));
        // Names as a field keep what the new entry has too, as on the command line.
        const auto named = withAxes(R"({"objective.name": ["bce", "dice"]})").compared();
        QCOMPARE(named[1].section("objective").dump(), std::string(R"({"name":"dice","border":2.0,"smooth":1.0})"));
        QCOMPARE(named[1].title(), std::string("objective dice, seed 1"));
        // Several fields that go together, and a stop rule that takes the place of another.
        const auto both = withAxes(R"({"train": [{"steps": 10, "learning-rate": 1}, {"minutes": 2}]})").compared();
        QCOMPARE(both[0].section("train")["minutes"].get<double>(), 0.0);
        QCOMPARE(both[1].section("train")["minutes"].get<double>(), 2.0);
        QCOMPARE(both[1].section("train")["steps"].get<int>(), 0);
        QCOMPARE(withAxes(R"({"train.steps": [10, 20]})").compared()[1].section("train")["minutes"].get<double>(), 0.0);
        // A field of a section that varies is put in after it, whichever is first.
        const auto crossed = withAxes(R"({"objective.border": [1, 2], "objective": ["bce", "dice"]})").compared();
        QCOMPARE(crossed[3].section("objective").dump(), std::string(R"({"name":"dice","border":2.0,"smooth":1.0})"));
        // What the comparison chooses need not stand in the recipe.
        QCOMPARE(withAxes(R"({"objective": ["dice", "bce"], "model": ["flat"]})", "{}", "{}")
                     .section("objective")["name"]
                     .get<std::string>(),
                 std::string("dice"));
    }
    void modelsAreAnAxisAsEver()
    {
        const auto before =
            Recipe(
                Json::parse(R"({"objective": {"name": "bce"}, "compare": {"models": ["deep", {"name": "flat", "width": 2}]}})"))
                .validated(made());
        QVERIFY(!before.section("compare").contains("axes"));
        const auto r =
            withAxes(R"({"model": ["deep", {"name": "flat", "width": 2}]})", "{}", R"({"objective": {"name": "bce"}})");
        QVERIFY(r.json().dump() == before.json().dump());
        QCOMPARE(titles(r), (Texts{"deep, seed 1", "flat, seed 1"}));
        const auto wider = withAxes(R"({"model": [{"width": 2}, {"width": 3}]})", R"({"seeds": [4, 5]})");
        QCOMPARE(titles(wider),
                 (Texts{"deep width 2, seed 4", "deep width 3, seed 4", "deep width 2, seed 5", "deep width 3, seed 5"}));
        QCOMPARE(titles(withAxes(R"({"model.width": [2, 3]})", R"({"models": ["deep", "flat"]})")),
                 (Texts{"deep width 2, seed 1", "deep width 3, seed 1", "flat width 2, seed 1", "flat width 3, seed 1"}));
        EXPECT_ERROR(withAxes(R"({"model": ["deep"]})", R"({"models": ["flat"]})"),
                     "compare.axes.model: expected one list of models");
        EXPECT_ERROR(withAxes(R"({"model": ["deep"], "model.name": ["flat"]})"),
                     "compare.axes.model.name: expected one list of models");
        EXPECT_ERROR(withAxes(R"({"model": ["dep"]})"), "compare.axes.model[0]");
        EXPECT_ERROR(withAxes(R"({"train.steps": [1]})", "{}", R"({"objective": {"name": "bce"}})"),
                     "model.name: expected one of deep, flat, fixed, found none");
    }
    void withFolds()
    {
        const auto r = withAxes(R"({"train.learning-rate": [0.1, 0.01]})", R"({"folds": 2})");
        QCOMPARE(titles(r), (Texts{"learning-rate 0.1, fold 1 of 2", "learning-rate 0.01, fold 1 of 2",
                                   "learning-rate 0.1, fold 2 of 2", "learning-rate 0.01, fold 2 of 2"}));
        EXPECT_ERROR(withAxes(R"({"data.test-fraction": [0, 0.2]})", R"({"folds": 2})"),
                     "compare.axes, test-fraction 0.2: data.test-fraction");
        EXPECT_ERROR(withAxes(R"({"data.split": ["blocks"]})", R"({"folds": 2})"), "compare.axes.data.split");
        EXPECT_ERROR(withAxes(R"({"data.fold": [1, 2]})"), "compare.folds");
    }
    void everyCombinationIsCheckedBeforeTheFirstRun()
    {
        EXPECT_ERROR(withAxes(R"({"train.learnin-rate": [1]})"),
                     "compare.axes.train.learnin-rate: expected a field of train, found");
        EXPECT_ERROR(withAxes(R"({"train.learnin-rate": [1]})"), "did you mean \"learning-rate\"?");
        EXPECT_ERROR(withAxes(R"({"train.learning-rate": [1, 11]})"), "compare.axes.train.learning-rate[1]: expected");
        EXPECT_ERROR(withAxes(R"({"train.rule": ["adam", "adm"]})"), "compare.axes.train.rule[1]");
        EXPECT_ERROR(withAxes(R"({"model.width": [2]})", R"({"models": ["deep", "fixed"]})"),
                     "compare.axes.model.width with model fixed");
        EXPECT_ERROR(withAxes(R"({"objective.smooth": [2], "objective": ["dice", "bce"]})"),
                     "compare.axes.objective.smooth with objective bce");
        EXPECT_ERROR(withAxes(R"({"objective": ["bce", "dise"]})"), "compare.axes.objective[1]");
        EXPECT_ERROR(withAxes(R"({"objective": ["bce", 3]})"), "compare.axes.objective[1]: expected a name, or an object");
        EXPECT_ERROR(withAxes(R"({"objective": [{"name": "bce", "bordr": 3}]})"), "compare.axes.objective[0].bordr");
        EXPECT_ERROR(withAxes(R"({"train": ["adam"]})"), "compare.axes.train[0]: expected an object");
        EXPECT_ERROR(withAxes(R"({"objective": ["bce"], "objective.name": ["dice"]})"), "one axis that chooses the section");
        EXPECT_ERROR(withAxes(R"({"trian.steps": [1]})"), "did you mean \"train\"?");
        EXPECT_ERROR(withAxes(R"({"seed": [1, 2]})"), "give the seeds in compare.seeds");
        EXPECT_ERROR(withAxes(R"({"train.threads": [1, 2]})"), "a field that the outcome depends on");
        EXPECT_ERROR(withAxes(R"({"train.steps": []})"), "compare.axes.train.steps: expected a list of values");
        EXPECT_ERROR(withAxes(R"({"train.steps": 5})"), "compare.axes.train.steps: expected a list of values");
        EXPECT_ERROR(withAxes(R"({"train.steps": [5, 5.0]})"), "5 again");
        EXPECT_ERROR(withAxes(R"({"train": [{"steps": 5}, {"steps": 5, "minutes": 0}]})"), "again");
        EXPECT_ERROR(withAxes(R"(["train.steps"])"), "compare.axes: expected an object of lists");
        EXPECT_ERROR(withAxes(R"({"train": [{"steps": 1}, {"steps": 2}], "train.steps": [3]})"), "deep twice");
        Json many = Json::object();
        for (const char *path : {"train.steps", "train.minutes", "train.learning-rate"})
            for (int i = 1; i <= 11; ++i)
                many[path].push_back(i < 11 ? i : 0.5 * (std::string(path) != "train.steps"));
        EXPECT_ERROR(withAxes(many.dump().c_str()), "compare.axes: expected at most 1000 runs, found 1331");
    }
    void setFromTheCommandLine()
    {
        const auto c = made();
        Recipe r(Json{{"model", {{"name", "deep"}}}, {"objective", {{"name", "bce"}}}});
        r.set("compare.axes.train.learning-rate", "1e-2, 0.1", c);
        r.set("compare.axes.objective", "bce,dice", c);
        r.set("compare.seeds", "1,2", c);
        QCOMPARE(r.validated(c).compared().size(), std::size_t(8));
        r.set("compare.axes.train.rule", "sgd", c);
        r.set("compare.axes.model.blocks", "[[1], [1, 2]]", c);
        QCOMPARE(r.validated(c).compared().size(), std::size_t(16));
        r.set("compare.axes", R"({"train.steps": [1, 2, 3]})", c);
        QCOMPARE(r.validated(c).compared().size(), std::size_t(6));
        EXPECT_ERROR(r.set("compare.axes", "train.steps", c), "compare.axes.train.learning-rate=0.001,0.01");
        EXPECT_ERROR(r.set("compare.axes.train.learning-rate", "fast", c), "compare.axes.train.learning-rate");
        EXPECT_ERROR(r.set("compare.axes.model.blocks", "1,2", c), "a list of lists, such as [[0], [0, 1]]");
    }
    void pathsAreMadeAbsolute()
    {
        const Recipe r(Json::parse(R"({"data": {"name": "stack", "images": "a.tif"}, "compare": {"axes": {"_why": "a remark",
            "data.images": ["b.tif", "/c.tif"], "data": [{"images": "d/../e.tif"}, {"context": 1}], "data.context": [1]}}})"));
        const auto axes = r.withAbsolutePaths(made(), "/base").section("compare").at("axes");
        QCOMPARE(axes.at("data.images").dump(), std::string(R"(["/base/b.tif","/c.tif"])"));
        QCOMPARE(axes.at("data").dump(), std::string(R"([{"images":"/base/e.tif"},{"context":1}])"));
        QCOMPARE(axes.at("data.context").dump(), std::string("[1]"));
    }
};

RETICLE_TEST(RecipeAxesTest)
#include "RecipeAxesTest.moc"
