#include "documents/JsonText.h"
#include "foundation/JsonReader_p.h"
#include "project/Recipe_p.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

// Comparisons that list their settings one by one, where a grid of axes would make more than is asked for.

namespace reticle {

namespace {

constexpr const char *list = "compare.settings";

std::string placeOf(std::size_t index)
{
    return fmt::format("{}[{}]", list, index);
}

/// Puts `value` at "optimizer.betas" into a section, or takes away what is there where it is null. An entry that is given by its
/// name alone becomes an object with that name.
void putDeep(Json &content, const std::string &section, const std::string &path, const Json &value, const std::string &where)
{
    const auto dot = path.find('.');
    const auto key = path.substr(0, dot);
    if (dot == std::string::npos) {
        if (value.is_null())
            content.erase(key);
        else
            putField(content, section, key, value);
        return;
    }
    Json &next = content[key];
    if (next.is_string())
        next = Json{{"name", next}};
    if (!next.is_object())
        throw Error({where, fmt::format("a field in {}.{} that has fields of its own", section, key), foundText(next),
                     "change the whole field"});
    putDeep(next, {}, path.substr(dot + 1), value, where);
}

/// One setting as it is checked.
class SettingChange
{
public:
    SettingChange(std::string where, Json base, const Json &changes, bool folds, const Catalog &catalog)
        : m_where(std::move(where)), m_base(std::move(base)), m_recipe(m_base), m_catalog(catalog)
    {
        for (const auto &[path, value] : changes.items())
            if (!isRemark(path))
                requireVariedPath(placeAt(path), path, folds);
        for (const auto &[path, value] : changes.items()) // sections before the fields in them
            if (!isRemark(path) && choosesSection(path))
                putSection(path, value);
        for (const auto &[path, value] : changes.items())
            if (!isRemark(path) && !choosesSection(path))
                putOne(path, value);
    }

    const Json &recipe() const { return m_recipe; }
    /// What was changed, as `valid` has it: whole sections, and the other fields under their names of today.
    Json changes(const Json &valid) const
    {
        Json all = Json::object();
        for (const auto &section : m_sections)
            all[section] = valid.at(section);
        for (const auto &[section, field] : m_fields)
            if (!m_sections.count(section) && valid.at(section).contains(field))
                all[section + "." + field] = valid.at(section).at(field);
        // A stop rule that is put in force sets others to 0.
        for (const auto &[section, content] : valid.items()) {
            if (!content.is_object() || m_sections.count(section) || !m_base.contains(section))
                continue;
            for (const auto &[field, value] : content.items())
                if (const auto path = section + "." + field; !all.contains(path) && m_base[section].value(field, Json()) != value)
                    all[path] = value;
        }
        return all;
    }

private:
    std::string placeAt(const std::string &path) const { return m_where + ", " + path; }

    void putSection(const std::string &path, const Json &value)
    {
        const auto [section, field] = partsOf(path);
        if (!m_sections.insert(section).second)
            throw Error({placeAt(path), "one change that chooses the section",
                         fmt::format("\"{}\" and \"{}.name\"", section, section), "give one of them"});
        if (value.is_null()) {
            m_recipe.erase(section);
            return;
        }
        const Json own = m_recipe.value(section, Json::object());
        m_recipe[section] = field.empty() ? sectionGiven(section, value, own, placeAt(path))
                                          : sectionNamed(section, value, own, placeAt(path), m_catalog);
    }

