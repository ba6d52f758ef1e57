#include "ablation/AblationFigures.h"

#include "figure/ColorMap.h"
#include "foundation/Error.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

constexpr const char *knockoutColor = "#d55e00", *rescueColor = "#0072b2", *shareColor = "#009e73", *dotColor = "#7f7f7f";
constexpr double panelMm = 70, effectHeadMm = 14, effectRowMm = 5, matrixRowMm = 7, matrixMarginMm = 30;

/// The palette without its black and its yellow, which is too faint for thin lines.
std::string studyColor(std::size_t i)
{
    static constexpr int order[] = {5, 6, 3, 1, 7, 2};
    return fmt::format("#{:06x}", paletteColor(order[i % std::size(order)]) & 0xffffff);
}

/// A bar for each effect, a gray dot for each repeat, and whiskers over them.
void addBars(XYPanel &panel, const std::string &name, const std::string &color, const std::vector<AblationEffect> &effects)
{
    Series bar, dots, whiskers;
    bar.kind = SeriesKind::Bar;
    bar.name = name;
    bar.color = color;
    dots.kind = whiskers.kind = SeriesKind::ErrorBar; // error bars have the place of the bar before them
    dots.color = dotColor;
    whiskers.color = "#000000";
    for (std::size_t a = 0; a < effects.size(); ++a) {
        const auto x = static_cast<double>(a);
        bar.x.push_back(x);
        bar.y.push_back(effects[a].mean());
        for (const double v : effects[a].each)
            if (!std::isnan(v)) {
                dots.x.push_back(x);
                dots.y.push_back(v);
            }
        if (effects[a].hasInterval()) {
            whiskers.x.push_back(x);
            whiskers.lower.push_back(effects[a].test.low);
            whiskers.upper.push_back(effects[a].test.high);
        }
    }
    dots.lower = dots.upper = dots.y;
    panel.series.push_back(std::move(bar));
    if (!dots.x.empty())
        panel.series.push_back(std::move(dots));
    if (!whiskers.x.empty())
        panel.series.push_back(std::move(whiskers));
}

XYPanel effectPanel(const AblationScores &scores)
{
    XYPanel panel;
    panel.x.categories = scores.axes;
    panel.y.label = "gain in " + scores.scoreTitle;
    if (scores.smallerIsBetter)
        panel.y.label = "reduction of " + scores.scoreTitle;
    panel.y.unit = scores.scoreUnit;
    panel.references.push_back({'y', 0, ""});
    return panel;
}

/// Half the width of the band about the mean of values; NaN where they have none.
double halfWidth(const MeanAndSpread &m, CurveBand band)
{
    if (m.count < 2)
        return nan;
    return band == CurveBand::StandardDeviation
               ? m.sd
               : studentQuantile(0.05, static_cast<double>(m.count - 1)) * m.sd / std::sqrt(static_cast<double>(m.count));
}

std::string bandText(CurveBand band)
{
    switch (band) {
    case CurveBand::StandardDeviation: return "± 1 sample standard deviation";
    case CurveBand::Range: return "from the lowest to the highest";
    case CurveBand::Interval: break;
    }
    return "95 % confidence interval of the mean";
}

} // namespace

Figure ablationEffectFigure(const AblationScores &scores, const AblationEffects &effects)
{
    Figure f;
    f.name = "ablation-effects";
    f.title = "Effects of the differences between two recipes";
    f.heightMm = panelMm;
    auto bars = effectPanel(scores);
    addBars(bars, "knockout", knockoutColor, effects.knockouts);
    addBars(bars, "rescue", rescueColor, effects.rescues);
    if (effects.gap.isKnown())
        bars.references.push_back({'y', effects.gap.mean(), "gap"});
    Panel a;
    a.letter = "a";
    a.content = std::move(bars);
    f.panels.push_back(std::move(a));
    const auto n = scores.repeats.size();
    f.caption = fmt::format(
        "(a) Knockout: {} of the good recipe minus that of the good recipe with the bad level. Rescue: {} of the "
        "bad recipe with the good level minus that of the bad recipe.{} The dashed line at the gap is the difference "
        "of the two recipes.",
        scores.scoreTitle, scores.scoreTitle, scores.smallerIsBetter ? " Signs are reversed, so that positive is better." : "");
    if (!effects.shares.empty()) {
        auto shares = effectPanel(scores);
        shares.legend = LegendPlace::None;
        addBars(shares, "Shapley share", shareColor, effects.shares);
        Panel b;
        b.letter = "b";
        b.column = 1;
        b.title = "Shapley shares";
        b.content = std::move(shares);
        f.panels.push_back(std::move(b));
        f.caption += " (b) Shapley shares: the gain by each difference, averaged over all orders of changing them. They add up "
                     "to the gap.";
    }
    f.caption += n == 1 ? " n=1, no interval."
                        : fmt::format(" Gray dots: {} repeats, paired; whiskers: 95 % t intervals of the paired difference.", n);
    for (const auto &warning : effects.warnings)
        if (n > 1)
            f.caption += " " + warning;
    return f;
}

