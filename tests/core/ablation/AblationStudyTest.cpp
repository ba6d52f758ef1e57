#include "ablation/AblationStudy.h"

#include "support/Test.h"

#include <algorithm>
#include <cmath>

using namespace reticle;

namespace {

struct Net
{
    std::string init = "glorot";
    std::int64_t width = 64;
};
struct Loss
{
    std::string input = "logits";
};
struct Momentum
{
    double momentum = 0.9;
};
struct Nothing
{
};
struct Train
{
    std::string batching = "shuffled";
    double minutes = 15;
    std::int64_t steps = 0, epochs = 0, threads = 0;
    EntryOptions optimizer = "adam";
};
struct Rows
{
    std::string table, split = "random";
    std::int64_t folds = 5, fold = 1;
};

Catalog made()
{
    Catalog c;
    c.kinds["datasets"] = {Schema<Rows>("rows", "Rows")
                               .field(&Rows::table, {.name = "table", .help = "Table", .path = true})
                               .field(&Rows::split, {.name = "split", .help = "Split", .choices = {"random", "folds"}})
                               .field(&Rows::folds, {.name = "folds", .help = "Folds"})
                               .field(&Rows::fold, {.name = "fold", .help = "Fold"})
                               .info()};
    c.kinds["models"] = {
        Schema<Net>("mlp", "MLP")
            .field(&Net::init, {.name = "init", .help = "Start", .choices = {"glorot", "truncated"}, .formerly = {"start"}})
            .field(&Net::width, {.name = "width", .help = "Width", .min = 1})
            .info(),
        Schema<Nothing>("linear", "Linear").info()};
    c.kinds["objectives"] = {Schema<Loss>("cross-entropy", "Cross-entropy")
                                 .field(&Loss::input, {.name = "input", .help = "Input", .choices = {"logits", "softmax"}})
                                 .info()};
    c.sections["augment"] = Schema<Nothing>("augment", "Augment").info();
    c.sections["train"] =
        Schema<Train>("train", "Train")
            .field(&Train::batching, {.name = "batching", .help = "Batching", .choices = {"shuffled", "first-slice"}})
            .field(&Train::minutes, {.name = "minutes", .help = "Minutes"})
            .field(&Train::steps, {.name = "steps", .help = "Steps"})
            .field(&Train::epochs, {.name = "epochs", .help = "Epochs"})
            .field(&Train::threads, {.name = "threads", .help = "Threads"})
            .field(&Train::optimizer, {.name = "optimizer",
                                       .help = "Optimizer",
                                       .entries = {Schema<Nothing>("adam", "Adam").info(),
                                                   Schema<Momentum>("sgd", "SGD")
                                                       .field(&Momentum::momentum, {.name = "momentum", .help = "Momentum"})
                                                       .info()}})
            .info();
    return c;
}

const Recipe good(Json::parse(R"({"title": "library", "seed": 4, "data": {"name": "rows", "table": "/d/digits.csv"},
    "model": {"name": "mlp"}, "objective": {"name": "cross-entropy"}, "train": {"steps": 20000, "minutes": 0}})"));
/// Under a name of before, with another seed and number of threads, which are no differences.
const Recipe bad(Json::parse(R"({"title": "by hand", "seed": 9, "data": {"name": "rows", "table": "/d/digits.csv"},
    "model": {"name": "mlp", "start": "truncated"}, "objective": {"name": "cross-entropy", "input": "softmax"},
    "train": {"batching": "first-slice", "steps": 20000, "minutes": 0, "threads": 3}})"));

/// Mean accuracy on digits over 10 seeds of what has the good level of the training loop L, the input of the loss S, and the
/// start I.
double digits(bool l, bool s, bool i)
{
    static constexpr double table[2][2][2] = {{{.477, .754}, {.646, .781}}, {{.879, .978}, {.940, .973}}};
    return table[l][s][i];
}

Json summaryOf(double accuracy)
{
    return {
        {"classes", 10},
        {"task", "classification"},
        {"score", "accuracy"},
        {"scores", {{{"name", "accuracy"}, {"title", "accuracy"}, {"unit", ""}, {"lowerIsBetter", false}, {"isFraction", true}}}},
        {"last", {{"step", 100}, {"loss", 0.1}}},
        {"best", {{"step", 90}, {"loss", 1 - accuracy}, {"accuracy", accuracy}}}};
}

/// The runs of a study as if they had been trained; `noise` differs between recipes and seeds.
std::vector<RunInfo> runsOf(const AblationStudy &study, double noise = 0)
{
    std::vector<RunInfo> runs;
    for (const auto &one : study.recipe().compared()) {
        RunInfo run;
        run.id = static_cast<std::int64_t>(runs.size()) + 1;
        run.status = RunStatus::Done;
        run.step = 100;
        run.recipe = one.json();
        const double n = static_cast<double>(run.id);
        run.summary = summaryOf(digits(one.section("train")["batching"] == "shuffled",
                                       one.section("objective")["input"] == "logits", one.section("model")["init"] == "glorot") +
                                noise * std::sin(7 * n));
        runs.push_back(std::move(run));
    }
    return runs;
}

AblationStudy digitsStudy(std::vector<std::int64_t> seeds)
{
    StudyOptions options;
    options.seeds = std::move(seeds);
    return AblationStudy::planned(good, bad, made(), options);
}

std::vector<std::string> names(const std::vector<RecipeAxis> &axes)
{
    std::vector<std::string> all;
    for (const auto &axis : axes)
        all.push_back(axis.name);
    return all;
}

bool near(double a, double b, double tolerance = 1e-4)
{
    return std::abs(a - b) <= tolerance;
}

using Texts = std::vector<std::string>;

} // namespace

