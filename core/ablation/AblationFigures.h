#pragma once

#include "ablation/AblationEffects.h"
#include "figure/Figure.h"

namespace reticle {

/// A row for each axis: knockout and rescue with their 95 % intervals and p values (paired t tests over repeats, also after
/// Holm's correction), the part of the gap that the rescue closes, Shapley share and main effect where there is a
/// factorial, and the verdict.
Table ablationEffectTable(const AblationScores &scores, const AblationEffects &effects);
/// A row for each pair of axes; no columns without a factorial.
Table ablationInteractionTable(const AblationScores &scores, const AblationEffects &effects);
/// A row for each recipe: levels of the axes, number of runs, mean and sample standard deviation, runs that diverged.
Table ablationCellTable(const AblationScores &scores, const AblationDesign &design);
/// A row for each run, for other programs: recipe, a column of 0 and 1 for each axis, repeat, score, diverged at step.
Table ablationRunTable(const AblationScores &scores, const AblationDesign &design);

/// Bars of knockouts and rescues, and with a full factorial of Shapley shares, with the 95 % interval of each and a dot for
/// each repeat.
Figure ablationEffectFigure(const AblationScores &scores, const AblationEffects &effects);

/// Scores of recipes on several data sets.
struct ScoreMatrix
{
    std::vector<std::string> recipes, datasets;
    /// values[recipe][data set]: one a repeat, NaN where a run is missing.
    std::vector<std::vector<std::vector<double>>> values;
    std::string scoreTitle = "accuracy", scoreUnit;
    int decimals = 3;
};
/// A heat map of the means, and a table of mean ± sample standard deviation. Throws Error where the sizes do not fit.
Figure scoreMatrixFigure(const ScoreMatrix &matrix);

/// Which band a mean curve has.
enum class CurveBand { StandardDeviation, Range, Interval };

/// One measured quantity of one recipe over the steps of its runs.
struct CurveGroup
{
    std::string name;
    std::vector<double> steps;
    std::vector<std::vector<double>> runs; ///< runs[run][step]; NaN where a run has no value, for instance after it diverged
    std::int64_t diverged = 0;             ///< counted in the legend
};
/// Mean lines with bands, the mean at each step over the runs that have a value there. One run has no band, and the legend
/// says so. `references`: the lowest loss that can be reached, for instance. Throws Error where the sizes do not fit.
Figure meanCurveFigure(const std::vector<CurveGroup> &groups, CurveBand band, const std::string &valueTitle,
                       const std::string &repeatWord = "seed", std::vector<ReferenceLine> references = {});

/// One measurement of one run.
struct CurveRow
{
    std::string recipe, dataset;
    std::int64_t seed = 0, fold = 0, step = 0; ///< fold 0 = no cross-validation
    std::string split;                         ///< "training", "validation", "test"
    double loss = 0, accuracy = 0;
};
/// Columns recipe, dataset, seed, fold, step, split, loss, acc.
Table curveTable(const std::vector<CurveRow> &rows);

} // namespace reticle
