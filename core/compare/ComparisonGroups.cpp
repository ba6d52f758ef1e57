#include "compare/Comparison_p.h"

#include "foundation/FormerNames.h"
#include "project/Recipe_p.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace reticle {

namespace {

/// The path of the name that decides whether a field is there: "objective.name" of "objective.smooth", "train.optimizer" of
/// "train.optimizer.betas".
std::string chooserOf(const std::string &path)
{
    const auto last = path.rfind('.');
    return path.find('.') == last ? path.substr(0, last) + ".name" : path.substr(0, last);
}

/// "steps 100", "objective mse", "images a.tif"; `whole`: of a file its whole path.
std::string settingText(const std::string &path, const std::string &value, bool whole)
{
    const auto dot = path.rfind('.');
    const bool name = dot != std::string::npos && path.substr(dot) == ".name";
    const auto word = name ? path.substr(0, dot) : path.substr(dot == std::string::npos ? 0 : dot + 1);
    const auto shown = !whole && value.find('/') != std::string::npos ? std::filesystem::path(value).filename().string() : value;
    return word + " " + (shown.empty() ? "not given" : shown);
}

/// A run of before it is made.
RunInfo plannedRun(const Json &recipe)
{
    RunInfo run;
    run.recipe = recipe;
    return run;
}

} // namespace

Json modelOf(const RunInfo &run)
{
    Json model = FormerNames::current(run.recipe.is_object() ? run.recipe.value("model", Json::object()) : Json::object());
    for (const auto &[field, value] : {std::pair{"without-skips", Json::array()}, {"strict-size", Json(false)}})
        if (model.is_object() && model.contains(field) && model.at(field) == value)
            model.erase(field);
    return model;
}

RecipeSettings settingsOf(const RunInfo &run, bool firstNames)
{
    RecipeSettings all;
    if (!run.recipe.is_object())
        return all;
    Json rest = FormerNames::current(run.recipe);
    if (firstNames)
        rest = FormerNames::former(rest);
    for (const char *key : {"recipe", "title", "seed", "device", "model", "compare"})
        rest.erase(key);
    all = flatSettings(rest);
    all.erase("data.fold");
    if (repeatOf(run).fold == 0)
        all.erase("data.folds"); // recipes of before there were folds do not have it
    for (const auto &path : Recipe::withoutEffect())
        all.erase(path);
    return all;
}

std::string valueAt(const RecipeSettings &settings, const std::string &path)
{
    const auto it = settings.find(path);
    return it == settings.end() ? std::string() : it->second;
}

std::vector<std::string> differingPaths(const std::vector<RunInfo> &runs)
{
    std::vector<RecipeSettings> all;
    std::set<std::string> paths;
    for (const auto &run : runs) {
        all.push_back(settingsOf(run));
        for (const auto &[path, value] : all.back())
            paths.insert(path);
    }
    std::vector<std::string> differing;
    for (const auto &path : paths) {
        const auto name = chooserOf(path);
        std::map<std::string, std::string> first; // by what the section is called
        for (const auto &settings : all) {
            const auto value = valueAt(settings, path);
            const auto [it, fresh] = first.emplace(path == name ? std::string() : valueAt(settings, name), value);
            if (!fresh && it->second != value) {
                differing.push_back(path);
                break;
            }
        }
    }
    return differing;
}

std::vector<RunGroup> grouped(const std::vector<RunInfo> &runs, const std::vector<std::string> &differing)
{
    std::vector<RunGroup> groups;
    for (const auto &run : runs) {
        RunGroup one{modelOf(run), {}, {}};
        const auto settings = settingsOf(run);
        for (const auto &path : differing)
            one.settings[path] = valueAt(settings, path);
        auto it = std::find_if(groups.begin(), groups.end(),
                               [&](const RunGroup &g) { return g.section == one.section && g.settings == one.settings; });
        if (it == groups.end())
            it = groups.insert(groups.end(), std::move(one));
        it->runs.push_back(run);
    }
    return groups;
}

