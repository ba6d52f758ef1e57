#pragma once

// What the tables and the figure of a comparison share.

#include "compare/Comparison.h"
#include "compare/RecipeSettings.h"

#include <map>

namespace reticle {

/// The model's section under the names of today; fields that older recipes do not have are left out at their defaults.
Json modelOf(const RunInfo &run);
/// Of a recipe by path: what may change the outcome beside model, seed and fold. How a machine goes about it does not.
/// Under the names of today, or under the first names that fields were given, which never change.
RecipeSettings settingsOf(const RunInfo &run, bool firstNames = false);
std::string valueAt(const RecipeSettings &settings, const std::string &path); ///< empty where there is none
/// Paths that runs do not agree on. Fields of sections with different names differ by their nature: the name stands for
/// them.
std::vector<std::string> differingPaths(const std::vector<RunInfo> &runs);

/// A model with one setting, with all of its runs.
struct RunGroup
{
    Json section;
    RecipeSettings settings; ///< those that differ
    std::vector<RunInfo> runs;
};
std::vector<RunGroup> grouped(const std::vector<RunInfo> &runs, const std::vector<std::string> &differing);
/// The groups that are planned, in their order, whether or not they have runs: each has a run of number 0 that stands for the
/// plan. `whole`: those of the runs that decide, beside the plan, what differs.
std::vector<RunGroup> grouped(const ComparisonPlan &plan, const std::vector<RunInfo> &runs, const std::vector<RunInfo> &whole);
/// A label for each group: its model and what it differs in. `axes`: the model's name is left out where all have the same.
std::vector<std::string> labelsOf(const std::vector<RunGroup> &groups, bool axes);
/// The same of the groups of a plan: a listed setting has its title.
std::vector<std::string> labelsOf(const std::vector<RunGroup> &groups, const ComparisonPlan &plan);
/// A label for each combination of a validated recipe that compares (combinationsOf); two that differ in nothing that has an
/// effect have one label.
std::vector<std::string> settingLabels(const Json &recipe, const std::vector<Json> &combinations);

double numberAt(const Json &json, const std::string &key); ///< NaN where there is none
Json bestOf(const RunInfo &run);                           ///< scores of the kept weights, an empty object without
/// Digits after the point that tell scores apart, the same for all so that they stand under one another: four that count.
int decimalsOf(const std::vector<double> &scores);
int scoreDecimals(const Compared &compared);

} // namespace reticle
