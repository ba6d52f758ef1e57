#include "compare/Comparison_p.h"
#include "documents/JsonText.h"
#include "foundation/JsonReader_p.h"
#include "project/Recipe_p.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace reticle {

namespace {

std::string axisName(const std::string &path)
{
    return "compare.axes." + path;
}

/// With every default filled in.
Json wholeSection(const std::string &section, const Json &content, const std::string &where, const Catalog &catalog)
{
    const SchemaInfo *schema = nullptr;
    try {
        schema = &schemaOf(section, content, catalog);
    } catch (const Error &e) {
        throw movedTo(where, e);
    }
    Json whole = Json::object();
    if (hasKind(section))
        whole["name"] = schema->name;
    const Json checked = schema->validate(content, where);
    for (const auto &[key, value] : checked.items())
        whole[key] = value;
    return whole;
}

void requireAxis(const std::string &path, const Json &values, bool folds)
{
    const auto where = axisName(path);
    requireVariedPath(where, path, folds);
    if (!values.is_array() || values.empty())
        throw Error({where, "a list of values, such as [0.001, 0.01]", values.is_array() ? "none" : foundText(values), {}});
}

/// The axis of one field under its name of today, its values as each of the sections that it may be of understands them.
std::pair<std::string, Json> fieldAxis(const std::string &path, const Json &values, const std::vector<Json> &sections,
                                       const Catalog &catalog)
{
    const auto [section, given] = partsOf(path);
    std::string field = given;
    Json valid = Json::array();
    for (std::size_t k = 0; k < sections.size(); ++k) {
        const SchemaInfo &schema = schemaOf(section, sections[k], catalog);
        const auto with = sections.size() > 1 ? fmt::format(" with {} {}", section, schema.name) : std::string();
        if (const auto *former = schema.findFormer(field))
            field = former->name;
        if (!schema.find(field)) {
            std::vector<std::string> names;
            for (const auto &f : schema.fields)
                names.push_back(f.name);
            const auto near = nearestName(field, names);
            throw Error({axisName(path) + with,
                         fmt::format("a field of {}", hasKind(section) ? "\"" + schema.name + "\"" : section),
                         "\"" + field + "\"",
                         !near.empty()   ? "did you mean \"" + near + "\"?"
                         : names.empty() ? "it has none"
                                         : fmt::format("its fields are {}", fmt::join(names, ", "))});
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            Json one = Json::object();
            one[field] = values[i];
            try {
                one = schema.validate(one);
            } catch (const Error &e) {
                throw movedTo(fmt::format("{}[{}]{}", axisName(path), i, with), e);
            }
            if (k == 0)
                valid.push_back(one.at(field));
        }
    }
    return {section + "." + field, std::move(valid)};
}

void requireDistinct(const std::string &path, const Json &values)
{
    for (std::size_t i = 0; i < values.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (values[i] == values[j])
                throw Error(
                    {fmt::format("{}[{}]", axisName(path), i),
                     "a value that is not in the list yet",
                     (values[i].is_object() && values[i].contains("name") ? foundText(values[i]["name"]) : foundText(values[i])) +
                         " again",
                     {}});
}

} // namespace

const std::vector<std::string> &Recipe::withoutEffect()
{
    static const std::vector<std::string> paths{"data.cache-mib", "train.threads", "train.checkpoint-every",
                                                "train.checkpoint-steps"};
    return paths;
}

bool hasKind(const std::string &section)
{
    const auto *known = Recipe::findSection(section);
    return known && *known->kind;
}

bool isRemark(const std::string &key)
{
    return !key.empty() && key[0] == '_';
}

bool choosesSection(const std::string &path)
{
    const auto [section, field] = partsOf(path);
    return field.empty() || (field == "name" && hasKind(section));
}

Error movedTo(const std::string &where, const Error &e)
{
    return Error({where, e.parts().expected, e.parts().found, e.parts().wayOut});
}

Json sectionNamed(const std::string &section, const Json &name, const Json &own, const std::string &where, const Catalog &catalog)
{
    if (!name.is_string())
        throw Error({where, "a name", foundText(name), {}});
    Json content{{"name", name}};
    try {
        const SchemaInfo &schema = schemaOf(section, content, catalog);
        if (const Json before = schema.current(own); before.is_object())
            for (const auto &[key, value] : before.items())
                if (schema.find(key))
                    content[key] = value;
    } catch (const Error &e) {
        throw movedTo(where, e);
    }
    return content;
}

Json sectionGiven(const std::string &section, const Json &value, const Json &own, const std::string &where)
{
    if (hasKind(section) && value.is_string())
        return Json{{"name", value}};
    if (!value.is_object())
        throw Error(
            {where,
             hasKind(section) ? "a name, or an object with fields of the section" : "an object with fields of the section",
             foundText(value),
             {}});
    if (hasKind(section) && value.contains("name"))
        return value;
    Json content = own.is_object() ? own : Json::object();
    for (const auto &[key, one] : value.items())
        putField(content, section, key, one);
    for (const auto &[key, one] : value.items())
        content[key] = one;
    return content;
}

void requireVariedPath(const std::string &where, const std::string &path, bool folds)
{
    const auto [section, field] = partsOf(path);
    const auto &sections = Recipe::sectionNames();
    const char *expected = "a section of the recipe or a field of one, such as train.learning-rate";
    if (section == "seed" || section == "seeds")
        throw Error({where, expected, "\"" + path + "\"", "give the seeds in compare.seeds"});
    if (std::find(sections.begin(), sections.end(), section) == sections.end()) {
        const auto near = nearestName(section, sections);
        throw Error(
            {where, expected, "\"" + path + "\"",
             near.empty() ? fmt::format("the sections are {}", fmt::join(sections, ", ")) : "did you mean \"" + near + "\"?"});
    }
    if (path == "data.fold" || path == "data.folds" || (folds && path == "data.split"))
        throw Error({where, "a field that stays the same over the folds", "\"" + path + "\"",
                     "give the number of folds in compare.folds, and nothing else on how they are cut"});
    const auto &same = Recipe::withoutEffect();
    if (std::find(same.begin(), same.end(), path) != same.end())
        throw Error({where,
                     "a field that the outcome depends on",
                     "\"" + path + "\", which only says how the machine goes about it",
                     {}});
}

std::pair<std::string, std::string> partsOf(const std::string &path)
{
    const auto dot = path.find('.');
    return {path.substr(0, dot), dot == std::string::npos ? std::string() : path.substr(dot + 1)};
}

void putField(Json &content, const std::string &section, const std::string &field, const Json &value)
{
    content[field] = value;
    static const std::vector<std::string> stopRules{"epochs", "steps", "minutes"};
    if (section != "train" || !value.is_number() || value.get<double>() <= 0 ||
        std::find(stopRules.begin(), stopRules.end(), field) == stopRules.end())
        return;
    for (const auto &other : stopRules)
        if (other != field && content.contains(other))
            content[other] = content[other].is_number_float() ? Json(0.0) : Json(0);
}

std::vector<Json> combinationsOf(const Json &recipe)
{
    const Json &compare = recipe.at("compare");
    if (listsSettings(compare))
        return listedCombinations(recipe);
    const Json axes = compare.value("axes", Json::object());
    std::size_t count = 1;
    for (const auto &[path, values] : axes.items())
        count *= values.size();
    Json one = recipe;
    one.erase("compare");
    std::vector<Json> all;
    for (const auto &model : compare.at("models")) {
        one["model"] = model;
        for (std::size_t n = 0; n < count; ++n) {
            Json next = one;
            for (const bool whole : {true, false}) { // sections before the fields in them
                std::size_t every = count;
                for (const auto &[path, values] : axes.items()) {
                    every /= values.size();
                    const Json &value = values[n / every % values.size()];
                    if (const auto [section, field] = partsOf(path); field.empty() && whole)
                        next[section] = value;
                    else if (!field.empty() && !whole)
                        putField(next[section], section, field, value);
                }
            }
            all.push_back(std::move(next));
        }
    }
    return all;
}

Json Recipe::modelsVaried(const Json &axes, const Catalog &catalog) const
{
    Json models = Json::array();
    for (const auto &[path, values] : axes.items()) {
        if (partsOf(path).first != "model" || !choosesSection(path))
            continue;
        if (!models.empty())
            throw Error({axisName(path), "one list of models", "\"model\" and \"model.name\"", "give one of them"});
        requireAxis(path, values, false);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto where = fmt::format("{}[{}]", axisName(path), i);
            models.push_back(partsOf(path).second.empty() ? sectionGiven("model", values[i], section("model"), where)
                                                          : sectionNamed("model", values[i], section("model"), where, catalog));
        }
    }
    return models;
}

