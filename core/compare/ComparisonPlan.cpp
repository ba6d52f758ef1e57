#include "compare/ComparisonPlan.h"

#include "compare/Comparison_p.h"
#include "project/Recipe_p.h"

#include <fmt/format.h>

#include <algorithm>

namespace reticle {

namespace {

/// The value at "objective" or "train.steps"; null where there is none.
const Json &valueAtPath(const Json &recipe, const std::string &path)
{
    static const Json none;
    const auto [section, field] = partsOf(path);
    if (!recipe.is_object() || !recipe.contains(section))
        return none;
    const Json &content = recipe.at(section);
    if (field.empty())
        return content;
    return content.is_object() && content.contains(field) ? content.at(field) : none;
}

/// Without what each fold has for itself.
Json withoutFold(Json data)
{
    for (const char *key : {"split", "folds", "fold"})
        if (data.is_object())
            data.erase(key);
    return data;
}

std::size_t entriesOf(const Json &section, const std::string &key)
{
    const Json list = section.value(key, Json());
    return list.is_array() ? list.size() : 0;
}

} // namespace

ComparisonPlan::ComparisonPlan(const Recipe &recipe)
{
    const Json &compare = recipe.json().at("compare");
    const auto combinations = combinationsOf(recipe.json());
    const auto names = settingLabels(recipe.json(), combinations);
    const auto all = recipe.compared();
    for (std::size_t i = 0; i < combinations.size() && i < all.size(); ++i)
        settings.push_back({names[i], all[i].json()});
    if (compare.contains("axes"))
        for (const auto &[path, values] : compare.at("axes").items())
            axes.push_back(path);
    isListed = listsSettings(compare);
    if (isListed)
        for (const auto &setting : compare.at("settings")) {
            const Json changes = setting.value("changes", Json::object());
            for (const auto &[path, value] : changes.items())
                if (std::find(axes.begin(), axes.end(), path) == axes.end())
                    axes.push_back(path);
        }
    repeats = repeatsOf(recipe);
    runs = all.size();
}

std::vector<std::string> ComparisonPlan::labels() const
{
    std::vector<std::string> all;
    for (const auto &setting : settings)
        all.push_back(setting.label);
    return all;
}

bool ComparisonPlan::varies(const std::string &path) const
{
    return std::any_of(axes.begin(), axes.end(),
                       [&](const std::string &axis) { return path == axis || path.rfind(axis + ".", 0) == 0; });
}

bool ComparisonPlan::alike(const Json &recipe, const Json &other) const
{
    return std::all_of(axes.begin(), axes.end(),
                       [&](const std::string &axis) {
                           const Json &a = valueAtPath(recipe, axis), &b = valueAtPath(other, axis);
                           return axis == "data" ? withoutFold(a) == withoutFold(b) : a == b;
                       }) &&
           valueAtPath(recipe, "model") == valueAtPath(other, "model");
}

std::size_t ComparisonPlan::settingOf(const Json &recipe) const
{
    const auto it =
        std::find_if(settings.begin(), settings.end(), [&](const Setting &setting) { return alike(recipe, setting.recipe); });
    return static_cast<std::size_t>(it - settings.begin());
}

std::string gridText(const Json &compare)
{
    std::vector<std::string> parts;
    std::size_t runs = 1;
    const auto add = [&](std::size_t count, const std::string &what) {
        runs *= std::max<std::size_t>(1, count);
        if (count > 1)
            parts.push_back(fmt::format("{} {}", count, what));
    };
    if (!compare.is_object())
        return {};
    add(entriesOf(compare, "settings"), "settings");
    add(entriesOf(compare, "models"), "models");
    if (const Json axes = compare.value("axes", Json()); axes.is_object())
        for (const auto &[path, values] : axes.items())
            add(entriesOf(axes, path), path == "model" ? "models" : "values of " + path);
    add(entriesOf(compare, "seeds"), "seeds");
    const Json folds = compare.value("folds", Json());
    add(folds.is_number_integer() && folds.get<std::int64_t>() > 0 ? folds.get<std::size_t>() : 0, "folds");
    if (parts.empty())
        return "One run.";
    std::string text = parts.size() == 1 ? "A run for each of " : "A run for each combination of ";
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
    return fmt::format("{}: {} runs.", text, runs);
}

} // namespace reticle
