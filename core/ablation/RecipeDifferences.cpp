#include "ablation/RecipeDifferences.h"

#include "foundation/Error.h"
#include "foundation/JsonReader_p.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace reticle {

namespace {

/// Settings of two differently named things have nothing in common, even where they share a key.
bool areNamedApart(const Json &good, const Json &bad)
{
    const auto a = good.find("name"), b = bad.find("name");
    return a != good.end() && b != bad.end() && *a != *b;
}

class Differences
{
public:
    void compare(const Json &good, const Json &bad)
    {
        const auto differ = [&](const std::string &key, const Json *g, const Json *b) {
            if (g && b && *g == *b)
                return;
            m_keys.push_back(key);
            if (g && b && g->is_object() && b->is_object() && !areNamedApart(*g, *b))
                compare(*g, *b);
            else
                found.push_back({m_keys, g ? std::optional(*g) : std::nullopt, b ? std::optional(*b) : std::nullopt});
            m_keys.pop_back();
        };
        for (const auto &[key, value] : good.items()) {
            const auto other = bad.find(key);
            differ(key, &value, other == bad.end() ? nullptr : &*other);
        }
        for (const auto &[key, value] : bad.items())
            if (!good.contains(key))
                differ(key, nullptr, &value);
    }

    std::vector<RecipeChange> found;

private:
    std::vector<std::string> m_keys;
};

std::string levelText(const std::optional<Json> &level)
{
    if (!level)
        return "absent";
    if (level->is_string())
        return level->get<std::string>();
    if (level->is_object() && level->contains("name") && (*level)["name"].is_string())
        return (*level)["name"].get<std::string>();
    return foundText(*level);
}

std::string levelsText(const RecipeAxis &axis, std::optional<Json> RecipeChange::*level)
{
    if (axis.changes.size() == 1)
        return levelText(axis.changes.front().*level);
    std::vector<std::string> texts;
    for (const auto &change : axis.changes)
        texts.push_back(change.keys.back() + " " + levelText(change.*level));
    return fmt::format("{}", fmt::join(texts, ", "));
}

void set(Json &recipe, const std::vector<std::string> &keys, const std::optional<Json> &value)
{
    Json *at = &recipe;
    for (std::size_t i = 0; i + 1 < keys.size(); ++i)
        at = &(*at)[keys[i]];
    if (value)
        (*at)[keys.back()] = *value;
    else
        at->erase(keys.back());
}

} // namespace

std::string RecipeChange::path() const
{
    return fmt::format("{}", fmt::join(keys, "."));
}

std::string RecipeAxis::goodText() const
{
    return levelsText(*this, &RecipeChange::good);
}

std::string RecipeAxis::badText() const
{
    return levelsText(*this, &RecipeChange::bad);
}

std::vector<RecipeAxis> recipeAxes(const Json &good, const Json &bad, const std::vector<std::string> &ignored)
{
    const auto compared = [&](const Json &recipe, const char *which) {
        if (!recipe.is_object())
            throw Error({which, "a recipe, a JSON object", foundText(recipe), "choose a recipe file or a run"});
        Json rest = recipe;
        for (const auto &key : ignored)
            rest.erase(key);
        return rest;
    };
    Differences differences;
    differences.compare(compared(good, "good recipe"), compared(bad, "bad recipe"));
    if (differences.found.empty())
        throw Error(Error::Kind::Input, "",
                    "The two recipes do not differ. Choose two recipes that have at least one different setting.");
    if (differences.found.size() > mostRecipeAxes)
        throw Error(Error::Kind::Input, "",
                    fmt::format("The two recipes differ in {} settings. At most {} can be compared. Choose two recipes that "
                                "have more in common.",
                                differences.found.size(), mostRecipeAxes));
    std::vector<RecipeAxis> axes;
    for (auto &change : differences.found) {
        auto name = change.path();
        axes.push_back({std::move(name), {std::move(change)}});
    }
    return axes;
}

std::vector<RecipeAxis> joinAxes(std::vector<RecipeAxis> axes, const std::vector<std::string> &paths, const std::string &name)
{
    RecipeAxis whole{name, {}};
    std::optional<std::size_t> place;
    for (const auto &path : paths) {
        const auto has = [&](const RecipeAxis &axis) {
            return std::any_of(axis.changes.begin(), axis.changes.end(), [&](const RecipeChange &c) { return c.path() == path; });
        };
        const bool isIn =
            std::any_of(whole.changes.begin(), whole.changes.end(), [&](const auto &c) { return c.path() == path; });
        if (isIn) // came with an axis that was joined before
            continue;
        const auto at = std::find_if(axes.begin(), axes.end(), has);
        if (at == axes.end()) {
            std::vector<std::string> known;
            for (const auto &axis : axes)
                for (const auto &change : axis.changes)
                    known.push_back(change.path());
            const auto near = nearestName(path, known);
            throw Error({"axes", fmt::format("one of the settings that differ ({})", fmt::join(known, ", ")), "\"" + path + "\"",
                         near.empty() ? "choose one of them" : "did you mean \"" + near + "\"?"});
        }
        const auto index = static_cast<std::size_t>(at - axes.begin());
        place = std::min(place.value_or(index), index);
        whole.changes.insert(whole.changes.end(), at->changes.begin(), at->changes.end());
        axes.erase(at);
    }
    if (place)
        axes.insert(axes.begin() + static_cast<std::ptrdiff_t>(*place), std::move(whole));
    return axes;
}

Json recipeAt(const Json &good, const std::vector<RecipeAxis> &axes, AblationCell cell)
{
    Json recipe = good;
    for (std::size_t a = 0; a < axes.size(); ++a)
        if (!(cell >> a & 1))
            for (const auto &change : axes[a].changes)
                set(recipe, change.keys, change.bad);
    return recipe;
}

AblationCell goodCell(std::size_t axes)
{
    return axes == 0 ? 0 : ~AblationCell(0) >> (64 - axes);
}

std::string cellText(AblationCell cell, const std::vector<std::string> &axes)
{
    std::vector<std::string> good, bad;
    for (std::size_t a = 0; a < axes.size(); ++a)
        (cell >> a & 1 ? good : bad).push_back(axes[a]);
    if (bad.empty())
        return "good recipe";
    if (good.empty())
        return "bad recipe";
    if (bad.size() == 1)
        return "good without " + bad.front();
    if (good.size() == 1)
        return "bad with " + good.front();
    return fmt::format("good: {}; bad: {}", fmt::join(good, ", "), fmt::join(bad, ", "));
}

} // namespace reticle
