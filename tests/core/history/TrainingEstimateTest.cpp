#include "history/TrainingEstimate.h"

#include "support/BudgetedRuns.h"
#include "support/Test.h"

#include <cmath>
#include <functional>

using namespace reticle;

namespace {

Recipe recipe(double minutes = 15, const std::function<void(Json &)> &change = {})
{
    Json json = test::budgeted(1, minutes, 1, 0.9).recipe;
    if (change)
        change(json);
    return Recipe(json);
}

/// As a training of that recipe leaves it: 0.1 s a step.
PastTraining past(double minutes, double dice, const std::function<void(Json &)> &change = {})
{
    const auto q = questionOf(recipe(minutes, change));
    PastTraining t = q.like;
    t.weights = 3964;
    t.channels = 3;
    t.classes = 2;
    t.precision = "float32";
    t.machine = "Some processor, 8 threads";
    t.minutes = minutes + 0.02;
    t.budget = q.minutes;
    t.steps = static_cast<std::int64_t>(600 * minutes);
    t.stepSeconds = 0.1;
    t.score = "dice";
    t.value = dice;
    return t;
}

TrainingQuestion asked(double minutes = 15, const std::function<void(Json &)> &change = {})
{
    auto q = questionOf(recipe(minutes, change));
    q.like.precision = "float32";
    q.like.machine = "Some processor, 8 threads";
    return q;
}

bool says(const TrainingEstimate &e, const std::string &text)
{
    return e.text.find(text) != std::string::npos;
}

using Source = TrainingEstimate::Source;

} // namespace

class TrainingEstimateTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutLikeTrainingsItSaysSo()
    {
        for (const auto &e : {estimateTraining({}, asked()),
                              estimateTraining({past(15, 0.9)}, asked(15, [](Json &j) { j["model"]["name"] = "fcn"; }))}) {
            QCOMPARE(e.text, std::string("No training like this has been finished on this machine yet."));
            QVERIFY(e.timed == 0 && e.source == Source::None && std::isnan(e.steps.score) && std::isnan(e.expected.score));
            QVERIFY((e.toJson() == Json{{"text", e.text}, {"trainings", 0}}));
        }
    }
    void whatIsLike_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<bool>("like");
        QTest::newRow("the same") << 0 << true;
        QTest::newRow("another crop") << 1 << false;
        QTest::newRow("another batch") << 2 << false;
        QTest::newRow("another precision") << 3 << false;
        QTest::newRow("another machine") << 4 << false;
        QTest::newRow("other channels") << 5 << false;
        QTest::newRow("other classes") << 6 << false;
        QTest::newRow("channels that are not known") << 7 << true;
        QTest::newRow("a network of other weights") << 8 << false;
        QTest::newRow("another section, as many weights") << 9 << true;
        QTest::newRow("another learning rate") << 10 << true;
    }
    void whatIsLike()
    {
        QFETCH(int, which);
        QFETCH(bool, like);
        auto q = asked();
        q.like.channels = 3;
        q.like.classes = 2;
        PastTraining t = past(15, 0.9, [&](Json &j) {
            if (which == 8 || which == 9)
                j["model"]["form"] = "classic";
            if (which == 10)
                j["train"]["learning-rate"] = 0.1;
        });
        if (which == 1)
            t.crop = 128;
        if (which == 2)
            t.batch = 8;
        if (which == 3)
            t.precision = "bfloat16";
        if (which == 4)
            t.machine = "Another processor, 8 threads";
        if (which == 5)
            t.channels = 1;
        if (which == 6)
            t.classes = 4;
        if (which == 7)
            q.like.channels = 0;
        if (which == 8 || which == 9)
            q.like.weights = which == 8 ? 5000 : 3970;
        QCOMPARE(estimateTraining({t}, q).timed, std::size_t(like ? 1 : 0));
    }
    void minutesGiveSteps()
    {
        auto slow = past(10, 0.92);
        slow.stepSeconds = 0.125;
        const auto one = estimateTraining({past(5, 0.9)}, asked(20));
        QCOMPARE(one.steps.score, 12000.0);
        QVERIFY(std::isnan(one.steps.low)); // one says nothing of the spread
        QVERIFY2(says(one, "20 minutes give about 12\u2009000 steps on this machine (as in 1 training like this)."),
                 one.text.c_str());
        const auto shortest = estimateTraining({past(5, 0.9)}, asked(1));
        QVERIFY2(says(shortest, "1 minute gives about 600 steps"), shortest.text.c_str());
        const auto two = estimateTraining({past(5, 0.9), slow}, asked(20));
        QCOMPARE(two.steps.low, 9600.0);
        QCOMPARE(two.steps.high, 12000.0);
        QCOMPARE(two.steps.score, 10800.0);
        QVERIFY2(says(two, "about 10\u2009800 steps on this machine (9600 to 12\u2009000, as in 2 trainings like this)."),
                 two.text.c_str());
        QCOMPARE(two.toJson()["steps"]["low"].get<double>(), 9600.0);
    }
    void stepsTakeMinutes()
    {
        auto slow = past(10, 0.92);
        slow.stepSeconds = 0.15;
        const auto e = estimateTraining({past(5, 0.9), slow}, asked(0, [](Json &j) { j["train"]["steps"] = 6000; }));
        QCOMPARE(e.minutes.low, 10.0);
        QCOMPARE(e.minutes.high, 15.0);
        QVERIFY2(says(e, "6000 steps take about 12.5 minutes on this machine (10 to 15 minutes, as in 2 trainings like this)."),
                 e.text.c_str());
        // How many steps an epoch has is not known.
        const auto epochs = estimateTraining({past(5, 0.9)}, asked(15, [](Json &j) { j["train"]["epochs"] = 3; }));
        QVERIFY(std::isnan(epochs.steps.score) && std::isnan(epochs.minutes.score) &&
                says(epochs, "1 training like this has finished"));
    }
    void threeTimesGiveACurve()
    {
        const std::vector<PastTraining> all{past(5, 0.900), past(5, 0.904), past(10, 0.921), past(15, 0.930)};
        const auto e = estimateTraining(all, asked(30));
        QCOMPARE(static_cast<int>(e.source), static_cast<int>(Source::Curve));
        const LearningCurve curve({{5, 0.900}, {5, 0.904}, {10, 0.921}, {15, 0.930}});
        QCOMPARE(e.expected.score, curve.at(30).score);
        QCOMPARE(e.expected.low, curve.at(30).low);
        QVERIFY2(says(e, "Expected Dice: " + expectedText(curve.at(30)) + ", from 4 trainings on these data."), e.text.c_str());
        QCOMPARE(e.toJson()["score"]["source"].get<std::string>(), std::string("curve"));
        // By steps it is the same curve at the time that they take.
        const auto bySteps = estimateTraining(all, asked(0, [](Json &j) { j["train"]["steps"] = 18000; }));
        QCOMPARE(bySteps.expected.score, e.expected.score);
    }
    void theSameRecipeCountsBeforeOthers()
    {
        const auto other = [](Json &j) { j["train"]["learning-rate"] = 0.5; };
        std::vector<PastTraining> all{past(5, 0.5, other), past(10, 0.51, other), past(15, 0.52, other)};
        for (const auto &t : {past(5, 0.900), past(10, 0.921), past(15, 0.930)})
            all.push_back(t);
        const auto e = estimateTraining(all, asked(30));
        QCOMPARE(e.scored, std::size_t(3));
        QVERIFY(e.expected.score > 0.92);
        // Where the recipe has too few times of its own, those of the same network and data do.
        const auto mixed = estimateTraining(all, asked(30, [](Json &j) { j["train"]["learning-rate"] = 0.7; }));
        QCOMPARE(mixed.scored, std::size_t(6));
        QCOMPARE(static_cast<int>(mixed.source), static_cast<int>(Source::Curve));
    }
    void fewerTimesGiveARange()
    {
        const auto e = estimateTraining({past(5, 0.90), past(15, 0.93)}, asked(30));
        QCOMPARE(static_cast<int>(e.source), static_cast<int>(Source::Range));
        QVERIFY(e.expected.low == 0.90 && e.expected.high == 0.93 && e.from == 5 && e.to == 15);
        QVERIFY2(says(e, "On these data 2 trainings of 5 to 15 minutes reached Dice 0.900 to 0.930."), e.text.c_str());
        const auto one = estimateTraining({past(5, 0.90)}, asked(30));
        QVERIFY2(says(one, "On these data 1 training of 5 minutes reached Dice 0.900."), one.text.c_str());
    }
    void otherDataAreSaidToBeOthers()
    {
        const auto elsewhere = [](Json &j) { j["data"]["images"] = "/data/other.tif"; };
        const auto e =
            estimateTraining({past(5, 0.7, elsewhere), past(15, 0.8, elsewhere), past(30, 0.85, elsewhere)}, asked(30));
        QCOMPARE(static_cast<int>(e.source), static_cast<int>(Source::OtherData));
        QVERIFY(e.timed == 3 && e.expected.low == 0.7 && e.expected.high == 0.85);
        QVERIFY2(says(e, "On other data 3 trainings") && says(e, "yours may be easier or harder."), e.text.c_str());
        // Another fold is not other data, other validation slices are.
        const auto fold = [](Json &j) { j["data"]["fold"] = 2; };
        QCOMPARE(static_cast<int>(estimateTraining({past(5, 0.7, fold)}, asked()).source), static_cast<int>(Source::Range));
        const auto slices = [](Json &j) { j["data"]["validation-fraction"] = 0.5; };
        QCOMPARE(static_cast<int>(estimateTraining({past(5, 0.7, slices)}, asked()).source), static_cast<int>(Source::OtherData));
    }
    void lossesAreComparedWithinARecipe()
    {
        const auto objective = [](Json &j) { j["objective"]["name"] = "mse"; };
        auto t = past(5, 0.3, objective);
        t.score = "loss";
        QCOMPARE(static_cast<int>(estimateTraining({t}, asked()).source), static_cast<int>(Source::None));
        const auto same = estimateTraining({t}, asked(15, objective));
        QCOMPARE(static_cast<int>(same.source), static_cast<int>(Source::Range));
        QVERIFY2(says(same, "reached validation loss 0.300"), same.text.c_str());
        // One without validation slices has no score, and its time counts all the same.
        t = past(5, 0);
        t.score.clear();
        const auto none = estimateTraining({t}, asked());
        QVERIFY(none.timed == 1 && none.source == Source::None && !none.toJson().contains("score"));
    }
    void recipesOfAnyForm()
    {
        for (const Json &damage :
             {Json(), Json(3), Json("x"), Json::array({1}), Json::object(), Json{{"train", 3}, {"model", "unet"}},
              Json{{"train", {{"minutes", 1e300}, {"crop", -1}, {"steps", "many"}}}, {"model", {{"name", 5}}}}}) {
            const auto q = questionOf(damage.is_object() ? Recipe(damage) : Recipe(Json{{"model", damage}, {"data", damage}}));
            QVERIFY(q.like.network.empty() && q.like.crop >= 0 && q.steps >= 0 && q.minutes >= 0);
            QCOMPARE(estimateTraining({past(5, 0.9)}, q).timed, std::size_t(0));
        }
    }
};

RETICLE_TEST(TrainingEstimateTest)
#include "TrainingEstimateTest.moc"