    void putOne(const std::string &path, const Json &value)
    {
        const auto [section, whole] = partsOf(path);
        const auto dot = whole.find('.');
        auto field = whole.substr(0, dot);
        const SchemaInfo *schema = nullptr;
        try {
            schema = &schemaOf(section, m_recipe.value(section, Json()), m_catalog);
        } catch (const Error &e) {
            throw movedTo(placeAt(path), e);
        }
        if (const auto *former = schema->findFormer(field))
            field = former->name;
        if (!schema->find(field)) {
            std::vector<std::string> names;
            for (const auto &f : schema->fields)
                names.push_back(f.name);
            const auto near = nearestName(field, names);
            throw Error({placeAt(path), fmt::format("a field of {}", hasKind(section) ? "\"" + schema->name + "\"" : section),
                         "\"" + field + "\"",
                         !near.empty()   ? "did you mean \"" + near + "\"?"
                         : names.empty() ? "it has none"
                                         : fmt::format("its fields are {}", fmt::join(names, ", "))});
        }
        if (!m_recipe.contains(section))
            m_recipe[section] = Json::object();
        Json &content = m_recipe[section];
        content = schema->current(content);
        putDeep(content, section, dot == std::string::npos ? field : field + whole.substr(dot), value, placeAt(path));
        if (const auto place = std::pair(section, field); std::ranges::find(m_fields, place) == m_fields.end())
            m_fields.push_back(place);
    }

