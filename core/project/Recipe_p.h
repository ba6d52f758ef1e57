#pragma once

// What the files of Recipe share.

#include "project/Recipe.h"

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

/// Whether the section chooses an entry of the catalog by its "name".
bool hasKind(const std::string &section);
/// Keys that begin with '_', which readers pass over.
bool isRemark(const std::string &key);
/// Whether what varies at this path is a whole section, given by an object or by a name.
bool choosesSection(const std::string &path);
/// The error at another place, which says all of it.
Error movedTo(const std::string &where, const Error &e);
/// A section's content as a comparison gives it: one with a name stands in place of `own`, fields alone are laid over it.
Json sectionGiven(const std::string &section, const Json &value, const Json &own, const std::string &where);
/// The section that begins with another name: fields of `own` that the new entry has too are kept.
Json sectionNamed(const std::string &section, const Json &name, const Json &own, const std::string &where,
                  const Catalog &catalog);
/// Throws Error at `where` for a path that a comparison cannot vary; `folds`: it is a cross-validation.
void requireVariedPath(const std::string &where, const std::string &path, bool folds);
/// A comparison of more runs is a slip of the keyboard.
inline constexpr double mostComparedRuns = 1000;

/// "a, b" in parts, without the spaces around them; empty parts are left out.
std::vector<std::string> commaParts(const std::string &text);

/// Of a validated recipe that compares: each model with each value of each axis, the last axis fastest, or each of its listed
/// settings, as a recipe without "compare" that has the recipe's own title, seed and split.
std::vector<Json> combinationsOf(const Json &recipe);

/// Of a validated recipe that lists its settings: a recipe for each.
std::vector<Json> listedCombinations(const Json &recipe);

} // namespace reticle
