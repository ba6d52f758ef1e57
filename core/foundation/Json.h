#pragma once

#include <nlohmann/json.hpp>

namespace reticle {

/// The JSON value used for recipes, options, figures and messages. Keeps the order of keys, so that a saved document
/// reads in the order in which it was declared.
using Json = nlohmann::ordered_json;

/// Text under a key; empty where there is none.
inline std::string textOf(const Json &object, const char *key)
{
    return object.is_object() && object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

} // namespace reticle
