#include "base/ablation/AblationFigures.h"

#include "base/Error.h"
#include "support/Test.h"

#include <bit>
#include <cmath>

using namespace reticle;

namespace {

bool near(double a, double b, double tolerance = 1e-12)
{
    return std::abs(a - b) <= tolerance;
}

/// Scores of all cells, cell 0 first, by repeat: values[repeat][cell].
AblationScores scoresOf(std::vector<std::string> axes, const std::vector<std::vector<double>> &values)
{
    AblationScores scores;
    scores.axes = std::move(axes);
    for (std::size_t r = 0; r < values.size(); ++r) {
        scores.repeats.push_back("seed " + std::to_string(r + 1));
        for (std::size_t cell = 0; cell < values[r].size(); ++cell)
            scores.outcomes[cell].push_back({values[r][cell], -1});
    }
    return scores;
}

/// Mean validation accuracy on digits of 10 seeds: training loop L (bit 0), input of the loss S (bit 1), start and bias I (bit
/// 2).
const std::vector<double> digits{.477, .879, .646, .940, .754, .978, .781, .973};

/// The same with an offset for each seed and a little noise that differs between cells and seeds.
std::vector<std::vector<double>> tenSeeds(double noise)
{
    std::vector<std::vector<double>> all;
    for (int seed = 0; seed < 10; ++seed) {
        auto values = digits;
        for (std::size_t cell = 0; cell < values.size(); ++cell)
            values[cell] += 0.001 * seed + noise * std::sin(7.0 * seed + 3.0 * static_cast<double>(cell));
        all.push_back(values);
    }
    return all;
}

} // namespace

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
    void verdictsFollowTheIntervals()
    {
        // D does nothing; L alone closes the gap; H is better at its bad level within the good recipe.
        std::vector<std::vector<double>> values;
        for (int seed = 0; seed < 6; ++seed) {
            std::vector<double> cells;
            for (std::size_t cell = 0; cell < 8; ++cell)
                cells.push_back(0.5 + 0.4 * (cell & 1) - 0.05 * ((cell & 5) == 5) +
                                0.002 * std::sin(5.0 * seed + 2.0 * static_cast<double>(cell)));
            values.push_back(cells);
        }
        const auto scores = scoresOf({"L", "D", "H"}, values);
        const auto e = ablationEffects(scores, ablationDesign(3, 6));
        const auto v = ablationVerdicts(scores, e);
        QVERIFY(v[0].necessary && v[0].sufficient && !v[0].redHerring && !v[0].harmful);
        QCOMPARE(v[0].word, std::string("necessary and sufficient"));
        QVERIFY(v[0].closed > 1);
        QVERIFY(v[1].redHerring && !v[1].necessary && !v[1].sufficient);
        QCOMPARE(v[1].word, std::string("red herring"));
        QVERIFY(v[2].harmful && !v[2].necessary);
        QVERIFY2(v[0].text.find("With the bad level in the good recipe, accuracy is worse by 0.3") != std::string::npos,
                 v[0].text.c_str());
        QVERIFY2(v[0].text.find("95 % interval ") != std::string::npos && v[0].text.find("t(5) = ") != std::string::npos,
                 v[0].text.c_str());
        QVERIFY2(v[0].text.find(" % of the gap") != std::string::npos, v[0].text.c_str());
        const auto text = ablationText(scores, e);
        QVERIFY2(text.find("Necessary and sufficient: L. Red herring: D. Harmful in the good recipe: H.") != std::string::npos,
                 text.c_str());
        QVERIFY2(text.find("The largest Shapley share is that of L") != std::string::npos, text.c_str());
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
    void withoutAGapNothingIsExplained()
    {
        const auto scores = scoresOf({"L"}, {{0.9, 0.3}, {0.9, 0.4}, {0.8, 0.3}});
        const auto e = ablationEffects(scores, ablationDesign(1, 3));
        QVERIFY(ablationText(scores, e).find("does not score better. Exchange the two recipes.") != std::string::npos);
        const auto v = ablationVerdicts(scores, e);
        QVERIFY(std::isnan(v[0].closed) && !v[0].sufficient);
        const auto same = scoresOf({"L"}, {{0.9, 0.92}, {0.9, 0.89}, {0.8, 0.8}});
        QVERIFY(ablationText(same, ablationEffects(same, ablationDesign(1, 3))).find("so there is no gap to explain") !=
                std::string::npos);
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
    void tablesAndFiguresShowTheNumbers()
    {
        const auto scores = scoresOf({"L", "S", "I"}, tenSeeds(0.004));
        const auto d = ablationDesign(3, 10);
        const auto e = ablationEffects(scores, d);
        const auto effects = ablationEffectTable(scores, e);
        QCOMPARE(effects.rows(), std::size_t(3));
        QVERIFY(near(effects.number(0, 1), e.knockouts[0].mean()));
        QVERIFY(effects.find("Shapley share, p (Holm)") && effects.find("verdict"));
        const auto cells = ablationCellTable(scores, d);
        QCOMPARE(cells.text(2, 0), std::string("good without L"));
        QCOMPARE(cells.text(2, 1), std::string("bad"));
        QCOMPARE(cells.number(2, 4), 10.0);
        QCOMPARE(ablationRunTable(scores, d).rows(), std::size_t(80));
        const auto f = ablationEffectFigure(scores, e);
        QVERIFY2(f.problems().empty(), f.problems().empty() ? "" : f.problems()[0].c_str());
        const auto &panel = std::get<XYPanel>(f.panels.at(0).content);
        QCOMPARE(panel.series.size(), std::size_t(6)); // knockout and rescue: bars, dots, whiskers
        QCOMPARE(panel.series[1].x.size(), std::size_t(30));
        QVERIFY(near(panel.references.back().value, e.gap.mean()));
        QVERIFY(Figure::fromJson(f.toJson()).panels.size() == 2);
    }
};

RETICLE_TEST(AblationEffectsTest)
#include "AblationEffectsTest.moc"