Json Recipe::startOf(const std::string &section, const Json &compare) const
{
    if (listsSettings(compare))
        return startOfSettings(section, compare);
    if (section == "model")
        return compare.at("models").at(0);
    const Json axes = compare.value("axes", Json::object());
    for (const auto &path : {section, section + ".name"})
        if (const Json values = axes.value(path, Json());
            values.is_array() && !values.empty() && hasKind(section) && choosesSection(path))
            return values[0].is_string() ? Json{{"name", values[0]}} : values[0];
    return {};
}

Json Recipe::validatedAxes(const Json &full, const Json &compare, const Catalog &catalog) const
{
    const Json &given = compare.at("axes");
    const auto folds = compare.value("folds", std::int64_t(0));
    // Whole sections first: fields are of what these choose.
    Json sections = Json::object();
    for (const auto &[path, values] : given.items()) {
        if (isRemark(path))
            continue;
        requireAxis(path, values, folds > 0);
        if (!choosesSection(path))
            continue;
        const auto [name, field] = partsOf(path);
        if (sections.contains(name))
            throw Error({axisName(path), "one axis that chooses the section", "\"" + name + "\" and \"" + name + ".name\"",
                         "give one of them"});
        Json all = Json::array();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto where = fmt::format("{}[{}]", axisName(path), i);
            all.push_back(wholeSection(name,
                                       field.empty() ? sectionGiven(name, values[i], full.at(name), where)
                                                     : sectionNamed(name, values[i], section(name), where, catalog),
                                       where, catalog));
        }
        requireDistinct(path, all);
        sections[name] = std::move(all);
    }
    Json axes = Json::object();
    double runs = static_cast<double>(compare.at("models").size() * compare.at("seeds").size()) *
                  static_cast<double>(std::max<std::int64_t>(1, folds));
    for (const auto &[path, values] : given.items()) {
        if (isRemark(path))
            continue;
        const auto [name, field] = partsOf(path);
        if (choosesSection(path)) {
            axes[name] = sections.at(name);
        } else {
            const Json of = name == "model" ? compare.at("models") : sections.value(name, Json::array({full.at(name)}));
            auto [today, valid] = fieldAxis(path, values, of.get<std::vector<Json>>(), catalog);
            if (axes.contains(today))
                throw Error({axisName(path), "each field once", "\"" + today + "\" twice", {}});
            requireDistinct(path, valid);
            axes[today] = std::move(valid);
        }
        runs *= static_cast<double>(values.size());
    }
    if (runs > mostComparedRuns)
        throw Error({"compare.axes", fmt::format("at most {:.0f} runs", mostComparedRuns), fmt::format("{:.0f}", runs),
                     "give fewer values"});

    Json whole = full;
    whole["compare"] = compare;
    whole["compare"]["axes"] = axes;
    const auto all = combinationsOf(whole);
    const auto labels = settingLabels(whole, all);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Recipe one(all[i]);
        try {
            if (folds > 0)
                one.requireFolds(folds, catalog);
            one.validated(catalog);
        } catch (const Error &e) {
            throw e.within("compare.axes, " + labels[i]);
        }
        if (!seen.insert(labels[i]).second)
            throw Error(
                {"compare.axes", "axes that give each run once", labels[i] + " twice", "vary a section or its fields, not both"});
    }
    return axes;
}

