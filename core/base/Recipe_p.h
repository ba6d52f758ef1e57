#pragma once

// What the files of Recipe share.

#include "base/Recipe.h"

#include <string>
#include <utility>
#include <vector>

namespace reticle {

/// The schema of a section, by its "name" where it has one. A kind of one single entry needs no name. Throws Error.
const SchemaInfo &schemaOf(const std::string &section, const Json &content, const Catalog &catalog);

/// "train" and "steps" of "train.steps"; of a whole section the field is empty.
std::pair<std::string, std::string> partsOf(const std::string &path);

/// Puts a value into a section. One of the stop rules train.epochs, train.steps, train.minutes is put in force: the others
/// of them that the section has become 0.
void putField(Json &content, const std::string &section, const std::string &field, const Json &value);

/// "a, b" in parts, without the spaces around them; empty parts are left out.
std::vector<std::string> commaParts(const std::string &text);

/// Of a validated recipe that compares: each model with each value of each axis, the last axis fastest, as a recipe without
/// "compare" that has the recipe's own title, seed and split.
std::vector<Json> combinationsOf(const Json &recipe);

} // namespace reticle
