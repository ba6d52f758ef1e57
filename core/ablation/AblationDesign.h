#pragma once

#include "ablation/RecipeDifferences.h"

namespace reticle {

/// Which recipes between a good and a bad one are trained. Always the two themselves, each axis knocked out of the good
/// recipe, and each rescued in the bad one; a factorial where the budget allows it.
struct AblationDesign
{
    enum class Factorial {
        None,
        Full,     ///< all 2^k cells
        Fraction, ///< of resolution IV or more: no main effect is aliased with another one or with an interaction of two
    };

    std::size_t axes = 0;
    Factorial factorial = Factorial::None;
    std::vector<AblationCell> cells;          ///< all that are trained, each once: good, bad, knockouts, rescues, others
    std::vector<AblationCell> factorialCells; ///< those that main effects and interactions are computed from
    int resolution = 0;                       ///< of a fraction
    /// Of a fraction, sets of axes whose product of levels is the same in each of its cells.
    std::vector<AblationCell> definingWords;
    std::string note; ///< what is trained and, where there is no full factorial, why; sentences

    AblationCell good() const { return goodCell(axes); }
    AblationCell knockout(std::size_t axis) const { return good() & ~(AblationCell(1) << axis); }
    static AblationCell rescue(std::size_t axis) { return AblationCell(1) << axis; }
    /// Trainings with so many seeds (or seeds times folds).
    std::int64_t runs(std::int64_t seeds) const { return static_cast<std::int64_t>(cells.size()) * seeds; }
    /// Pairs of axes whose interaction a fraction cannot separate from that of `a` and `b`.
    std::vector<std::pair<std::size_t, std::size_t>> aliasesOf(std::size_t a, std::size_t b) const;
};

inline constexpr std::size_t mostFactorialAxes = 8;
inline constexpr std::int64_t usualAblationBudget = 256;

/// The largest design of at most `budget` runs: a full factorial, else the largest fraction of resolution IV or more (Box,
/// Hunter and Hunter, "Statistics for experimenters", table 6.22), else knockouts and rescues alone, whose runs are not
/// limited. More than mostFactorialAxes axes have no factorial. Throws Error without axes or seeds.
AblationDesign ablationDesign(std::size_t axes, std::int64_t seeds, std::int64_t budget = usualAblationBudget);

} // namespace reticle