Json Recipe::axisOf(const std::string &path, const std::string &value, const Catalog &catalog) const
{
    if (Json list = tryJson(value); list.is_array())
        return list;
    const auto [name, field] = partsOf(path);
    const SchemaInfo *schema = nullptr;
    try {
        if (!choosesSection(path))
            schema = &schemaOf(name, m_json.value(name, Json()), catalog);
    } catch (const Error &) { // what is wrong with the section is said when it is looked at
    }
    const Field *known = schema ? schema->find(field) : nullptr;
    if (known && (known->type == Field::Type::IntegerList || known->type == Field::Type::RealList))
        throw Error({axisName(path), "a list of lists, such as [[0], [0, 1]]", "\"" + value + "\"", {}});
    Json values = Json::array();
    for (const auto &part : commaParts(value)) {
        const Json read = known ? Json() : tryJson(part);
        values.push_back(known                                   ? schema->parse(field, part, "compare.axes." + name)
                         : read.is_number() || read.is_boolean() ? read
                                                                 : Json(part));
    }
    return values;
}

void Recipe::makeAxesAbsolute(const Catalog &catalog, const std::string &base)
{
    if (!compares() || !m_json["compare"].is_object() || !m_json["compare"].contains("axes") ||
        !m_json["compare"]["axes"].is_object())
        return;
    const auto absolute = [&](const std::string &name, const Json &content) {
        Json alone = Json::object();
        alone[name] = content;
        return Recipe(std::move(alone)).withAbsolutePaths(catalog, base).section(name);
    };
    for (auto &[path, values] : m_json["compare"]["axes"].items()) {
        const auto [name, field] = partsOf(path);
        if (!values.is_array() || isRemark(path))
            continue;
        for (auto &value : values) {
            if (!field.empty() && field != "name" && value.is_string()) {
                Json content = section(name);
                content[field] = value;
                value = absolute(name, content).at(field);
            } else if (field.empty() && value.is_object()) {
                const Json content = absolute(name, sectionGiven(name, value, section(name), axisName(path)));
                for (auto &[key, one] : value.items())
                    if (content.contains(key))
                        one = content.at(key);
            }
        }
    }
}

} // namespace reticle
