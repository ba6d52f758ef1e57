#include "ablation/AblationStudy.h"

#include "foundation/JsonReader_p.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace reticle {

namespace {

constexpr const char *remark = "_study";
constexpr int remarkVersion = 1;

/// A whole recipe of one run.
Json wholeOf(const Recipe &recipe, const Catalog &catalog, const char *which)
{
    if (recipe.compares())
        throw Error({which, "a recipe that trains one network", "a recipe that compares several",
                     "choose one of its runs, or remove the section compare"});
    try {
        return recipe.validated(catalog).json();
    } catch (const Error &e) {
        throw e.within(which);
    }
}

/// What makes no difference is as in the good recipe: how a machine runs it, and which fold a run was of.
void takeOver(Json &bad, const Json &good)
{
    auto paths = Recipe::withoutEffect();
    paths.insert(paths.end(), {"data.fold", "data.folds"});
    for (const auto &path : paths) {
        const auto dot = path.find('.');
        const auto section = path.substr(0, dot), field = path.substr(dot + 1);
        if (good.contains(section) && good[section].contains(field) && bad.contains(section) && bad[section].contains(field))
            bad[section][field] = good[section][field];
    }
}

/// Steps, epochs and minutes mean nothing without each other.
std::vector<RecipeAxis> withOneStopRule(std::vector<RecipeAxis> axes)
{
    std::vector<std::string> rules;
    for (const auto &axis : axes)
        if (axis.name == "train.steps" || axis.name == "train.epochs" || axis.name == "train.minutes")
            rules.push_back(axis.name);
    return rules.size() > 1 ? joinAxes(std::move(axes), rules, "training length") : axes;
}

void shortenNames(std::vector<RecipeAxis> &axes)
{
    const auto last = [](const std::string &name) { return name.substr(name.rfind('.') + 1); };
    std::map<std::string, int> times;
    for (const auto &axis : axes)
        ++times[last(axis.name)];
    for (auto &axis : axes)
        if (axis.changes.size() == 1 && times[last(axis.name)] == 1)
            axis.name = last(axis.name);
}

/// "learning-rate + optimizer".
std::string nameOf(const std::vector<std::string> &paths)
{
    std::vector<std::string> words;
    for (const auto &path : paths)
        words.push_back(path.substr(path.rfind('.') + 1));
    return fmt::format("{}", fmt::join(words, " + "));
}

Json toJson(const std::vector<RecipeAxis> &axes)
{
    Json list = Json::array();
    for (const auto &axis : axes) {
        Json changes = Json::array();
        for (const auto &change : axis.changes) {
            Json one{{"keys", change.keys}};
            if (change.good)
                one["good"] = *change.good;
            if (change.bad)
                one["bad"] = *change.bad;
            changes.push_back(std::move(one));
        }
        list.push_back({{"name", axis.name}, {"changes", std::move(changes)}});
    }
    return list;
}

std::vector<RecipeAxis> axesFrom(const Json &list)
{
    std::vector<RecipeAxis> axes;
    for (const auto &one : list) {
        RecipeAxis axis{one.at("name").get<std::string>(), {}};
        for (const auto &change : one.at("changes"))
            axis.changes.push_back({change.at("keys").get<std::vector<std::string>>(),
                                    change.contains("good") ? std::optional(change.at("good")) : std::nullopt,
                                    change.contains("bad") ? std::optional(change.at("bad")) : std::nullopt});
        axes.push_back(std::move(axis));
    }
    return axes;
}

Json toJson(const AblationDesign &design)
{
    const char *kinds[] = {"none", "full", "fraction"};
    return {{"factorial", kinds[static_cast<std::size_t>(design.factorial)]},
            {"cells", design.cells},
            {"factorial-cells", design.factorialCells},
            {"resolution", design.resolution},
            {"words", design.definingWords},
            {"note", design.note}};
}

AblationDesign designFrom(const Json &json, std::size_t axes)
{
    AblationDesign design;
    design.axes = axes;
    const auto kind = json.at("factorial").get<std::string>();
    design.factorial = kind == "full"       ? AblationDesign::Factorial::Full
                       : kind == "fraction" ? AblationDesign::Factorial::Fraction
                                            : AblationDesign::Factorial::None;
    design.cells = json.at("cells").get<std::vector<AblationCell>>();
    design.factorialCells = json.at("factorial-cells").get<std::vector<AblationCell>>();
    design.resolution = json.at("resolution").get<int>();
    design.definingWords = json.at("words").get<std::vector<AblationCell>>();
    design.note = json.at("note").get<std::string>();
    return design;
}

/// The design that the remark tells of has all that the effects are computed from.
bool isWhole(const AblationDesign &d)
{
    const std::set<AblationCell> cells(d.cells.begin(), d.cells.end());
    const auto has = [&](AblationCell cell) { return cells.count(cell) > 0; };
    if (d.axes == 0 || d.axes > mostRecipeAxes || !has(d.good()) || !has(0) || *cells.rbegin() > d.good() ||
        !std::all_of(d.factorialCells.begin(), d.factorialCells.end(), has))
        return false;
    for (std::size_t a = 0; a < d.axes; ++a)
        if (!has(d.knockout(a)) || !has(AblationDesign::rescue(a)))
            return false;
    if (d.factorial == AblationDesign::Factorial::None)
        return true;
    if (d.axes > mostFactorialAxes || d.factorialCells.empty())
        return false;
    std::size_t next = 0; // of a full one all cells, in the order of their numbers
    return d.factorial != AblationDesign::Factorial::Full ||
           (d.factorialCells.size() == std::size_t(1) << d.axes &&
            std::all_of(d.factorialCells.begin(), d.factorialCells.end(), [&](AblationCell cell) { return cell == next++; }));
}

/// Changes of the good recipe that make a cell of it.
Json changesOf(const std::vector<RecipeAxis> &axes, AblationCell cell)
{
    Json changes = Json::object();
    for (std::size_t a = 0; a < axes.size(); ++a)
        if (!(cell >> a & 1))
            for (const auto &change : axes[a].changes)
                changes[change.path()] = change.bad ? *change.bad : Json();
    return changes;
}

} // namespace