/// A study from two recipes to its verdicts.
class AblationStudyTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void differencesHaveShortNames()
    {
        QCOMPARE(names(studyAxes(good, bad, made())), (Texts{"init", "input", "batching"}));
        // Rules that end a training mean nothing alone.
        Json other = bad.json();
        other["train"] = {{"epochs", 5}, {"minutes", 0}};
        other["train"]["optimizer"] = {{"name", "sgd"}, {"momentum", 0.5}};
        const auto axes = studyAxes(good, Recipe(other), made());
        QCOMPARE(names(axes), (Texts{"init", "input", "training length", "optimizer"}));
        QCOMPARE(axes[2].goodText(), std::string("steps 20000, epochs 0"));
        QCOMPARE(names(studyAxes(good, bad, made(), {{"model.init", "train.batching"}})), (Texts{"init + batching", "input"}));
        EXPECT_ERROR(studyAxes(good, bad, made(), {{"model.init", "train.bathcing"}}), "did you mean \"train.batching\"?");
        EXPECT_ERROR(studyAxes(good, good, made()), "The two recipes do not differ.");
        Json threads = good.json();
        threads["train"]["threads"] = 7;
        threads["title"] = "other";
        EXPECT_ERROR(studyAxes(good, Recipe(threads), made()), "The two recipes do not differ.");
        Json compares = good.json();
        compares["compare"] = {{"models", {"mlp"}}};
        EXPECT_ERROR(studyAxes(good, Recipe(compares), made()), "bad recipe: expected a recipe that trains one network");
        Json wrong = bad.json();
        wrong["model"]["width"] = 0;
        EXPECT_ERROR(studyAxes(good, Recipe(wrong), made()), "bad recipe: model.width");
    }
    void theRecipeIsAComparisonOfTheCells()
    {
        const auto study = digitsStudy({1, 2, 3});
        QCOMPARE(study.design().cells.size(), std::size_t(8));
        QCOMPARE(study.runs(), std::size_t(24));
        const auto runs = study.recipe().compared();
        QCOMPARE(runs.size(), std::size_t(24));
        QCOMPARE(runs[0].title(), std::string("Knock out and rescue: library, by hand: good recipe, seed 1"));
        QCOMPARE(runs[2].title(), std::string("Knock out and rescue: library, by hand: good without init, seed 1"));
        // The cells at the ends are the two recipes, but for what is no difference.
        for (const char *section : {"data", "model", "objective", "augment", "train"}) {
            QCOMPARE(runs[0].section(section).dump(), good.validated(made()).section(section).dump());
            Json all = bad.validated(made()).section(section);
            if (all.contains("threads"))
                all["threads"] = 0;
            QCOMPARE(runs[1].section(section).dump(), all.dump());
        }
        QCOMPARE(runs[2].section("model")["init"].get<std::string>(), std::string("truncated"));
        QCOMPARE(runs[2].section("objective")["input"].get<std::string>(), std::string("logits"));
        QVERIFY2(study.text().find("24 runs. library and by hand differ in 3 settings: init, input, batching. Full factorial "
                                   "design, 8 recipes with 3 seeds each: 24 runs.") == 0,
                 study.text().c_str());
        // Written, read and checked again it is the same study.
        QVERIFY(AblationStudy::isStudy(study.recipe()));
        const Recipe read(Json::parse(study.recipe().json().dump()));
        const auto again = AblationStudy::of(read.validated(made()));
        QCOMPARE(again.recipe().json().dump(), study.recipe().json().dump());
        QCOMPARE(names(again.axes()), names(study.axes()));
        QCOMPARE(again.axes()[2].badText(), std::string("first-slice"));
        QVERIFY(again.design().cells == study.design().cells && again.design().factorialCells == study.design().factorialCells);
        QCOMPARE(again.goodTitle() + ", " + again.badTitle(), std::string("library, by hand"));
    }
    /// Section 4 of the reference study: accuracy on digits over loop, input of the loss and start.
    void workedNumbersOfTheDigits()
    {
        const auto study = digitsStudy({1});
        const auto result = studyResult(study, runsOf(study));
        QCOMPARE(result.scores.axes, (Texts{"init", "input", "batching"}));
        QCOMPARE(result.scores.scoreTitle, std::string("accuracy"));
        QVERIFY(near(result.effects.gap.mean(), 0.496));
        const double knockouts[] = {0.033, -0.005, 0.192}, rescues[] = {0.277, 0.169, 0.402},
                     shares[] = {0.14233, 0.06933, 0.28433};
        double sum = 0;
        for (std::size_t a = 0; a < 3; ++a) {
            QVERIFY(near(result.effects.knockouts[a].mean(), knockouts[a]));
            QVERIFY(near(result.effects.rescues[a].mean(), rescues[a]));
            QVERIFY(near(result.effects.shares[a].mean(), shares[a]));
            sum += result.effects.shares[a].mean();
        }
        QVERIFY(near(sum, 0.496, 1e-12));
        QVERIFY2(result.text.find("The largest Shapley share is that of batching") != std::string::npos, result.text.c_str());
        // One seed has no interval, and no verdict that needs one; the loop closes 81 % of the gap.
        QVERIFY2(result.effects.warnings.at(0).find("n=1, no interval") == 0, result.effects.warnings[0].c_str());
        QCOMPARE(result.verdicts[0].word, std::string("no verdict"));
        QCOMPARE(result.verdicts[2].word, std::string("sufficient"));
    }
    void theVerdictsOfSeveralSeeds()
    {
        const auto study = digitsStudy({1, 2, 3, 4, 5});
        const auto result = studyResult(study, runsOf(study, 0.003));
        QVERIFY(result.effects.knockouts[2].hasInterval());
        QCOMPARE(result.verdicts[2].word, std::string("necessary and sufficient"));
        QCOMPARE(result.verdicts[0].word, std::string("necessary"));
        QVERIFY(result.effects.warnings.empty());
        Texts titles;
        for (const auto &table : result.tables)
            titles.push_back(table.title);
        QCOMPARE(titles, (Texts{"Effects", "Interactions", "Recipes", "Runs"}));
        QCOMPARE(result.tables[2].text(0, 0), std::string("good recipe"));
        QCOMPARE(result.tables[2].text(1, 0), std::string("bad recipe"));
        QCOMPARE(result.tables[3].rows(), std::size_t(40));
        for (const auto &figure : result.figures)
            QVERIFY(figure.problems().empty());
        const auto &map = std::get<HeatMapPanel>(result.figures[1].panels[0].content);
        QCOMPARE(map.x.categories, Texts{"digits.csv"});
        QCOMPARE(map.y.categories.size(), std::size_t(8));
        // Whatever the order in which the runs come.
        auto runs = runsOf(study, 0.003);
        std::reverse(runs.begin(), runs.end());
        QVERIFY(near(studyResult(study, runs).effects.shares[0].mean(), result.effects.shares[0].mean(), 1e-12));
        // By another score less is better, and the sign stays: positive is better.
        const auto loss = studyResult(study, runsOf(study), "loss");
        QVERIFY(loss.scores.smallerIsBetter);
        QVERIFY(near(loss.effects.gap.mean(), 0.496));
        EXPECT_ERROR(studyResult(study, runsOf(study), "dice"), "score: expected a score that the runs have, found \"dice\"");
    }
    void runsThatDivergedHaveTheScoreOfChance()
    {
        const auto study = digitsStudy({1, 2, 3});
        auto runs = runsOf(study, 0.001);
        auto &failed = runs[1]; // the bad recipe, seed 1
        failed.status = RunStatus::Failed;
        failed.step = 57;
        failed.message = "training: the loss has not been a finite number for 100 steps; lower train.learning-rate";
        failed.summary = Json();
        auto &ended = runs[9]; // the bad recipe, seed 2
        ended.summary["last"]["loss"] = nullptr;
        QCOMPARE(divergedAt(failed), std::int64_t(57));
        QCOMPARE(divergedAt(ended), std::int64_t(100));
        QCOMPARE(divergedAt(runs[0]), std::int64_t(-1));
        const auto scores = study.scores(runs);
        QCOMPARE(scores.diverged(), std::int64_t(2));
        QVERIFY(near(scores.chance, 0.1, 1e-12)); // of ten classes
        QVERIFY(near(scores.of(0)[0], 0.1, 1e-12) && near(scores.of(0)[1], 0.1, 1e-12) && near(scores.of(0)[2], 0.477, 0.002));
        const auto result = studyResult(study, runs);
        QVERIFY2(result.effects.warnings.at(0).find("2 runs diverged. They count as accuracy 0.100, the score of chance.") == 0,
                 result.effects.warnings[0].c_str());
        const auto without = study.scores(runs, {}, true);
        QVERIFY(std::isnan(without.of(0)[0]) && without.diverged() == 2);
        // A run that failed for another reason is missing, not diverged.
        failed.message = "out of memory";
        QCOMPARE(study.scores(runs).diverged(), std::int64_t(1));
        QVERIFY(std::isnan(study.scores(runs).of(0)[0]));
    }
    void unfinishedStudiesTellWhatTheyHave()
    {
        const auto study = digitsStudy({1, 2});
        auto runs = runsOf(study);
        runs.resize(3); // good, bad, and one knockout of the first seed
        const auto result = studyResult(study, runs);
        QVERIFY(near(result.effects.gap.mean(), 0.496));
        QVERIFY(result.effects.knockouts[0].isKnown() && !result.effects.knockouts[1].isKnown());
        QVERIFY2(result.effects.warnings.at(0).find("13 of 16 runs are missing.") == 0, result.effects.warnings[0].c_str());
        QVERIFY(result.figures[0].problems().empty());
        runs[0].status = runs[1].status = runs[2].status = RunStatus::Running;
        EXPECT_ERROR(studyResult(study, runs), "at least one run of the study that is done");
        EXPECT_ERROR(studyResult(study, {}), "found none");
        // Of two runs of one recipe and seed the later counts, and runs of other recipes do not.
        auto twice = runsOf(study);
        twice.push_back(twice[0]);
        twice.back().summary["best"]["accuracy"] = 0.5;
        twice.push_back(twice[0]);
        twice.back().recipe["model"]["width"] = 3;
        twice.back().recipe["model"]["init"] = "unknown";
        twice.back().summary["best"]["accuracy"] = 0.1;
        QVERIFY(near(study.scores(twice).of(study.design().good())[0], 0.5, 1e-12));
    }
    void manyDifferencesOrASmallBudgetHaveNoFactorial()
    {
        StudyOptions options;
        options.seeds = {1, 2};
        options.budget = 10;
        const auto study = AblationStudy::planned(good, bad, made(), options);
        QVERIFY(study.design().factorial == AblationDesign::Factorial::None);
        QCOMPARE(study.runs(), std::size_t(16)); // two recipes, three knockouts and three rescues, all of two seeds
        const auto result = studyResult(study, runsOf(study));
        QVERIFY(result.effects.shares.empty());
        QCOMPARE(result.tables.size(), std::size_t(3));
    }
    void oneDifferenceIsTwoRecipes()
    {
        Json other = good.json();
        other["train"]["batching"] = "first-slice";
        const auto study = AblationStudy::planned(good, Recipe(other), made(), {.seeds = {1}});
        QCOMPARE(study.design().cells.size(), std::size_t(2));
        const auto result = studyResult(study, runsOf(study));
        QVERIFY(near(result.effects.shares[0].mean(), 0.973 - 0.781));
    }
    void foldsAreRepeatsToo()
    {
        Json ofFold = bad.json();
        ofFold["data"]["fold"] = 3;
        StudyOptions options;
        options.seeds = {1};
        options.folds = 3;
        const auto study = AblationStudy::planned(good, Recipe(ofFold), made(), options);
        QCOMPARE(names(study.axes()), (Texts{"init", "input", "batching"}));
        QCOMPARE(study.runs(), std::size_t(24));
        const auto scores = study.scores(runsOf(study));
        QCOMPARE(scores.repeats, (Texts{"fold 1", "fold 2", "fold 3"}));
        QVERIFY(near(scores.overlap, 0.5, 1e-12));
    }
    void recipesThatCannotBeTrainedAreExplained()
    {
        Json other = bad.json();
        other["model"] = "linear";
        EXPECT_ERROR(AblationStudy::planned(good, Recipe(other), made()), "bad recipe: model: expected an object");
        EXPECT_ERROR(digitsStudy({}), "seeds");
        EXPECT_ERROR(digitsStudy({1, 1}), "compare.seeds: expected each seed once");
        EXPECT_ERROR(AblationStudy::of(good), "expected a study of knockouts and rescues, found another comparison");
        auto damaged = digitsStudy({1}).recipe().json();
        damaged["compare"]["_study"]["design"]["cells"].erase(0);
        EXPECT_ERROR(AblationStudy::of(Recipe(damaged)), "plan the study again");
        damaged = digitsStudy({1}).recipe().json();
        damaged["compare"]["_study"]["axes"] = 3;
        EXPECT_ERROR(AblationStudy::of(Recipe(damaged)), "plan the study again");
        damaged = digitsStudy({1}).recipe().json();
        damaged["compare"]["_study"]["version"] = 99;
        EXPECT_ERROR(AblationStudy::of(Recipe(damaged)), "of a newer version");
    }
    void curvesOfTheRunsAreOneTableAndMeanLines()
    {
        const auto study = digitsStudy({1, 2});
        const auto runs = runsOf(study, 0.001);
        std::vector<RunCurvesByName> curves;
        for (const auto &run : runs) {
            RunCurvesByName own;
            for (std::int64_t step : {0, 50, 100}) {
                own["train.loss"].push_back({step, 0, 1.0 / static_cast<double>(step + 1)});
                own["validation.loss"].push_back({step, 0, 2.0 / static_cast<double>(step + 1)});
                own["validation.accuracy"].push_back({step, 0, 0.001 * static_cast<double>(step + run.id)});
            }
            curves.push_back(std::move(own));
        }
        curves[0]["validation.accuracy"].pop_back(); // a run that was shorter
        const auto drawn = studyCurves(study, studyResult(study, runs), runs, curves);
        QCOMPARE(drawn.table.rows(), std::size_t(16 * 6));
        Texts columns;
        for (const auto &column : drawn.table.columns)
            columns.push_back(column.name);
        QCOMPARE(columns, (Texts{"recipe", "dataset", "seed", "fold", "step", "split", "loss", "acc"}));
        QCOMPARE(drawn.table.text(0, 0) + "|" + drawn.table.text(0, 1) + "|" + drawn.table.text(0, 5),
                 std::string("good recipe|digits.csv|training"));
        QCOMPARE(drawn.figures.size(), std::size_t(2));
        QCOMPARE(drawn.figures[0].name + ", " + drawn.figures[1].name, std::string("score-curves, loss-curves"));
        for (const auto &figure : drawn.figures)
            QVERIFY(figure.problems().empty());
        const auto &panel = std::get<XYPanel>(drawn.figures[0].panels[0].content);
        QCOMPARE(panel.series.size(), std::size_t(12)); // six recipes, each with its band
        QCOMPARE(panel.series[1].name, std::string("good recipe (n=2)"));
    }
};

RETICLE_TEST(AblationStudyTest)
#include "AblationStudyTest.moc"
