#include "ablation/AblationStudy.h"
#include "compare/Comparison_p.h"
#include "foundation/Nan.h"
#include "protocol/RunScores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

// From the runs of a study to its effects, tables and figures.

namespace reticle {

namespace {

constexpr std::size_t mostMatrixRows = 24; // rows of a heat map that can still be read
constexpr std::size_t mostCurves = 6;      // colors that can be told apart

bool isDone(const RunInfo &run)
{
    return run.status == RunStatus::Done;
}

std::int64_t classesOf(const RunInfo &run)
{
    const Json classes = run.summary.is_object() ? run.summary.value("classes", Json()) : Json();
    return classes.is_number_integer() ? classes.get<std::int64_t>()
           : classes.is_array()        ? static_cast<std::int64_t>(classes.size())
                                       : 0;
}

double chanceOf(const ScoreInfo &info, const std::vector<RunInfo> &runs, const std::vector<double> &known)
{
    if (info.isFraction && !info.lowerIsBetter) {
        if (info.name.find("accuracy") != std::string::npos)
            for (const auto &run : runs)
                if (const auto classes = classesOf(run); classes > 0)
                    return 1 / static_cast<double>(classes);
        return 0;
    }
    if (known.empty())
        return nan;
    return info.lowerIsBetter ? *std::max_element(known.begin(), known.end()) : *std::min_element(known.begin(), known.end());
}

/// What a run's data are called: the file or folder, else the kind.
std::string datasetOf(const Json &recipe)
{
    const Json data = recipe.is_object() ? recipe.value("data", Json::object()) : Json::object();
    for (const char *key : {"table", "images", "file", "name"})
        if (const Json value = data.is_object() ? data.value(key, Json()) : Json();
            value.is_string() && !value.get_ref<const std::string &>().empty())
            return std::filesystem::path(value.get<std::string>()).filename().string();
    return "data";
}

std::string titleOf(AblationCell cell, const AblationScores &scores)
{
    return cellText(cell, scores.axes);
}

/// Rows that say most, where all of them are too many: the two recipes, knockouts and rescues.
std::vector<AblationCell> shownCells(const AblationDesign &design)
{
    auto cells = design.cells;
    if (cells.size() > mostMatrixRows)
        cells.resize(std::min(mostMatrixRows, 2 + 2 * design.axes));
    return cells;
}

ScoreMatrix matrixOf(const AblationStudy &study, const AblationScores &scores, const std::vector<RunInfo> &runs)
{
    ScoreMatrix matrix;
    matrix.scoreTitle = scores.scoreTitle;
    matrix.scoreUnit = scores.scoreUnit;
    matrix.decimals = scores.decimals;
    std::map<AblationCell, std::string> dataset;
    for (const auto &run : runs)
        if (const auto cell = study.cellOf(run))
            dataset[*cell] = datasetOf(run.recipe);
    const auto cells = shownCells(study.design());
    for (const auto cell : cells)
        if (const auto it = dataset.find(cell);
            it != dataset.end() && std::ranges::find(matrix.datasets, it->second) == matrix.datasets.end())
            matrix.datasets.push_back(it->second);
    if (matrix.datasets.empty())
        matrix.datasets.push_back(datasetOf(study.recipe().json()));
    for (const auto cell : cells) {
        matrix.recipes.push_back(titleOf(cell, scores));
        auto &row = matrix.values.emplace_back();
        for (const auto &name : matrix.datasets)
            row.push_back(dataset.count(cell) && dataset[cell] == name ? scores.of(cell)
                                                                       : std::vector<double>(scores.repeats.size(), nan));
    }
    return matrix;
}

/// Good and bad recipe, and of knockouts and rescues those with the largest effects, in turn.
std::vector<AblationCell> curveCells(const AblationStudy &study, const AblationEffects &effects)
{
    const auto &design = study.design();
    std::vector<AblationCell> cells{design.good(), 0};
    const auto order = [](const std::vector<AblationEffect> &all) {
        std::vector<std::size_t> axes;
        for (std::size_t a = 0; a < all.size(); ++a)
            if (all[a].isKnown())
                axes.push_back(a);
        std::stable_sort(axes.begin(), axes.end(),
                         [&](std::size_t a, std::size_t b) { return std::abs(all[a].mean()) > std::abs(all[b].mean()); });
        return axes;
    };
    const auto knockouts = order(effects.knockouts), rescues = order(effects.rescues);
    const auto add = [&](AblationCell cell) {
        if (cells.size() < mostCurves && std::ranges::find(cells, cell) == cells.end())
            cells.push_back(cell);
    };
    for (std::size_t i = 0; i < std::max(knockouts.size(), rescues.size()); ++i) {
        if (i < knockouts.size())
            add(design.knockout(knockouts[i]));
        if (i < rescues.size())
            add(AblationDesign::rescue(rescues[i]));
    }
    return cells;
}

CurveGroup groupOf(const std::string &name, const std::vector<const std::vector<MetricPoint> *> &runs, std::int64_t diverged)
{
    CurveGroup group{name, {}, {}, diverged};
    std::set<std::int64_t> steps;
    for (const auto *points : runs)
        for (const auto &p : *points)
            steps.insert(p.step);
    group.steps.assign(steps.begin(), steps.end());
    for (const auto *points : runs) {
        std::map<std::int64_t, double> at;
        for (const auto &p : *points)
            at[p.step] = p.value;
        auto &values = group.runs.emplace_back();
        for (const auto step : steps)
            values.push_back(at.count(step) ? at[step] : nan);
    }
    return group;
}

} // namespace

std::int64_t divergedAt(const RunInfo &run)
{
    const Json &s = run.summary;
    if (s.is_object() && s.contains("diverged-at") && s["diverged-at"].is_number_integer())
        return s["diverged-at"].get<std::int64_t>();
    if (run.status == RunStatus::Failed && run.message.find("finite number") != std::string::npos)
        return run.step;
    // A training that went on to its end with a loss that is no number.
    const Json last = s.is_object() ? s.value("last", Json()) : Json();
    if (isDone(run) && last.is_object() && last.contains("loss") && last["loss"].is_null())
        return run.step;
    return -1;
}

AblationScores AblationStudy::scores(const std::vector<RunInfo> &runs, const std::string &score, bool excludeDiverged) const
{
    const auto &plan = *m_plan;
    const RunInfo *first = nullptr;
    for (const auto &run : runs)
        if (isDone(run) && divergedAt(run) < 0 && cellOf(run) && !bestOf(run).empty() && !first)
            first = &run;
    if (!first)
        throw Error({"runs", "at least one run of the study that is done, with scores", runs.empty() ? "none" : "none that is",
                     "wait for the first run, or resume those that were stopped"});
    const auto described = RunScores::of(first->summary);
    auto name = score;
    for (const auto &one : described.selection())
        if (name.empty() && !std::isnan(scoreOf(*first, one)))
            name = one;
    const auto info = described.info(name);

    AblationScores s;
    s.axes = axisNames();
    for (const auto &repeat : plan.repeats)
        s.repeats.push_back(labelOf(repeat, plan.repeats));
    s.scoreTitle = info.title;
    s.scoreUnit = info.unit;
    s.smallerIsBetter = info.lowerIsBetter;
    s.excludeDiverged = excludeDiverged;
    if (const auto folds = m_recipe.section("compare").value("folds", std::int64_t(0)); folds > 1)
        s.overlap = 1 / static_cast<double>(folds - 1);
    for (const auto cell : m_cells)
        s.outcomes[cell].resize(plan.repeats.size());
    std::vector<double> known;
    for (const auto &run : runs) {
        const auto cell = cellOf(run);
        const auto at = std::ranges::find(plan.repeats, repeatOf(run));
        if (!cell || at == plan.repeats.end())
            continue;
        AblationOutcome outcome;
        outcome.divergedAt = divergedAt(run);
        if (outcome.divergedAt < 0 && isDone(run))
            outcome.score = scoreOf(run, name);
        if (outcome.divergedAt < 0 && std::isnan(outcome.score))
            continue;
        s.outcomes[*cell][static_cast<std::size_t>(at - plan.repeats.begin())] = outcome; // by number, so the latest stays
        if (!std::isnan(outcome.score))
            known.push_back(outcome.score);
    }
    if (known.empty())
        throw Error({"score", "a score that the runs have", "\"" + name + "\"", "choose another score"});
    s.decimals = info.isFraction ? 3 : decimalsOf(known);
    s.chance = chanceOf(info, runs, known);
    return s;
}

StudyResult studyResult(const AblationStudy &study, const std::vector<RunInfo> &runs, const std::string &score,
                        bool excludeDiverged)
{
    StudyResult r;
    r.scores = study.scores(runs, score, excludeDiverged);
    const auto &design = study.design();
    r.effects = ablationEffects(r.scores, design);
    r.verdicts = ablationVerdicts(r.scores, r.effects);
    r.text = ablationText(r.scores, r.effects);
    r.tables.push_back(ablationEffectTable(r.scores, r.effects));
    if (auto interactions = ablationInteractionTable(r.scores, r.effects); !interactions.columns.empty())
        r.tables.push_back(std::move(interactions));
    r.tables.push_back(ablationCellTable(r.scores, design));
    r.tables.push_back(ablationRunTable(r.scores, design));
    r.figures.push_back(ablationEffectFigure(r.scores, r.effects));
    r.figures.push_back(scoreMatrixFigure(matrixOf(study, r.scores, runs)));
    if (const auto all = design.cells.size(), shown = shownCells(design).size(); shown < all)
        r.figures.back().caption += fmt::format(" {} of {} recipes are shown.", shown, all);
    return r;
}

StudyCurves studyCurves(const AblationStudy &study, const StudyResult &result, const std::vector<RunInfo> &runs,
                        const std::vector<RunCurvesByName> &curves, CurveBand band)
{
    StudyCurves all;
    RunScores described;
    std::string score;
    for (const auto &run : runs)
        if (isDone(run) && score.empty()) {
            described = RunScores::of(run.summary);
            score = described.selection().front();
        }
    std::vector<CurveRow> rows;
    for (std::size_t i = 0; i < runs.size() && i < curves.size(); ++i) {
        const auto cell = study.cellOf(runs[i]);
        if (!cell)
            continue;
        const auto repeat = repeatOf(runs[i]);
        const CurveRow start{titleOf(*cell, result.scores), datasetOf(runs[i].recipe), repeat.seed, repeat.fold, 0, {}, nan, nan};
        for (const auto &[split, prefix] :
             {std::pair("training", std::string("train.")), std::pair("validation", std::string("validation."))}) {
            std::map<std::int64_t, std::pair<double, double>> at; // loss and score by step
            const auto take = [&](const std::string &metric, double std::pair<double, double>::*member) {
                if (const auto it = curves[i].find(prefix + metric); it != curves[i].end())
                    for (const auto &p : it->second)
                        at.emplace(p.step, std::pair(nan, nan)).first->second.*member = p.value;
            };
            take("loss", &std::pair<double, double>::first);
            if (score != "loss")
                take(score, &std::pair<double, double>::second);
            for (const auto &[step, values] : at) {
                rows.push_back(start);
                rows.back().step = step;
                rows.back().split = split;
                rows.back().loss = values.first;
                rows.back().accuracy = values.second;
            }
        }
    }
    all.table = curveTable(rows);
    const auto cells = curveCells(study, result.effects);
    auto names = std::vector<std::pair<std::string, std::string>>{{"validation." + score, described.info(score).title}};
    if (score != "loss")
        names.emplace_back("validation.loss", "loss");
    for (const auto &[metric, title] : names) {
        std::vector<CurveGroup> groups;
        for (const auto cell : cells) {
            std::vector<const std::vector<MetricPoint> *> points;
            for (std::size_t i = 0; i < runs.size() && i < curves.size(); ++i)
                if (const auto it = curves[i].find(metric);
                    study.cellOf(runs[i]) == cell && it != curves[i].end() && !it->second.empty())
                    points.push_back(&it->second);
            if (!points.empty())
                groups.push_back(groupOf(titleOf(cell, result.scores), points, result.scores.divergedIn(cell)));
        }
        if (groups.empty())
            continue;
        all.figures.push_back(meanCurveFigure(groups, band, "validation " + title));
        all.figures.back().name = metric == "validation.loss" ? "loss-curves" : "score-curves";
        if (cells.size() < study.design().cells.size())
            all.figures.back().caption += " Of knockouts and rescues those with the largest effects are shown.";
    }
    return all;
}

} // namespace reticle
