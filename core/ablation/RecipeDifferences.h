#pragma once

#include "foundation/Json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reticle {

/// Which level each axis of an ablation has: bit a is set where axis a has the level of the good recipe.
using AblationCell = std::uint64_t;

/// A setting that differs between two recipes. A level is absent where that recipe does not have the setting.
struct RecipeChange
{
    std::vector<std::string> keys; ///< from the top of the recipe: {"train", "learning-rate"}
    std::optional<Json> good, bad;

    std::string path() const; ///< "train.learning-rate"
};

/// What an ablation swaps as one: a setting, or several that only make sense together.
struct RecipeAxis
{
    std::string name; ///< the path of a single setting
    std::vector<RecipeChange> changes;

    /// "first_slice"; "init zeros, bias scalar" where the axis has several settings; "absent" for a missing one.
    std::string goodText() const;
    std::string badText() const;
};

/// The differences of two recipes, in the order of the good one, those that only the bad one has after them. Lists are
/// compared as a whole. Objects with a "name" that differs (a model, a loss) are one axis, because their settings belong
/// to the name. Fields at the top that are in `ignored` do not count.
/// Throws Error where one is not an object, where they do not differ ("the two recipes do not differ"), or where more than
/// mostRecipeAxes settings differ.
std::vector<RecipeAxis> recipeAxes(const Json &good, const Json &bad,
                                   const std::vector<std::string> &ignored = {"title", "seed", "device"});
inline constexpr std::size_t mostRecipeAxes = 60;

/// The axes with those of the settings `paths` joined into one called `name`, at the place of the first.
/// Throws Error for a path that is not among the differences.
std::vector<RecipeAxis> joinAxes(std::vector<RecipeAxis> axes, const std::vector<std::string> &paths, const std::string &name);

/// The good recipe with the levels that `cell` says. With all bits set it is the good recipe; with none it has every level of
/// the bad one. What recipeAxes ignored stays as in the good recipe.
Json recipeAt(const Json &good, const std::vector<RecipeAxis> &axes, AblationCell cell);

/// All axes at the good level: the lowest `axes` bits.
AblationCell goodCell(std::size_t axes);
/// The good recipe, the bad recipe, "good without X", "bad with X", or the levels as "good: X, Y; bad: Z".
std::string cellText(AblationCell cell, const std::vector<std::string> &axes);

} // namespace reticle