Figure scoreMatrixFigure(const ScoreMatrix &matrix)
{
    const auto rows = matrix.recipes.size(), columns = matrix.datasets.size();
    if (rows == 0 || columns == 0)
        throw Error({"score matrix", "at least one recipe and one data set", "none", "run the study first"});
    if (matrix.values.size() != rows)
        throw Error(
            {"score matrix", fmt::format("{} rows, one for each recipe", rows), std::to_string(matrix.values.size()), {}});
    Array means(DType::Float64, {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)});
    Table table;
    table.columns.push_back({"recipe", "", matrix.recipes});
    for (const auto &name : matrix.datasets)
        table.columns.push_back({name, matrix.scoreUnit, std::vector<std::string>()});
    std::size_t minimum = SIZE_MAX, maximum = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        if (matrix.values[r].size() != columns)
            throw Error({"score matrix: " + matrix.recipes[r],
                         fmt::format("{} columns, one for each data set", columns),
                         std::to_string(matrix.values[r].size()),
                         {}});
        for (std::size_t c = 0; c < columns; ++c) {
            const auto m = meanAndSpread(present(matrix.values[r][c]));
            means.data<double>()[r * columns + c] = m.mean;
            minimum = std::min(minimum, static_cast<std::size_t>(m.count));
            maximum = std::max(maximum, static_cast<std::size_t>(m.count));
            std::get<std::vector<std::string>>(table.columns[c + 1].values)
                .push_back(m.count == 0   ? "n/a"
                           : m.count == 1 ? fmt::format("{:.{}f} (n=1)", m.mean, matrix.decimals)
                                          : fmt::format("{:.{}f} ± {:.{}f}", m.mean, matrix.decimals, m.sd, matrix.decimals));
        }
    }
    HeatMapPanel map;
    map.x.categories = matrix.datasets;
    map.y.categories = matrix.recipes;
    map.values = std::move(means);
    map.color.label = "mean " + matrix.scoreTitle;
    map.color.unit = matrix.scoreUnit;
    Figure f;
    f.name = "score-matrix";
    f.title = "Scores of recipes and data sets";
    f.heightMm =
        matrixMarginMm + matrixRowMm * static_cast<double>(rows) + effectHeadMm + effectRowMm * static_cast<double>(rows);
    Panel a, b;
    a.letter = "a";
    a.content = std::move(map);
    b.letter = "b";
    b.row = 1;
    b.content = TablePanel{std::move(table)};
    f.panels = {std::move(a), std::move(b)};
    f.caption =
        fmt::format("(a) Mean {} of each recipe on each data set. (b) Mean ± sample standard deviation of {} runs.",
                    matrix.scoreTitle, minimum == maximum ? std::to_string(maximum) : fmt::format("{} to {}", minimum, maximum));
    return f;
}

Figure meanCurveFigure(const std::vector<CurveGroup> &groups, CurveBand band, const std::string &valueTitle,
                       const std::string &repeatWord, std::vector<ReferenceLine> references)
{
    XYPanel panel;
    panel.x.label = "step";
    panel.y.label = valueTitle;
    panel.references = std::move(references);
    bool banded = false;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const auto &group = groups[g];
        Series mean, area;
        area.kind = SeriesKind::Band;
        mean.color = area.color = studyColor(g);
        mean.width = 1.2;
        mean.name = group.name;
        if (group.runs.size() == 1)
            mean.name += " (n=1, no interval)";
        else
            mean.name += fmt::format(" (n={})", group.runs.size());
        if (group.diverged > 0)
            mean.name += fmt::format(", {} diverged", group.diverged);
        for (const auto &run : group.runs)
            if (run.size() != group.steps.size())
                throw Error({"curves of " + group.name, fmt::format("{} values, one for each step", group.steps.size()),
                             std::to_string(run.size()), "record the runs at the same steps"});
        for (std::size_t s = 0; s < group.steps.size(); ++s) {
            std::vector<double> values;
            for (const auto &run : group.runs)
                if (std::isfinite(run[s]))
                    values.push_back(run[s]);
            const auto m = meanAndSpread(values);
            mean.x.push_back(group.steps[s]);
            mean.y.push_back(m.mean);
            area.x.push_back(group.steps[s]);
            if (band == CurveBand::Range) {
                const bool any = values.size() > 1;
                area.lower.push_back(any ? *std::min_element(values.begin(), values.end()) : nan);
                area.upper.push_back(any ? *std::max_element(values.begin(), values.end()) : nan);
            } else {
                const double half = halfWidth(m, band);
                area.lower.push_back(m.mean - half);
                area.upper.push_back(m.mean + half);
            }
        }
        if (group.runs.size() > 1) {
            panel.series.push_back(std::move(area));
            banded = true;
        }
        panel.series.push_back(std::move(mean));
    }
    Figure f;
    f.name = "ablation-curves";
    f.title = valueTitle + " over steps";
    Panel a;
    a.content = std::move(panel);
    f.panels.push_back(std::move(a));
    f.caption = fmt::format("Mean {} over {}s{}.", valueTitle, repeatWord, banded ? "; band: " + bandText(band) : "");
    return f;
}

} // namespace reticle
