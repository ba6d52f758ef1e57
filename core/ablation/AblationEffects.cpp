#include "ablation/AblationEffects.h"

#include "foundation/Error.h"
#include "foundation/Nan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace reticle {

namespace {

constexpr std::size_t fewestRepeats = 3; // with an interval that says something

class Calculation
{
public:
    Calculation(const AblationScores &scores, const AblationDesign &design) : m_scores(scores), m_design(design)
    {
        const double sign = scores.smallerIsBetter ? -1 : 1;
        for (const auto &[cell, outcomes] : scores.outcomes) {
            auto values = scores.of(cell);
            for (double &v : values)
                v *= sign;
            m_values.emplace(cell, std::move(values));
        }
    }

    AblationEffect effect(std::string name, std::vector<std::size_t> axes, std::vector<double> each) const
    {
        AblationEffect e{std::move(name), std::move(axes), std::move(each), {}};
        e.test = pairedTest(e.each, std::vector<double>(e.each.size(), 0), m_scores.overlap);
        return e;
    }

    std::vector<double> difference(AblationCell better, AblationCell worse) const
    {
        std::vector<double> each;
        for (std::size_t r = 0; r < m_scores.repeats.size(); ++r)
            each.push_back(value(better, r) - value(worse, r));
        return each;
    }

    /// In each repeat the mean over the cells of the factorial with an even number of bad levels among `axes`, minus the mean
    /// over the others. Of one axis that is its main effect; of two, half the difference of the one's effect at the
    /// levels of the other.
    std::vector<double> contrast(AblationCell axes) const
    {
        std::vector<double> each;
        for (std::size_t r = 0; r < m_scores.repeats.size(); ++r) {
            double sum[2] = {0, 0};
            std::int64_t count[2] = {0, 0};
            for (const auto cell : m_design.factorialCells) {
                const int odd = std::popcount(axes & ~cell) % 2;
                sum[odd] += value(cell, r);
                ++count[odd];
            }
            each.push_back(sum[0] / static_cast<double>(count[0]) - sum[1] / static_cast<double>(count[1]));
        }
        return each;
    }

    /// each[axis][repeat]
    std::vector<std::vector<double>> shares() const
    {
        std::vector<std::vector<double>> each(m_design.axes);
        for (std::size_t r = 0; r < m_scores.repeats.size(); ++r) {
            std::vector<double> values;
            for (const auto cell : m_design.factorialCells) // in the order of their numbers
                values.push_back(value(cell, r));
            const auto phi = shapleyValues(values);
            for (std::size_t a = 0; a < phi.size(); ++a)
                each[a].push_back(phi[a]);
        }
        return each;
    }

private:
    double value(AblationCell cell, std::size_t repeat) const
    {
        const auto at = m_values.find(cell);
        return at == m_values.end() ? nan : at->second[repeat];
    }

    const AblationScores &m_scores;
    const AblationDesign &m_design;
    std::map<AblationCell, std::vector<double>> m_values; ///< larger is better
};

void requireFitting(const AblationScores &scores, const AblationDesign &design)
{
    if (scores.axes.size() != design.axes)
        throw Error({"ablation", fmt::format("scores of {} axes, as the design has", design.axes),
                     std::to_string(scores.axes.size()), "compute the effects with the design that the runs were made for"});
    for (const auto &[cell, outcomes] : scores.outcomes) {
        const auto where = cellText(cell & goodCell(design.axes), scores.axes);
        if (cell & ~goodCell(design.axes))
            throw Error({"ablation: " + where, fmt::format("a cell of {} axes", design.axes), std::to_string(cell),
                         "run the study again"});
        if (outcomes.size() != scores.repeats.size())
            throw Error({"ablation: " + where, fmt::format("{} scores, one for each repeat", scores.repeats.size()),
                         std::to_string(outcomes.size()), "run the study again"});
    }
}

void addWarnings(AblationEffects &effects, const AblationScores &scores, const AblationDesign &design)
{
    std::int64_t missing = 0;
    for (const auto cell : design.cells) {
        const auto at = scores.outcomes.find(cell);
        missing += at == scores.outcomes.end()
                       ? static_cast<std::int64_t>(scores.repeats.size())
                       : std::count_if(at->second.begin(), at->second.end(),
                                       [](const AblationOutcome &o) { return std::isnan(o.score) && o.divergedAt < 0; });
    }
    if (missing > 0)
        effects.warnings.push_back(fmt::format("{} of {} runs {} missing. Effects use the repeats that have every run they need.",
                                               missing, design.runs(static_cast<std::int64_t>(scores.repeats.size())),
                                               missing == 1 ? "is" : "are"));
    if (const auto n = scores.diverged(); n > 0)
        effects.warnings.push_back(
            scores.excludeDiverged
                ? fmt::format("{} run{} diverged and {} left out.", n, n == 1 ? "" : "s", n == 1 ? "was" : "were")
                : fmt::format("{} run{} diverged. {} as {} {:.{}f}, the score of chance.", n, n == 1 ? "" : "s",
                              n == 1 ? "It counts" : "They count", scores.scoreTitle, scores.chance, scores.decimals));
    if (scores.repeats.size() == 1)
        effects.warnings.push_back("n=1, no interval. Run at least 3 seeds to see how much of each effect is chance.");
    else if (scores.repeats.size() < fewestRepeats)
        effects.warnings.push_back(fmt::format("The 95 % intervals of {} repeats are very wide. Run at least {}.",
                                               scores.repeats.size(), fewestRepeats));
}

} // namespace

