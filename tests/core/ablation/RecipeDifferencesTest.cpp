#include "ablation/RecipeDifferences.h"

#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;

namespace {

const Json good = Json::parse(R"({"title": "A", "seed": 1, "data": {"table": "digits.csv", "scaling": "none"},
    "model": {"name": "mlp", "width": 64, "init": "glorot_uniform", "bias": "vector"},
    "train": {"batching": "shuffled", "rates": [1, 2]}})");
const Json bad = Json::parse(R"({"title": "B", "seed": 2, "data": {"table": "digits.csv", "scaling": "none"},
    "model": {"name": "mlp", "width": 64, "init": "tn0.05", "bias": "scalar", "start": 0.001},
    "train": {"batching": "first_slice", "rates": [1, 3]}})");

std::vector<std::string> names(const std::vector<RecipeAxis> &axes)
{
    std::vector<std::string> all;
    for (const auto &axis : axes)
        all.push_back(axis.name);
    return all;
}

} // namespace

class RecipeDifferencesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void settingsThatDifferAreAxes()
    {
        const auto axes = recipeAxes(good, bad);
        QCOMPARE(names(axes),
                 (std::vector<std::string>{"model.init", "model.bias", "model.start", "train.batching", "train.rates"}));
        QCOMPARE(axes[0].goodText(), std::string("glorot_uniform"));
        QCOMPARE(axes[0].badText(), std::string("tn0.05"));
        QCOMPARE(axes[2].goodText(), std::string("absent"));
        QCOMPARE(axes[2].badText(), std::string("0.001"));
        QVERIFY(*axes[4].changes[0].good == Json::parse("[1, 2]")); // a list is compared as a whole
        QCOMPARE(recipeAxes(good, bad, {"title"}).front().name, std::string("seed"));
    }
    void differentlyNamedModelsAreOneAxis()
    {
        Json other = good;
        other["model"] = {{"name", "logistic"}, {"width", 3}};
        const auto axes = recipeAxes(good, other);
        QCOMPARE(names(axes), std::vector<std::string>{"model"});
        QCOMPARE(axes[0].goodText(), std::string("mlp"));
        QCOMPARE(axes[0].badText(), std::string("logistic"));
        QVERIFY(recipeAt(good, axes, 0) == other);
    }
    void cellsSwapTheLevels()
    {
        const auto axes = recipeAxes(good, bad);
        QVERIFY(recipeAt(good, axes, goodCell(axes.size())) == good);
        Json allBad = bad;
        allBad["title"] = "A";
        allBad["seed"] = 1;
        QVERIFY(recipeAt(good, axes, 0) == allBad);
        const Json one = recipeAt(good, axes, 0b11110);
        QCOMPARE(one["model"]["init"].get<std::string>(), std::string("tn0.05"));
        QCOMPARE(one["model"]["bias"].get<std::string>(), std::string("vector"));
        QVERIFY(!one["model"].contains("start"));
        // Recipes are saved as JSON; what is read back has the same differences.
        QVERIFY(recipeAxes(Json::parse(good.dump()), Json::parse(recipeAt(good, axes, 0).dump())).size() == axes.size());
    }
    void settingsThatBelongTogetherAreJoined()
    {
        const auto axes = joinAxes(recipeAxes(good, bad), {"model.bias", "model.init", "model.start"}, "start of training");
        QCOMPARE(names(axes), (std::vector<std::string>{"start of training", "train.batching", "train.rates"}));
        QCOMPARE(axes[0].badText(), std::string("bias scalar, init tn0.05, start 0.001"));
        const Json rescued = recipeAt(good, axes, 0b001);
        QVERIFY(rescued["model"] == good["model"]);
        QVERIFY(rescued["train"] == bad["train"]);
        EXPECT_ERROR(joinAxes(axes, {"model.inti"}, "x"), "did you mean \"model.init\"?");
        EXPECT_ERROR(joinAxes(axes, {"data.scaling"}, "x"), "axes: expected one of the settings that differ (model.bias, ");
    }
    void recipesThatCannotBeComparedAreRefused()
    {
        EXPECT_ERROR(recipeAxes(good, good), "The two recipes do not differ.");
        Json renamed = good;
        renamed["title"] = "other";
        EXPECT_ERROR(recipeAxes(good, renamed), "The two recipes do not differ.");
        EXPECT_ERROR(recipeAxes(Json(3), good), "good recipe: expected a recipe, a JSON object, found 3");
        Json first = Json::object(), second = Json::object();
        for (int i = 0; i < 61; ++i) {
            first[std::to_string(i)] = 0;
            second[std::to_string(i)] = 1;
        }
        EXPECT_ERROR(recipeAxes(first, second), "The two recipes differ in 61 settings. At most 60 can be compared.");
    }
    void cellsHaveNames()
    {
        const std::vector<std::string> axes{"loop", "loss", "init"};
        QCOMPARE(cellText(0b111, axes), std::string("good recipe"));
        QCOMPARE(cellText(0, axes), std::string("bad recipe"));
        QCOMPARE(cellText(0b110, axes), std::string("good without loop"));
        QCOMPARE(cellText(0b100, axes), std::string("bad with init"));
        QCOMPARE(cellText(0b0011, {"a", "b", "c", "d"}), std::string("good: a, b; bad: c, d"));
        QCOMPARE(goodCell(0), AblationCell(0));
        QCOMPARE(goodCell(64), ~AblationCell(0));
    }
};

RETICLE_TEST(RecipeDifferencesTest)
#include "RecipeDifferencesTest.moc"
