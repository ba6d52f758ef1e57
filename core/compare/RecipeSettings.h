#pragma once

#include "foundation/Json.h"

#include <map>
#include <string>

namespace reticle {

/// Settings of a recipe as text, by path: "train.learning-rate".
using RecipeSettings = std::map<std::string, std::string>;

/// All that a recipe, or a part of one, says. An entry with fields of its own has its name under its own path, as where it is
/// a name alone: {"optimizer": {"name": "adam", "betas": …}} as "optimizer" and "optimizer.betas".
RecipeSettings flatSettings(const Json &recipe);

} // namespace reticle