std::vector<double> AblationScores::of(AblationCell cell) const
{
    const auto at = outcomes.find(cell);
    if (at == outcomes.end())
        return std::vector<double>(repeats.size(), nan);
    std::vector<double> values;
    for (const auto &o : at->second)
        values.push_back(o.divergedAt < 0 ? o.score : excludeDiverged ? nan : chance);
    return values;
}

std::int64_t AblationScores::divergedIn(AblationCell cell) const
{
    const auto at = outcomes.find(cell);
    return at == outcomes.end()
               ? 0
               : std::count_if(at->second.begin(), at->second.end(), [](const auto &o) { return o.divergedAt >= 0; });
}

std::int64_t AblationScores::diverged() const
{
    std::int64_t n = 0;
    for (const auto &[cell, all] : outcomes)
        n += divergedIn(cell);
    return n;
}

std::vector<double> shapleyValues(const std::vector<double> &values)
{
    const auto k = static_cast<std::size_t>(std::bit_width(values.size())) - 1;
    assert(values.size() == std::size_t(1) << k);
    // weight[s] = s! (k - s - 1)! / k!, the part of all orders in which exactly a given set of s axes comes first and the axis
    // comes next.
    std::vector<double> weight(k, k > 0 ? 1 / static_cast<double>(k) : 0);
    for (std::size_t s = 1; s < k; ++s)
        weight[s] = weight[s - 1] * static_cast<double>(s) / static_cast<double>(k - s);
    std::vector<double> phi(k, 0);
    for (std::size_t a = 0; a < k; ++a) {
        const std::size_t bit = std::size_t(1) << a;
        for (std::size_t cell = 0; cell < values.size(); ++cell)
            if (!(cell & bit))
                phi[a] += weight[static_cast<std::size_t>(std::popcount(cell))] * (values[cell | bit] - values[cell]);
    }
    return phi;
}

AblationEffects ablationEffects(const AblationScores &scores, const AblationDesign &design)
{
    requireFitting(scores, design);
    const Calculation c(scores, design);
    AblationEffects effects;
    effects.gap = c.effect("gap", {}, c.difference(design.good(), 0));
    for (std::size_t a = 0; a < design.axes; ++a) {
        effects.knockouts.push_back(c.effect(scores.axes[a], {a}, c.difference(design.good(), design.knockout(a))));
        effects.rescues.push_back(c.effect(scores.axes[a], {a}, c.difference(design.rescue(a), 0)));
    }
    addWarnings(effects, scores, design);
    if (design.factorial == AblationDesign::Factorial::None)
        return effects;
    for (std::size_t a = 0; a < design.axes; ++a)
        effects.mains.push_back(c.effect(scores.axes[a], {a}, c.contrast(AblationCell(1) << a)));
    const auto pair = [&](std::size_t a, std::size_t b) { return fmt::format("{} × {}", scores.axes[a], scores.axes[b]); };
    for (std::size_t a = 0; a < design.axes; ++a)
        for (std::size_t b = a + 1; b < design.axes; ++b) {
            effects.interactions.push_back(c.effect(pair(a, b), {a, b}, c.contrast(AblationCell(1) << a | AblationCell(1) << b)));
            std::vector<std::string> others;
            for (const auto &[p, q] : design.aliasesOf(a, b))
                others.push_back(pair(p, q));
            effects.aliases.push_back(fmt::format("{}", fmt::join(others, ", ")));
        }
    if (design.factorial == AblationDesign::Factorial::Full) {
        auto each = c.shares();
        for (std::size_t a = 0; a < design.axes; ++a)
            effects.shares.push_back(c.effect(scores.axes[a], {a}, std::move(each[a])));
    }
    return effects;
}

} // namespace reticle
