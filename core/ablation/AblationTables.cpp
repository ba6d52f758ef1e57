#include "ablation/AblationFigures.h"
#include "foundation/Error.h"
#include "foundation/Nan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reticle {

namespace {

/// Columns of numbers that effects are spread over.
struct EffectColumns
{
    std::vector<double> mean, low, high, p;

    explicit EffectColumns(const std::vector<AblationEffect> &effects)
    {
        for (const auto &e : effects) {
            mean.push_back(e.mean());
            low.push_back(e.test.low);
            high.push_back(e.test.high);
            p.push_back(e.test.p);
        }
    }

    void addTo(Table &table, const std::string &name, const AblationScores &scores) const
    {
        table.columns.push_back({name, scores.scoreUnit, mean, scores.decimals});
        table.columns.push_back({name + ", 95 % from", scores.scoreUnit, low, scores.decimals});
        table.columns.push_back({name + ", 95 % to", scores.scoreUnit, high, scores.decimals});
        table.columns.push_back({name + ", p", "", p, 4});
        table.columns.push_back({name + ", p (Holm)", "", holm(p), 4});
    }
};

} // namespace

Table ablationEffectTable(const AblationScores &scores, const AblationEffects &effects)
{
    Table t;
    t.title = "Effects";
    t.columns.push_back({"axis", "", scores.axes});
    EffectColumns(effects.knockouts).addTo(t, "knockout", scores);
    EffectColumns(effects.rescues).addTo(t, "rescue", scores);
    std::vector<double> closed;
    std::vector<std::string> words;
    for (const auto &v : ablationVerdicts(scores, effects)) {
        closed.push_back(100 * v.closed);
        words.push_back(v.word);
    }
    t.columns.push_back({"gap closed by rescue", "%", closed, 0});
    if (!effects.mains.empty())
        EffectColumns(effects.mains).addTo(t, "main effect", scores);
    if (!effects.shares.empty())
        EffectColumns(effects.shares).addTo(t, "Shapley share", scores);
    t.columns.push_back({"verdict", "", words});
    return t;
}

Table ablationInteractionTable(const AblationScores &scores, const AblationEffects &effects)
{
    Table t;
    t.title = "Interactions";
    if (effects.mains.empty())
        return t;
    std::vector<std::string> names;
    for (const auto &e : effects.interactions)
        names.push_back(e.name);
    t.columns.push_back({"interaction", "", names});
    EffectColumns(effects.interactions).addTo(t, "effect", scores);
    if (std::any_of(effects.aliases.begin(), effects.aliases.end(), [](const auto &a) { return !a.empty(); }))
        t.columns.push_back({"not separable from", "", effects.aliases});
    return t;
}

Table ablationCellTable(const AblationScores &scores, const AblationDesign &design)
{
    std::vector<std::string> names;
    std::vector<std::vector<std::string>> levels(design.axes);
    std::vector<std::int64_t> count, diverged;
    std::vector<double> mean, sd;
    for (const auto cell : design.cells) {
        names.push_back(cellText(cell, scores.axes));
        for (std::size_t a = 0; a < design.axes; ++a)
            levels[a].push_back(cell >> a & 1 ? "good" : "bad");
        const auto m = meanAndSpread(present(scores.of(cell)));
        count.push_back(m.count);
        mean.push_back(m.mean);
        sd.push_back(m.sd);
        diverged.push_back(scores.divergedIn(cell));
    }
    Table t;
    t.title = "Recipes";
    t.columns.push_back({"recipe", "", names});
    for (std::size_t a = 0; a < design.axes; ++a)
        t.columns.push_back({scores.axes[a], "", levels[a]});
    t.columns.push_back({"runs", "", count});
    t.columns.push_back({"mean " + scores.scoreTitle, scores.scoreUnit, mean, scores.decimals});
    t.columns.push_back({"sd", scores.scoreUnit, sd, scores.decimals});
    t.columns.push_back({"diverged", "", diverged});
    return t;
}

Table ablationRunTable(const AblationScores &scores, const AblationDesign &design)
{
    std::vector<std::string> names, repeats;
    std::vector<std::vector<std::int64_t>> levels(design.axes);
    std::vector<double> score;
    std::vector<std::int64_t> diverged;
    for (const auto cell : design.cells) {
        const auto at = scores.outcomes.find(cell);
        for (std::size_t r = 0; r < scores.repeats.size(); ++r) {
            const auto outcome = at == scores.outcomes.end() ? AblationOutcome{} : at->second.at(r);
            names.push_back(cellText(cell, scores.axes));
            repeats.push_back(scores.repeats[r]);
            for (std::size_t a = 0; a < design.axes; ++a)
                levels[a].push_back(static_cast<std::int64_t>(cell >> a & 1));
            score.push_back(outcome.divergedAt < 0 ? outcome.score : nan);
            diverged.push_back(outcome.divergedAt);
        }
    }
    Table t;
    t.title = "Runs";
    t.columns.push_back({"recipe", "", names});
    for (std::size_t a = 0; a < design.axes; ++a)
        t.columns.push_back({scores.axes[a], "", levels[a]});
    t.columns.push_back({"repeat", "", repeats});
    t.columns.push_back({scores.scoreTitle, scores.scoreUnit, score});
    t.columns.push_back({"diverged at step", "", diverged});
    return t;
}

Table curveTable(const std::vector<CurveRow> &rows)
{
    std::vector<std::string> recipe, dataset, split;
    std::vector<std::int64_t> seed, fold, step;
    std::vector<double> loss, accuracy;
    for (const auto &r : rows) {
        recipe.push_back(r.recipe);
        dataset.push_back(r.dataset);
        seed.push_back(r.seed);
        fold.push_back(r.fold);
        step.push_back(r.step);
        split.push_back(r.split);
        loss.push_back(r.loss);
        accuracy.push_back(r.accuracy);
    }
    Table t;
    t.title = "Curves";
    t.columns = {{"recipe", "", recipe}, {"dataset", "", dataset}, {"seed", "", seed}, {"fold", "", fold},
                 {"step", "", step},     {"split", "", split},     {"loss", "", loss}, {"acc", "", accuracy}};
    return t;
}

} // namespace reticle
