#pragma once

#include "compare/ComparisonPlan.h"
#include "compare/PairedTest.h"
#include "figure/Figure.h"
#include "project/Project.h"

namespace reticle {

Repeat repeatOf(const RunInfo &run);
Repeat repeatOf(const Recipe &recipe);
/// Of a validated recipe that compares, in the order in which they are trained.
std::vector<Repeat> repeatsOf(const Recipe &recipe);
/// "seed 2", "fold 3", or "seed 2, fold 3" where all of them differ in both.
std::string labelOf(const Repeat &repeat, const std::vector<Repeat> &all);
/// What they are, for a sentence: "seed", "fold", or "run" of folds with several seeds.
std::string wordOf(const std::vector<Repeat> &all);
/// The groups that are the test of a run whose data have a table of groups: "m1, m4"; empty of other runs.
std::string testGroupsOf(const RunInfo &run);

/// One model with the scores of its runs; where runs differ in more than model and seed, one model with one setting.
struct ComparedModel
{
    std::string label;          ///< "unet", see Recipe::modelLabels; with settings "unet, steps 100"; of axes "steps 100"
    Json section;               ///< of the recipe
    std::vector<RunInfo> runs;  ///< done, with scores, in the order of Compared::repeats; one for each, the latest
    std::vector<double> scores; ///< one for each of Compared::repeats, NaN where there is none
    MeanAndSpread score;
    double asked = 0;       ///< weights that its widths were chosen for; NaN where its design has a number of its own
    double weights = 0;     ///< NaN where not known
    double stepSeconds = 0; ///< mean over runs
    double memoryMib = 0;   ///< most of any run
    double loss = 0;        ///< mean over runs of the loss of the weights that were kept
};

/// A run that counts in no mean and no test: at work still, ended before its time, or without a score.
struct UncountedRun
{
    std::string label;
    RunInfo run;
};

/// Runs put side by side by model, seed and fold: what tables and figure of a comparison are made from. Only runs that are
/// done count.
struct Compared
{
    std::string score;                 ///< "dice", "loss", …
    std::string scoreTitle;            ///< "Dice", "validation loss", …
    bool smallest = false;             ///< whether less is better
    std::string noun = "model";        ///< what is compared: "model", or of a comparison with axes "setting"
    std::string part = "validation";   ///< slices that the scores are of: "validation" or "test"
    std::vector<Repeat> repeats;       ///< by seed, then by fold
    std::int64_t folds = 0;            ///< of a cross-validation, whose tests allow for shared slices; 0 = none
    std::vector<ComparedModel> models; ///< in the order of their first runs
    std::vector<UncountedRun> uncounted;
    std::vector<std::string> differing; ///< paths of the recipe beside model, seed and fold, "train.steps"
    std::vector<PairedTest> tests;      ///< of models i < j: (0, 1), (0, 2), …, (1, 2), …
    std::vector<double> holm;           ///< p of each, adjusted
    std::vector<std::string> warnings;

    /// fn(i, j, k) for each pair of models i < j with its test number k.
    template <class F> void eachPair(F &&fn) const
    {
        std::size_t k = 0;
        for (std::size_t i = 0; i < models.size(); ++i)
            for (std::size_t j = i + 1; j < models.size(); ++j)
                fn(i, j, k++);
    }
};

/// Of a validated recipe that compares, what is to be known beforehand, in sentences: compare.weights that a model has no
/// use for.
std::vector<std::string> comparisonNotes(const Recipe &recipe, const Catalog &catalog);

/// Scores that can be compared: "auto" is the one that chooses the runs' weights (RunScores).
const std::vector<std::string> &comparableScores();
/// "Dice" of "dice", as people write it; the name itself where it is no such score.
std::string scoreTitle(const std::string &name);
/// As above; of a name that is no such score as the first of `runs` that describes it says.
std::string scoreTitle(const std::string &name, const std::vector<RunInfo> &runs);
/// "dB" of "psnr", "" of all others.
std::string scoreUnit(const std::string &name);
/// Of a run's kept weights, as its summary has it; NaN where it has not.
double scoreOf(const RunInfo &run, const std::string &score);
/// The scores that any of the runs has, those of images first, without "auto".
std::vector<std::string> scoresOf(const std::vector<RunInfo> &runs);

/// `runs` may be at work still; `planned` > their number says how many there are to be. `part`: of the data, that the
/// runs' scores are of; `plan`: of the comparison that the runs belong to, whose names, order and axes are taken. Throws Error
/// where no run is done or has that score, where runs that segment stand beside runs that reconstruct, and where the losses of
/// different objectives would be compared.
Compared compareRuns(const std::vector<RunInfo> &runs, std::size_t planned = 0, const std::string &score = "auto",
                     const std::string &part = "validation", const ComparisonPlan *plan = nullptr);
/// That the slices of the scores chose the weights as well; "" of scores on test slices.
std::string sharedSlicesWarning(const Compared &compared);

/// A row a model: score, its spread, weights, time per step, memory, loss, score of each seed and fold.
Table modelTable(const Compared &compared);
/// The same as far as it is known while runs are at work or to come, a row for each planned setting: weights, time and
/// memory of runs that are not done count here, their scores do not.
Table plannedModelTable(const ComparisonPlan &plan, const std::vector<RunInfo> &runs, const std::string &score);
/// A row a pair of models: difference, its interval, t, p and p after Holm.
Table pairTable(const Compared &compared);
/// A row a run, with its state and everything that was measured; first those that count.
Table scoredRunTable(const Compared &compared);
/// All of these in one, "comparison.csv": rows "run", then "mean" and "sd" of each model, then "paired t test" of each
/// pair; cells that a row has no use for are NaN or empty.
Table comparisonTable(const Compared &compared);
/// Points of each seed and fold with mean and spread, time per step, memory, and the paired tests.
Figure comparisonFigure(const Compared &compared);
/// What came of it, in a sentence or two.
std::string comparisonText(const Compared &compared);

} // namespace reticle
