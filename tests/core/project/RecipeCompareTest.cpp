#include "compare/Comparison.h"
#include "support/Test.h"

using namespace reticle;

namespace {

struct Net
{
    std::int64_t weights = 1000, width = 4;
};
struct Fixed
{
    bool odd = false;
};
struct Nothing
{
};
struct Stack
{
    std::string split = "blocks";
    double testFraction = 0;
    std::int64_t folds = 5, fold = 1;
};

Catalog made(bool stacks = false)
{
    Catalog c;
    c.kinds["datasets"] = {Schema<Nothing>("pictures", "Pictures").info()};
    if (stacks) // of one that there is none needs to be named
        c.kinds["datasets"] = {
            Schema<Nothing>("pictures", "Pictures").info(),
            Schema<Stack>("stack", "Stack")
                .field(&Stack::split, {.name = "split", .help = "Split", .choices = {"blocks", "slices", "folds"}})
                .field(&Stack::testFraction, {.name = "test-fraction", .help = "Test"})
                .field(&Stack::folds, {.name = "folds", .help = "Folds"})
                .field(&Stack::fold, {.name = "fold", .help = "Fold"})
                .info()};
    for (const char *name : {"deep", "flat"})
        c.kinds["models"].push_back(Schema<Net>(name, "Net")
                                        .field(&Net::weights, {.name = "weights", .help = "Weights", .min = 1})
                                        .field(&Net::width, {.name = "width", .help = "Width", .min = 1})
                                        .info());
    c.kinds["models"].push_back(Schema<Fixed>("fixed", "Fixed").field(&Fixed::odd, {.name = "odd", .help = "Odd"}).info());
    c.kinds["objectives"] = {Schema<Nothing>("loss", "Loss").info()};
    c.sections["augment"] = c.sections["train"] = Schema<Nothing>("none", "None").info();
    return c;
}

Recipe recipe(const char *text)
{
    return Recipe(Json::parse(text)).validated(made());
}
Recipe recipeOfStack(const char *text)
{
    return Recipe(Json::parse(text)).validated(made(true));
}

} // namespace