std::vector<RecipeAxis> studyAxes(const Recipe &good, const Recipe &bad, const Catalog &catalog,
                                  const std::vector<std::vector<std::string>> &joined)
{
    const Json g = wholeOf(good, catalog, "good recipe");
    Json b = wholeOf(bad, catalog, "bad recipe");
    takeOver(b, g);
    auto axes = recipeAxes(g, b, {"recipe", "title", "seed", "device"});
    for (const auto &paths : joined)
        if (paths.size() > 1)
            axes = joinAxes(std::move(axes), paths, nameOf(paths));
    axes = withOneStopRule(std::move(axes));
    shortenNames(axes);
    return axes;
}

AblationStudy AblationStudy::planned(const Recipe &good, const Recipe &bad, const Catalog &catalog, const StudyOptions &options)
{
    AblationStudy study;
    study.m_axes = studyAxes(good, bad, catalog, options.joined);
    study.m_good = !options.good.empty() ? options.good : good.title().empty() ? "good recipe" : good.title();
    study.m_bad = !options.bad.empty() ? options.bad : bad.title().empty() ? "bad recipe" : bad.title();
    const auto repeats = static_cast<std::int64_t>(options.seeds.size()) * std::max<std::int64_t>(1, options.folds);
    study.m_design = ablationDesign(study.m_axes.size(), repeats, options.budget);
    Json json = wholeOf(good, catalog, "good recipe");
    json["title"] = fmt::format("Knock out and rescue: {}, {}", study.m_good, study.m_bad);
    if (options.folds > 0) // the comparison says how the data are cut
        for (const char *key : {"split", "fold", "folds"})
            json["data"].erase(key);
    Json settings = Json::array();
    for (const auto cell : study.m_design.cells)
        settings.push_back(
            {{"title", cellText(cell, study.axisNames())}, {"changes", changesOf(study.m_axes, cell)}, {"_cell", cell}});
    Json compare{{"settings", std::move(settings)}, {"seeds", options.seeds}};
    if (options.folds > 0)
        compare["folds"] = options.folds;
    compare["_report"] = "knockout-rescue"; // what the worker asks when all runs are done
    compare[remark] = {{"version", remarkVersion},
                       {"good", study.m_good},
                       {"bad", study.m_bad},
                       {"axes", toJson(study.m_axes)},
                       {"design", toJson(study.m_design)}};
    json["compare"] = std::move(compare);
    try {
        study.m_recipe = Recipe(std::move(json)).validated(catalog);
    } catch (const Error &e) {
        if (e.parts().where.rfind("compare.settings[", 0) != 0)
            throw;
        throw Error(Error::Kind::Input, "",
                    fmt::format("A recipe between the two cannot be trained: {} Join the settings that need each other, so that "
                                "they change as one.",
                                e.what()));
    }
    return of(study.m_recipe);
}

bool AblationStudy::isStudy(const Recipe &comparison)
{
    const Json &compare = comparison.section("compare");
    return listsSettings(compare) && compare.contains(remark) && compare.at(remark).is_object();
}

AblationStudy AblationStudy::of(const Recipe &comparison)
{
    if (!isStudy(comparison))
        throw Error({"comparison", "a study of knockouts and rescues", "another comparison",
                     "plan one from two recipes with \"Knock out and rescue\", or with reticle-worker study"});
    const Error broken({"comparison", "a study as this program writes it",
                        "one whose description is damaged or of a newer version", "plan the study again"});
    AblationStudy study;
    try {
        const Json &compare = comparison.section("compare"), &told = compare.at(remark);
        if (told.at("version").get<int>() > remarkVersion)
            throw broken;
        study.m_good = told.at("good").get<std::string>();
        study.m_bad = told.at("bad").get<std::string>();
        study.m_axes = axesFrom(told.at("axes"));
        study.m_design = designFrom(told.at("design"), study.m_axes.size());
        for (const auto &setting : compare.at("settings"))
            study.m_cells.push_back(setting.at("_cell").get<AblationCell>());
    } catch (const Json::exception &) {
        throw broken;
    }
    if (study.m_cells != study.m_design.cells || !isWhole(study.m_design))
        throw broken;
    study.m_recipe = comparison;
    study.m_plan.emplace(comparison);
    return study;
}

std::vector<std::string> AblationStudy::axisNames() const
{
    std::vector<std::string> names;
    for (const auto &axis : m_axes)
        names.push_back(axis.name);
    return names;
}

std::size_t AblationStudy::runs() const
{
    return m_plan->runs;
}

std::string AblationStudy::text() const
{
    return fmt::format("{} run{}. {} and {} differ in {}: {}. {}", runs(), runs() == 1 ? "" : "s", m_good, m_bad,
                       m_axes.size() == 1 ? "one setting" : fmt::format("{} settings", m_axes.size()),
                       fmt::join(axisNames(), ", "), m_design.note);
}

std::optional<AblationCell> AblationStudy::cellOf(const RunInfo &run) const
{
    const auto setting = m_plan->settingOf(run.recipe);
    return setting < m_cells.size() ? std::optional(m_cells[setting]) : std::nullopt;
}

} // namespace reticle
