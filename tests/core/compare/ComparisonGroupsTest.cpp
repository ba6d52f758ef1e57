#include "compare/Comparison_p.h"

#include "support/Test.h"

using namespace reticle;

namespace {

RunInfo runOf(const Json &objective, int steps)
{
    RunInfo run;
    run.recipe = {{"seed", steps}, {"model", {{"name", "unet"}}}, {"objective", objective}, {"train", {{"steps", steps}}}};
    return run;
}

} // namespace

/// Which runs are repeats of one setting, and what a setting is called; whole comparisons are in ComparisonTest.
class ComparisonGroupsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void runsThatDifferInSeedAloneAreOneGroup()
    {
        auto other = runOf({{"name", "bce"}}, 100);
        other.recipe["seed"] = 7;
        const std::vector<RunInfo> runs{runOf({{"name", "bce"}}, 100), other, runOf({{"name", "bce"}}, 200)};
        const auto differing = differingPaths(runs);
        QCOMPARE(differing, (std::vector<std::string>{"train.steps"}));
        const auto groups = grouped(runs, differing);
        QCOMPARE(groups.size(), std::size_t(2));
        QCOMPARE(groups[0].runs.size(), std::size_t(2));
        QCOMPARE(labelsOf(groups, true), (std::vector<std::string>{"steps 100", "steps 200"}));
    }
    /// A field that only one of two losses has follows from their names.
    void fieldsOfAnotherKindAreNoDifference()
    {
        const std::vector<RunInfo> runs{runOf({{"name", "bce"}}, 100), runOf({{"name", "dice"}, {"smooth", 1}}, 100)};
        QCOMPARE(differingPaths(runs), (std::vector<std::string>{"objective.name"}));
        const std::vector<RunInfo> dice{runOf({{"name", "dice"}, {"smooth", 2}}, 100), runs[1]};
        QCOMPARE(differingPaths(dice), (std::vector<std::string>{"objective.smooth"}));
    }
};

RETICLE_TEST(ComparisonGroupsTest)
#include "ComparisonGroupsTest.moc"
