#pragma once

#include <nlohmann/json.hpp>

namespace reticle {

/// The JSON value used for recipes, options, figures and messages. Keeps the order of keys, so that a saved document
/// reads in the order in which it was declared.
using Json = nlohmann::ordered_json;

} // namespace reticle