    std::string m_where;
    Json m_base, m_recipe;
    const Catalog &m_catalog;
    std::set<std::string> m_sections;
    std::vector<std::pair<std::string, std::string>> m_fields; ///< section and field
};

/// What the outcome depends on.
std::string effectOf(Json recipe)
{
    recipe.erase("title");
    for (const auto &path : Recipe::withoutEffect())
        if (const auto [section, field] = partsOf(path); recipe.contains(section) && recipe[section].is_object())
            recipe[section].erase(field);
    return recipe.dump();
}

std::string titleOf(const Json &setting, const std::string &where)
{
    if (!setting.is_object())
        throw Error({where, "an object with a title and changes", foundText(setting), {}});
    for (const auto &[key, value] : setting.items())
        if (key != "title" && key != "changes" && !isRemark(key))
            throw Error({where, "title and changes", "\"" + key + "\"", "put what differs into its changes"});
    const Json title = setting.value("title", Json());
    if (!title.is_string() || title.get_ref<const std::string &>().find_first_not_of(" \t\n") == std::string::npos)
        throw Error({where + ".title", "a name for the setting, such as \"larger network\"",
                     title.is_string() || title.is_null() ? "none" : foundText(title), "give each setting a title"});
    const Json changes = setting.value("changes", Json());
    if (!changes.is_object() && !changes.is_null())
        throw Error({where + ".changes", "an object such as {\"train.learning-rate\": 0.01}", foundText(changes), {}});
    return title.get<std::string>();
}

} // namespace

bool listsSettings(const Json &compare)
{
    return compare.is_object() && compare.contains("settings") && !compare.at("settings").is_null();
}

std::vector<Json> listedCombinations(const Json &recipe)
{
    Json base = recipe;
    base.erase("compare");
    std::vector<Json> all;
    for (const auto &setting : recipe.at("compare").at("settings")) {
        Json next = base;
        const Json changes = setting.value("changes", Json::object());
        for (const bool whole : {true, false})
            for (const auto &[path, value] : changes.items()) {
                const auto [section, field] = partsOf(path);
                if (field.empty() && whole)
                    next[section] = value;
                else if (!field.empty() && !whole)
                    putField(next[section], section, field, value);
            }
        all.push_back(std::move(next));
    }
    return all;
}

void eachSettingChange(Json &compare, const std::function<void(const std::string &path, Json &value)> &fn)
{
    if (!listsSettings(compare) || !compare["settings"].is_array())
        return;
    for (auto &setting : compare["settings"])
        if (setting.is_object() && setting.contains("changes") && setting["changes"].is_object())
            for (auto &[path, value] : setting["changes"].items())
                if (!isRemark(path))
                    fn(path, value);
}

Json Recipe::comparedSettings(const Json &given, Json rest) const
{
    for (const char *other : {"models", "axes"})
        if (const Json value = given.value(other, Json()); !value.is_null() && !(value.is_structured() && value.empty()))
            throw Error({list, "settings alone, or models and axes without settings", fmt::format("compare.{} too", other),
                         "remove one of them, or write each model and value as a setting"});
    if (rest.value("weights", std::int64_t(0)) != 0)
        throw Error({"compare.weights", "0 with compare.settings", rest.at("weights").dump(),
                     "give model.weights in the changes of each setting"});
    const Json &settings = given.at("settings");
    if (!settings.is_array() || settings.empty())
        throw Error({list,
                     "a list such as [{\"title\": \"larger\", \"changes\": {\"model.width\": 64}}]",
                     settings.is_array() ? "none" : foundText(settings),
                     {}});
    std::set<std::string> titles;
    for (std::size_t i = 0; i < settings.size(); ++i)
        if (const auto title = titleOf(settings[i], placeOf(i)); !titles.insert(title).second)
            throw Error({placeOf(i) + ".title", "a title that is not in the list yet", "\"" + title + "\" again",
                         "rename one of the two"});
    const auto folds = std::max<std::int64_t>(1, rest.value("folds", std::int64_t(0)));
    const double runs =
        static_cast<double>(settings.size()) * static_cast<double>(rest.at("seeds").size()) * static_cast<double>(folds);
    if (runs > mostComparedRuns)
        throw Error({list, fmt::format("at most {:.0f} runs", mostComparedRuns), fmt::format("{:.0f}", runs),
                     "give fewer settings or seeds"});
    Json compare = Json::object();
    compare["settings"] = settings;
    for (const auto &[key, value] : rest.items())
        compare[key] = value;
    for (const auto &[key, value] : given.items()) // what made the list keeps with it what it is
        if (isRemark(key))
            compare[key] = value;
    return compare;
}

Json Recipe::validatedSettings(const Json &full, const Json &compare, const Catalog &catalog) const
{
    const auto folds = compare.value("folds", std::int64_t(0));
    Json base = full;
    base.erase("compare");
    Json all = Json::array();
    std::map<std::string, std::string> seen; // what a recipe is, and the title of its setting
    for (std::size_t i = 0; i < compare.at("settings").size(); ++i) {
        const Json &setting = compare.at("settings")[i];
        const auto title = setting.at("title").get<std::string>();
        const auto where = fmt::format("{} (\"{}\")", placeOf(i), title);
        const Json given = setting.value("changes", Json());
        const SettingChange change(where, base, given.is_object() ? given : Json::object(), folds > 0, catalog);
        Json valid;
        try {
            const Recipe one(change.recipe());
            if (folds > 0)
                one.requireFolds(folds, catalog);
            valid = one.validated(catalog).json();
        } catch (const Error &e) {
            throw e.within(where);
        }
        const auto [same, fresh] = seen.emplace(effectOf(valid), title);
        if (!fresh)
            throw Error({where, "a setting that makes another recipe than the others",
                         "the same recipe as \"" + same->second + "\"", "remove one of the two"});
        Json whole = setting; // with its remarks
        whole["changes"] = change.changes(valid);
        all.push_back(std::move(whole));
    }
    return all;
}

Json Recipe::startOfSettings(const std::string &section, const Json &compare)
{
    for (const auto &setting : compare.at("settings")) {
        const Json changes = setting.value("changes", Json());
        if (!changes.is_object())
            continue;
        for (const auto &path : {section, section + ".name"})
            if (const Json value = changes.value(path, Json());
                hasKind(section) && choosesSection(path) && !value.is_null() &&
                (value.is_string() || (value.is_object() && value.contains("name"))))
                return value.is_string() ? Json{{"name", value}} : value;
    }
    return {};
}

void Recipe::makeSettingsAbsolute(const Catalog &catalog, const std::string &base)
{
    if (!compares())
        return;
    const auto absolute = [&](const std::string &name, const Json &content) {
        Json alone = Json::object();
        alone[name] = content;
        return Recipe(std::move(alone)).withAbsolutePaths(catalog, base).section(name);
    };
    eachSettingChange(m_json["compare"], [&](const std::string &path, Json &value) {
        const auto [name, field] = partsOf(path);
        if (!field.empty() && field != "name" && value.is_string()) {
            Json content = section(name);
            content[field] = value;
            if (const Json made = absolute(name, content); made.contains(field))
                value = made.at(field);
        } else if (field.empty() && value.is_object()) {
            const Json content = absolute(name, sectionGiven(name, value, section(name), list));
            for (auto &[key, one] : value.items())
                if (content.contains(key))
                    one = content.at(key);
        }
    });
}

} // namespace reticle
