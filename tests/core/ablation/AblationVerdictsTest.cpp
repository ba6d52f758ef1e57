#include "ablation/AblationEffects.h"

#include "AblationCases.h"
#include "foundation/Error.h"
#include "support/Test.h"

using namespace reticle;
using namespace reticle::test;

/// What effects say in words.
class AblationVerdictsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
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
};

RETICLE_TEST(AblationVerdictsTest)
#include "AblationVerdictsTest.moc"
