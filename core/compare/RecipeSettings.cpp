#include "compare/RecipeSettings.h"

namespace reticle {

namespace {

void flatten(const Json &json, const std::string &path, RecipeSettings &out)
{
    if (!json.is_object()) {
        out[path] = json.is_string() ? json.get<std::string>() : json.dump();
        return;
    }
    for (const auto &[key, value] : json.items())
        if (key == "name" && value.is_string() && path.find('.') != std::string::npos)
            flatten(value, path, out);
        else
            flatten(value, path.empty() ? key : path + "." + key, out);
}

} // namespace

RecipeSettings flatSettings(const Json &recipe)
{
    RecipeSettings all;
    flatten(recipe, {}, all);
    return all;
}

} // namespace reticle
