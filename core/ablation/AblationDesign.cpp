#include "ablation/AblationDesign.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace reticle {

namespace {

struct Generators
{
    std::size_t axes;
    std::vector<const char *> words; ///< letters are axes
};

/// Largest first for each number of axes. A fraction holds the cells in which each word has an even number of bad levels,
/// so that the good recipe is always in it. Of four axes or fewer, knockouts and rescues leave nothing out that is worth a
/// fraction.
const std::vector<Generators> &fractions()
{
    static const std::vector<Generators> all{
        {5, {"ABCDE"}},
        {6, {"ABCDEF"}},
        {6, {"ABCE", "BCDF"}},
        {7, {"ABCDEFG"}},
        {7, {"ABCDF", "ABDEG"}},
        {7, {"ABCE", "BCDF", "ACDG"}},
        {8, {"ABCDEFGH"}},
        {8, {"ABCDG", "ABEFH"}},
        {8, {"ABCF", "ABDG", "BCDEH"}},
        {8, {"BCDE", "ACDF", "ABCG", "ABDH"}},
    };
    return all;
}

AblationCell setOf(const char *word)
{
    AblationCell set = 0;
    for (; *word; ++word)
        set |= AblationCell(1) << (*word - 'A');
    return set;
}

/// All products of the generating words.
std::vector<AblationCell> groupOf(const Generators &generators)
{
    std::vector<AblationCell> words{0};
    for (const char *word : generators.words)
        for (std::size_t i = 0, n = words.size(); i < n; ++i)
            words.push_back(words[i] ^ setOf(word));
    words.erase(words.begin());
    std::sort(words.begin(), words.end());
    return words;
}

void add(std::vector<AblationCell> &cells, AblationCell cell)
{
    if (std::find(cells.begin(), cells.end(), cell) == cells.end())
        cells.push_back(cell);
}

std::vector<AblationCell> withRows(const AblationDesign &d, const std::vector<AblationCell> &others)
{
    std::vector<AblationCell> cells;
    add(cells, d.good());
    add(cells, 0);
    for (std::size_t a = 0; a < d.axes; ++a)
        add(cells, d.knockout(a));
    for (std::size_t a = 0; a < d.axes; ++a)
        add(cells, d.rescue(a));
    for (const auto cell : others)
        add(cells, cell);
    return cells;
}

std::string roman(int resolution)
{
    static const char *numerals[] = {"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII"};
    return numerals[resolution];
}

} // namespace

std::vector<std::pair<std::size_t, std::size_t>> AblationDesign::aliasesOf(std::size_t a, std::size_t b) const
{
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    const AblationCell own = AblationCell(1) << a | AblationCell(1) << b;
    for (const auto word : definingWords)
        if (const AblationCell other = word ^ own; std::popcount(other) == 2)
            pairs.emplace_back(std::countr_zero(other), 63 - std::countl_zero(other));
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

AblationDesign ablationDesign(std::size_t axes, std::int64_t seeds, std::int64_t budget)
{
    if (axes == 0)
        throw Error(Error::Kind::Input, "",
                    "The two recipes do not differ. Choose two recipes that have at least one different setting.");
    if (axes > mostRecipeAxes)
        throw Error(
            {"axes", fmt::format("at most {}", mostRecipeAxes), std::to_string(axes), "choose recipes that have more in common"});
    if (seeds < 1)
        throw Error({"seeds", "at least 1", std::to_string(seeds), "choose one seed or more"});
    AblationDesign d;
    d.axes = axes;
    d.cells = withRows(d, {});
    const auto runsText = [&] {
        return fmt::format("{} recipes with {} seed{} each: {} runs.", d.cells.size(), seeds, seeds == 1 ? "" : "s",
                           d.runs(seeds));
    };
    if (axes > mostFactorialAxes) {
        d.note =
            fmt::format("Knockouts and rescues only, {} There is no factorial design because {} settings differ and it allows at "
                        "most {}.",
                        runsText(), axes, mostFactorialAxes);
        return d;
    }
    const std::int64_t all = std::int64_t(1) << axes;
    if (all * seeds <= budget) {
        d.factorial = AblationDesign::Factorial::Full;
        for (AblationCell cell = 0; cell < static_cast<AblationCell>(all); ++cell)
            d.factorialCells.push_back(cell);
        d.cells = withRows(d, d.factorialCells);
        d.note = fmt::format("Full factorial design, {}", runsText());
        return d;
    }
    const auto tooMany = fmt::format("A full factorial design needs {} runs, more than the budget of {}.", all * seeds, budget);
    for (const auto &generators : fractions()) {
        if (generators.axes != axes)
            continue;
        const auto words = groupOf(generators);
        std::vector<AblationCell> fraction;
        for (AblationCell cell = 0; cell < static_cast<AblationCell>(all); ++cell)
            if (std::all_of(words.begin(), words.end(), [&](AblationCell w) { return std::popcount(w & ~cell) % 2 == 0; }))
                fraction.push_back(cell);
        auto cells = withRows(d, fraction);
        if (static_cast<std::int64_t>(cells.size()) * seeds > budget)
            continue;
        d.factorial = AblationDesign::Factorial::Fraction;
        d.cells = std::move(cells);
        d.factorialCells = std::move(fraction);
        d.definingWords = words;
        d.resolution = static_cast<int>(axes);
        for (const auto w : words)
            d.resolution = std::min(d.resolution, std::popcount(w));
        d.note = fmt::format("Fractional factorial design of resolution {}, knockouts and rescues, {} {} Raise the budget or use "
                             "fewer seeds for all combinations.",
                             roman(d.resolution), runsText(), tooMany);
        return d;
    }
    d.note = fmt::format("Knockouts and rescues only, {} {} Raise the budget or use fewer seeds for a factorial design.",
                         runsText(), tooMany);
    return d;
}

} // namespace reticle
