#include "ablation/AblationFigures.h"

#include "AblationCases.h"
#include "foundation/Error.h"
#include "support/Test.h"

#include <bit>
#include <cmath>

using namespace reticle;
using namespace reticle::test;

class AblationEffectsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void workedNumbersOfTheDigits()
    {
        const auto e = ablationEffects(scoresOf({"L", "S", "I"}, {digits}), ablationDesign(3, 10));
        QVERIFY(near(e.gap.mean(), 0.496, 1e-4));
        const double knockouts[] = {0.192, -0.005, 0.033}, rescues[] = {0.402, 0.169, 0.277},
                     shares[] = {0.28433, 0.06933, 0.14233};
        double sum = 0;
        for (std::size_t a = 0; a < 3; ++a) {
            QVERIFY(near(e.knockouts[a].mean(), knockouts[a], 1e-4));
            QVERIFY(near(e.rescues[a].mean(), rescues[a], 1e-4));
            QVERIFY(near(e.shares[a].mean(), shares[a], 1e-4));
            sum += e.shares[a].mean();
        }
        QVERIFY(near(sum, 0.496));
        // By hand: the mean of four cells minus the mean of the other four.
        QVERIFY(near(e.mains[0].mean(), (.879 + .940 + .978 + .973 - .477 - .646 - .754 - .781) / 4));
        QVERIFY(near(e.mains[1].mean(), (.646 + .940 + .781 + .973 - .477 - .879 - .754 - .978) / 4));
        // Half the difference of L's effect at the good and at the bad level of I.
        const double atGood = (.978 + .973 - .754 - .781) / 2, atBad = (.879 + .940 - .477 - .646) / 2;
        QCOMPARE(e.interactions[1].name, std::string("L × I"));
        QCOMPARE(e.interactions[1].axes, (std::vector<std::size_t>{0, 2}));
        QVERIFY(near(e.interactions[1].mean(), (atGood - atBad) / 2));
        QCOMPARE(e.aliases, (std::vector<std::string>{"", "", ""}));
    }
    void sharesAddUpToTheGap()
    {
        for (std::size_t k = 1; k <= 6; ++k) {
            std::vector<double> values;
            for (std::size_t cell = 0; cell < std::size_t(1) << k; ++cell)
                values.push_back(std::sin(12.9898 * static_cast<double>(cell + 31 * k)));
            const auto phi = shapleyValues(values);
            double sum = 0;
            for (const double v : phi)
                sum += v;
            QVERIFY(near(sum, values.back() - values.front()));
        }
        QVERIFY(shapleyValues({3}).empty());
        // An axis that adds the same everywhere has that share, and one that adds nothing has none.
        const auto phi = shapleyValues({0, 2, 0, 2, 1, 3, 1, 3});
        QVERIFY(near(phi[0], 2) && near(phi[1], 0) && near(phi[2], 1));
    }
    void intervalsArePairedBySeed()
    {
        const auto scores = scoresOf({"L", "S", "I"}, tenSeeds(0.004));
        const auto e = ablationEffects(scores, ablationDesign(3, 10));
        const auto expected = pairedTest(scores.of(0b111), scores.of(0b110));
        QCOMPARE(e.knockouts[0].test.pairs, std::int64_t(10));
        QVERIFY(near(e.knockouts[0].test.low, expected.low) && near(e.knockouts[0].test.high, expected.high));
        QVERIFY(near(e.knockouts[0].test.p, expected.p));
        QVERIFY(e.knockouts[0].hasInterval() && e.knockouts[0].excludesZero());
        double sum = 0;
        for (const auto &share : e.shares)
            sum += share.each[7];
        QVERIFY(near(sum, e.gap.each[7]));
        QVERIFY(e.warnings.empty());
    }
    void whereSmallerIsBetterPositiveStillMeansBetter()
    {
        auto loss = digits;
        for (double &v : loss)
            v = 1 - v;
        auto scores = scoresOf({"L", "S", "I"}, {loss});
        scores.smallerIsBetter = true;
        const auto e = ablationEffects(scores, ablationDesign(3, 10));
        QVERIFY(near(e.gap.mean(), 0.496) && near(e.knockouts[0].mean(), 0.192) && near(e.rescues[2].mean(), 0.277));
    }
    void oneSeedHasNoInterval()
    {
        const auto scores = scoresOf({"L", "S", "I"}, {digits});
        const auto e = ablationEffects(scores, ablationDesign(3, 1));
        QVERIFY(!e.gap.hasInterval() && e.gap.isKnown());
        QVERIFY(e.warnings.size() == 1 && e.warnings[0].find("n=1, no interval") == 0);
        const auto v = ablationVerdicts(scores, e);
        QVERIFY(!v[0].necessary && v[0].sufficient && !v[1].redHerring);
        QCOMPARE(v[1].word, std::string("no verdict"));
        QVERIFY(v[1].text.find("(n=1, no interval)") != std::string::npos);
        QVERIFY(ablationEffectFigure(scores, e).caption.find("n=1, no interval") != std::string::npos);
        const auto two = scoresOf({"L", "S", "I"}, {digits, digits});
        QVERIFY(ablationEffects(two, ablationDesign(3, 2)).warnings.at(0).find("are very wide. Run at least 3") !=
                std::string::npos);
    }
    void divergedRunsCountAsChanceOrAreCounted()
    {
        auto scores = scoresOf({"L"}, {{0.3, 0.9}, {0.4, 0.9}, {0.5, 0.9}});
        scores.outcomes[0][2] = {0.77, 120}; // its last score says nothing
        scores.chance = 0.1;
        QCOMPARE(scores.of(0), (std::vector<double>{0.3, 0.4, 0.1}));
        auto e = ablationEffects(scores, ablationDesign(1, 3));
        QVERIFY(near(e.gap.mean(), (0.6 + 0.5 + 0.8) / 3));
        QCOMPARE(e.warnings, std::vector<std::string>{"1 run diverged. It counts as accuracy 0.100, the score of chance."});
        scores.excludeDiverged = true;
        e = ablationEffects(scores, ablationDesign(1, 3));
        QVERIFY(near(e.gap.mean(), 0.55));
        QCOMPARE(e.gap.test.pairs, std::int64_t(2));
        QCOMPARE(e.warnings, std::vector<std::string>{"1 run diverged and was left out."});
        const auto runs = ablationRunTable(scores, ablationDesign(1, 3));
        QCOMPARE(runs.rows(), std::size_t(6));
        QCOMPARE(runs.number(5, 4), 120.0);
        QVERIFY(std::isnan(runs.number(5, 3)));
    }
    void missingRunsLeaveEffectsUnknown()
    {
        auto scores = scoresOf({"L", "S"}, {{0.1, 0.5, 0.2, 0.9}, {0.1, 0.6, 0.3, 0.9}, {0.2, 0.5, 0.2, 0.8}});
        scores.outcomes.erase(0b01);
        scores.outcomes[0b11][0].score = NAN;
        const auto e = ablationEffects(scores, ablationDesign(2, 3));
        QCOMPARE(e.gap.test.pairs, std::int64_t(2));
        QVERIFY(!e.rescues[0].isKnown() && !e.shares[0].isKnown() && !e.mains[1].isKnown());
        QCOMPARE(e.warnings.front(),
                 std::string("4 of 12 runs are missing. Effects use the repeats that have every run they need."));
        QVERIFY(ablationVerdicts(scores, e)[0].text.find("Some of its runs are missing.") != std::string::npos);
        QVERIFY(ablationText(AblationScores{.axes = {"L", "S"}, .repeats = {"seed 1"}},
                             ablationEffects(AblationScores{.axes = {"L", "S"}, .repeats = {"seed 1"}}, ablationDesign(2, 1)))
                    .find("have no finished runs of the same seed yet") != std::string::npos);
    }
    void aFractionFindsTheMainEffectsOfAdditiveScores()
    {
        const auto d = ablationDesign(6, 8);
        AblationScores scores;
        for (int a = 0; a < 6; ++a)
            scores.axes.push_back(std::string(1, static_cast<char>('A' + a)));
        scores.repeats = {"seed 1"};
        for (const auto cell : d.cells) {
            double score = 0;
            for (int a = 0; a < 6; ++a)
                score += 0.01 * (a + 1) * static_cast<double>(cell >> a & 1);
            scores.outcomes[cell] = {{score, -1}};
        }
        const auto e = ablationEffects(scores, d);
        for (std::size_t a = 0; a < 6; ++a)
            QVERIFY(near(e.mains[a].mean(), 0.01 * static_cast<double>(a + 1)));
        for (const auto &i : e.interactions)
            QVERIFY(near(i.mean(), 0));
        QVERIFY(e.shares.empty());
        QCOMPARE(e.aliases[0], std::string("C × E"));
        const auto table = ablationInteractionTable(scores, e);
        QCOMPARE(table.rows(), std::size_t(15));
        QCOMPARE(table.columns.back().name, std::string("not separable from"));
    }
    void scoresThatDoNotFitAreRefused()
    {
        auto scores = scoresOf({"L", "S", "I"}, {digits});
        EXPECT_ERROR(ablationEffects(scores, ablationDesign(2, 1)), "expected scores of 2 axes");
        scores.outcomes[0b110].clear();
        EXPECT_ERROR(ablationEffects(scores, ablationDesign(3, 1)), "good without L: expected 1 scores");
    }
};

RETICLE_TEST(AblationEffectsTest)
#include "AblationEffectsTest.moc"
