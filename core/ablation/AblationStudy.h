#pragma once

#include "ablation/AblationFigures.h"
#include "ablation/RecipeDifferences.h"
#include "compare/Comparison.h"

#include <optional>

namespace reticle {

/// What a study is planned with.
struct StudyOptions
{
    std::vector<std::int64_t> seeds{1, 2, 3};  ///< each recipe is trained with each of them; at least one, each once
    std::int64_t folds = 0;                    ///< of a cross-validation with each seed; 0 = none
    std::int64_t budget = usualAblationBudget; ///< runs; knockouts and rescues are trained in any case
    /// Settings that are swapped as one, by their paths: {{"train.learning-rate", "train.optimizer"}}.
    std::vector<std::vector<std::string>> joined;
    std::string good, bad; ///< what the two recipes are called; empty = their titles
};

/// The differences of two recipes as a study has them: under the names of today, with every default filled in, without what has
/// no effect, and with the rules that end a training (steps, epochs, minutes) as one. An axis is called by the last word of
/// its path where no other ends with it. Throws Error where a recipe is not valid, compares, or where the two do not differ.
std::vector<RecipeAxis> studyAxes(const Recipe &good, const Recipe &bad, const Catalog &catalog,
                                  const std::vector<std::vector<std::string>> &joined = {});

/// Which of the differences between a good and a bad recipe explain the difference of their scores. Each recipe between the
/// two is a setting of one comparison. A value; of any thread.
class AblationStudy
{
public:
    /// Throws Error as studyAxes does, and where a recipe between the two cannot be trained.
    static AblationStudy planned(const Recipe &good, const Recipe &bad, const Catalog &catalog, const StudyOptions &options = {});
    /// Of the recipe of a comparison that was planned as a study. Throws Error for any other.
    static AblationStudy of(const Recipe &comparison);
    /// Whether the recipe of a comparison has what of() reads.
    static bool isStudy(const Recipe &comparison);

    const Recipe &recipe() const { return m_recipe; } ///< validated, with settings in "compare"
    const std::vector<RecipeAxis> &axes() const { return m_axes; }
    std::vector<std::string> axisNames() const;
    const AblationDesign &design() const { return m_design; }
    const std::string &goodTitle() const { return m_good; }
    const std::string &badTitle() const { return m_bad; }
    std::size_t runs() const; ///< settings x seeds x folds
    /// "12 runs: …": what is trained and what it can say, in sentences.
    std::string text() const;

    /// The setting of a run of the comparison; nothing where it is of none.
    std::optional<AblationCell> cellOf(const RunInfo &run) const;
    /// From the runs of the comparison, which may still be training. The score is the one that chooses the weights of these
    /// runs (RunScores::selection) unless `score` names another. A run that diverged has the score of chance: 1 / classes of an
    /// accuracy, 0 of other fractions, else the worst score of all runs. Of several runs of one setting and repeat the latest
    /// that is done counts. Throws Error where no run is done, or none has the score.
    AblationScores scores(const std::vector<RunInfo> &runs, const std::string &score = {}, bool excludeDiverged = false) const;

private:
    Recipe m_recipe;
    std::vector<RecipeAxis> m_axes;
    AblationDesign m_design;
    std::string m_good, m_bad;
    std::vector<AblationCell> m_cells;    ///< of each setting
    std::optional<ComparisonPlan> m_plan; ///< always there
};

/// The step at which a run's loss stopped being a number, and with that the run; -1 where it did not.
std::int64_t divergedAt(const RunInfo &run);

/// What a study gave.
struct StudyResult
{
    AblationScores scores;
    AblationEffects effects;
    std::vector<AblationVerdict> verdicts;
    std::string text;            ///< the gap, and which axes explain it
    std::vector<Table> tables;   ///< effects, interactions of a factorial, recipes, runs
    std::vector<Figure> figures; ///< effects, scores of the recipes
};
/// Throws Error as AblationStudy::scores does.
StudyResult studyResult(const AblationStudy &study, const std::vector<RunInfo> &runs, const std::string &score = {},
                        bool excludeDiverged = false);

/// Values of one run over its steps, by name of the metric: "train.loss", "validation.loss", "validation.accuracy".
using RunCurvesByName = std::map<std::string, std::vector<MetricPoint>>;
/// Table of all measurements, and mean curves with bands of the validation score and loss: good and bad recipe, and the
/// knockouts and rescues with the largest effects. curves[i] is of runs[i].
struct StudyCurves
{
    Table table;
    std::vector<Figure> figures;
};
StudyCurves studyCurves(const AblationStudy &study, const StudyResult &result, const std::vector<RunInfo> &runs,
                        const std::vector<RunCurvesByName> &curves, CurveBand band = CurveBand::StandardDeviation);

} // namespace reticle
