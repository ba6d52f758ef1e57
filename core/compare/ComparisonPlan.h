#pragma once

#include "project/Recipe.h"

#include <string>
#include <vector>

namespace reticle {

/// One of the trainings that each setting of a comparison is given: with another seed, on another fold, or both.
struct Repeat
{
    std::int64_t seed = 1;
    std::int64_t fold = 0; ///< counted from 1; 0 = of no cross-validation
    auto operator<=>(const Repeat &) const = default;
};

/// What a comparison is to be: the grid of its models, axes, seeds and folds, or listed settings with seeds and folds. A value;
/// of any thread.
struct ComparisonPlan
{
    /// A model with one value of each axis, or a listed setting.
    struct Setting
    {
        std::string label; ///< what tells it apart: "unet", "learning-rate 0.01", "unet, objective dice"; of a list its title
        Json recipe;       ///< of its first run
    };

    /// Of a validated recipe that compares.
    explicit ComparisonPlan(const Recipe &recipe);

    std::vector<Setting> settings; ///< in the order in which they are trained
    std::vector<Repeat> repeats;   ///< of each setting, in this order
    /// Paths that vary beside "model": "objective", "train.learning-rate"; of listed settings all that they change.
    std::vector<std::string> axes;
    bool isListed = false; ///< the recipe lists its settings, each with a title
    std::size_t runs = 0;  ///< settings x repeats

    std::vector<std::string> labels() const;
    /// Whether the field at this path of a recipe is on an axis or in a section that is.
    bool varies(const std::string &path) const;
    /// Whether two runs of the comparison differ in nothing but seed, fold and title.
    bool alike(const Json &recipe, const Json &other) const;
    /// Index of the setting that a run of this recipe is of; settings.size() where there is none.
    std::size_t settingOf(const Json &recipe) const;
};

/// How many runs a section "compare" makes, in a sentence; it need not be validated: "A run for each combination of 3 values of
/// train.learning-rate and 2 seeds: 6 runs."
std::string gridText(const Json &compare);

} // namespace reticle