/// The section "compare".
class RecipeCompareTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aRunForEachSeedAndModel()
    {
        const auto r = recipe(R"({"title": "Try", "seed": 9,
            "compare": {"models": ["deep", {"name": "flat", "weights": 7}, "fixed"], "weights": 500, "seeds": [3, 1]}})");
        QVERIFY(r.compares());
        QCOMPARE(r.section("model")["name"].get<std::string>(), std::string("deep")); // where the recipe gives none
        QVERIFY(r.validated(made()).json() == r.json());
        const auto runs = r.compared();
        QCOMPARE(runs.size(), std::size_t(6));
        QCOMPARE(runs[0].json().dump(),
                 std::string(
                     R"({"recipe":1,"title":"Try: deep, seed 3","seed":3,"device":"auto","data":{"name":"pictures"},)"
                     R"("model":{"name":"deep","weights":500,"width":4},"objective":{"name":"loss"},"augment":{},"train":{}})"));
        QCOMPARE(runs[1].section("model").dump(), std::string(R"({"name":"flat","weights":7,"width":4})"));
        QCOMPARE(runs[2].section("model").dump(), std::string(R"({"name":"fixed","odd":false})"));
        QCOMPARE(runs[5].seed(), std::uint64_t(1));
        for (const auto &one : runs)
            QVERIFY(one.validated(made()).json() == one.json());
        QVERIFY(!recipe(R"({"model": {"name": "deep"}})").compares());
    }
    void aRunForEachFold()
    {
        const auto r = recipeOfStack(R"({"title": "Try", "data": {"name": "stack"}, "model": {"name": "deep", "width": 9},
            "compare": {"folds": 3, "seeds": [3, 1]}})");
        const auto runs = r.compared();
        QCOMPARE(runs.size(), std::size_t(6));
        QCOMPARE(runs[1].title(), std::string("Try: deep, seed 3, fold 2 of 3"));
        QCOMPARE(runs[1].section("data").dump(),
                 std::string(R"({"name":"stack","split":"folds","test-fraction":0.0,"folds":3,"fold":2})"));
        QCOMPARE(runs[1].section("model")["width"].get<int>(), 9); // the recipe's own
        QCOMPARE(runs[3].seed(), std::uint64_t(1));
        QVERIFY(r.validated(made(true)).json() == r.json());
        for (const auto &one : runs)
            QVERIFY(one.validated(made(true)).json() == one.json());
        QVERIFY(repeatsOf(r) == (std::vector<Repeat>{{3, 1}, {3, 2}, {3, 3}, {1, 1}, {1, 2}, {1, 3}}));
        QCOMPARE(recipeOfStack(R"({"data": {"name": "stack"}, "compare": {"models": ["deep", "flat"], "folds": 2}})")
                     .compared()
                     .size(),
                 std::size_t(4));
        // Without folds the section is what it was before there were any.
        QVERIFY(!recipe(R"({"compare": {"models": ["deep"], "folds": 0}})").section("compare").contains("folds"));
        EXPECT_ERROR(recipe(R"({"compare": {"folds": 3}})"), "compare.folds: expected a data set that can be split into folds");
        EXPECT_ERROR(recipeOfStack(R"({"data": {"name": "stack"}, "compare": {"folds": 1}})"),
                     "compare.folds: expected two or more");
        EXPECT_ERROR(recipeOfStack(R"({"data": {"name": "stack", "test-fraction": 0.2}, "compare": {"folds": 3}})"),
                     "data.test-fraction");
        EXPECT_ERROR(recipeOfStack(R"({"data": {"name": "stack", "split": "slices"}, "compare": {"folds": 3}})"), "data.split");
    }
    void oneSeedUnlessMoreAreGiven()
    {
        const auto r = recipe(R"({"seed": 9, "compare": {"models": ["deep", "flat"]}})");
        QCOMPARE(r.compared().size(), std::size_t(2));
        QCOMPARE(r.compared()[1].seed(), std::uint64_t(9));
    }
    void modelsOfOneNameAreToldApart()
    {
        const auto r =
            recipe(R"({"compare": {"models": ["flat", {"name": "deep", "width": 2}, {"name": "deep", "weights": 9}]}})");
        QCOMPARE(r.compared()[1].title(), std::string("deep weights 1000 width 2, seed 1"));
        QCOMPARE(r.compared()[2].title(), std::string("deep weights 9 width 4, seed 1"));
        QCOMPARE(r.compared()[0].title(), std::string("flat, seed 1"));
    }
    void weightsThatAModelHasNoUseForAreTold()
    {
        const auto r = recipe(R"({"compare": {"models": ["deep", "fixed"], "weights": 500}})");
        const auto notes = comparisonNotes(r, made());
        QCOMPARE(notes.size(), std::size_t(1));
        QVERIFY2(notes[0].find("compare.weights = 500 is not for fixed") == 0, notes[0].c_str());
        QVERIFY(comparisonNotes(recipe(R"({"compare": {"models": ["deep", "fixed"]}})"), made()).empty());
        QVERIFY(comparisonNotes(recipe(R"({"compare": {"models": ["deep", "flat"], "weights": 500}})"), made()).empty());
    }
    void setsFromTheCommandLine()
    {
        const auto c = made();
        Recipe r(Json{{"model", {{"name", "deep"}}}});
        r.set("compare.models", "flat, deep", c);
        r.set("compare.seeds", "1,2,3", c);
        r.set("compare.weights", "20", c);
        const auto full = r.validated(c);
        QCOMPARE(full.compared().size(), std::size_t(6));
        QCOMPARE(full.compared()[0].section("model").dump(), std::string(R"({"name":"flat","weights":20,"width":4})"));
        r.set("compare.models", R"([{"name": "deep", "width": 1}])", c);
        QCOMPARE(r.validated(c).compared().size(), std::size_t(3));
        EXPECT_ERROR(r.set("compare.seed", "1", c), "compare.seed");
        EXPECT_ERROR(r.set("compare.weights", "many", c), "compare.weights");
    }
    void saysWhatIsWrong()
    {
        EXPECT_ERROR(recipe(R"({"compare": {}})"), "compare.models: expected a list of models");
        EXPECT_ERROR(recipe(R"({"compare": []})"), "compare: expected an object");
        EXPECT_ERROR(recipe(R"({"compare": {"models": "deep"}})"), "compare.models");
        EXPECT_ERROR(recipe(R"({"compare": {"models": ["dep"]}})"), "compare.models[0]");
        EXPECT_ERROR(recipe(R"({"compare": {"models": ["deep", 5]}})"), "compare.models[1]");
        EXPECT_ERROR(recipe(R"({"compare": {"models": ["deep", {"name": "deep"}]}})"), "\"deep\" again");
        EXPECT_ERROR(recipe(R"({"compare": {"models": ["deep", {"name": "flat", "wdth": 1}]}})"), "compare.models[1].wdth");
        EXPECT_ERROR(recipe(R"({"compare": {"models": ["deep"], "seeds": [1, 1]}})"), "compare.seeds");
        EXPECT_ERROR(recipe(R"({"compare": {"models": ["deep"], "seeds": [-1]}})"), "compare.seeds");
        EXPECT_ERROR(recipe(R"({"compare": {"models": ["deep"], "models2": 1}})"), "compare.models2");
    }
};

RETICLE_TEST(RecipeCompareTest)
#include "RecipeCompareTest.moc"