std::vector<RunGroup> grouped(const ComparisonPlan &plan, const std::vector<RunInfo> &runs, const std::vector<RunInfo> &whole)
{
    std::vector<RunInfo> all, known = whole;
    for (const auto &setting : plan.settings) {
        all.push_back(plannedRun(setting.recipe));
        known.push_back(all.back());
    }
    if (plan.isListed) { // a group for each, and what is of none of them after these
        std::vector<RunGroup> groups;
        for (const auto &planned : all)
            groups.push_back({modelOf(planned), {}, {planned}});
        std::vector<RunInfo> others;
        for (const auto &run : runs)
            if (const auto i = plan.settingOf(run.recipe); i < groups.size())
                groups[i].runs.push_back(run);
            else
                others.push_back(run);
        for (auto &group : grouped(others, differingPaths(known)))
            groups.push_back(std::move(group));
        return groups;
    }
    all.insert(all.end(), runs.begin(), runs.end());
    return grouped(all, differingPaths(known));
}

std::vector<std::string> labelsOf(const std::vector<RunGroup> &groups, bool axes)
{
    std::vector<Json> sections;
    std::set<std::string> names;
    for (const auto &g : groups)
        if (std::find(sections.begin(), sections.end(), g.section) == sections.end()) {
            sections.push_back(g.section);
            names.insert(g.section.value("name", std::string("model")));
        }
    const auto models = Recipe::modelLabels(sections);
    const auto labelOf = [&](const RunGroup &g, bool whole) {
        const auto model =
            models[static_cast<std::size_t>(std::find(sections.begin(), sections.end(), g.section) - sections.begin())];
        // Where one model is compared with itself, its name tells nothing apart.
        auto label = axes && names.size() == 1 ? model.substr(std::min(model.size(), names.begin()->size() + 1)) : model;
        for (const auto &[path, value] : g.settings) {
            // A field that this section's kind does not have says nothing of it.
            const auto name = chooserOf(path);
            if (!value.empty() || path == name || !g.settings.count(name))
                label += (label.empty() ? "" : ", ") + settingText(path, value, whole);
        }
        return label.empty() ? model : label;
    };
    std::vector<std::string> labels;
    for (const auto &g : groups)
        labels.push_back(labelOf(g, false));
    std::map<std::string, std::size_t> times;
    for (const auto &label : labels)
        ++times[label];
    for (std::size_t i = 0; i < groups.size(); ++i) // files of one name in several folders
        if (times[labels[i]] > 1)
            labels[i] = labelOf(groups[i], true);
    return labels;
}

std::vector<std::string> labelsOf(const std::vector<RunGroup> &groups, const ComparisonPlan &plan)
{
    if (!plan.isListed)
        return labelsOf(groups, !plan.axes.empty());
    auto labels = plan.labels();
    const auto planned = static_cast<std::ptrdiff_t>(std::min(labels.size(), groups.size()));
    for (auto &label : labelsOf({groups.begin() + planned, groups.end()}, true))
        labels.push_back(std::move(label));
    return labels;
}

std::vector<std::string> settingLabels(const Json &recipe, const std::vector<Json> &combinations)
{
    const Json &compare = recipe.at("compare");
    if (listsSettings(compare)) {
        std::vector<std::string> titles;
        for (const auto &setting : compare.at("settings"))
            titles.push_back(setting.at("title").get<std::string>());
        return titles;
    }
    if (!compare.contains("axes"))
        return Recipe::modelLabels(compare.at("models").get<std::vector<Json>>());
    std::vector<RunInfo> runs;
    for (std::size_t i = 0; i < combinations.size(); ++i) {
        runs.push_back(plannedRun(combinations[i]));
        runs.back().id = static_cast<std::int64_t>(i); // where it stands
    }
    const auto groups = grouped(runs, differingPaths(runs));
    const auto labels = labelsOf(groups, true);
    std::vector<std::string> all(combinations.size());
    for (std::size_t g = 0; g < groups.size(); ++g)
        for (const auto &run : groups[g].runs)
            all[static_cast<std::size_t>(run.id)] = labels[g];
    return all;
}

} // namespace reticle
