#pragma once

#include "compare/Comparison.h"
#include "compare/LearningCurve.h"

namespace reticle {

/// A finished training of a recipe, whatever its time, seed and fold.
struct BudgetRun
{
    std::int64_t id = 0;
    Repeat repeat;
    double minutes =
        0; ///< that it was given: train.minutes, or where steps or epochs end it the mean time of all that had as many
    double trained = 0; ///< minutes of work
    std::int64_t steps = 0;
    double score = 0;                   ///< of the weights that were kept
    std::vector<CurvePoint> validation; ///< while it trained. Its learning rate falls to its own end, not to these times
};

/// The runs of one recipe apart from train.minutes, train.steps, train.epochs, seed and fold, on one device.
struct BudgetRuns
{
    std::string score = "dice", scoreTitle = "Dice";
    ScoreScale scale;
    std::vector<BudgetRun> runs; ///< by minutes, then by number
    std::vector<std::string> warnings;

    LearningCurve curve() const;
    /// Minutes of each budget, rising.
    std::vector<double> budgets() const;
};

/// Where errors of this score begin and end. Throws Error for a score without a best value (psnr).
ScoreScale scaleOf(const std::string &score);

/// The finished runs of the recipe of `run`, which may be training still; 0 = of the latest run that is done. Without
/// the validation curves. `score` as for compareRuns(). Throws Error where there is no such run.
BudgetRuns budgetRuns(const std::vector<RunInfo> &all, std::int64_t run = 0, const std::string &score = "auto");
/// The same with the validation curves.
BudgetRuns budgetRuns(const Project &project, std::int64_t run = 0, const std::string &score = "auto");
void addValidationCurves(BudgetRuns &runs, const Project &project);

/// A row a budget: runs, mean score with its range, and what twice the minutes would give.
Table budgetTable(const BudgetRuns &runs, const LearningCurve &curve);
/// A row a run.
Table budgetRunTable(const BudgetRuns &runs);
/// Points of finished runs, their validation curves, and the fitted curve with its band, dashed beyond the data.
Figure budgetFigure(const BudgetRuns &runs, const LearningCurve &curve);
/// Whether twice the longest time would help, in a sentence or two.
std::string budgetText(const BudgetRuns &runs, const LearningCurve &curve);

} // namespace reticle
