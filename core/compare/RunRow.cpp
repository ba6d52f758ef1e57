#include "compare/RunRow.h"

#include "compare/Comparison.h"
#include "foundation/FormerNames.h"
#include "project/ModelFiles.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <unordered_map>

namespace reticle {

namespace {

bool isAbsolutePath(const std::string &value)
{
    return value.size() > 1 && value.front() == '/';
}

/// "cells" of "/data/cells.tif" and of the folder "/data/cells/".
std::string dataNameOf(const Json &recipe)
{
    const Json section = recipe.is_object() ? recipe.value("data", Json()) : Json();
    if (!section.is_object())
        return {};
    for (const auto &[field, value] : section.items()) {
        if (!value.is_string() || !isAbsolutePath(value.get_ref<const std::string &>()))
            continue;
        std::filesystem::path path(value.get<std::string>());
        if (path.filename().empty())
            path = path.parent_path();
        return path.stem().string();
    }
    return {};
}

RecipeSettings rowSettingsOf(const Json &recipe)
{
    if (!recipe.is_object())
        return {};
    Json current = FormerNames::current(recipe);
    for (const char *key : {"recipe", "title", "compare"})
        current.erase(key);
    RecipeSettings settings = flatSettings(current);
    std::erase_if(settings, [](const auto &setting) { return setting.first.empty() || setting.first.front() == '_'; });
    return settings;
}

std::string networkOf(const RecipeSettings &settings)
{
    for (const char *path : {"model.name", "model"})
        if (const auto it = settings.find(path); it != settings.end())
            return it->second;
    return {};
}

/// Scores of the kept weights, and what was measured of the run as a whole. Steps and time have fields of their own.
std::map<std::string, double> summaryNumbers(const RunInfo &run)
{
    std::map<std::string, double> numbers;
    if (!run.summary.is_object())
        return numbers;
    const auto take = [&](const Json &object) {
        for (const auto &[name, value] : object.items())
            if (value.is_number() && name != "step" && name != "steps" && name != "seconds")
                numbers[name] = value.get<double>();
    };
    take(run.summary);
    if (const Json best = run.summary.value("best", Json()); best.is_object())
        take(best);
    if (const double rmse = scoreOf(run, "rmse"); !std::isnan(rmse))
        numbers["rmse"] = rmse;
    return numbers;
}

/// The path of the name that decides whether a field is there: "objective.name" of "objective.smooth", "train.optimizer" of
/// "train.optimizer.betas"; empty of what is in no entry.
std::string entryNameOf(const std::string &path)
{
    const auto last = path.rfind('.');
    if (last == std::string::npos)
        return {};
    return path.find('.') == last ? path.substr(0, last) + ".name" : path.substr(0, last);
}

bool isColumnOfItsOwn(const std::string &path)
{
    const auto &without = Recipe::withoutEffect();
    return path == "model.name" || path == "model" || std::find(without.begin(), without.end(), path) != without.end();
}

} // namespace

std::string localTimeText(const std::string &iso)
{
    std::tm utc{};
    if (std::sscanf(iso.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d", &utc.tm_year, &utc.tm_mon, &utc.tm_mday, &utc.tm_hour,
                    &utc.tm_min) != 5)
        return iso;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    const std::time_t time = timegm(&utc);
    std::tm local{};
    char text[32];
    if (!localtime_r(&time, &local) || std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local) == 0)
        return iso;
    return text;
}

RunRow::RunRow(const RunInfo &run, const RunRow *before)
    : id(run.id), title(run.title), status(run.status), steps(run.step), seconds(run.seconds),
      started(localTimeText(run.started)), message(run.message), comparison(run.comparison), numbers(summaryNumbers(run)),
      recipeHash(std::hash<Json>()(run.recipe))
{
    if (before && before->id == id && before->recipeHash == recipeHash) {
        settings = before->settings;
        data = before->data;
    } else {
        settings = rowSettingsOf(run.recipe);
        data = dataNameOf(run.recipe);
    }
    network = networkOf(settings);
    if (run.summary.is_object() && !run.summary.empty())
        task = taskOf(run.summary);
    const RunScores scores = RunScores::of(run.summary);
    score = scores.selectedScore();
    for (const auto &name : scores.selection())
        if (const double value = scoreOf(run, name); std::isnan(best) && !std::isnan(value)) {
            score = scores.info(name);
            best = value;
        }
}

std::vector<std::string> differingSettings(const std::vector<const RunRow *> &rows)
{
    struct Seen
    {
        std::string entry;                                              // path of the name that decides whether it is there
        std::unordered_map<std::string_view, std::string_view> byEntry; // first value, by that name
        bool differs = false;
    };
    std::unordered_map<std::string_view, Seen> all; // views of the rows, which outlive this
    for (const auto *row : rows)
        for (const auto &[path, value] : row->settings) {
            const auto [it, fresh] = all.try_emplace(path);
            Seen &seen = it->second;
            if (fresh)
                seen.entry = entryNameOf(path);
            if (seen.differs)
                continue;
            std::string_view entry;
            if (!seen.entry.empty() && seen.entry != path)
                if (const auto name = row->settings.find(seen.entry); name != row->settings.end())
                    entry = name->second;
            const auto [first, isFirst] = seen.byEntry.try_emplace(entry, value);
            seen.differs = !isFirst && first->second != value && !isAbsolutePath(value);
        }
    std::vector<std::string> differing;
    for (const auto &[path, seen] : all)
        if (seen.differs && !isColumnOfItsOwn(std::string(path)))
            differing.emplace_back(path);
    std::sort(differing.begin(), differing.end());
    return differing;
}

} // namespace reticle
