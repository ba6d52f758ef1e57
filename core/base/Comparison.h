#pragma once

#include "base/Figure.h"
#include "base/PairedTest.h"
#include "base/Project.h"

namespace reticle {

/// One model with the scores of its runs.
struct ComparedModel
{
    std::string label;          ///< "unet", see Recipe::modelLabels
    Json section;               ///< of the recipe
    std::vector<RunInfo> runs;  ///< ended with a model, by seed; one a seed, the latest
    std::vector<double> scores; ///< one for each of Compared::seeds, NaN where there is none
    MeanAndSpread score;
    double weights = 0;     ///< NaN where not known
    double stepSeconds = 0; ///< mean over runs
    double memoryMib = 0;   ///< most of any run
    double loss = 0;        ///< mean over runs of the validation loss of the weights that were kept
};

/// Runs put side by side by model and seed: what tables and figure of a comparison are made from. Runs that have not
/// ended with a model are left out and counted.
struct Compared
{
    std::string score;      ///< "dice", "loss", …
    std::string scoreTitle; ///< "Dice", "validation loss", …
    bool smallest = false;  ///< whether less is better
    std::vector<std::int64_t> seeds;
    std::vector<ComparedModel> models; ///< in the order of their first runs
    std::vector<PairedTest> tests;     ///< of models i < j: (0, 1), (0, 2), …, (1, 2), …
    std::vector<double> holm;          ///< p of each, adjusted
    std::vector<std::string> warnings;
};

/// Scores that can be compared: "auto" is the Dice score of runs that segment and the validation loss of those that
/// reconstruct images.
const std::vector<std::string> &comparableScores();
/// "Dice" of "dice", as people write it; the name itself where it is no such score.
std::string scoreTitle(const std::string &name);

/// `runs` may be at work still; `planned` > their number says how many there are to be. Throws Error where no run has
/// that score, or runs that segment stand beside runs that reconstruct.
Compared compareRuns(const std::vector<RunInfo> &runs, std::size_t planned = 0, const std::string &score = "auto");

/// A row a model: weights, time per step, memory, loss, score of each seed, mean and spread.
Table modelTable(const Compared &compared);
/// A row a pair of models: difference, its interval, t, p and p after Holm.
Table pairTable(const Compared &compared);
/// A row a run, with everything that was measured.
Table scoredRunTable(const Compared &compared);
/// Points of each seed with mean and spread, time per step, memory.
Figure comparisonFigure(const Compared &compared);
/// What came of it, in a sentence or two.
std::string comparisonText(const Compared &compared);

} // namespace reticle
