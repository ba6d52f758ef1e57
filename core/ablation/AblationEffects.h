#pragma once

#include "ablation/AblationDesign.h"
#include "compare/PairedTest.h"

#include <limits>
#include <map>

namespace reticle {

/// What one training gave.
struct AblationOutcome
{
    double score = std::numeric_limits<double>::quiet_NaN(); ///< NaN = not trained yet
    std::int64_t divergedAt = -1;                            ///< step at which the loss stopped being a number; -1 = it never did
};

/// Scores of recipes between a good and a bad one, paired by repeat (a seed, a fold).
struct AblationScores
{
    std::vector<std::string> axes;    ///< their names; axis a is bit a of a cell
    std::vector<std::string> repeats; ///< "seed 1", "fold 2"; outcomes of one repeat are compared with each other
    std::map<AblationCell, std::vector<AblationOutcome>> outcomes; ///< one a repeat
    std::string scoreTitle = "accuracy", scoreUnit;
    bool smallerIsBetter = false;
    int decimals = 3;
    double chance = 0;            ///< score of a run that diverged
    bool excludeDiverged = false; ///< leave such runs out instead
    double overlap = 0;           ///< of folds that share training rows: see pairedTest

    /// One a repeat; NaN where a run is missing or left out. Runs that diverged have the score of chance.
    std::vector<double> of(AblationCell cell) const;
    std::int64_t diverged() const;
    std::int64_t divergedIn(AblationCell cell) const;
};

/// A difference of scores, positive where the levels of the good recipe are better, whichever way the score runs.
struct AblationEffect
{
    std::string name;
    std::vector<std::size_t> axes; ///< one, or the two of an interaction; none for the gap
    std::vector<double> each;      ///< one a repeat, NaN where a run is missing
    PairedTest test{};             ///< of `each` against 0: `difference` is the mean, `low` and `high` its 95 % interval

    double mean() const { return test.difference; }
    bool isKnown() const { return test.pairs > 0; }
    bool hasInterval() const { return test.low == test.low; }
    bool excludesZero() const { return hasInterval() && (test.low > 0 || test.high < 0); }
};

struct AblationEffects
{
    AblationEffect gap;                       ///< good recipe - bad recipe
    std::vector<AblationEffect> knockouts;    ///< good - good with this axis at the bad level
    std::vector<AblationEffect> rescues;      ///< bad with this axis at the good level - bad
    std::vector<AblationEffect> mains;        ///< mean at the good level - mean at the bad one; empty without a factorial
    std::vector<AblationEffect> interactions; ///< half the difference of a's effect at the two levels of b
    std::vector<std::string> aliases;         ///< of each interaction: those that a fraction cannot separate from it
    /// Shapley values (Shapley 1953): the gain by an axis, averaged over all orders in which the axes are changed. They add up
    /// to the gap, in each repeat and in the mean over those with all runs. Only of a full factorial.
    std::vector<AblationEffect> shares;
    std::vector<std::string> warnings; ///< sentences
};

/// Effects of the cells of `design` that `scores` has. Throws Error where scores and design differ in the number of axes, or
/// where a cell has another number of outcomes than there are repeats.
AblationEffects ablationEffects(const AblationScores &scores, const AblationDesign &design);

/// Shapley values of a function of the cells 0 .. 2^k - 1. Their sum is values.back() - values.front().
std::vector<double> shapleyValues(const std::vector<double> &values);

/// What the effects say about one axis.
struct AblationVerdict
{
    std::string axis;
    bool necessary = false;  ///< the 95 % interval of the knockout lies above 0
    bool harmful = false;    ///< the 95 % interval of the knockout lies below 0: the good recipe is better without
    bool sufficient = false; ///< the rescue closes at least 80 % of the gap
    bool redHerring = false; ///< the intervals of knockout and rescue both contain 0, and it is not sufficient
    double closed = std::numeric_limits<double>::quiet_NaN(); ///< rescue / gap; NaN where there is no gap to close
    std::string word; ///< "necessary", "sufficient", "necessary and sufficient", "red herring", "contributes", …
    std::string text; ///< a sentence with its numbers
};
inline constexpr double sufficientShare = 0.8;

std::vector<AblationVerdict> ablationVerdicts(const AblationScores &scores, const AblationEffects &effects);
/// The gap, and which axes explain it: the summary of the study in a few sentences.
std::string ablationText(const AblationScores &scores, const AblationEffects &effects);

} // namespace reticle
