#include "ablation/TrainingDiagnostics.h"

#include "foundation/Error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace reticle {

namespace {

constexpr std::size_t mostBins = 500;
constexpr double rowSumTolerance = 1e-4; // of float32 probabilities

} // namespace

double doubleSoftmaxLossFloor(std::int64_t classes)
{
    assert(classes >= 1);
    return std::log1p(static_cast<double>(classes - 1) / std::numbers::e);
}

std::vector<std::string> logitWarnings(const std::vector<double> &logits, std::int64_t classes)
{
    if (classes < 1 || logits.size() % static_cast<std::size_t>(classes) != 0)
        throw Error({"logits", fmt::format("rows of {} values", classes), fmt::format("{} values", logits.size()), {}});
    std::vector<std::string> warnings;
    if (logits.empty() || classes < 2)
        return warnings;
    const bool inside = std::all_of(logits.begin(), logits.end(), [](double v) { return v >= 0 && v <= 1; });
    bool sums = true;
    for (std::size_t row = 0; sums && row < logits.size(); row += static_cast<std::size_t>(classes)) {
        double sum = 0;
        for (std::size_t c = 0; c < static_cast<std::size_t>(classes); ++c)
            sum += logits[row + c];
        sums = std::abs(sum - 1) < rowSumTolerance;
    }
    if (sums && inside)
        warnings.push_back(
            fmt::format("The outputs add up to 1 before the loss, so softmax is applied twice. The loss cannot fall below "
                        "{:.4f}. Pass logits to the loss.",
                        doubleSoftmaxLossFloor(classes)));
    else if (inside)
        warnings.push_back(
            "All values passed to the loss as logits are between 0 and 1. They may be probabilities. Pass logits to the loss.");
    return warnings;
}

std::int64_t RowUsage::unused() const
{
    return std::count(counts.begin(), counts.end(), 0);
}

std::string RowUsage::warning() const
{
    const auto n = unused();
    if (n == 0)
        return {};
    return fmt::format("{} of {} training rows ({:.1f} % of training rows) were never used. Check how batches are drawn.", n,
                       counts.size(), 100 * static_cast<double>(n) / static_cast<double>(counts.size()));
}

Figure RowUsage::figure() const
{
    Histogram h;
    h.name = "uses";
    const auto width = std::max<std::size_t>(1, (counts.size() + mostBins - 1) / mostBins);
    for (std::size_t from = 0; from < counts.size(); from += width) {
        const auto to = std::min(from + width, counts.size());
        double sum = 0;
        for (std::size_t i = from; i < to; ++i)
            sum += static_cast<double>(counts[i]);
        h.edges.push_back(static_cast<double>(from) - 0.5);
        h.counts.push_back(sum / static_cast<double>(to - from));
    }
    if (!counts.empty())
        h.edges.push_back(static_cast<double>(counts.size()) - 0.5);
    HistogramPanel panel;
    panel.x.label = "training row";
    panel.y.label = width > 1 ? "mean uses of a row" : "uses";
    panel.y.min = 0;
    panel.histograms.push_back(std::move(h));
    Figure f;
    f.name = "row-usage";
    f.title = "Use of training rows";
    f.caption = fmt::format("How often each of {} training rows was used.{}{}", counts.size(),
                            width > 1 ? fmt::format(" Each bar is the mean of {} neighboring rows.", width) : "",
                            unused() > 0 ? " " + warning() : "");
    Panel a;
    a.content = std::move(panel);
    f.panels.push_back(std::move(a));
    return f;
}

UnitTiles unitTiles(std::int64_t width)
{
    assert(width >= 1);
    for (auto rows = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(width))));; --rows)
        if (const std::int64_t columns = (width + rows - 1) / rows; columns >= rows)
            return {rows, columns};
}

Table seedAuditTable(const std::vector<std::string> &runs, const std::vector<StreamSeeds> &seeds)
{
    if (runs.size() != seeds.size())
        throw Error({"seeds", fmt::format("seeds of {} runs", runs.size()), std::to_string(seeds.size()), {}});
    std::vector<std::string> names;
    for (const auto &run : seeds)
        for (const auto &[name, seed] : run)
            if (std::find(names.begin(), names.end(), name) == names.end())
                names.push_back(name);
    Table t;
    t.title = "Seeds";
    t.columns.push_back({"stream", "", names});
    std::vector<std::string> same(names.size(), "yes"), first;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        std::vector<std::string> column;
        for (const auto &name : names) {
            const auto at = std::find_if(seeds[r].begin(), seeds[r].end(), [&](const auto &s) { return s.first == name; });
            column.push_back(at == seeds[r].end() ? "n/a" : std::to_string(at->second));
        }
        if (r == 0)
            first = column;
        for (std::size_t i = 0; i < names.size(); ++i)
            if (column[i] != first[i])
                same[i] = "no";
        t.columns.push_back({runs[r], "", std::move(column)});
    }
    t.columns.push_back({"equal in all runs", "", same});
    return t;
}

} // namespace reticle
